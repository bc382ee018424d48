/* SPDX-License-Identifier: MIT */
/* Which leaves count: the filters of the command line. */
#include "cli/mapping.h"

#include <errno.h>

#include "cli/number.h"

void cli_filter_init(struct cli_filter *filter)
{
	*filter = (struct cli_filter){
		.va = { 0, UINT64_MAX },
		.oa = { 0, UINT64_MAX },
		.levels = { 0, UINT64_MAX },
	};
}

static unsigned int prot_of(char letter)
{
	switch (letter) {
	case 'r':
	case 'R':
		return SOFT_READ;
	case 'w':
	case 'W':
		return SOFT_WRITE;
	case 'x':
	case 'X':
		return SOFT_EXEC;
	default:
		return 0;
	}
}

int cli_filter_access(struct cli_filter *filter, const char *text)
{
	unsigned int prot;
	bool unwanted;

	filter->with = filter->without = 0;
	for (const char *at = text; *at; at++) {
		unwanted = *at == '!';
		at += unwanted;
		prot = prot_of(*at);
		if (!prot)
			return cli_complain(
				"--access: '%s' is not made of r, w and x, "
				"each "
				"with a ! before it if it is not wanted",
				text);
		if (unwanted)
			filter->without |= prot;
		else
			filter->with |= prot;
	}
	if (!*text || (filter->with & filter->without))
		return cli_complain("--access: nothing can be like '%s'", text);
	return 0;
}

int cli_filter_range(struct cli_range *range, const char *option,
		     const char *text)
{
	switch (cli_parse_range(text, &range->first, &range->last)) {
	case 0:
		return 0;
	case -ERANGE:
		return cli_complain("--%s: '%s' goes beyond 64 bits", option,
				    text);
	default:
		return cli_complain("--%s: '%s' is no range; write FIRST-LAST, "
				    "FIRST+SIZE or one number",
				    option, text);
	}
}
