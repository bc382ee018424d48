/* SPDX-License-Identifier: MIT */
#include "requests.h"

/* Two bytes of the input, or the next of an endless series. */
static uint64_t next(struct source *s)
{
	uint64_t value;

	if (s->input) {
		if (s->left < 2)
			s->left = 0;
		if (!s->left)
			return 1; /* ends what asks for more */
		value = s->input[0] | (uint64_t)s->input[1] << 8;
		s->input += 2;
		s->left -= 2;
		return value;
	}
	s->seed ^= s->seed << 13;
	s->seed ^= s->seed >> 7;
	s->seed ^= s->seed << 17;
	return s->seed;
}

/* Numbers that lie where decisions are made. */
static uint64_t interesting(struct source *s, const struct rig *rig)
{
	switch (next(s) % 12) {
	case 0:
		return 0;
	case 1:
		return 1ULL << next(s) % 64;
	case 2:
		return (1ULL << next(s) % 64) - 1;
	case 3:
		return UINT64_MAX - next(s) % 3;
	case 4:
		return UINT64_MAX - PAGE + 1;
	case 5:
	case 6:
		return (uintptr_t)rig->mem.va + next(s) % 64 * PAGE;
	case 7:
	case 8:
		return PAGE * (next(s) % 64);
	case 9:
		return next(s) * 0x9e3779b97f4a7c15;
	default:
		return next(s) % 8;
	}
}

/* A request that may well succeed, in @word. Return: its number. */
static unsigned int sensible(struct source *s, const struct rig *rig,
			     uint32_t *word)
{
	const uint64_t va = (uintptr_t)rig->mem.va + next(s) % 64 * PAGE;
	const uint64_t iova = (next(s) % 64 + 4096) * PAGE;
	const uint64_t length = (1 + next(s) % 8) * PAGE;
	const uint32_t id = 1 + (uint32_t)next(s) % 6;
	const uint32_t flags = next(s) % 2 ? RIG_RW : RIG_FIXED;
	union {
		struct iommu_destroy destroy;
		struct iommu_ioas_alloc alloc;
		struct iommu_ioas_map map;
		struct iommu_ioas_map_file map_file;
		struct iommu_ioas_copy copy;
		struct iommu_ioas_unmap unmap;
		struct iommu_ioas_iova_ranges ranges;
		struct iommu_ioas_allow_iovas allow;
		struct iommu_hwpt_alloc hwpt;
		struct iommu_hw_info info;
		struct iommu_option option;
		uint32_t word[12];
	} u = { 0 };
	unsigned int cmd;

	switch (next(s) % 12) {
	case 0:
		u.destroy = (struct iommu_destroy){ sizeof(u.destroy), id };
		cmd = IOMMU_DESTROY;
		break;
	case 1:
		u.alloc.size = sizeof(u.alloc);
		cmd = IOMMU_IOAS_ALLOC;
		break;
	case 2:
	case 3:
		u.map = (struct iommu_ioas_map){
			sizeof(u.map), flags, id, 0, va, length, iova
		};
		cmd = IOMMU_IOAS_MAP;
		break;
	case 4:
		u.map_file = (struct iommu_ioas_map_file){
			sizeof(u.map_file), flags,  id,  RIG_FILE_FD,
			next(s) % 64,       length, iova
		};
		cmd = IOMMU_IOAS_MAP_FILE;
		break;
	case 5:
		u.copy = (struct iommu_ioas_copy){ sizeof(u.copy),
						   flags,
						   id,
						   1 + (uint32_t)next(s) % 6,
						   length,
						   iova,
						   (next(s) % 64 + 4096) *
							   PAGE };
		cmd = IOMMU_IOAS_COPY;
		break;
	case 6:
	case 7:
		u.unmap = (struct iommu_ioas_unmap){ sizeof(u.unmap), id, iova,
						     length * 4 };
		cmd = IOMMU_IOAS_UNMAP;
		break;
	case 8:
		u.ranges = (struct iommu_ioas_iova_ranges){
			.size = sizeof(u.ranges),
			.ioas_id = id,
			.num_iovas = 4,
			.allowed_iovas = va,
		};
		cmd = IOMMU_IOAS_IOVA_RANGES;
		break;
	case 9:
		u.allow = (struct iommu_ioas_allow_iovas){
			sizeof(u.allow), id, (uint32_t)(next(s) % 3), 0, va
		};
		cmd = IOMMU_IOAS_ALLOW_IOVAS;
		break;
	case 10:
		u.hwpt = (struct iommu_hwpt_alloc){
			.size = sizeof(u.hwpt),
			.dev_id = rig->idev_id[0],
			.pt_id = id,
		};
		cmd = IOMMU_HWPT_ALLOC;
		break;
	default:
		u.option = (struct iommu_option){
			.size = sizeof(u.option),
			.option_id = IOMMU_OPTION_HUGE_PAGES,
			.op = next(s) % 2,
			.object_id = id,
			.val64 = next(s) % 2,
		};
		cmd = IOMMU_OPTION;
	}
	memcpy(word, &u, sizeof(u));
	return cmd;
}

/* Put numbers that nobody expects in the place of some. */
static void spoil(struct source *s, const struct rig *rig, uint32_t *word,
		  size_t nr)
{
	uint64_t value = interesting(s, rig);
	size_t at = next(s) % nr;

	if (at % 2 == 0)
		memcpy(&word[at], &value, sizeof(value));
	else
		word[at] = (uint32_t)value;
}

static long request(struct source *s, struct rig *rig, uint32_t *word)
{
	unsigned int cmd = sensible(s, rig, word);

	while (next(s) % 3 == 0)
		spoil(s, rig, word, 12);
	if (next(s) % 16 == 0)
		cmd = 0x3b00 + 0x80 + (unsigned int)(next(s) % 0x21);
	if (next(s) % 64 == 0)
		cmd = (unsigned int)next(s);
	return rig_ioctl(rig, cmd, word);
}

static void check_answer(long rc)
{
	assert_true(rc >= -4095 && rc <= 0);
}

static int (*real_copy_out)(struct uiommu_user *user, uint64_t dst,
			    const void *src, size_t len);
static int (*real_copy_in)(struct uiommu_user *user, void *dst, uint64_t src,
			   size_t len);
static uint64_t allowed_start, allowed_last;

/*
 * The client's memory is this process's: addresses that are read or written have
 * to be in the request or in the buffer, or be refused.
 */
static bool ours(const struct rig *rig, uint64_t addr, size_t len)
{
	uint64_t va = (uintptr_t)rig->mem.va;

	if (addr + len < addr)
		return false;
	if (addr >= allowed_start && addr + len - 1 <= allowed_last)
		return true;
	return addr >= va && addr + len <= va + rig->mem.nr * PAGE;
}

static int careful_copy_out(struct uiommu_user *user, uint64_t dst,
			    const void *src, size_t len)
{
	if (!ours((struct rig *)user, dst, len))
		return -EFAULT;
	return real_copy_out(user, dst, src, len);
}

static int careful_copy_in(struct uiommu_user *user, void *dst, uint64_t src,
			   size_t len)
{
	if (!ours((struct rig *)user, src, len))
		return -EFAULT;
	return real_copy_in(user, dst, src, len);
}

unsigned int requests_run(struct source *s, const char *format, bool privileged,
			  unsigned int count)
{
	struct rig *rig = rig_new(format);
	struct uiommu_user_ops ops = *rig->user.ops;
	uint32_t word[64], pt;
	unsigned int done = 0;
	long rc;

	allowed_start = (uintptr_t)word;
	allowed_last = allowed_start + sizeof(word) - 1;
	real_copy_in = ops.copy_in;
	real_copy_out = ops.copy_out;
	ops.copy_in = careful_copy_in;
	ops.copy_out = careful_copy_out;
	rig->mem.limit = 512;
	rig->privileged = privileged;
	rig_bind(rig, 0);
	rig_ioas(rig);
	rig->user.ops = &ops;
	while (count-- && (!s->input || s->left)) {
		memset(word, 0, sizeof(word));
		rc = request(s, rig, word);
		check_answer(rc);
		done += !rc;
		if (next(s) % 16)
			continue;
		pt = (uint32_t)next(s) % 8;
		check_answer(rig_attach(rig, 0, &pt));
		if (next(s) % 4 == 0)
			iommufd_device_detach(rig->idev[0]);
	}
	rig_free(rig);
	return done;
}
