/* SPDX-License-Identifier: MIT */
/**
 * DOC: The memory of the caller of the current request
 */
#ifndef RUN_CLIENT_H
#define RUN_CLIENT_H

#include <stddef.h>
#include <stdint.h>

#include <uiommu/user.h>

#include "supervisor.h"

/**
 * run_client_read() - copy @len bytes at @src of the caller
 *
 * Return: 0; -EFAULT; -ESRCH if the caller is gone (what was read is nothing).
 */
int run_client_read(struct run *r, void *dst, uint64_t src, size_t len);

/** run_client_write() - the other way; a prefix may have been written. */
int run_client_write(struct run *r, uint64_t dst, const void *src, size_t len);

/**
 * run_client_string() - copy a string with its terminator
 *
 * Return: its length; -EFAULT; -ENAMETOOLONG.
 */
int run_client_string(struct run *r, char *dst, uint64_t src, size_t size);

/**
 * struct run_user - the caller, for the engine
 * @user: what the engine sees
 * @r: the run; its current request is the call
 * @ahead: what was read ahead at @ahead_at
 * @ahead_len: bytes of it
 *
 * The engine reads a structure's size and then the structure: a system call fewer.
 */
struct run_user {
	struct uiommu_user user;
	struct run *r;
	uint64_t ahead_at;
	size_t ahead_len;
	uint8_t ahead[128];
};

/** run_user_init() - for the current request. */
void run_user_init(struct run_user *user, struct run *r);

#endif
