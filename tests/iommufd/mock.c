/* SPDX-License-Identifier: MIT */
/*
 * What the clients of tests/mock cannot do to the mock: every copy, pin, charge,
 * allocation and descriptor of every request fails once, and requests race.
 */
#include "rig.h"

#include <pthread.h>

#include <uiommu/iommufd_test.h>

#define IOVA    IOMMU_TEST_APERTURE_START
#define NR      4UL
#define VIRT_ID 7U

/**
 * struct scene - what a request works on
 * @ioas: an IOAS with an area of NR pages
 * @plain: one with nothing
 * @stdev, @idev, @hwpt: a mock device attached to @ioas
 * @parent: a nesting parent for @ioas
 * @viommu: on that
 * @access: of @ioas
 * @id: what the request has made
 * @fd: and its descriptor
 */
struct scene {
	struct rig *rig;
	uint32_t ioas;
	uint32_t plain;
	uint32_t stdev;
	uint32_t idev;
	uint32_t hwpt;
	uint32_t parent;
	uint32_t viommu;
	uint32_t access;
	uint32_t id;
	uint32_t fd;
};

/**
 * struct action - a request under test
 * @run: do it
 * @undo: undo it, when it has succeeded
 * @repair: the request has happened also when its answer could not be written: make
 *	that undone, or do nothing
 */
struct action {
	const char *name;
	long (*run)(struct scene *s);
	void (*undo)(struct scene *s);
	void (*repair)(struct scene *s);
};

static long command(struct scene *s, uint32_t op, struct iommu_test_cmd *cmd)
{
	cmd->size = sizeof(*cmd);
	cmd->op = op;
	return rig_ioctl(s->rig, IOMMU_TEST_CMD, cmd);
}

static void undo_nothing(struct scene *s)
{
}

static void undo_destroy(struct scene *s)
{
	assert_int_equal(rig_destroy(s->rig, s->id), 0);
}

static void undo_close(struct scene *s)
{
	rig_close(s->rig, s->fd);
}

/* ---- Devices ------------------------------------------------------- */

static long mock_domain(struct scene *s, uint32_t pt)
{
	struct iommu_test_cmd cmd = { .id = pt };
	long rc = command(s, IOMMU_TEST_OP_MOCK_DOMAIN, &cmd);

	s->id = cmd.mock_domain.out_stdev_id;
	return rc;
}

static long run_mock_domain(struct scene *s)
{
	return mock_domain(s, s->ioas);
}

static long run_mock_domain_new(struct scene *s)
{
	return mock_domain(s, s->plain);
}

static long run_replace(struct scene *s)
{
	struct iommu_test_cmd cmd = {
		.id = s->stdev,
		.replace.in_out_pt_id = s->plain,
	};

	return command(s, IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE, &cmd);
}

static void undo_replace(struct scene *s)
{
	struct iommu_test_cmd cmd = {
		.id = s->stdev,
		.replace.in_out_pt_id = s->hwpt,
	};

	assert_int_equal(command(s, IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE, &cmd),
			 0);
}

static long run_iopf(struct scene *s)
{
	struct iommu_test_cmd cmd = { .iopf.dev_id = s->idev };

	return command(s, IOMMU_TEST_OP_TRIGGER_IOPF, &cmd);
}

/* ---- Memory -------------------------------------------------------- */

static long run_check_map(struct scene *s)
{
	struct iommu_test_cmd cmd = {
		.id = s->hwpt,
		.check_map.iova = IOVA,
		.check_map.length = NR * PAGE,
		.check_map.uptr = (uintptr_t)s->rig->mem.va,
	};

	return command(s, IOMMU_TEST_OP_MD_CHECK_MAP, &cmd);
}

static long run_check_refs(struct scene *s)
{
	struct iommu_test_cmd cmd = {
		.check_refs.length = NR * PAGE,
		.check_refs.uptr = (uintptr_t)s->rig->mem.va,
		.check_refs.refs = 1,
	};

	return command(s, IOMMU_TEST_OP_MD_CHECK_REFS, &cmd);
}

static long run_dirty(struct scene *s)
{
	uint64_t bits = 5;
	struct iommu_test_cmd cmd = {
		.id = s->hwpt,
		.dirty.iova = IOVA,
		.dirty.length = NR * PAGE,
		.dirty.page_size = PAGE,
		.dirty.uptr = (uintptr_t)&bits,
	};

	return command(s, IOMMU_TEST_OP_DIRTY, &cmd);
}

/* ---- Accesses ------------------------------------------------------ */

static long create_access(struct scene *s, uint32_t *fd)
{
	struct iommu_test_cmd cmd = {
		.id = s->ioas,
		.create_access.flags = IOMMU_TEST_ACCESS_NEEDS_PIN,
	};
	long rc = command(s, IOMMU_TEST_OP_CREATE_ACCESS, &cmd);

	*fd = cmd.create_access.out_fd;
	return rc;
}

static long run_create_access(struct scene *s)
{
	return create_access(s, &s->fd);
}

static long run_pin(struct scene *s)
{
	struct iommu_test_cmd cmd = {
		.id = s->access,
		.pin.iova = IOVA,
		.pin.length = 2 * PAGE + 100,
		.pin.uptr = (uintptr_t)s->rig->mem.va,
	};
	long rc = command(s, IOMMU_TEST_OP_ACCESS_PAGES, &cmd);

	s->id = cmd.pin.out_pages_id;
	return rc;
}

static void undo_pin(struct scene *s)
{
	struct iommu_test_cmd cmd = {
		.id = s->access,
		.unpin.pages_id = s->id,
	};

	assert_int_equal(command(s, IOMMU_TEST_OP_DESTROY_ACCESS_PAGES, &cmd),
			 0);
}

static long run_rw(struct scene *s)
{
	char buf[100];
	struct iommu_test_cmd cmd = {
		.id = s->access,
		.rw.iova = IOVA + PAGE - 50,
		.rw.length = sizeof(buf),
		.rw.uptr = (uintptr_t)buf,
	};

	return command(s, IOMMU_TEST_OP_ACCESS_RW, &cmd);
}

static long run_dmabuf(struct scene *s)
{
	struct iommu_test_cmd cmd = { .dmabuf_get.length = 2 * PAGE };
	long rc = command(s, IOMMU_TEST_OP_DMABUF_GET, &cmd);

	if (rc < 0)
		return rc;
	s->fd = (uint32_t)rc;
	return 0;
}

/* ---- Nested tables and virtual IOMMUs ------------------------------ */

static long hwpt_alloc(struct scene *s, uint32_t pt)
{
	struct iommu_test_hwpt data = { .iotlb = 1 };
	struct iommu_hwpt_alloc cmd = {
		.size = sizeof(cmd),
		.dev_id = s->idev,
		.pt_id = pt,
		.data_type = IOMMU_TEST_HWPT_TYPE,
		.data_len = sizeof(data),
		.data_uptr = (uintptr_t)&data,
	};
	long rc = rig_ioctl(s->rig, IOMMU_HWPT_ALLOC, &cmd);

	s->id = cmd.out_hwpt_id;
	return rc;
}

static long run_hwpt_user(struct scene *s)
{
	return hwpt_alloc(s, s->ioas);
}

static long run_nested(struct scene *s)
{
	return hwpt_alloc(s, s->parent);
}

static long run_viommu_nested(struct scene *s)
{
	return hwpt_alloc(s, s->viommu);
}

static long run_viommu(struct scene *s)
{
	struct iommu_test_viommu data = { .in_data = 3 };
	struct iommu_viommu_alloc cmd = {
		.size = sizeof(cmd),
		.type = IOMMU_TEST_VIOMMU_TYPE,
		.dev_id = s->idev,
		.hwpt_id = s->parent,
		.data_len = sizeof(data),
		.data_uptr = (uintptr_t)&data,
	};
	long rc = rig_ioctl(s->rig, IOMMU_VIOMMU_ALLOC, &cmd);

	s->id = cmd.out_viommu_id;
	return rc;
}

static long vdevice(struct scene *s, uint32_t *id)
{
	struct iommu_vdevice_alloc cmd = {
		.size = sizeof(cmd),
		.viommu_id = s->viommu,
		.dev_id = s->idev,
		.virt_id = VIRT_ID,
	};
	long rc = rig_ioctl(s->rig, IOMMU_VDEVICE_ALLOC, &cmd);

	*id = cmd.out_vdevice_id;
	return rc;
}

static long run_vdevice(struct scene *s)
{
	return vdevice(s, &s->id);
}

static long run_veventq(struct scene *s)
{
	struct iommu_veventq_alloc cmd = {
		.size = sizeof(cmd),
		.viommu_id = s->viommu,
		.type = IOMMU_TEST_VEVENTQ_TYPE,
		.veventq_depth = 4,
	};
	long rc = rig_ioctl(s->rig, IOMMU_VEVENTQ_ALLOC, &cmd);

	s->id = cmd.out_veventq_id;
	s->fd = cmd.out_veventq_fd;
	return rc;
}

static void undo_veventq(struct scene *s)
{
	rig_close(s->rig, s->fd);
	undo_destroy(s);
}

static long run_hw_queue(struct scene *s)
{
	struct iommu_hw_queue_alloc cmd = {
		.size = sizeof(cmd),
		.viommu_id = s->viommu,
		.type = IOMMU_TEST_HW_QUEUE_TYPE,
		.nesting_parent_iova = IOVA,
		.length = PAGE,
	};
	long rc = rig_ioctl(s->rig, IOMMU_HW_QUEUE_ALLOC, &cmd);

	s->id = cmd.out_hw_queue_id;
	return rc;
}

static const struct action actions[] = {
	{ .name = "mock domain", .run = run_mock_domain, .undo = undo_destroy },
	{ .name = "mock domain, new table",
	  .run = run_mock_domain_new,
	  .undo = undo_destroy },
	{ .name = "replace",
	  .run = run_replace,
	  .undo = undo_replace,
	  .repair = undo_replace },
	{ .name = "page request", .run = run_iopf, .undo = undo_nothing },
	{ .name = "check map", .run = run_check_map, .undo = undo_nothing },
	{ .name = "check refs", .run = run_check_refs, .undo = undo_nothing },
	{ .name = "dirty", .run = run_dirty, .undo = undo_nothing },
	{ .name = "create access",
	  .run = run_create_access,
	  .undo = undo_close },
	{ .name = "access pages", .run = run_pin, .undo = undo_pin },
	{ .name = "access rw", .run = run_rw, .undo = undo_nothing },
	{ .name = "dmabuf", .run = run_dmabuf, .undo = undo_close },
	{ .name = "hwpt with data", .run = run_hwpt_user, .undo = undo_destroy },
	{ .name = "nested hwpt", .run = run_nested, .undo = undo_destroy },
	{ .name = "nested hwpt of a viommu",
	  .run = run_viommu_nested,
	  .undo = undo_destroy },
	{ .name = "viommu", .run = run_viommu, .undo = undo_destroy },
	{ .name = "vdevice", .run = run_vdevice, .undo = undo_destroy },
	{ .name = "veventq", .run = run_veventq, .undo = undo_veventq },
	{ .name = "hw queue", .run = run_hw_queue, .undo = undo_destroy },
};

/* ---- One failure after the other ----------------------------------- */

static long expected(enum rig_fail fail)
{
	switch (fail) {
	case RIG_FAIL_COPY:
	case RIG_FAIL_PIN:
		return -EFAULT;
	case RIG_FAIL_FD:
		return -EMFILE;
	default:
		return -ENOMEM;
	}
}

static unsigned int fail_each(struct scene *s, const struct action *action)
{
	struct rig_snapshot before;
	unsigned int n;
	long rc;

	/* Once without: what is allocated once and kept is there then. */
	assert_int_equal(action->run(s), 0);
	action->undo(s);
	for (n = 1;; n++) {
		rig_snapshot(s->rig, &before);
		rig_fail_nth(n);
		rc = action->run(s);
		if (rig_failed() == RIG_FAIL_NONE)
			break;
		assert_int_equal(rc, expected(rig_failed()));
		rig_fail_nth(0);
		if (action->repair)
			action->repair(s);
		rig_same(s->rig, &before);
		assert_int_equal(action->run(s), 0);
		action->undo(s);
		rig_same(s->rig, &before);
	}
	rig_fail_nth(0);
	assert_int_equal(rc, 0);
	action->undo(s);
	return n - 1;
}

static void scene_init(struct scene *s)
{
	struct iommu_test_cmd cmd = { 0 };
	struct iommu_hwpt_alloc hwpt = {
		.size = sizeof(hwpt),
		.flags = IOMMU_HWPT_ALLOC_DIRTY_TRACKING,
	};
	struct iommu_hwpt_set_dirty_tracking track = {
		.size = sizeof(track),
		.flags = IOMMU_HWPT_DIRTY_TRACKING_ENABLE,
	};

	memset(s, 0, sizeof(*s));
	s->rig = rig_new_mock();
	s->rig->mem.flip = true;
	s->ioas = rig_ioas(s->rig);
	s->plain = rig_ioas(s->rig);
	assert_int_equal(rig_map_at(s->rig, s->ioas, 0, NR * PAGE, IOVA), 0);
	cmd.id = s->ioas;
	assert_int_equal(command(s, IOMMU_TEST_OP_MOCK_DOMAIN, &cmd), 0);
	s->stdev = cmd.mock_domain.out_stdev_id;
	s->idev = cmd.mock_domain.out_idev_id;
	hwpt.dev_id = s->idev;
	hwpt.pt_id = s->ioas;
	assert_int_equal(rig_ioctl(s->rig, IOMMU_HWPT_ALLOC, &hwpt), 0);
	s->hwpt = hwpt.out_hwpt_id;
	undo_replace(s);
	track.hwpt_id = s->hwpt;
	assert_int_equal(
		rig_ioctl(s->rig, IOMMU_HWPT_SET_DIRTY_TRACKING, &track), 0);
	hwpt.flags = IOMMU_HWPT_ALLOC_NEST_PARENT;
	assert_int_equal(rig_ioctl(s->rig, IOMMU_HWPT_ALLOC, &hwpt), 0);
	s->parent = hwpt.out_hwpt_id;
	assert_int_equal(run_viommu(s), 0);
	s->viommu = s->id;
	assert_int_equal(create_access(s, &s->access), 0);
}

static void scene_fini(struct scene *s)
{
	rig_close(s->rig, s->access);
	rig_free(s->rig);
}

static void test_inject(void **state)
{
	struct scene s;
	unsigned int i, n;

	scene_init(&s);
	for (i = 0; i != sizeof(actions) / sizeof(actions[0]); i++) {
		n = fail_each(&s, &actions[i]);
		assert_true(n >= 1);
		print_message("# %s: %u failures\n", actions[i].name, n);
	}
	scene_fini(&s);
}

/* An event for which there is no memory is lost, and that shows. */
static void test_event_fails(void **state)
{
	struct iommufd_vevent_header header;
	struct iommu_test_cmd cmd = { 0 };
	struct scene s;
	uint32_t vdev, fd, queue, nested;

	scene_init(&s);
	assert_int_equal(vdevice(&s, &vdev), 0);
	assert_int_equal(run_viommu_nested(&s), 0);
	nested = s.id;
	cmd.id = s.stdev;
	cmd.replace.in_out_pt_id = nested;
	assert_int_equal(command(&s, IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE, &cmd),
			 0);
	assert_int_equal(run_veventq(&s), 0);
	queue = s.id;
	fd = s.fd;
	cmd.vevent.dev_id = s.idev;
	/* The request itself is copied twice: the minimum, and the rest. */
	rig_fail_nth(3);
	assert_int_equal(command(&s, IOMMU_TEST_OP_TRIGGER_VEVENT, &cmd),
			 -ENOMEM);
	assert_int_equal(rig_failed(), RIG_FAIL_ALLOC);
	rig_fail_nth(0);
	assert_int_equal(rig_read(s.rig, fd, &header, sizeof(header)),
			 sizeof(header));
	assert_int_equal(header.flags, IOMMU_VEVENTQ_FLAG_LOST_EVENTS);
	assert_int_equal(header.sequence, 0);
	rig_close(s.rig, fd);
	assert_int_equal(rig_destroy(s.rig, queue), 0);
	scene_fini(&s);
}

/* ---- Races --------------------------------------------------------- */

#define ROUNDS 300

/* Devices come and go while others name them. */
static void *race_devices(void *arg)
{
	struct scene s = *(struct scene *)arg;
	struct iommu_test_cmd cmd = { 0 };
	uint32_t vdev;
	unsigned int i;

	for (i = 0; i != ROUNDS; i++) {
		cmd.id = s.ioas;
		if (command(&s, IOMMU_TEST_OP_MOCK_DOMAIN, &cmd))
			continue;
		s.idev = cmd.mock_domain.out_idev_id;
		if (!vdevice(&s, &vdev) && i % 2)
			rig_destroy(s.rig, vdev);
		assert_int_equal(
			rig_destroy(s.rig, cmd.mock_domain.out_stdev_id), 0);
	}
	return NULL;
}

/* Any id may be gone, or somebody else's. */
static void *race_ids(void *arg)
{
	struct scene s = *(struct scene *)arg;
	struct iommu_test_cmd cmd = { 0 };
	uint32_t vdev, i;

	for (i = 0; i != 4 * ROUNDS; i++) {
		s.idev = 8 + i % 16;
		vdevice(&s, &vdev);
		cmd.vevent.dev_id = s.idev;
		command(&s, IOMMU_TEST_OP_TRIGGER_VEVENT, &cmd);
		cmd.id = s.idev;
		cmd.check_slot.slot = 0;
		command(&s, IOMMU_TEST_OP_DEV_CHECK_CACHE, &cmd);
		/* Somebody else's VDEVICE, perhaps. */
		rig_destroy(s.rig, vdev);
	}
	return NULL;
}

/* Queues come and go, and with them what they lock. */
static void *race_queues(void *arg)
{
	struct scene s = *(struct scene *)arg;
	unsigned int i;

	for (i = 0; i != ROUNDS; i++) {
		if (!run_hw_queue(&s))
			rig_destroy(s.rig, s.id);
		if (!run_veventq(&s)) {
			rig_close(s.rig, s.fd);
			rig_destroy(s.rig, s.id);
		}
		if (!run_viommu(&s))
			rig_destroy(s.rig, s.id);
	}
	return NULL;
}

static void test_races(void **state)
{
	void *(*const what[])(void *arg) = { race_devices, race_devices,
					     race_ids, race_queues,
					     race_queues };
	pthread_t thread[5];
	struct scene s;
	unsigned int i;

	scene_init(&s);
	for (i = 0; i != 5; i++)
		pthread_create(&thread[i], NULL, what[i], &s);
	for (i = 0; i != 5; i++)
		pthread_join(thread[i], NULL);
	scene_fini(&s);
}

/* ---- Anything ------------------------------------------------------ */

#define NR_RAW 40000

static uint64_t next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

/* Numbers at which something could go wrong, and ids, which are small. */
static uint64_t odd_number(struct rig *rig, uint64_t *seed)
{
	const uint64_t odd[] = { 0,
				 1,
				 2048,
				 PAGE,
				 2 * PAGE,
				 IOVA,
				 IOVA + PAGE,
				 UINT32_MAX,
				 UINT64_MAX,
				 UINT64_MAX - PAGE + 1,
				 1ULL << 63,
				 16U << 20,
				 (uintptr_t)rig->mem.va,
				 (uintptr_t)rig->mem.va + PAGE,
				 IOMMU_TEST_HWPT_TYPE,
				 IOMMU_TEST_VIOMMU_TYPE,
				 IOMMU_TEST_VEVENTQ_TYPE };
	uint64_t r = next_random(seed);

	if (r % 3)
		return r / 3 % 24;
	return odd[r / 3 % (sizeof(odd) / sizeof(odd[0]))];
}

/* 32-bit words, and wherever they begin, 64-bit ones. */
static void fill(struct rig *rig, uint64_t *seed, uint32_t *word, size_t nr)
{
	size_t i;
	uint64_t n;

	for (i = 0; i != nr; i++) {
		n = odd_number(rig, seed);
		word[i] = (uint32_t)n;
		if (n > UINT32_MAX && i + 1 != nr && i % 2 == 0)
			word[++i] = (uint32_t)(n >> 32);
	}
}

static void close_some(struct rig *rig, uint64_t *seed, bool all)
{
	uint32_t fd;

	for (fd = 0; fd != RIG_NR_FDS; fd++)
		if (rig->files[fd] && (all || next_random(seed) % 8 == 0))
			rig_close(rig, RIG_NEW_FD + fd);
}

/**
 * struct raw - a request that is made up
 * @cmd: which
 * @size: of its struct
 * @zero: bit n: word n is 0, or nothing can come of it
 * @type_at: the word that holds @type, for the same reason
 */
struct raw {
	unsigned int cmd;
	uint32_t size;
	uint32_t zero;
	unsigned int type_at;
	uint32_t type;
};

static const struct raw raws[] = {
	{ IOMMU_TEST_CMD, 72, 0, 19, 0 },
	{ IOMMU_TEST_CMD, 72, 0, 19, 0 },
	{ IOMMU_TEST_CMD, 72, 0x8, 19, 0 },
	{ IOMMU_TEST_CMD, 72, 0xff88, 19, 0 },
	{ IOMMU_VIOMMU_ALLOC, 40, 0xc2, 2, IOMMU_TEST_VIOMMU_TYPE },
	{ IOMMU_VDEVICE_ALLOC, 24, 0, 19, 0 },
	{ IOMMU_VEVENTQ_ALLOC, 32, 0x82, 3, IOMMU_TEST_VEVENTQ_TYPE },
	{ IOMMU_HW_QUEUE_ALLOC, 40, 0x282, 3, IOMMU_TEST_HW_QUEUE_TYPE },
	{ IOMMU_HWPT_ALLOC, 48, 0xdf0, 1, IOMMU_HWPT_ALLOC_NEST_PARENT },
	{ IOMMU_HWPT_ALLOC, 48, 0xc32, 6, IOMMU_TEST_HWPT_TYPE },
	{ IOMMU_HWPT_INVALIDATE, 32, 0x88, 4, IOMMU_TEST_HWPT_INVALIDATE_TYPE },
	{ IOMMU_DESTROY, 8, 0, 19, 0 },
	{ IOMMU_DESTROY, 8, 0, 19, 0 },
	{ IOMMU_IOAS_ALLOC, 12, 0x2, 19, 0 },
};

/* Return: what the request does, as an index of what has succeeded. */
static unsigned int make_up(struct rig *rig, uint64_t *seed, uint32_t word[20],
			    const struct raw **raw)
{
	unsigned int i, n = (unsigned int)(next_random(seed) %
					   (sizeof(raws) / sizeof(raws[0])));

	*raw = &raws[n];
	fill(rig, seed, word, 20);
	word[0] = (*raw)->size;
	if (next_random(seed) % 8 == 0)
		word[0] = 80;
	if (next_random(seed) % 4) {
		for (i = 0; i != 20; i++)
			if ((*raw)->zero & 1U << i)
				word[i] = 0;
		word[(*raw)->type_at] = (*raw)->type;
	}
	if ((*raw)->cmd != IOMMU_TEST_CMD)
		return 32 + n;
	word[1] %= 25;
	word[2] = word[2] % 2 ? word[2] % 24 : RIG_NEW_FD + word[2] / 2 % 8;
	return word[1];
}

/* Whatever is asked: nothing breaks, and a close leaves nothing. */
static void test_raw(void **state)
{
	uint64_t seed = 0x9e3779b97f4a7c15;
	unsigned int done[64] = { 0 }, i, what, kinds = 0;
	const struct raw *raw;
	uint32_t *word;
	struct scene s;

	print_message("# seed %#llx\n", (unsigned long long)seed);
	scene_init(&s);
	/* Pointers lead anywhere: into memory that can be written over, or nowhere. */
	s.rig->only_mem = true;
	word = (uint32_t *)(s.rig->mem.va + (RIG_PAGES - 1) * PAGE);
	for (i = 0; i != NR_RAW; i++) {
		what = make_up(s.rig, &seed, word, &raw);
		done[what] += rig_ioctl(s.rig, raw->cmd, word) >= 0;
		if (i % 64 == 0)
			close_some(s.rig, &seed, false);
	}
	for (i = 0; i != 64; i++)
		kinds += done[i] > 0;
	print_message("# %u kinds of requests have succeeded\n", kinds);
	assert_true(kinds >= 12);
	close_some(s.rig, &seed, true);
	rig_free(s.rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_inject),
		cmocka_unit_test(test_event_fails),
		cmocka_unit_test(test_races),
		cmocka_unit_test(test_raw),
	};

	return cmocka_run_group_tests_name("mock", tests, NULL, NULL);
}
