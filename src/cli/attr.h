/* SPDX-License-Identifier: MIT */
/**
 * DOC: Attributes: what else a leaf says of its memory
 *
 * Of the fields that the decoders name, attributes are those that are not shown in
 * another way: no address, no permission that is read and write, no accessed and
 * dirty bits, nothing that only says what kind of entry it is, and no filler.
 */
#ifndef CLI_ATTR_H
#define CLI_ATTR_H

#include "soft/soft.h"

/** cli_is_attribute() - is @field one? */
bool cli_is_attribute(const struct soft_field *field);

/** cli_is_filler() - is it reserved or ignored? */
bool cli_is_filler(const struct soft_field *field);

/** cli_attributes() - those of @entry that are not 0. Return: how many. */
unsigned int cli_attributes(const struct soft_root *root,
			    const struct soft_entry *entry,
			    struct soft_field field[SOFT_MAX_FIELDS]);

/** cli_attribute_mask() - all bits of attributes in an entry like @entry. */
uint64_t cli_attribute_mask(const struct soft_root *root,
			    const struct soft_entry *entry);

#endif
