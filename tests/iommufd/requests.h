/* SPDX-License-Identifier: MIT */
/**
 * DOC: Bytes as requests
 *
 * Most of them make some sense. Whatever they say: a legal answer, and nothing left
 * when the context is closed.
 */
#ifndef TESTS_IOMMUFD_REQUESTS_H
#define TESTS_IOMMUFD_REQUESTS_H

#include "rig.h"

/**
 * struct source - where requests are drawn from
 * @seed: not zero; if there is no @input
 * @input: NULL = from @seed
 * @left: bytes of @input that are left
 */
struct source {
	uint64_t seed;
	const uint8_t *input;
	size_t left;
};

/**
 * requests_run() - @count requests to a context of its own, or until @s is empty
 * @format: of the page tables
 * @privileged: the client may exceed limits
 *
 * Return: how many succeeded.
 */
unsigned int requests_run(struct source *s, const char *format, bool privileged,
			  unsigned int count);

#endif
