/* SPDX-License-Identifier: MIT */
/* Attributes: what else a leaf says of its memory. */
#include "cli/attr.h"

#include <string.h>

/* Fields of leaves that are no attributes, by what they are instead. */
static const char *const others[] = {
	/* fillers */
	"reserved", "ignored",
	/* what kind of entry it is */
	"P", "PR", "V", "valid", "type", "NL", "PS", "N", "Contiguous",
	"supersection",
	/* permissions that are shown as R, W and X */
	"R", "W", "X", "R/W", "IR", "IW", "XD", "S2AP", "NO_READ", "NO_WRITE",
	/* counted */
	"A", "AF", "D",
	/* addresses; and the window of DART, which is the whole page or an error */
	"PPN", "SP_START", "SP_END", "SP_DIS"
};

bool cli_is_filler(const struct soft_field *field)
{
	return !strcmp(field->name, "ignored") ||
	       !strcmp(field->name, "reserved");
}

bool cli_is_attribute(const struct soft_field *field)
{
	if (!strncmp(field->name, "ADDR", 4))
		return false;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (!strcmp(field->name, others[i]))
			return false;
	return true;
}

unsigned int cli_attributes(const struct soft_root *root,
			    const struct soft_entry *entry,
			    struct soft_field field[SOFT_MAX_FIELDS])
{
	unsigned int n = soft_fields(root, entry, field), kept = 0;

	for (unsigned int i = 0; i < n; i++)
		if (field[i].value && cli_is_attribute(&field[i]))
			field[kept++] = field[i];
	return kept;
}

uint64_t cli_attribute_mask(const struct soft_root *root,
			    const struct soft_entry *entry)
{
	struct soft_field field[SOFT_MAX_FIELDS];
	unsigned int n = soft_fields(root, entry, field);
	uint64_t mask = 0;

	for (unsigned int i = 0; i < n; i++)
		if (cli_is_attribute(&field[i]))
			mask |= UINT64_MAX >> (63 - field[i].hi) &
				UINT64_MAX << field[i].lo;
	return mask;
}
