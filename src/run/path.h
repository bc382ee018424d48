/* SPDX-License-Identifier: MIT */
/**
 * DOC: Does a path that a client names lead into the modelled tree?
 */
#ifndef RUN_PATH_H
#define RUN_PATH_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "supervisor.h"

/**
 * struct run_path - where a path leads
 * @text: absolute, no "." or "..", no link but perhaps the last component
 * @node: the character device that it names, or NULL
 * @native: @text is a directory of the system that was reached through the tree
 */
struct run_path {
	char text[PATH_MAX];
	const struct run_node *node;
	bool native;
};

/**
 * run_path_lookup() - resolve the client's path at @uaddr
 * @dirfd: what a relative path starts from, as for openat(2)
 * @follow: follow a link in the last component
 *
 * Return: 1: the tree answers, @out is filled; 0: not ours, the kernel should
 * carry the call out (also if the path cannot be read); a negative error number:
 * a path in the tree that does not exist.
 */
int run_path_lookup(struct run *r, int dirfd, uint64_t uaddr, bool follow,
		    struct run_path *out);

/**
 * run_path_text() - the client's path at @uaddr as absolute text, nothing resolved
 * @dirfd: what a relative path starts from
 *
 * Return: 0, or -1 if it cannot be read.
 */
int run_path_text(struct run *r, int dirfd, uint64_t uaddr,
		  char path[PATH_MAX]);

/**
 * run_path_is_empty() - is the client's string at @uaddr empty (or no string)?
 */
bool run_path_is_empty(struct run *r, uint64_t uaddr);

/**
 * run_path_descriptor() - is it the text of a link /proc/<pid>/fd/<n>?
 * @tid: out: a thread of that process
 * @fd: out: the number
 */
bool run_path_descriptor(struct run *r, uint64_t uaddr, pid_t *tid, int *fd);

#endif
