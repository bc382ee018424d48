/* SPDX-License-Identifier: MIT */
/* The device table. */
#include "soft/devtab.h"

#include <errno.h>
#include <stdlib.h>

struct soft_devtab_node {
	struct soft_devtab_node *next;
	uint32_t rid;
	uint32_t pasid;
	struct soft_dte dte;
};

enum {
	DEVTAB_LG2 = 4
};

int soft_devtab_init(struct soft_devtab *tab)
{
	tab->lg2 = DEVTAB_LG2;
	tab->count = 0;
	tab->bucket = calloc((size_t)1 << tab->lg2, sizeof(*tab->bucket));
	return tab->bucket ? 0 : -ENOMEM;
}

void soft_devtab_fini(struct soft_devtab *tab)
{
	for (size_t i = 0; i < (size_t)1 << tab->lg2; i++) {
		while (tab->bucket[i]) {
			struct soft_devtab_node *node = tab->bucket[i];

			tab->bucket[i] = node->next;
			free(node);
		}
	}
	free(tab->bucket);
}

static struct soft_devtab_node **devtab_bucket(const struct soft_devtab *tab,
					       uint32_t rid, uint32_t pasid)
{
	uint64_t key = (uint64_t)rid << 32 | pasid;

	return &tab->bucket[key * UINT64_C(0x9e3779b97f4a7c15) >>
			    (64 - tab->lg2)];
}

/* Where the pointer to the node is, or where it would be appended. */
static struct soft_devtab_node **devtab_slot(const struct soft_devtab *tab,
					     uint32_t rid, uint32_t pasid)
{
	struct soft_devtab_node **slot = devtab_bucket(tab, rid, pasid);

	while (*slot && ((*slot)->rid != rid || (*slot)->pasid != pasid))
		slot = &(*slot)->next;
	return slot;
}

struct soft_dte *soft_devtab_find(const struct soft_devtab *tab, uint32_t rid,
				  uint32_t pasid)
{
	struct soft_devtab_node *node = *devtab_slot(tab, rid, pasid);

	return node ? &node->dte : NULL;
}

/* Longer chains are all that happens if there is no memory for more buckets. */
static void devtab_grow(struct soft_devtab *tab)
{
	struct soft_devtab old = *tab;

	tab->lg2++;
	tab->bucket = calloc((size_t)1 << tab->lg2, sizeof(*tab->bucket));
	if (!tab->bucket) {
		*tab = old;
		return;
	}
	for (size_t i = 0; i < (size_t)1 << old.lg2; i++) {
		while (old.bucket[i]) {
			struct soft_devtab_node *node = old.bucket[i];
			struct soft_devtab_node **bucket;

			old.bucket[i] = node->next;
			bucket = devtab_bucket(tab, node->rid, node->pasid);
			node->next = *bucket;
			*bucket = node;
		}
	}
	free(old.bucket);
}

int soft_devtab_set(struct soft_devtab *tab, uint32_t rid, uint32_t pasid,
		    const struct soft_dte *dte)
{
	struct soft_devtab_node **slot = devtab_slot(tab, rid, pasid);
	struct soft_devtab_node *node = *slot;

	if (node) {
		node->dte = *dte;
		return 0;
	}
	node = malloc(sizeof(*node));
	if (!node)
		return -ENOMEM;
	*node = (struct soft_devtab_node){ NULL, rid, pasid, *dte };
	*slot = node;
	if (++tab->count > (size_t)2 << tab->lg2)
		devtab_grow(tab);
	return 0;
}

void soft_devtab_remove(struct soft_devtab *tab, uint32_t rid, uint32_t pasid)
{
	struct soft_devtab_node **slot = devtab_slot(tab, rid, pasid);
	struct soft_devtab_node *node = *slot;

	if (!node)
		return;
	*slot = node->next;
	free(node);
	tab->count--;
}

static int by_key(const void *a, const void *b)
{
	const struct soft_devtab_entry *x = a, *y = b;

	if (x->rid != y->rid)
		return x->rid < y->rid ? -1 : 1;
	if (x->pasid != y->pasid)
		return x->pasid < y->pasid ? -1 : 1;
	return 0;
}

void soft_devtab_copy(const struct soft_devtab *tab,
		      struct soft_devtab_entry *out)
{
	size_t n = 0;

	for (size_t i = 0; i < (size_t)1 << tab->lg2; i++)
		for (struct soft_devtab_node *node = tab->bucket[i]; node;
		     node = node->next)
			out[n++] = (struct soft_devtab_entry){ node->rid,
							       node->pasid,
							       node->dte };
	qsort(out, n, sizeof(*out), by_key);
}

struct soft_dte *soft_devtab_find_domain(const struct soft_devtab *tab,
					 uint32_t domain_id)
{
	for (size_t i = 0; i < (size_t)1 << tab->lg2; i++)
		for (struct soft_devtab_node *node = tab->bucket[i]; node;
		     node = node->next)
			if (node->dte.mode == SOFT_MODE_TRANSLATE &&
			    node->dte.domain_id == domain_id)
				return &node->dte;
	return NULL;
}
