/* SPDX-License-Identifier: MIT */
/*
 * All requests from several threads at once, on the same objects, while devices do
 * DMA. Nothing is expected of a single request but a legal answer; at the end
 * nothing may be left, and no device may have used a stale translation.
 */
#include <pthread.h>
#include <uiommu/access.h>

#include "iommufd/ioas.h"
#include "rig.h"

#define THREADS 4U
#define STEPS   3000U
#define SLOTS   48U
#define IDS     24U
#define WINDOW  0x20000000ULL

/**
 * struct worker - one thread
 * @access: its own
 * @lock: protects @pin
 * @pin: what @access has pinned, or NULL
 * @queue: its fault queue, or 0, and the descriptor
 * @fd: that
 */
struct worker {
	struct rig *rig;
	pthread_t thread;
	uint64_t seed;
	unsigned int number;
	bool *stop;
	struct iommufd_access *access;
	pthread_mutex_t lock;
	struct iommufd_access_pin *pin;
	uint32_t queue;
	uint32_t fd;
};

static uint32_t draw(struct worker *w, uint32_t n)
{
	w->seed = w->seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(w->seed >> 33) % n;
}

/* Some id; mostly one that exists, of whatever kind. */
static uint32_t any_id(struct worker *w)
{
	return 1 + draw(w, IDS);
}

static void legal(long rc)
{
	switch (rc < 0 ? -rc : 0) {
	case 0:
	case EPERM:
	case ENOENT:
	case EBUSY:
	case EEXIST:
	case EINVAL:
	case ENOSPC:
	case EMSGSIZE:
	case EOPNOTSUPP:
	case EADDRINUSE:
	case EMFILE: /* two were told of one number */
		return;
	default:
		fprintf(stderr, "illegal answer: %ld\n", rc);
		abort();
	}
}

static void step_map(struct worker *w)
{
	uint64_t nr = 1 + draw(w, 8), at = draw(w, SLOTS);
	uint64_t iova = WINDOW + at * 4 * PAGE;
	uint32_t flags = draw(w, 3) ? RIG_FIXED : RIG_RW;

	legal(rig_map(w->rig, any_id(w), flags, draw(w, 64) * PAGE, nr * PAGE,
		      &iova));
}

static void step_unmap(struct worker *w)
{
	uint64_t at = draw(w, SLOTS), nr = 1 + draw(w, 32);

	legal(rig_unmap(w->rig, any_id(w), WINDOW + at * 4 * PAGE, nr * PAGE) <
			      0
		      ? -ENOENT
		      : 0);
	if (!draw(w, 16))
		legal(rig_unmap_all(w->rig, any_id(w)) < 0 ? -ENOENT : 0);
}

static void step_copy(struct worker *w)
{
	legal(rig_copy(w->rig, any_id(w), WINDOW + draw(w, SLOTS) * 4 * PAGE,
		       any_id(w), WINDOW + draw(w, SLOTS) * 4 * PAGE,
		       (1 + draw(w, 4)) * PAGE));
}

static void step_objects(struct worker *w)
{
	struct iommu_ioas_alloc cmd = { .size = sizeof(cmd) };
	uint32_t id;

	switch (draw(w, 4)) {
	case 0:
		legal(rig_ioctl(w->rig, IOMMU_IOAS_ALLOC, &cmd));
		if (cmd.out_ioas_id > IDS)
			legal(rig_destroy(w->rig, cmd.out_ioas_id));
		break;
	case 1:
		legal(rig_hwpt(w->rig, draw(w, RIG_DEVICES), any_id(w), &id));
		break;
	default:
		legal(rig_destroy(w->rig, any_id(w)));
	}
}

/* A device belongs to one thread, as VFIO's lock of the device sees to. */
static void step_attach(struct worker *w)
{
	uint32_t id = any_id(w);

	if (w->number >= RIG_DEVICES)
		return;
	if (draw(w, 4))
		legal(rig_attach(w->rig, w->number, &id));
	else
		iommufd_device_detach(w->rig->idev[w->number]);
}

static void step_pasid(struct worker *w)
{
	uint32_t id = any_id(w), pasid = draw(w, 4);

	if (w->number >= RIG_DEVICES)
		return;
	switch (draw(w, 3)) {
	case 0:
		legal(iommufd_device_attach_pasid(w->rig->idev[w->number],
						  pasid, &id));
		break;
	case 1:
		legal(iommufd_device_replace_pasid(w->rig->idev[w->number],
						   pasid, &id));
		break;
	default:
		iommufd_device_detach_pasid(w->rig->idev[w->number], pasid);
	}
}

/* A descriptor belongs to one thread; the queue is anybody's. */
static void step_queue(struct worker *w)
{
	struct iommu_fault_alloc cmd = { .size = sizeof(cmd) };
	long rc;

	if (w->queue) {
		rig_close(w->rig, w->fd);
		legal(rig_destroy(w->rig, w->queue));
		w->queue = 0;
		return;
	}
	rc = rig_ioctl(w->rig, IOMMU_FAULT_QUEUE_ALLOC, &cmd);
	legal(rc);
	if (rc)
		return;
	w->queue = cmd.out_fault_id;
	w->fd = cmd.out_fault_fd;
}

static void step_answer(struct worker *w)
{
	struct iommu_hwpt_page_response r;
	struct iommu_hwpt_pgfault f[4];
	int64_t n, i;

	if (!w->queue)
		return;
	n = rig_read(w->rig, w->fd, f, sizeof(f));
	for (i = 0; i < n / (int64_t)sizeof(f[0]); i++) {
		r.cookie = f[i].cookie;
		r.code = draw(w, 2);
		if (draw(w, 4))
			rig_write(w->rig, w->fd, &r, sizeof(r));
	}
}

static void step_hwpt(struct worker *w)
{
	struct iommu_hwpt_alloc cmd = {
		.size = sizeof(cmd),
		.flags = draw(w, 8) << 1, /* dirty, faults, PASIDs */
		.dev_id = w->rig->idev_id[draw(w, RIG_DEVICES)],
		.pt_id = any_id(w),
		.fault_id = w->queue,
	};

	legal(rig_ioctl(w->rig, IOMMU_HWPT_ALLOC, &cmd));
}

static void step_dirty(struct worker *w)
{
	uint64_t bits[SLOTS * 4 / 64 + 1] = { 0 };
	struct iommu_hwpt_set_dirty_tracking set = {
		.size = sizeof(set),
		.flags = draw(w, 2),
		.hwpt_id = any_id(w),
	};
	struct iommu_hwpt_get_dirty_bitmap get = {
		.size = sizeof(get),
		.hwpt_id = any_id(w),
		.flags = draw(w, 2),
		.iova = WINDOW + draw(w, SLOTS) * 4 * PAGE,
		.length = (1 + draw(w, 8)) * PAGE,
		.page_size = PAGE,
		.data = (uintptr_t)bits,
	};

	legal(rig_ioctl(w->rig, IOMMU_HWPT_SET_DIRTY_TRACKING, &set));
	legal(rig_ioctl(w->rig, IOMMU_HWPT_GET_DIRTY_BITMAP, &get));
}

static void step_query(struct worker *w)
{
	struct iommu_iova_range range[4];
	struct iommu_ioas_iova_ranges ranges = {
		.size = sizeof(ranges),
		.ioas_id = any_id(w),
		.num_iovas = draw(w, 5),
		.allowed_iovas = (uintptr_t)range,
	};
	struct iommu_option option = {
		.size = sizeof(option),
		.option_id = IOMMU_OPTION_HUGE_PAGES,
		.op = (uint16_t)draw(w, 2),
		.object_id = any_id(w),
		.val64 = draw(w, 2),
	};
	struct iommu_hw_info info = {
		.size = sizeof(info),
		.dev_id = any_id(w),
	};

	legal(rig_ioctl(w->rig, IOMMU_IOAS_IOVA_RANGES, &ranges));
	legal(rig_ioctl(w->rig, IOMMU_OPTION, &option));
	legal(rig_ioctl(w->rig, IOMMU_GET_HW_INFO, &info));
}

/* ---- Accesses --------------------------------------------------------- */

static void unpin(void *data, uint64_t iova, uint64_t length)
{
	struct worker *w = data;

	pthread_mutex_lock(&w->lock);
	if (w->pin)
		iommufd_access_unpin_pages(w->pin);
	w->pin = NULL;
	pthread_mutex_unlock(&w->lock);
}

static const struct iommufd_access_ops access_ops = {
	.needs_pin_pages = true,
	.unmap = unpin,
};

static void access_pin(struct worker *w)
{
	phys_addr_t pages[9];
	int rc;

	pthread_mutex_lock(&w->lock);
	if (!w->pin) {
		rc = iommufd_access_pin_pages(
			w->access, WINDOW + draw(w, SLOTS * 4) * PAGE,
			(1 + draw(w, 8)) * PAGE, pages, 0, &w->pin);
		legal(rc);
		if (rc)
			w->pin = NULL;
	}
	pthread_mutex_unlock(&w->lock);
}

static void step_access(struct worker *w)
{
	uint8_t buf[100];

	switch (draw(w, 16)) {
	case 0:
		iommufd_access_detach(w->access);
		break;
	case 1:
		legal(iommufd_access_attach(w->access, any_id(w)));
		break;
	case 2:
		legal(iommufd_access_replace(w->access, any_id(w)));
		break;
	case 3:
		unpin(w, 0, 0);
		break;
	case 4:
		legal(iommufd_access_rw(w->access,
					WINDOW + draw(w, SLOTS * 4) * PAGE +
						draw(w, 64),
					buf, sizeof(buf), 0));
		break;
	default:
		access_pin(w);
	}
}

static void step_cut(struct worker *w)
{
	struct iommufd_ioas *ioas =
		iommufd_ioas_get(iommufd_ctx_of(w->rig->fd), any_id(w));
	uint64_t iova = WINDOW + draw(w, SLOTS * 4) * PAGE;

	if (!ioas)
		return;
	legal(iommufd_ioas_cut(ioas, iova, iova + (1 + draw(w, 4)) * PAGE - 1));
	iommufd_object_put(&ioas->obj);
}

static void step_files(struct worker *w)
{
	struct iommu_ioas_change_process cmd = { .size = sizeof(cmd) };

	legal(rig_map_file(w->rig, any_id(w), RIG_FILE_FD, draw(w, 32) * PAGE,
			   (1 + draw(w, 8)) * PAGE,
			   WINDOW + draw(w, SLOTS) * 4 * PAGE));
	legal(rig_ioctl(w->rig, IOMMU_IOAS_CHANGE_PROCESS, &cmd));
}

static void *work(void *arg)
{
	static void (*const step[])(struct worker * w) = {
		step_map,    step_map,     step_map,    step_unmap, step_unmap,
		step_copy,   step_objects, step_attach, step_query, step_access,
		step_access, step_cut,     step_files,  step_pasid, step_queue,
		step_answer, step_hwpt,    step_dirty,
	};
	struct worker *w = arg;
	uint32_t n;

	for (n = 0; n != STEPS; n++)
		step[draw(w, sizeof(step) / sizeof(step[0]))](w);
	return NULL;
}

/*
 * Devices read, and ask for pages; nobody writes to the memory, so there is nothing
 * to race with.
 */
static void *dma(void *arg)
{
	struct worker *w = arg;
	struct soft_page_request req = { .access = SOFT_READ };
	uint8_t buf[64];

	while (!__atomic_load_n(w->stop, __ATOMIC_RELAXED)) {
		rig_dma(w->rig, draw(w, RIG_DEVICES),
			WINDOW + draw(w, SLOTS * 4) * PAGE, buf, sizeof(buf),
			SOFT_READ);
		req.rid = RIG_RID(draw(w, RIG_DEVICES));
		req.pasid = draw(w, 4);
		req.group = draw(w, 8);
		req.last = draw(w, 2);
		soft_iommu_page_request(w->rig->hw, &req);
	}
	return NULL;
}

static void stress(const char *format, uint64_t seed)
{
	static const struct soft_device_caps caps = { 20, true, true, false,
						      false };
	struct worker w[THREADS + 1];
	struct rig *rig = rig_new(format);
	bool stop = false;
	unsigned int i;
	uint32_t id;

	for (i = 0; i != RIG_DEVICES; i++) {
		soft_driver_set_caps(rig->dev[i], &caps);
		rig_bind(rig, i);
	}
	for (i = 0; i != 6; i++)
		rig_ioas(rig);
	print_message("# %s: seed %u\n", format, (unsigned int)seed);
	for (i = 0; i != THREADS + 1; i++) {
		w[i] = (struct worker){ .rig = rig,
					.seed = seed * 100 + i,
					.number = i,
					.stop = &stop };
		pthread_mutex_init(&w[i].lock, NULL);
		assert_int_equal(iommufd_access_create(rig->fd, &access_ops,
						       &w[i], &id,
						       &w[i].access),
				 0);
	}
	for (i = 0; i != THREADS + 1; i++) {
		assert_int_equal(pthread_create(&w[i].thread, NULL,
						i == THREADS ? dma : work,
						&w[i]),
				 0);
	}
	for (i = 0; i != THREADS; i++)
		pthread_join(w[i].thread, NULL);
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	pthread_join(w[THREADS].thread, NULL);
	for (i = 0; i != THREADS + 1; i++) {
		iommufd_access_destroy(w[i].access);
		pthread_mutex_destroy(&w[i].lock);
	}
	rig_free(rig);
}

static void test_vtdss(void **state)
{
	stress("vtdss", 1);
}

static void test_amdv1(void **state)
{
	stress("amdv1", 2);
}

/* ---- Page tables that come while areas come --------------------------- */

#define RACERS 4U

struct racer {
	struct rig *rig;
	uint32_t ioas;
	uint64_t iova;
	bool *stop;
	pthread_t thread;
};

static void *map_unmap(void *arg)
{
	struct racer *r = arg;

	while (!__atomic_load_n(r->stop, __ATOMIC_RELAXED)) {
		assert_int_equal(rig_map_at(r->rig, r->ioas, 0, PAGE, r->iova),
				 0);
		assert_int_equal(rig_unmap(r->rig, r->ioas, r->iova, PAGE),
				 PAGE);
	}
	return NULL;
}

/* The first page table of an IOAS, again and again, at any moment of a map. */
static void test_join(void **state)
{
	struct rig *rig = rig_new("vtdss");
	struct racer r[RACERS];
	bool stop = false;
	uint32_t ioas = rig_ioas(rig), hwpt;
	unsigned int i;

	rig_bind(rig, 0);
	for (i = 0; i != RACERS; i++) {
		r[i] = (struct racer){ .rig = rig,
				       .ioas = ioas,
				       .iova = WINDOW + i * PAGE,
				       .stop = &stop };
		pthread_create(&r[i].thread, NULL, map_unmap, &r[i]);
	}
	for (i = 0; i != 5000; i++) {
		assert_int_equal(rig_hwpt(rig, 0, ioas, &hwpt), 0);
		assert_int_equal(rig_destroy(rig, hwpt), 0);
	}
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	for (i = 0; i != RACERS; i++)
		pthread_join(r[i].thread, NULL);
	rig_free(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_join),
		cmocka_unit_test(test_vtdss),
		cmocka_unit_test(test_amdv1),
	};

	return cmocka_run_group_tests_name("stress", tests, NULL, NULL);
}
