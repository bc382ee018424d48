/* SPDX-License-Identifier: MIT */
/**
 * DOC: Changing an entry that hardware may read at any moment, quadword by quadword
 *
 * For hardware that reads single quadwords at once, and ignores those fields that the
 * configuration in others leaves without a meaning.
 */
#ifndef DRIVERS_ENTRY_H
#define DRIVERS_ENTRY_H

#include "drivers/hw.h"

#define HW_QWORDS 8 /* of the largest entry */

/**
 * struct hw_writer - an entry, and what is known of its hardware
 * @mem: how to reach it
 * @entry: it
 * @qwords: its size
 * @used: set the bits of a value that hardware looks at; all are clear before. All
 *	zeroes are a value that is not valid
 * @forget: make hardware forget the entry, and wait until it has
 */
struct hw_writer {
	struct hw_mem mem;
	uint64_t *entry;
	unsigned int qwords;
	void (*used)(const uint64_t *value, uint64_t *used);
	int (*forget)(const struct hw_writer *writer);
};

/**
 * hw_write() - give the entry a new value
 *
 * Hitless if the bits that are used before and after differ in one quadword only;
 * else the entry is not valid in between. Does not forget what was translated by it.
 *
 * Return: 0, or what @forget returned.
 */
int hw_write(const struct hw_writer *writer, const uint64_t *value);

#endif
