/* SPDX-License-Identifier: MIT */
/**
 * DOC: What the checks of the conformance client have in common
 *
 * A check gets a fresh context and fresh memory, and stops at the first thing that is
 * not as its rule says. Requests return what ioctl(2) does, with errors as negative
 * numbers.
 */
#ifndef TESTS_CONFORMANCE_CLIENT_H
#define TESTS_CONFORMANCE_CLIENT_H

#include <errno.h>
#include <setjmp.h>
#include <stdint.h>

#include <uiommu/iommufd.h>
#include <uiommu/vfio.h>

#include "sys.h"

#define PAGE   4096ULL
#define MEGA   (1ULL << 20)
#define MEMORY (8 * MEGA)

/* An address where nothing is. */
#define NOWHERE ((uintptr_t)64)

/* An IOVA in no device's way. */
#define IOVA 0x10000000ULL

#define MAX_FDS 32

struct client;

/**
 * struct rule - a sentence about the user API, and what shows that it is true
 * @words: the sentence
 * @check: returns if it is
 * @arg: for @check
 */
struct rule {
	const char *words;
	void (*check)(struct client *c, const void *arg);
	const void *arg;
};

/** struct rules - the rules about one thing. */
struct rules {
	const struct rule *rule;
	unsigned int nr;
};

#define RULES(array)                                      \
	{                                                 \
		array, sizeof(array) / sizeof((array)[0]) \
	}

extern const struct rules common_rules, object_rules, ioas_rules, map_rules,
	unmap_rules, option_rules, hwpt_rules, dirty_rules, device_rules,
	fault_rules, dma_rules, viommu_rules, container_rules, group_rules,
	process_rules;

/**
 * struct client - one check
 * @fd: a context
 * @mem: MEMORY bytes, aligned to 2 MiB, with nothing in them
 * @cdev: the device, once bind_device() was called
 * @devid: its id in @fd
 * @device: which one
 * @fds: what is to be closed
 * @nr_fds: how many
 * @stop: where a check goes that is over
 * @skip: why it cannot be made here; NULL
 * @absent: a request that is not there, or 0: no rule about it can be checked
 * @complaint: what is wrong
 */
struct client {
	int fd;
	uint8_t *mem;
	int cdev;
	uint32_t devid;
	const struct sys_device *device;
	int fds[MAX_FDS];
	unsigned int nr_fds;
	jmp_buf stop;
	const char *skip;
	unsigned int absent;
	char complaint[256];
};

/** skip() - the check cannot be made here. */
_Noreturn void skip(struct client *c, const char *why);

/** wrong() - the rule does not hold. */
_Noreturn void wrong(struct client *c, const char *file, int line,
		     const char *what, long long got, long long want);

/** is() - two numbers must be equal. */
#define is(c, got, want)                                                      \
	do {                                                                  \
		long long got_ = (long long)(got), want_ = (long long)(want); \
		if (got_ != want_)                                            \
			wrong(c, __FILE__, __LINE__, #got, got_, want_);      \
	} while (0)

/** holds() - a condition. */
#define holds(c, condition)                                             \
	do {                                                            \
		if (!(condition))                                       \
			wrong(c, __FILE__, __LINE__, #condition, 0, 1); \
	} while (0)

/** keep() - close @fd after the check; @fd may be an error number. */
int keep(struct client *c, int fd);

/** shut() - close it now. */
void shut(struct client *c, int fd);

/** open_context() - another /dev/iommu. */
int open_context(struct client *c);

/** call() - a request of the context, with its struct. */
long call(struct client *c, unsigned int cmd, void *arg);

/** call_on() - the same of another one. */
long call_on(struct client *c, int fd, unsigned int cmd, uintptr_t arg);

/** edge() - @len bytes, behind which nothing is readable; a copy of @data. */
void *edge(struct client *c, const void *data, size_t len);

/* ---- Requests that many checks make ------------------------------- */

#define RW    (IOMMU_IOAS_MAP_READABLE | IOMMU_IOAS_MAP_WRITEABLE)
#define FIXED (RW | IOMMU_IOAS_MAP_FIXED_IOVA)

/** new_ioas() - its id. */
uint32_t new_ioas(struct client *c);

long destroy(struct client *c, uint32_t id);

/** map_at() - map @length bytes at @mem + @offset at @iova. */
long map_at(struct client *c, uint32_t ioas, uint64_t offset, uint64_t length,
	    uint64_t iova);

/** map_any() - the same anywhere; *@iova says where. */
long map_any(struct client *c, uint32_t ioas, uint64_t offset, uint64_t length,
	     uint64_t *iova);

/** unmap() - Return: the error or 0; *@length says how much. */
long unmap(struct client *c, uint32_t ioas, uint64_t iova, uint64_t *length);

/** unmapped() - Return: the bytes unmapped or the error. */
long long unmapped(struct client *c, uint32_t ioas, uint64_t iova,
		   uint64_t length);

/** allow() - restrict the IOAS to @nr ranges. */
long allow(struct client *c, uint32_t ioas,
	   const struct iommu_iova_range *range, uint32_t nr);

/** open_device() - the cdev, not bound; skips without one. */
int open_device(struct client *c);

/** bind_device() - the device is @c->devid of the context from now on. */
void bind_device(struct client *c);

/** attach() - Return: the error or 0; *@pt is the HWPT then. */
long attach(struct client *c, uint32_t *pt);

long detach(struct client *c);

/** attached_ioas() - a new one, with the device attached. */
uint32_t attached_ioas(struct client *c);

/** new_hwpt() - a page table for the device. Return: the error or 0. */
long new_hwpt(struct client *c, uint32_t pt, uint32_t flags, uint32_t *id);

/** hw_info() - what is known of the device's IOMMU. */
struct iommu_hw_info hw_info(struct client *c);

#endif
