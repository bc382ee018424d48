/* SPDX-License-Identifier: MIT */
/**
 * DOC: Requests that fail at every place
 *
 * An *action* is a request, or a few of them, on a scene that is the same each time.
 * If a later one of a few fails, the action undoes the earlier ones itself.
 * The driver (inject.c) lets the first chance to fail be taken, then the second one,
 * and so on until nothing fails any more. After each failure it checks the error,
 * that nothing has been left behind (pins, charges, tables, references,
 * allocations), that DMA to the scene's areas still works, and that the same action
 * succeeds when it is repeated.
 *
 * A part of the engine brings its actions as a struct inject_list in a file of its
 * own, inject_<part>.c, that stands in meson.build and in lists[] of inject.c.
 */
#ifndef TESTS_IOMMUFD_INJECT_H
#define TESTS_IOMMUFD_INJECT_H

#include "rig.h"

#define INJECT_IOVA  0x10000000ULL
#define INJECT_PAGES 16UL

/**
 * struct scene - what a request works on
 * @ioas: an IOAS with device 0 attached, and with another HWPT: an area of
 *	INJECT_PAGES pages at INJECT_IOVA, and 4 pages of @plain's at twice that
 * @plain: one without page tables, with such an area at INJECT_IOVA
 * @id: what the request has made
 * @fresh: a range that has never been mapped before
 * @part: for the list that is being carried out
 */
struct scene {
	struct rig *rig;
	uint32_t ioas;
	uint32_t plain;
	uint32_t id;
	uint64_t fresh;
	void *part;
};

/**
 * struct inject_action - a request under test
 * @name: what is printed
 * @run: do it; 0 or the error
 * @undo: undo it, when it has succeeded
 * @expected: the right error after @fail, where that is not as usual (-EFAULT for
 *	copies and pins, -EMFILE for descriptors, else -ENOMEM)
 * @tables_stay: page tables that a failed map has made stay, empty, for the next one
 * @keeps: so many allocations more may stay after a failure: pins counted in pieces
 */
struct inject_action {
	const char *name;
	long (*run)(struct scene *s);
	void (*undo)(struct scene *s);
	long (*expected)(enum rig_fail fail);
	bool tables_stay;
	unsigned int keeps;
};

/**
 * struct inject_list - the actions of one part of the engine
 * @name: the part
 * @action: they
 * @nr: how many
 * @setup: prepare the scene; may be NULL
 * @teardown: undo; may be NULL
 */
struct inject_list {
	const char *name;
	const struct inject_action *action;
	size_t nr;
	void (*setup)(struct scene *s);
	void (*teardown)(struct scene *s);
};

#define INJECT_LIST(actions) \
	.action = (actions), .nr = sizeof(actions) / sizeof((actions)[0])

extern const struct inject_list inject_access;
extern const struct inject_list inject_container;
extern const struct inject_list inject_device;
extern const struct inject_list inject_ioas;

/** inject_destroy() - an undo: destroy the object @s->id. */
void inject_destroy(struct scene *s);

/** inject_nothing() - an undo for what changes nothing. */
void inject_nothing(struct scene *s);

#endif
