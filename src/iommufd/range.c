/* SPDX-License-Identifier: MIT */
/*
 * An AVL tree of ranges. Every change ends in a walk to the root that recomputes
 * heights and the three values of each subtree, and rotates where two heights
 * differ by two.
 */
#include <stddef.h>

#include "iommufd/range.h"

enum {
	LEFT,
	RIGHT
};

static int height(const struct iommufd_range *node)
{
	return node ? node->height : 0;
}

static uint64_t max(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* How many values lie between @last and @start; none if they touch or overlap. */
static uint64_t between(uint64_t last, uint64_t start)
{
	return start > last ? start - last - 1 : 0;
}

static void update(struct iommufd_range *node)
{
	const struct iommufd_range *left = node->child[LEFT];
	const struct iommufd_range *right = node->child[RIGHT];

	node->height = 1 + (height(left) > height(right) ? height(left)
							 : height(right));
	node->min_start = node->start;
	node->max_last = node->last;
	node->gap = 0;
	if (left) {
		node->min_start = left->min_start;
		node->max_last = max(node->max_last, left->max_last);
		node->gap =
			max(left->gap, between(left->max_last, node->start));
	}
	if (right) {
		node->max_last = max(node->max_last, right->max_last);
		node->gap = max(node->gap, right->gap);
		node->gap =
			max(node->gap, between(node->last, right->min_start));
	}
}

static int side_of(const struct iommufd_range *node)
{
	return node->parent->child[RIGHT] == node;
}

/* @child takes the place of @node under @node's parent. */
static void replace(struct iommufd_range_tree *tree, struct iommufd_range *node,
		    struct iommufd_range *child)
{
	if (node->parent)
		node->parent->child[side_of(node)] = child;
	else
		tree->root = child;
	if (child)
		child->parent = node->parent;
}

/* The child of @node on the other side rises, @node sinks to @side. */
static struct iommufd_range *rotate(struct iommufd_range_tree *tree,
				    struct iommufd_range *node, int side)
{
	struct iommufd_range *up = node->child[!side];
	struct iommufd_range *middle = up->child[side];

	replace(tree, node, up);
	node->child[!side] = middle;
	if (middle)
		middle->parent = node;
	up->child[side] = node;
	node->parent = up;
	update(node);
	update(up);
	return up;
}

/* Make @node balanced; its children are. Return: the top of what it was. */
static struct iommufd_range *balance(struct iommufd_range_tree *tree,
				     struct iommufd_range *node)
{
	int lean = height(node->child[LEFT]) - height(node->child[RIGHT]);
	struct iommufd_range *heavy;
	int side;

	if (lean >= -1 && lean <= 1)
		return node;
	side = lean > 0 ? LEFT : RIGHT;
	heavy = node->child[side];
	if (height(heavy->child[!side]) > height(heavy->child[side]))
		rotate(tree, heavy, side);
	return rotate(tree, node, !side);
}

static void retrace(struct iommufd_range_tree *tree, struct iommufd_range *node)
{
	for (; node; node = node->parent) {
		update(node);
		node = balance(tree, node);
	}
}

void iommufd_range_insert(struct iommufd_range_tree *tree,
			  struct iommufd_range *node)
{
	struct iommufd_range **link = &tree->root, *parent = NULL;

	while (*link) {
		parent = *link;
		link = &parent->child[node->start >= parent->start];
	}
	node->parent = parent;
	node->child[LEFT] = NULL;
	node->child[RIGHT] = NULL;
	*link = node;
	retrace(tree, node);
}

static struct iommufd_range *outermost(struct iommufd_range *node, int side)
{
	while (node->child[side])
		node = node->child[side];
	return node;
}

void iommufd_range_erase(struct iommufd_range_tree *tree,
			 struct iommufd_range *node)
{
	struct iommufd_range *heir, *from;

	if (node->child[LEFT] && node->child[RIGHT]) {
		heir = outermost(node->child[RIGHT], LEFT);
		from = heir->parent == node ? heir : heir->parent;
		replace(tree, heir, heir->child[RIGHT]);
		heir->child[LEFT] = node->child[LEFT];
		heir->child[LEFT]->parent = heir;
		heir->child[RIGHT] = node->child[RIGHT];
		if (heir->child[RIGHT])
			heir->child[RIGHT]->parent = heir;
		replace(tree, node, heir);
	} else {
		from = node->parent;
		replace(tree, node,
			node->child[node->child[LEFT] ? LEFT : RIGHT]);
	}
	retrace(tree, from);
}

void iommufd_range_set_last(struct iommufd_range *node, uint64_t last)
{
	node->last = last;
	for (; node; node = node->parent)
		update(node);
}

/* The lowest start in the subtree of @node that overlaps; one does. */
static struct iommufd_range *first_under(struct iommufd_range *node,
					 uint64_t start, uint64_t last)
{
	while (node) {
		if (node->child[LEFT] && node->child[LEFT]->max_last >= start)
			node = node->child[LEFT];
		else if (node->start > last)
			return NULL;
		else if (node->last >= start)
			return node;
		else
			node = node->child[RIGHT];
	}
	return NULL;
}

struct iommufd_range *iommufd_range_first(const struct iommufd_range_tree *tree,
					  uint64_t start, uint64_t last)
{
	if (!tree->root || tree->root->max_last < start)
		return NULL;
	return first_under(tree->root, start, last);
}

struct iommufd_range *iommufd_range_next(struct iommufd_range *node,
					 uint64_t start, uint64_t last)
{
	struct iommufd_range *right = node->child[RIGHT];

	if (right && right->max_last >= start) {
		node = first_under(right, start, last);
		return node;
	}
	for (;;) {
		while (node->parent && side_of(node) == RIGHT)
			node = node->parent;
		node = node->parent;
		if (!node || node->start > last)
			return NULL;
		if (node->last >= start)
			return node;
		right = node->child[RIGHT];
		if (right && right->max_last >= start)
			return first_under(right, start, last);
	}
}

struct iommufd_range *iommufd_range_final(const struct iommufd_range_tree *tree)
{
	return tree->root ? outermost(tree->root, RIGHT) : NULL;
}

/* ---- Gaps --------------------------------------------------------- */

/* The first gap of @length values under @node, which has one. */
static uint64_t first_gap(const struct iommufd_range *node, uint64_t length)
{
	const struct iommufd_range *left, *right;

	while (node) {
		left = node->child[LEFT];
		right = node->child[RIGHT];
		if (left && left->gap >= length)
			node = left;
		else if (left && between(left->max_last, node->start) >= length)
			return left->max_last + 1;
		else if (right &&
			 between(node->last, right->min_start) >= length)
			return node->last + 1;
		else
			node = right;
	}
	return UINT64_MAX; /* never: the last node has it if no other has */
}

/*
 * Where the first gap of @length values behind @node starts. What follows the
 * last range counts as a gap of any length. Return: 0 if there is nothing.
 */
static uint64_t gap_behind(const struct iommufd_range *node, uint64_t length)
{
	const struct iommufd_range *right;
	uint64_t end = node->last;

	for (;;) {
		right = node->child[RIGHT];
		if (right) {
			if (between(end, right->min_start) >= length)
				return end + 1;
			if (right->gap >= length)
				return first_gap(right, length);
			end = right->max_last;
		}
		while (node->parent && side_of(node) == RIGHT)
			node = node->parent;
		node = node->parent;
		if (!node)
			return end + 1;
		if (between(end, node->start) >= length)
			return end + 1;
		end = node->last;
	}
}

/*
 * The place in a gap that begins at @at: rounded up to the modulus, with the bits. Return:
 * does it end by the limit?
 */
static bool place_in(const struct iommufd_fit *fit, uint64_t at,
		     uint64_t *place)
{
	if (__builtin_add_overflow(at, (0 - at) & (fit->modulus - 1), place))
		return false;
	*place |= fit->bits;
	return *place <= fit->limit && fit->length - 1 <= fit->limit - *place;
}

bool iommufd_range_gap(const struct iommufd_range_tree *tree,
		       const struct iommufd_fit *fit, uint64_t *gap,
		       uint64_t *out)
{
	const struct iommufd_range *busy;
	uint64_t at = fit->from;
	bool fits;

	while (at <= fit->limit) {
		fits = place_in(fit, at, out);
		busy = iommufd_range_first(
			tree, at, fits ? *out + (fit->length - 1) : fit->limit);
		if (!busy) {
			if (gap)
				*gap = at;
			return fits;
		}
		at = gap_behind(busy, fit->length);
		if (!at)
			break;
	}
	return false;
}
