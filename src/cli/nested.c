/* SPDX-License-Identifier: MIT */
/* Tables that a second stage translates. */
#include "cli/nested.h"

#include <errno.h>
#include <stdlib.h>

/* Each table on the path of the first stage keeps its translation. */
#define PAGES 64u

/* Translations are remembered in pages of this size; the least of any format. */
#define PAGE_LG2 10u

/** struct page - where PAGE_LG2 bytes at @ipa are. */
struct page {
	uint64_t ipa;
	uint64_t pa;
	bool used;
};

struct cli_nested {
	struct soft_bus bus;
	struct soft_bus *outer;
	struct soft_root root;
	struct page page[PAGES];
};

enum soft_reason cli_nested_walk(struct cli_nested *nested, uint64_t ipa,
				 unsigned int access, struct soft_walk *walk)
{
	return soft_walk(nested->outer, &nested->root, ipa, access, walk);
}

/* @ipa is translated, with all of the page that it lies in. */
static int translate(struct cli_nested *nested, uint64_t ipa, uint64_t *pa)
{
	uint64_t inside = ipa & ((UINT64_C(1) << PAGE_LG2) - 1);
	struct page *page = &nested->page[(ipa >> PAGE_LG2) % PAGES];
	struct soft_walk walk;

	if (!page->used || page->ipa != ipa - inside) {
		if (cli_nested_walk(nested, ipa, SOFT_READ, &walk) != SOFT_OK)
			return -EFAULT;
		page->ipa = ipa - inside;
		page->pa = walk.oa - inside;
		page->used = true;
	}
	*pa = page->pa + inside;
	return 0;
}

static int nested_load(struct soft_bus *bus, uint64_t ipa, unsigned int size,
		       uint64_t *value)
{
	struct cli_nested *nested = (struct cli_nested *)bus;
	uint64_t pa;

	if (translate(nested, ipa, &pa))
		return -EFAULT;
	return nested->outer->load(nested->outer, pa, size, value);
}

static int nested_read(struct soft_bus *bus, uint64_t ipa, void *buf,
		       size_t len)
{
	struct cli_nested *nested = (struct cli_nested *)bus;
	size_t n;
	uint64_t pa;

	for (size_t done = 0; done < len; done += n) {
		uint64_t at = ipa + done;
		uint64_t left = (UINT64_C(1) << PAGE_LG2) -
				(at & ((UINT64_C(1) << PAGE_LG2) - 1));

		n = left < len - done ? (size_t)left : len - done;
		if (translate(nested, at, &pa) ||
		    nested->outer->read(nested->outer, pa, (char *)buf + done,
					n))
			return -EFAULT;
	}
	return 0;
}

struct cli_nested *cli_nested_new(struct soft_bus *bus,
				  const struct soft_root *root)
{
	struct cli_nested *nested = calloc(1, sizeof(*nested));

	if (!nested)
		return NULL;
	nested->bus.load = nested_load;
	nested->bus.read = nested_read;
	nested->outer = bus;
	nested->root = *root;
	return nested;
}

void cli_nested_free(struct cli_nested *nested)
{
	free(nested);
}

struct soft_bus *cli_nested_bus(struct cli_nested *nested)
{
	return &nested->bus;
}

const struct soft_root *cli_nested_root(const struct cli_nested *nested)
{
	return &nested->root;
}

struct soft_bus *cli_nested_outer(const struct cli_nested *nested)
{
	return nested->outer;
}
