/* SPDX-License-Identifier: MIT */
/* Tables that were met before: a hash table with open addressing. */
#include "cli/seen.h"

#include <stdlib.h>

#define FREE UINT64_MAX

struct cli_seen_slot {
	uint64_t key;
	uint64_t value;
};

/* The slot of @key, or the free one where it belongs. */
static struct cli_seen_slot *find(const struct cli_seen *seen, uint64_t key)
{
	uint64_t i = key * UINT64_C(0x9e3779b97f4a7c15);

	/* The high bits of the product depend on all bits of the key. */
	for (i >>= 24;; i++) {
		struct cli_seen_slot *slot = &seen->slot[i & (seen->size - 1)];

		if (slot->key == key || slot->key == FREE)
			return slot;
	}
}

static bool grow(struct cli_seen *seen)
{
	struct cli_seen bigger = { .size = seen->size ? seen->size * 2 : 256 };

	bigger.slot = malloc(bigger.size * sizeof(*bigger.slot));
	if (!bigger.slot)
		return false;
	for (size_t i = 0; i < bigger.size; i++)
		bigger.slot[i].key = FREE;
	for (size_t i = 0; i < seen->size; i++)
		if (seen->slot[i].key != FREE)
			*find(&bigger, seen->slot[i].key) = seen->slot[i];
	bigger.used = seen->used;
	free(seen->slot);
	*seen = bigger;
	return true;
}

bool cli_seen_before(struct cli_seen *seen, uint64_t key, uint64_t *value)
{
	struct cli_seen_slot *slot;

	if (seen->used >= seen->size / 2 && !grow(seen))
		return false;
	slot = find(seen, key);
	if (slot->key == key) {
		*value = slot->value;
		return true;
	}
	slot->key = key;
	slot->value = *value;
	seen->used++;
	return false;
}

void cli_seen_free(struct cli_seen *seen)
{
	free(seen->slot);
	*seen = (struct cli_seen){ .slot = NULL };
}
