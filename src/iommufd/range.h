/* SPDX-License-Identifier: MIT */
/**
 * DOC: Sets of ranges
 *
 * A balanced tree (AVL) of ranges [start, last], embedded in whatever they stand
 * for, ordered by start. Ranges may overlap, unless iommufd_range_gap() is used.
 * Insertion, removal, and finding the first overlap or the first gap cost
 * O(log n). Nothing is allocated. The caller locks.
 */
#ifndef IOMMUFD_RANGE_H
#define IOMMUFD_RANGE_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct iommufd_range - a range in a tree
 * @start: first value
 * @last: last value (inclusive)
 *
 * All else belongs to the tree. Of the subtree under this node: @min_start and
 * @max_last bound it, and @gap is the longest run of values between neighbours
 * that no range covers.
 */
struct iommufd_range {
	uint64_t start;
	uint64_t last;
	uint64_t min_start;
	uint64_t max_last;
	uint64_t gap;
	struct iommufd_range *parent;
	struct iommufd_range *child[2];
	int height;
};

/** struct iommufd_range_tree - a set of ranges; all zero is the empty set */
struct iommufd_range_tree {
	struct iommufd_range *root;
};

/** iommufd_range_insert() - @node's start and last are set. */
void iommufd_range_insert(struct iommufd_range_tree *tree,
			  struct iommufd_range *node);

/** iommufd_range_erase() - @node is in @tree. */
void iommufd_range_erase(struct iommufd_range_tree *tree,
			 struct iommufd_range *node);

/** iommufd_range_set_last() - shorten or lengthen @node, which is in a tree. */
void iommufd_range_set_last(struct iommufd_range *node, uint64_t last);

/**
 * iommufd_range_first() - of the ranges that overlap [@start, @last], the one with
 * the lowest start; NULL if there is none
 */
struct iommufd_range *iommufd_range_first(const struct iommufd_range_tree *tree,
					  uint64_t start, uint64_t last);

/** iommufd_range_next() - the next one after @node, in the order of starts. */
struct iommufd_range *iommufd_range_next(struct iommufd_range *node,
					 uint64_t start, uint64_t last);

/** iommufd_range_final() - the one with the highest start; NULL if empty. */
struct iommufd_range *
iommufd_range_final(const struct iommufd_range_tree *tree);

/**
 * struct iommufd_fit - what iommufd_range_gap() looks for
 * @from: lowest value that may be taken
 * @limit: highest value that may be taken
 * @length: how many, at least 1
 * @modulus: a power of two, which the start of a gap is rounded up to
 * @bits: are then set in it
 */
struct iommufd_fit {
	uint64_t from;
	uint64_t limit;
	uint64_t length;
	uint64_t modulus;
	uint64_t bits;
};

/**
 * iommufd_range_gap() - the place in the lowest gap between ranges that has one
 * @gap: where that gap begins, or @fit->from if that is in it; may be NULL
 *
 * A gap has one place at most, near its start. The ranges of @tree are disjoint.
 *
 * Return: true, and the place in *@out.
 */
bool iommufd_range_gap(const struct iommufd_range_tree *tree,
		       const struct iommufd_fit *fit, uint64_t *gap,
		       uint64_t *out);

#endif
