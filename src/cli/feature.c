/* SPDX-License-Identifier: MIT */
/* The optional parts of formats, by name. */
#include "cli/feature.h"

#include <string.h>

static const struct {
	const char *name;
	uint64_t feature;
} names[] = {
	{ "hw-accessed", SOFT_FEAT_HW_ACCESSED },
	{ "hw-dirty", SOFT_FEAT_HW_DIRTY },
	{ "snoop", SOFT_FEAT_SNOOP },
	{ "exec", SOFT_FEAT_EXEC },
	{ "nxe", SOFT_FEAT_NXE },
	{ "supervisor", SOFT_FEAT_SUPERVISOR },
	{ "unsigned", SOFT_FEAT_UNSIGNED },
	{ "upper", SOFT_FEAT_UPPER },
	{ "52bit", SOFT_FEAT_52BIT },
	{ "s2fwb", SOFT_FEAT_S2FWB },
	{ "xnx", SOFT_FEAT_XNX },
	{ "hpd", SOFT_FEAT_HPD },
	{ "nt", SOFT_FEAT_NT },
	{ "svnapot", SOFT_FEAT_SVNAPOT },
	{ "svpbmt", SOFT_FEAT_SVPBMT },
	{ "svrsw", SOFT_FEAT_SVRSW },
	{ "exec-only", SOFT_FEAT_EXEC_ONLY },
	{ "mbec", SOFT_FEAT_MBEC },
	{ "affd", SOFT_FEAT_AFFD },
};

#define NR_NAMES (sizeof(names) / sizeof(names[0]))

/* What changes how an address or a permission is read is never taken for granted. */
#define DEFAULTS                                                            \
	(SOFT_FEAT_HW_ACCESSED | SOFT_FEAT_HW_DIRTY | SOFT_FEAT_SNOOP |     \
	 SOFT_FEAT_NXE | SOFT_FEAT_XNX | SOFT_FEAT_NT | SOFT_FEAT_SVNAPOT | \
	 SOFT_FEAT_SVPBMT | SOFT_FEAT_SVRSW | SOFT_FEAT_EXEC_ONLY |         \
	 SOFT_FEAT_AFFD)

uint64_t cli_feature_default(const struct soft_format *format)
{
	return DEFAULTS & soft_format_features(format);
}

const char *cli_feature_name(unsigned int i, uint64_t *feature)
{
	if (i >= NR_NAMES)
		return NULL;
	*feature = names[i].feature;
	return names[i].name;
}

void cli_feature_add(struct cli_line *line, uint64_t features)
{
	const char *comma = "";

	for (size_t i = 0; i < NR_NAMES; i++) {
		if (!(features & names[i].feature))
			continue;
		cli_add(line, "%s%s", comma, names[i].name);
		comma = ", ";
	}
}

/* 0 = none has this name. */
static uint64_t find(const char *word, size_t length)
{
	for (size_t i = 0; i < NR_NAMES; i++)
		if (strlen(names[i].name) == length &&
		    !strncmp(names[i].name, word, length))
			return names[i].feature;
	return 0;
}

static int refuse(const struct soft_format *format, const char *word,
		  size_t length, struct cli_line *error)
{
	uint64_t features = soft_format_features(format);

	cli_add(error, "%s has no feature '%.*s'; it has ",
		soft_format_name(format), (int)length, word);
	if (features)
		cli_feature_add(error, features);
	else
		cli_add(error, "none");
	return -1;
}

static int parse_word(const struct soft_format *format, const char *word,
		      size_t length, uint64_t *features, struct cli_line *error)
{
	bool off = length > 3 && !strncmp(word, "no-", 3);
	size_t skip = off ? 3 : 0;
	uint64_t feature = find(word + skip, length - skip);

	if (length == 4 && !strncmp(word, "none", 4)) {
		*features = 0;
		return 0;
	}
	if (!feature || (feature & ~soft_format_features(format)))
		return refuse(format, word + skip, length - skip, error);
	*features = off ? *features & ~feature : *features | feature;
	return 0;
}

int cli_feature_parse(const struct soft_format *format, const char *list,
		      uint64_t *features, struct cli_line *error)
{
	size_t length;

	for (;; list += length + 1) {
		length = strcspn(list, ",");
		if (parse_word(format, list, length, features, error))
			return -1;
		if (!list[length])
			return 0;
	}
}
