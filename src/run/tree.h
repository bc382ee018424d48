/* SPDX-License-Identifier: MIT */
/**
 * DOC: The modelled part of /dev and /sys
 *
 * A real, private directory tree that has the modelled files at their own paths
 * (DIR/dev/iommu, DIR/sys/bus/pci/devices/...). Some paths of the system are
 * replaced by it as a whole, the *roots*; around them the system's own stand.
 */
#ifndef RUN_TREE_H
#define RUN_TREE_H

#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

struct uiommu;
struct uiommu_device;
struct run_tree;

/** RUN_TREE_DEBUG - the part of the tree whose files clients may write to. */
#define RUN_TREE_DEBUG "/sys/kernel/debug"

/** enum run_kind - what a modelled file is. */
enum run_kind {
	RUN_IOMMU, /* /dev/iommu */
	RUN_CONTAINER, /* /dev/vfio/vfio */
	RUN_GROUP, /* /dev/vfio/N */
	RUN_CDEV, /* /dev/vfio/devices/vfioN */
	RUN_ANONYMOUS, /* nowhere: what a request gave out */
};

/**
 * struct run_node - a modelled character device
 * @path: where clients find it
 * @kind: what it is
 * @device: the device behind a RUN_CDEV
 * @group: the number of a RUN_GROUP
 * @rdev: its number, as stat and sysfs show it
 * @ino: inode of its place holder in the tree
 */
struct run_node {
	char path[64];
	enum run_kind kind;
	struct uiommu_device *device;
	unsigned int group;
	dev_t rdev;
	ino_t ino;
};

/** enum run_place - how a path stands to the tree. */
enum run_place {
	RUN_OUTSIDE, /* the system's */
	RUN_ABOVE, /* the system's, if it has it: a directory on the way */
	RUN_INSIDE, /* replaced by the tree */
};

/**
 * run_tree_new() - build it for the devices of @u
 * @mock: clients can have failures injected; see inject.h
 *
 * Return: 0, or -errno after a line has been printed.
 */
int run_tree_new(struct uiommu *u, bool mock, struct run_tree **out);

/** run_tree_free() - remove it. NULL is fine. */
void run_tree_free(struct run_tree *tree);

/** run_tree_fd() - its directory: "sys/..." are names relative to it. */
int run_tree_fd(const struct run_tree *tree);

/** run_tree_dir() - its path in the system. */
const char *run_tree_dir(const struct run_tree *tree);

/** run_tree_writable() - may clients write to @path of the tree? */
bool run_tree_writable(const char *path);

/** run_tree_place() - @path is absolute, with no "." or ".." in it. */
enum run_place run_tree_place(const struct run_tree *tree, const char *path);

/** run_tree_node() - the character device at @path, or NULL. */
const struct run_node *run_tree_node(const struct run_tree *tree,
				     const char *path);

/** run_tree_node_by_file() - the same by its place holder. */
const struct run_node *run_tree_node_by_file(const struct run_tree *tree,
					     const struct stat *st);

/** run_tree_refresh() - bring a file that changes up to date before its open. */
void run_tree_refresh(struct run_tree *tree, const char *path);

#endif
