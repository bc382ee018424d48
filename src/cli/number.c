/* SPDX-License-Identifier: MIT */
/* Numbers on the command line. */
#include "cli/number.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

/* The value of a digit in @base, or -1. */
static int digit(char c, unsigned int base)
{
	int value = -1;

	if (c >= '0' && c <= '9')
		value = c - '0';
	else if (base == 16 && isxdigit((unsigned char)c))
		value = tolower((unsigned char)c) - 'a' + 10;
	return value;
}

/* log2 of what a suffix multiplies by, or -1. */
static int suffix_lg2(char c)
{
	static const char suffix[] = "KMGTPE";
	const char *found = c ? strchr(suffix, toupper((unsigned char)c))
			      : NULL;

	return found ? (int)(found - suffix + 1) * 10 : -1;
}

/* As many characters as belong to the number; *@text stands behind them. */
static int scan(const char **text, uint64_t *value)
{
	unsigned int base = 10;
	const char *at = *text, *start;
	int d, lg2;

	if (at[0] == '0' && (at[1] == 'x' || at[1] == 'X')) {
		base = 16;
		at += 2;
	}
	start = at;
	*value = 0;
	for (; (d = digit(*at, base)) >= 0; at++) {
		if (*value > (UINT64_MAX - (unsigned int)d) / base)
			return -ERANGE;
		*value = *value * base + (unsigned int)d;
	}
	if (at == start)
		return -EINVAL;
	lg2 = suffix_lg2(*at);
	if (lg2 > 0) {
		if (*value > UINT64_MAX >> lg2)
			return -ERANGE;
		*value <<= lg2;
		at++;
	}
	*text = at;
	return 0;
}

int cli_parse_number(const char *text, uint64_t *value)
{
	int rc = scan(&text, value);

	return rc ? rc : *text ? -EINVAL : 0;
}

int cli_parse_range(const char *text, uint64_t *first, uint64_t *last)
{
	bool counted;
	int rc;

	rc = scan(&text, first);
	if (rc)
		return rc;
	*last = *first;
	if (!*text)
		return 0;
	counted = *text == '+';
	if (!counted && *text != '-')
		return -EINVAL;
	rc = cli_parse_number(text + 1, last);
	if (rc)
		return rc;
	if (!counted)
		return *last < *first ? -EINVAL : 0;
	if (!*last)
		return -EINVAL;
	if (*last - 1 > UINT64_MAX - *first)
		return -ERANGE;
	*last = *first + (*last - 1);
	return 0;
}
