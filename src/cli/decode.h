/* SPDX-License-Identifier: MIT */
/**
 * DOC: The structures of the user API, by name and value
 *
 * One table per structure says what its members are called, where they stand and
 * how their values read; one table per kind of file says which request has which
 * structure. What prints them knows no structure. The tables are checked against
 * <uiommu/iommufd.h> and <uiommu/vfio.h> by the compiler: offsets and sizes come
 * from there.
 */
#ifndef CLI_DECODE_H
#define CLI_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/** struct cli_name - a value (or bit) and its name; the last has no name. */
struct cli_name {
	uint64_t value;
	const char *name;
};

/** enum cli_show - how a member's value reads. */
enum cli_show {
	CLI_DEC, /* a number: a size, an id, a count */
	CLI_SIGNED,
	CLI_HEX, /* an address, a bitmap */
	CLI_FLAGS, /* bits with names */
	CLI_ENUM, /* values with names */
	CLI_LOW, /* the same in the lowest 16 bits; the others are flags */
	CLI_ZERO, /* reserved: shown only if it is not zero */
	CLI_BYTES, /* an array of the given size */
	CLI_POINTED, /* a pointer to more structures */
	CLI_FOLLOWING, /* more structures at this place */
	CLI_CHAIN, /* offset of a chain of capabilities */
};

#define CLI_IN      1u /* the caller sets it */
#define CLI_OUT     2u /* the answer */
#define CLI_INOUT   (CLI_IN | CLI_OUT)
#define CLI_CHANGED 4u /* asked for: what is both and did change */

struct cli_struct;

/**
 * struct cli_kind - one of the structures that more data may be
 * @mask: of the word that decides
 * @value: what it has to be there
 * @what: then it is this; NULL ends a list
 */
struct cli_kind {
	uint64_t mask, value;
	const struct cli_struct *what;
};

/** struct cli_place - a number elsewhere in the same structure; 0 bytes = none. */
struct cli_place {
	uint16_t offset, size;
};

/**
 * struct cli_more - what a CLI_POINTED, CLI_FOLLOWING or CLI_CHAIN member leads to
 * @kind: what it may be
 * @selector: where the number is that chooses; none = the first
 * @count: where the number of elements is; none = 1
 * @bytes: where the bytes of one element are, if not its structure's
 * @total: where the bytes of all are
 */
struct cli_more {
	const struct cli_kind *kind;
	struct cli_place selector, count, bytes, total;
};

/**
 * struct cli_field - one member
 * @offset: in bytes
 * @size: in bytes; of CLI_BYTES all of them
 * @show: enum cli_show
 * @way: CLI_IN, CLI_OUT or both
 * @names: of CLI_FLAGS, CLI_ENUM and CLI_LOW
 * @more: of those that lead to more
 */
struct cli_field {
	const char *name;
	uint16_t offset, size;
	uint8_t show, way;
	const struct cli_name *names;
	const struct cli_more *more;
};

/** struct cli_struct - a structure of @size bytes with @nr members. */
struct cli_struct {
	const char *name;
	uint16_t size, nr;
	const struct cli_field *field;
};

/**
 * struct cli_request - an ioctl
 * @cmd: its number
 * @arg: the structure behind its argument; NULL = a plain value
 * @value: of a plain value: its names, or NULL
 * @show: of a plain value: how it reads; CLI_ZERO = it has none
 */
struct cli_request {
	unsigned int cmd;
	const char *name;
	const struct cli_struct *arg;
	const struct cli_name *value;
	uint8_t show;
};

/** cli_request_find() - request @cmd on a file of @kind (as the engine says). */
const struct cli_request *cli_request_find(const char *kind, unsigned int cmd);

/* The lists that it looks in: @nr requests each. */
extern const struct cli_request cli_iommufd_requests[];
extern const size_t cli_iommufd_nr_requests;
extern const struct cli_request cli_vfio_device_requests[];
extern const size_t cli_vfio_device_nr_requests;
extern const struct cli_request cli_vfio_container_requests[];
extern const size_t cli_vfio_container_nr_requests;

/** cli_test_command - IOMMU_TEST_CMD of the mock driver, and its operations. */
extern const struct cli_struct cli_test_command;

/** CLI_TEST_CMD - its number. */
#define CLI_TEST_CMD 0x3ba0u

/* Structures that are read from event queues. */
extern const struct cli_struct cli_pgfault;
extern const struct cli_struct cli_page_response;
extern const struct cli_struct cli_vevent_header;

/**
 * struct cli_decoder - how and where to print
 * @out: the stream
 * @json: as JSON, not as text
 * @read: copy from the caller's memory; 0 or an error
 * @arg: for @read
 */
struct cli_decoder {
	FILE *out;
	bool json;
	int (*read)(void *arg, void *dst, uint64_t src, size_t len);
	void *arg;
};

/**
 * cli_decode() - print a structure
 * @what: its layout
 * @addr: where it stands in the caller's memory
 * @bytes: its content
 * @len: how much of it there is; members beyond are left out
 * @way: CLI_IN or CLI_OUT: which members; CLI_CHANGED after a call that failed
 * @before: CLI_OUT: its content before the call: of members that are both, only
 *	those that changed are printed. NULL = all
 */
void cli_decode(const struct cli_decoder *d, const struct cli_struct *what,
		uint64_t addr, const void *bytes, size_t len, unsigned int way,
		const void *before);

/** cli_decode_value() - print a number as @show says. */
void cli_decode_value(const struct cli_decoder *d, uint64_t value,
		      unsigned int bytes, enum cli_show show,
		      const struct cli_name *names);

/** cli_decode_any() - would cli_decode() print a member? As there. */
bool cli_decode_any(const struct cli_struct *what, const void *bytes,
		    size_t len, unsigned int way, const void *before);

#endif
