/* SPDX-License-Identifier: MIT */
/* The small pieces of text that the printers share. */
#include "cli/text.h"

#include <inttypes.h>
#include <langinfo.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const struct cli_glyphs *cli_glyphs(void)
{
	static const struct cli_glyphs utf8 = {
		.branch = "├─ ",
		.end = "└─ ",
		.through = "│  ",
		.blank = "   ",
		.arrow = "→",
		.times = "×",
		.more = "…",
	};
	static const struct cli_glyphs ascii = {
		.branch = "|- ",
		.end = "`- ",
		.through = "|  ",
		.blank = "   ",
		.arrow = "->",
		.times = "x",
		.more = "...",
	};

	return strcmp(nl_langinfo(CODESET), "UTF-8") ? &ascii : &utf8;
}

void cli_add(struct cli_line *line, const char *format, ...)
{
	size_t room = sizeof(line->text) - line->len;
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(line->text + line->len, room, format, args);
	va_end(args);
	if (n > 0)
		line->len += (size_t)n < room ? (size_t)n : room - 1;
}

void cli_add_size(struct cli_line *line, uint64_t bytes)
{
	static const char unit[] = "BKMGTPE";
	unsigned int i = 0;

	while (bytes && bytes % 1024 == 0 && unit[i + 1]) {
		bytes /= 1024;
		i++;
	}
	cli_add(line, "%" PRIu64 "%c", bytes, unit[i]);
}

void cli_add_prot(struct cli_line *line, unsigned int prot)
{
	cli_add(line, "%c%c%s", prot & SOFT_READ ? 'R' : '-',
		prot & SOFT_WRITE ? 'W' : '-', prot & SOFT_EXEC ? "X" : "");
}

static void add_place(struct cli_line *line, const struct soft_entry *entry)
{
	cli_add(line, "at level %u, index %" PRIu64 " of table 0x%" PRIx64,
		entry->level, entry->index, entry->table_pa);
}

/* NULL if no entry was read. */
static const struct soft_entry *last_step(const struct soft_walk *walk)
{
	return walk->steps ? &walk->step[walk->steps - 1] : NULL;
}

/* The first entry of the path that does not grant what was asked for. */
static void add_permission(struct cli_line *line, const struct soft_walk *walk,
			   unsigned int access)
{
	cli_add(line, "no permission to %s",
		access & SOFT_WRITE  ? "write"
		: access & SOFT_READ ? "read"
				     : "execute");
	for (unsigned int i = 0; i < walk->steps; i++) {
		const struct soft_entry *step = &walk->step[i];

		if (!(access & ~step->prot))
			continue;
		cli_add(line, " (");
		cli_add_prot(line, step->prot);
		cli_add(line, " ");
		add_place(line, step);
		cli_add(line, ")");
		return;
	}
}

static void add_bus(struct cli_line *line, const struct soft_walk *walk)
{
	const struct soft_entry *last = last_step(walk);

	if (last && last->kind == SOFT_BAD) {
		cli_add(line, "no memory answers for the entry ");
		add_place(line, last);
		return;
	}
	cli_add(line, "no memory answers at 0x%" PRIx64, walk->oa);
}

static void add_not_present(struct cli_line *line,
			    const struct soft_entry *entry)
{
	cli_add(line, "not mapped (%s ",
		entry->why ? entry->why : "empty entry");
	add_place(line, entry);
	cli_add(line, ")");
}

static void add_bad_entry(struct cli_line *line, const struct soft_entry *entry)
{
	cli_add(line, "bad entry 0x%016" PRIx64 " ", entry->raw);
	add_place(line, entry);
	cli_add(line, ": %s", entry->why);
}

void cli_add_stop(struct cli_line *line, const struct soft_walk *walk,
		  unsigned int access)
{
	const struct soft_entry *last = last_step(walk);

	switch (walk->reason) {
	case SOFT_OK:
		return;
	case SOFT_FAULT_BLOCKED:
		cli_add(line, "the device is attached to nothing");
		return;
	case SOFT_FAULT_RANGE:
		cli_add(line, "outside the input range of its table");
		return;
	case SOFT_FAULT_BAD_ROOT:
		cli_add(line, "its device table entry is illegal");
		return;
	case SOFT_FAULT_NOT_PRESENT:
		if (last)
			add_not_present(line, last);
		return;
	case SOFT_FAULT_PERMISSION:
		add_permission(line, walk, access);
		return;
	case SOFT_FAULT_BAD_ENTRY:
		if (last)
			add_bad_entry(line, last);
		return;
	case SOFT_FAULT_BUS:
		add_bus(line, walk);
		return;
	}
}

void cli_add_root(struct cli_line *line, const struct soft_root *root)
{
	cli_add(line, "%s, %u levels, top table 0x%" PRIx64,
		soft_format_name(root->format), root->levels, root->pa);
}
