/* SPDX-License-Identifier: MIT */
/*
 * A table as a tree. The visitor's entries are first gathered into an array of
 * lines in the order of print, where neighbours merge; only then is it known which
 * line is the last of its parent and how wide the columns are.
 */
#include "cli/print.h"
#include "cli/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* More lines than this under one table, or in all, are summed up. */
enum {
	MAX_CHILDREN = 16,
	MAX_NODES = 100
};

/* After reading so many entries a tree is given up: no honest table has them. */
#define MAX_WORK (UINT64_C(1) << 26)

/**
 * struct node - one line
 * @depth: tables above it
 * @more: sums up what is left out of its table
 * @entry: the first entry
 * @count: entries merged; of @more entries left out
 * @last_index: of the last one
 * @last: last VA
 * @dirty: of @count, how many have the dirty bit
 * @bad: of @count, how many are bad (@more only)
 * @bytes: bytes mapped (@more only)
 */
struct node {
	unsigned int depth;
	bool more;
	struct soft_entry entry;
	uint64_t count;
	uint64_t last_index;
	uint64_t last;
	uint64_t dirty;
	uint64_t bad;
	uint64_t bytes;
};

/** struct open_table - a table whose content is being visited. */
struct open_table {
	unsigned int level;
	bool hidden;
	size_t node;
	size_t children;
};

/**
 * struct tree - a tree in the making
 * @open: the path; @open[0] stands for the top table, which has no line
 * @depth: index of the lowest one in @open
 * @work: entries read
 */
struct tree {
	const struct soft_root *root;
	struct node *node;
	size_t nodes;
	struct open_table open[SOFT_MAX_LEVELS + 1];
	unsigned int depth;
	uint64_t work;
};

static uint64_t entry_last(const struct soft_entry *entry)
{
	return entry->va + ((UINT64_C(1) << entry->size_lg2) - 1);
}

static uint64_t node_bytes(const struct node *node)
{
	return node->last - node->entry.va + 1;
}

/* Does @next go on where @node ends, with everything else equal? */
static bool continues(const struct node *node, const struct node *next)
{
	const struct soft_entry *a = &node->entry, *b = &next->entry;

	if (node->more || next->more || node->depth != next->depth ||
	    a->kind != b->kind || a->level != b->level ||
	    b->va != node->last + 1)
		return false;
	if (a->kind == SOFT_BAD)
		return !strcmp(a->why, b->why);
	return a->prot == b->prot && a->size_lg2 == b->size_lg2 &&
	       (a->kind != SOFT_LEAF || b->oa == a->oa + node_bytes(node));
}

static void merge(struct node *node, const struct node *next)
{
	node->count += next->count;
	node->last_index = next->last_index;
	node->last = next->last;
	node->dirty += next->dirty;
}

/* Is @node, with nothing beside it, all that its table holds? */
static bool fills(const struct node *table, const struct node *node)
{
	return node->depth == table->depth + 1 && !node->more &&
	       node->entry.va == table->entry.va && node->last == table->last;
}

/*
 * A table that holds one run from end to end merges with a neighbour that does so
 * too, if the runs continue each other. In the array such tables are chains of
 * lines, each filled by the next, of the same length.
 */
static void merge_tables(struct tree *tree, size_t at)
{
	size_t length = tree->nodes - at;
	struct node *b = &tree->node[at], *a = b - length;

	if (length > at || length < 2)
		return;
	for (size_t i = 0; i < length; i++) {
		if (!continues(&a[i], &b[i]))
			return;
		if (i && (!fills(&b[i - 1], &b[i]) || !fills(&a[i - 1], &a[i])))
			return;
	}
	for (size_t i = 0; i < length; i++)
		merge(&a[i], &b[i]);
	tree->nodes = at;
	tree->open[tree->depth].children--;
}

static void close_table(struct tree *tree)
{
	const struct open_table *closed = &tree->open[tree->depth--];

	if (!closed->hidden)
		merge_tables(tree, closed->node);
}

static void open_table(struct tree *tree, const struct soft_entry *entry,
		       bool hidden)
{
	tree->open[++tree->depth] = (struct open_table){
		.level = entry->next_level,
		.hidden = hidden,
		.node = tree->nodes - 1,
	};
}

/* The line that sums up, of the lowest table on the path that has lines. */
static struct node *more_node(struct tree *tree)
{
	unsigned int depth = tree->depth;
	struct node *node = &tree->node[tree->nodes];

	while (tree->open[depth].hidden)
		depth--;
	if (tree->nodes && node[-1].more && node[-1].depth == depth)
		return node - 1;
	tree->nodes++;
	memset(node, 0, sizeof(*node));
	node->depth = depth;
	node->more = true;
	return node;
}

static void hide(struct tree *tree, const struct soft_entry *entry)
{
	struct node *more = more_node(tree);

	if (!more->count)
		more->entry = *entry;
	if (entry->kind == SOFT_LEAF)
		more->bytes += UINT64_C(1) << entry->size_lg2;
	if (entry->kind == SOFT_BAD)
		more->bad++;
	more->last = entry_last(entry);
	more->count++;
}

static bool is_full(const struct tree *tree)
{
	return tree->open[tree->depth].hidden ||
	       tree->open[tree->depth].children >= MAX_CHILDREN ||
	       tree->nodes >= MAX_NODES;
}

/* Append @node, or merge it with the one before. Return: false if it was hidden. */
static bool append(struct tree *tree, const struct node *node)
{
	struct node *next = &tree->node[tree->nodes];

	if (tree->nodes && node->entry.kind != SOFT_TABLE &&
	    continues(next - 1, node)) {
		merge(next - 1, node);
		return true;
	}
	if (is_full(tree)) {
		hide(tree, &node->entry);
		return false;
	}
	*next = *node;
	tree->nodes++;
	tree->open[tree->depth].children++;
	return true;
}

static int visit(void *arg, const struct soft_entry *entry)
{
	struct tree *tree = arg;
	struct node node = {
		.entry = *entry,
		.count = 1,
		.last_index =
			entry->index + (UINT64_C(1) << entry->run_lg2) - 1,
		.last = entry_last(entry),
		.dirty = entry->kind == SOFT_LEAF && entry->dirty,
	};
	bool shown;

	tree->work += entry->kind == SOFT_TABLE ? 512 : 1;
	if (tree->work > MAX_WORK)
		return -1;
	while (tree->open[tree->depth].level != entry->level)
		close_table(tree);
	node.depth = tree->depth;
	shown = append(tree, &node);
	if (entry->kind == SOFT_TABLE)
		open_table(tree, entry, !shown);
	return 0;
}

static void add_label(struct cli_line *line, const struct node *node)
{
	cli_add(line, "L%u[%" PRIu64, node->entry.level, node->entry.index);
	if (node->last_index != node->entry.index)
		cli_add(line, "..%" PRIu64, node->last_index);
	cli_add(line, "]");
}

static void add_size(struct cli_line *line, const struct node *node)
{
	if (node->count > 1) {
		cli_add(line, "%" PRIu64 " %s ", node->count,
			cli_glyphs()->times);
		cli_add_size(line, UINT64_C(1) << node->entry.size_lg2);
		cli_add(line, " = ");
	}
	cli_add_size(line, node_bytes(node));
}

static void add_target(struct cli_line *line, const struct tree *tree,
		       const struct node *node)
{
	const struct soft_entry *entry = &node->entry;

	if (entry->kind == SOFT_BAD) {
		cli_add(line, "bad: %s", entry->why);
		if (entry->raw)
			cli_add(line, " (0x%" PRIx64 ")", entry->raw);
		return;
	}
	cli_add_prot(line, entry->prot);
	if (entry->kind == SOFT_TABLE && node->count > 1)
		cli_add(line, "  %" PRIu64 " tables", node->count);
	else if (entry->kind == SOFT_TABLE)
		cli_add(line, "  table 0x%" PRIx64, entry->oa);
	else
		cli_add(line, "  %s 0x%" PRIx64, cli_glyphs()->arrow,
			entry->oa);
	if (node->dirty && (tree->root->features & SOFT_FEAT_HW_DIRTY))
		cli_add(line, "  %" PRIu64 " dirty", node->dirty);
}

static void add_more(struct cli_line *line, const struct node *node)
{
	cli_add(line, "%s %" PRIu64 " more entries, ", cli_glyphs()->more,
		node->count);
	if (node->bad)
		cli_add(line, "%" PRIu64 " of them bad, ", node->bad);
	cli_add_size(line, node->bytes);
	cli_add(line, " mapped in 0x%" PRIx64 "-0x%" PRIx64, node->entry.va,
		node->last);
}

/* Characters, not bytes: the glyphs may be longer than one. */
static int columns(const char *text)
{
	int n = 0;

	for (; *text; text++)
		n += (*text & 0xc0) != 0x80;
	return n;
}

/**
 * struct cells - the columns of one line
 * @more: instead of all but @name
 */
struct cells {
	struct cli_line name, range, size, target, more;
};

static void fill_cells(struct cells *cells, const struct tree *tree,
		       const struct node *node, const char *indent)
{
	memset(cells, 0, sizeof(*cells));
	cli_add(&cells->name, "%s", indent);
	if (node->more) {
		add_more(&cells->more, node);
		return;
	}
	add_label(&cells->name, node);
	cli_add(&cells->range, "0x%" PRIx64 "-0x%" PRIx64, node->entry.va,
		node->last);
	add_size(&cells->size, node);
	add_target(&cells->target, tree, node);
}

/* Has the table that @node stands in another line after it? */
static bool has_sibling(const struct tree *tree, size_t at, unsigned int depth)
{
	while (++at < tree->nodes && tree->node[at].depth >= depth)
		if (tree->node[at].depth == depth)
			return true;
	return false;
}

static void indent(char *buf, const struct tree *tree, size_t at)
{
	const struct cli_glyphs *glyphs = cli_glyphs();
	unsigned int depth = tree->node[at].depth;

	*buf = '\0';
	for (unsigned int i = 0; i < depth; i++)
		strcat(buf, has_sibling(tree, at, i) ? glyphs->through
						     : glyphs->blank);
	strcat(buf,
	       has_sibling(tree, at, depth) ? glyphs->branch : glyphs->end);
}

static void pad(FILE *out, const struct cli_line *line, int width)
{
	fprintf(out, "%s%*s", line->text, width - columns(line->text), "");
}

static void pad_left(FILE *out, const struct cli_line *line, int width)
{
	fprintf(out, "%*s%s", width - columns(line->text), "", line->text);
}

static int max(int a, int b)
{
	return a > b ? a : b;
}

/** struct widths - of the columns, but for the last. */
struct widths {
	int name, range, size;
};

static void widen(struct widths *widths, const struct cells *cells)
{
	widths->name = max(widths->name, columns(cells->name.text));
	widths->range = max(widths->range, columns(cells->range.text));
	widths->size = max(widths->size, columns(cells->size.text));
}

static void print_cells(FILE *out, const struct cells *cells,
			const struct widths *widths)
{
	if (cells->more.len) {
		fprintf(out, "%s%s\n", cells->name.text, cells->more.text);
		return;
	}
	pad(out, &cells->name, widths->name + 2);
	pad(out, &cells->range, widths->range + 2);
	pad_left(out, &cells->size, widths->size);
	fprintf(out, "  %s\n", cells->target.text);
}

static void print_nodes(FILE *out, const struct tree *tree)
{
	/* Three columns for each level, of up to seven bytes. */
	char buf[(SOFT_MAX_LEVELS + 1) * 8];
	struct widths widths = { 0 };
	struct cells head = { 0 }, cells;

	cli_add(&head.name, "level[index]");
	cli_add(&head.range, "VA range");
	cli_add(&head.size, "size");
	cli_add(&head.target, "access and OA");
	widen(&widths, &head);
	for (size_t i = 0; i < tree->nodes; i++) {
		indent(buf, tree, i);
		fill_cells(&cells, tree, &tree->node[i], buf);
		widen(&widths, &cells);
	}
	if (tree->nodes)
		print_cells(out, &head, &widths);
	for (size_t i = 0; i < tree->nodes; i++) {
		indent(buf, tree, i);
		fill_cells(&cells, tree, &tree->node[i], buf);
		print_cells(out, &cells, &widths);
	}
}

/* Lines of sums come on top of MAX_NODES, at most one for each table shown. */
static int make(struct tree *tree, struct soft_bus *bus, uint64_t va,
		uint64_t last)
{
	int rc;

	tree->node = calloc(2 * MAX_NODES + 1, sizeof(*tree->node));
	if (!tree->node)
		return 1;
	tree->open[0].level = tree->root->levels - 1;
	rc = soft_visit(bus, tree->root, va, last, visit, tree);
	while (tree->depth)
		close_table(tree);
	return rc;
}

void cli_print_tree(FILE *out, struct soft_bus *bus,
		    const struct soft_root *root, uint64_t va, uint64_t last)
{
	struct tree tree = { .root = root };
	struct cli_line line = { 0 };
	const char *why = soft_root_check(root);

	cli_add_root(&line, root);
	fprintf(out, "%s%s%s\n", line.text, why ? ": " : "", why ? why : "");
	if (why)
		return;
	switch (make(&tree, bus, va, last)) {
	case 0:
		if (!tree.nodes)
			fprintf(out, "nothing is mapped\n");
		print_nodes(out, &tree);
		break;
	case 1:
		fprintf(out, "no memory for the tree\n");
		break;
	default:
		print_nodes(out, &tree);
		fprintf(out, "given up after %" PRIu64 " entries\n", MAX_WORK);
	}
	free(tree.node);
}
