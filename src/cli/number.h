/* SPDX-License-Identifier: MIT */
/**
 * DOC: Numbers on the command line
 */
#ifndef CLI_NUMBER_H
#define CLI_NUMBER_H

#include <stdint.h>

/**
 * cli_parse_number() - a decimal, or a hexadecimal number after 0x
 *
 * Both may be followed by K, M, G, T, P or E, for powers of 1024.
 *
 * Return: 0, or -EINVAL if it is none, -ERANGE if it needs more than 64 bits.
 */
int cli_parse_number(const char *text, uint64_t *value);

/**
 * cli_parse_range() - "FIRST-LAST", "FIRST+BYTES" or one address
 *
 * Return: 0; -EINVAL if it is none, or it is empty or backwards; -ERANGE.
 */
int cli_parse_range(const char *text, uint64_t *first, uint64_t *last);

#endif
