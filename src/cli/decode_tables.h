/* SPDX-License-Identifier: MIT */
/**
 * DOC: The words that the tables of decode.h are written in
 *
 * Before them, a file defines S, the structure that is described:
 *
 *	#define S struct iommu_destroy
 *	static const struct cli_field destroy_fields[] = {
 *		DEC(size), IN(id, CLI_DEC),
 *	};
 *	#undef S
 */
#ifndef CLI_DECODE_TABLES_H
#define CLI_DECODE_TABLES_H

#include "cli/decode.h"

#define CLI_SIZE_OF(member) sizeof(((S *)0)->member)

#define FIELD(member, how, which, list, lead)                               \
	{                                                                   \
		.name = #member, .offset = offsetof(S, member),             \
		.size = CLI_SIZE_OF(member), .show = (how), .way = (which), \
		.names = (list), .more = (lead)                             \
	}

#define IN(member, how)         FIELD(member, how, CLI_IN, NULL, NULL)
#define OUT(member, how)        FIELD(member, how, CLI_OUT, NULL, NULL)
#define INOUT(member, how)      FIELD(member, how, CLI_INOUT, NULL, NULL)
#define ZERO(member)            FIELD(member, CLI_ZERO, CLI_IN, NULL, NULL)
#define IN_FLAGS(member, list)  FIELD(member, CLI_FLAGS, CLI_IN, list, NULL)
#define OUT_FLAGS(member, list) FIELD(member, CLI_FLAGS, CLI_OUT, list, NULL)
#define IN_ENUM(member, list)   FIELD(member, CLI_ENUM, CLI_IN, list, NULL)
#define OUT_ENUM(member, list)  FIELD(member, CLI_ENUM, CLI_OUT, list, NULL)
#define IN_MORE(member, lead)   FIELD(member, CLI_POINTED, CLI_IN, NULL, lead)
#define OUT_MORE(member, lead)  FIELD(member, CLI_POINTED, CLI_OUT, NULL, lead)
#define CHAIN(member, lead)     FIELD(member, CLI_CHAIN, CLI_OUT, NULL, lead)

/* What stands behind the fixed part, in a member without a size of its own. */
#define FOLLOWING(member, which, lead)                                \
	{                                                             \
		.name = #member, .offset = offsetof(S, member),       \
		.show = CLI_FOLLOWING, .way = (which), .more = (lead) \
	}

#define PLACE(member)                                    \
	{                                                \
		offsetof(S, member), CLI_SIZE_OF(member) \
	}

#define STRUCT(var, label, fields)                                            \
	{                                                                     \
		.name = (label), .size = sizeof(var),                         \
		.nr = sizeof(fields) / sizeof((fields)[0]), .field = (fields) \
	}

#define NAME(value)           \
	{                     \
		value, #value \
	}

/* A request whose argument is a structure; one that has a number, or nothing. */
#define REQUEST(number, layout)                                   \
	{                                                         \
		.cmd = (number), .name = #number, .arg = (layout) \
	}
#define PLAIN(number, how, list)                                   \
	{                                                          \
		.cmd = (number), .name = #number, .value = (list), \
		.show = (how)                                      \
	}

#endif
