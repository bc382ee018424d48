/* SPDX-License-Identifier: MIT */
/*
 * Dirty tracking: which pages devices have written to.
 *
 * The page table is read in chunks, into a bitmap of our own, while the area that
 * is read is busy; then the bitmap is ORed into the client's, when it is not. What
 * the client's memory does not take is marked dirty again: nothing is lost.
 */
#include <stdlib.h>
#include <string.h>

#include "iommufd/hwpt.h"
#include "iommufd/request.h"

/*
 * Chunks are of this many bytes of IOVAs, or as large as the largest entry that the
 * range can have, so that no entry lies across a border: it could not be cleared.
 */
#define CHUNK_LG2     30
#define CHUNK_MAX_LG2 40

/* So many bytes of the client's bitmap are changed at once. */
#define COPY_BYTES 16384U

/**
 * struct scan - one request
 * @ioas: whose areas
 * @domain: the page table
 * @flags: of read_and_clear_dirty
 * @page_lg2: log2 of the bytes that a bit stands for
 * @base: IOVA of the first bit of the chunk
 * @bits: the chunk; NULL = nobody wants to know
 */
struct scan {
	struct iommufd_ioas *ioas;
	struct iommu_domain *domain;
	unsigned int flags;
	unsigned int page_lg2;
	uint64_t base;
	uint64_t *bits;
};

/* ---- Bits ---------------------------------------------------------- */

/* Bits @first to @last of the word at their place. */
static uint64_t word_mask(unsigned int first, unsigned int last)
{
	return UINT64_MAX << first & UINT64_MAX >> (63 - last);
}

static void set_bits(uint64_t *bits, uint64_t first, uint64_t last)
{
	uint64_t word = first / 64, end = last / 64;

	if (word == end) {
		bits[word] |= word_mask(first % 64, last % 64);
		return;
	}
	bits[word++] |= word_mask(first % 64, 63);
	while (word != end)
		bits[word++] = UINT64_MAX;
	bits[word] |= word_mask(0, last % 64);
}

static void record(void *arg, dma_addr_t iova, size_t length)
{
	const struct scan *scan = arg;
	uint64_t first = (iova - scan->base) >> scan->page_lg2;
	uint64_t last = (iova - scan->base + length - 1) >> scan->page_lg2;

	if (first == last)
		scan->bits[first / 64] |= UINT64_C(1) << (first % 64);
	else
		set_bits(scan->bits, first, last);
}

/*
 * Pages as large as what a bit stands for: words are shifted into their place. As many
 * more are likely to come next, and the bitmap has gone from near caches meanwhile.
 */
static void or_words(uint64_t *to, uint64_t at, const uint64_t *bits,
		     unsigned int count)
{
	unsigned int shift = at % 64, i;

	to += at / 64;
	for (i = 0; i < count; i += 512)
		__builtin_prefetch(to + (count + i) / 64, 1);
	if (!shift) {
		for (i = 0; i * 64 < count; i++)
			to[i] |= bits[i];
		return;
	}
	for (i = 0; i * 64 < count; i++) {
		to[i] |= bits[i] << shift;
		/* There may be no next word, if there is nothing for it. */
		if (bits[i] >> (64 - shift))
			to[i + 1] |= bits[i] >> (64 - shift);
	}
}

static void record_bits(void *arg, dma_addr_t iova, unsigned int page_lg2,
			const uint64_t *bits, unsigned int count)
{
	const struct scan *scan = arg;
	unsigned int i;

	if (page_lg2 == scan->page_lg2) {
		or_words(scan->bits, (iova - scan->base) >> page_lg2, bits,
			 count);
		return;
	}
	for (i = 0; i < count; i++)
		if (bits[i / 64] >> i % 64 & 1)
			record(arg, iova + ((dma_addr_t)i << page_lg2),
			       (size_t)1 << page_lg2);
}

static void ignore(void *arg, dma_addr_t iova, size_t length)
{
}

static void ignore_bits(void *arg, dma_addr_t iova, unsigned int page_lg2,
			const uint64_t *bits, unsigned int count)
{
}

/* ---- Areas --------------------------------------------------------- */

/*
 * The first LIVE area of [@iova, @last], busy for the caller; NULL: there is none.
 * Locked, but not while waiting.
 */
static struct iommufd_area *claim_area(struct iommufd_ioas *ioas, uint64_t iova,
				       uint64_t last)
{
	struct iommufd_area *area;
	struct iommufd_range *r;

	while ((r = iommufd_range_first(&ioas->areas, iova, last))) {
		area = iommufd_area_of(r);
		if (area->state == IOMMUFD_AREA_LIVE && !area->busy) {
			area->busy = true;
			return area;
		}
		if (area->state == IOMMUFD_AREA_LIVE)
			pthread_cond_wait(&ioas->changed, &ioas->lock);
		else if (area->iova.last >= last)
			break;
		else
			iova = area->iova.last + 1;
	}
	return NULL;
}

static int scan_domain(struct scan *scan, uint64_t iova, uint64_t last)
{
	struct iommu_iotlb_gather gather;
	struct iommu_dirty_bitmap dirty = {
		.record = scan->bits ? record : ignore,
		.record_bits = scan->bits ? record_bits : ignore_bits,
		.arg = scan,
		.gather = &gather,
	};
	int rc;

	iommu_iotlb_gather_init(&gather);
	rc = scan->domain->dirty_ops->read_and_clear_dirty(
		scan->domain, iova, last - iova + 1, scan->flags, &dirty);
	iommu_iotlb_sync(scan->domain, &gather);
	return rc;
}

/* Read what is mapped in [@iova, @last]. What is not was not written to. */
static int scan_areas(struct scan *scan, uint64_t iova, uint64_t last)
{
	struct iommufd_ioas *ioas = scan->ioas;
	struct iommufd_area *area;
	uint64_t start, end;
	int rc = 0;

	pthread_mutex_lock(&ioas->lock);
	while (!rc && (area = claim_area(ioas, iova, last))) {
		start = area->iova.start > iova ? area->iova.start : iova;
		end = area->iova.last < last ? area->iova.last : last;
		pthread_mutex_unlock(&ioas->lock);
		rc = scan_domain(scan, start, end);
		pthread_mutex_lock(&ioas->lock);
		iommufd_area_release(ioas, area);
		if (end == last)
			break;
		iova = end + 1;
	}
	pthread_mutex_unlock(&ioas->lock);
	return rc;
}

/* ---- The client's bitmap ------------------------------------------- */

/* OR @n bytes of @from into the client's memory, which is little-endian as ours. */
static int or_bytes(struct uiommu_user *user, uint64_t uaddr,
		    const uint8_t *from, size_t n)
{
	uint8_t buf[COPY_BYTES];
	uint64_t a, b;
	size_t i;
	int rc;

	rc = user->ops->copy_in(user, buf, uaddr, n);
	if (rc)
		return rc;
	for (i = 0; i + sizeof(a) <= n; i += sizeof(a)) {
		memcpy(&a, buf + i, sizeof(a));
		memcpy(&b, from + i, sizeof(b));
		a |= b;
		memcpy(buf + i, &a, sizeof(a));
	}
	for (; i != n; i++)
		buf[i] |= from[i];
	return user->ops->copy_out(user, uaddr, buf, n);
}

static bool all_zero(const uint8_t *p, size_t n)
{
	return !n || (!p[0] && !memcmp(p, p + 1, n - 1));
}

/* @nr_bits bits of the chunk, of which the first is bit @at of the client's. */
static int or_bitmap(struct uiommu_user *user, uint64_t uaddr, uint64_t at,
		     uint8_t *bytes, uint64_t nr_bits)
{
	uint64_t nr = (at % 8 + nr_bits + 7) / 8, done;
	size_t n;
	int rc;

	uaddr += at / 8;
	for (done = 0; done != nr; done += n) {
		n = nr - done < COPY_BYTES ? (size_t)(nr - done) : COPY_BYTES;
		if (all_zero(bytes + done, n))
			continue;
		rc = or_bytes(user, uaddr + done, bytes + done, n);
		if (rc)
			return rc;
	}
	return 0;
}

/*
 * Mark [@iova, @last] dirty again where the chunk says so. Entries that have gone,
 * or cannot be written to, have nothing to tell any more.
 */
static void undo(const struct scan *scan, uint64_t iova, uint64_t last)
{
	uint64_t step = iommu_domain_min_pgsize(scan->domain), bit;

	if ((scan->flags & IOMMU_DIRTY_NO_CLEAR) ||
	    !scan->domain->dirty_ops->set_dirty)
		return;
	for (;; iova += step) {
		bit = (iova - scan->base) >> scan->page_lg2;
		if (scan->bits[bit / 64] >> (bit % 64) & 1)
			(void)scan->domain->dirty_ops->set_dirty(scan->domain,
								 iova);
		if (last - iova < step)
			break;
	}
}

/* ---- Requests ------------------------------------------------------ */

/**
 * struct window - what of the request one chunk is
 * @iova: from
 * @last: to
 */
struct window {
	uint64_t iova;
	uint64_t last;
};

static int scan_chunk(struct scan *scan, struct iommufd_request *req,
		      const struct window *w, size_t bytes)
{
	const struct iommu_hwpt_get_dirty_bitmap *cmd = &req->cmd.get_dirty;
	uint64_t bit = (w->iova - cmd->iova) >> scan->page_lg2;
	uint64_t nr = ((w->last - w->iova) >> scan->page_lg2) + 1;
	int rc;

	/* Bits stand in their bytes as they do in the client's. */
	scan->base = w->iova - ((bit % 8) << scan->page_lg2);
	memset(scan->bits, 0, bytes);
	rc = scan_areas(scan, w->iova, w->last);
	if (!rc)
		rc = or_bitmap(req->user, cmd->data, bit, (uint8_t *)scan->bits,
			       nr);
	if (rc)
		undo(scan, w->iova, w->last);
	return rc;
}

/* The chunk that holds @iova, as far as @last. */
static struct window window_at(uint64_t iova, uint64_t last,
			       unsigned int chunk_lg2)
{
	struct window w = { iova, iova | ((UINT64_C(1) << chunk_lg2) - 1) };

	if (w.last > last)
		w.last = last;
	return w;
}

static unsigned int floor_lg2(uint64_t value)
{
	return 63U - (unsigned int)__builtin_clzll(value);
}

/* As large as the largest entry can be, and as a bit is. */
static unsigned int chunk_lg2(const struct scan *scan, uint64_t length)
{
	uint64_t sizes = scan->domain->pgsize_bitmap;
	unsigned int lg2 = floor_lg2(length), chunk = CHUNK_LG2;

	if (lg2 < 63)
		sizes &= (UINT64_C(2) << lg2) - 1;
	if (sizes && floor_lg2(sizes) > chunk)
		chunk = floor_lg2(sizes);
	if (chunk > CHUNK_MAX_LG2)
		chunk = CHUNK_MAX_LG2;
	return chunk < scan->page_lg2 ? scan->page_lg2 : chunk;
}

/*
 * Move *@iova to where something is mapped, or to the border before it of what a bit
 * stands for. Return: is there anything up to @last?
 */
static bool skip_hole(const struct scan *scan, uint64_t base, uint64_t last,
		      uint64_t *iova)
{
	const struct iommufd_range *r;
	uint64_t bits;

	pthread_mutex_lock(&scan->ioas->lock);
	r = iommufd_range_first(&scan->ioas->areas, *iova, last);
	if (r && r->start > *iova) {
		bits = (r->start - base) >> scan->page_lg2;
		*iova = base + (bits << scan->page_lg2);
	}
	pthread_mutex_unlock(&scan->ioas->lock);
	return r;
}

static int get_dirty(struct scan *scan, struct iommufd_request *req)
{
	const struct iommu_hwpt_get_dirty_bitmap *cmd = &req->cmd.get_dirty;
	uint64_t last = cmd->iova + (cmd->length - 1), bits;
	unsigned int lg2 = chunk_lg2(scan, cmd->length);
	uint64_t at = cmd->iova;
	struct window w;
	size_t bytes;
	int rc = 0;

	bits = UINT64_C(1) << (lg2 - scan->page_lg2);
	if (bits > ((cmd->length - 1) >> scan->page_lg2) + 1)
		bits = ((cmd->length - 1) >> scan->page_lg2) + 1;
	/* Up to 7 bits in front. */
	bytes = (size_t)((bits + 7 + 63) / 64 * 8);
	scan->bits = malloc(bytes);
	if (!scan->bits)
		return -ENOMEM;
	while (!rc && skip_hole(scan, cmd->iova, last, &at)) {
		w = window_at(at, last, lg2);
		rc = scan_chunk(scan, req, &w, bytes);
		if (w.last == last)
			break;
		at = w.last + 1;
	}
	free(scan->bits);
	return rc;
}

static bool aligned(uint64_t iova, uint64_t length, uint64_t to)
{
	return !((iova | length) & (to - 1));
}

/*
 * Can the range be reported? A page size is taken for its lowest bit, and for a mask, as
 * Linux does.
 */
static int check_range(const struct iommufd_hwpt *hwpt,
		       const struct iommu_hwpt_get_dirty_bitmap *cmd)
{
	struct iommufd_ioas *ioas = hwpt->ioas;
	bool good;

	if (cmd->length && cmd->length - 1 > UINT64_MAX - cmd->iova)
		return -EOVERFLOW;
	if (!cmd->length || !cmd->page_size)
		return -EINVAL;
	pthread_mutex_lock(&ioas->lock);
	good = aligned(cmd->iova, cmd->length, cmd->page_size) &&
	       aligned(cmd->iova, cmd->length, ioas->alignment);
	pthread_mutex_unlock(&ioas->lock);
	if (!good)
		return -EINVAL;
	return hwpt->domain->dirty_ops ? 0 : -EOPNOTSUPP;
}

static struct iommufd_hwpt *get_hwpt(struct iommufd_ctx *ctx, uint32_t id)
{
	struct iommufd_object *obj;

	obj = iommufd_object_get(ctx, id, IOMMUFD_HWPT_PAGING);
	return obj ? iommufd_hwpt_of(obj) : NULL;
}

int iommufd_hwpt_get_dirty_ioctl(struct iommufd_request *req)
{
	const struct iommu_hwpt_get_dirty_bitmap *cmd = &req->cmd.get_dirty;
	struct iommufd_hwpt *hwpt;
	struct scan scan = { 0 };
	int rc;

	if ((cmd->flags & ~(uint32_t)IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR) ||
	    cmd->__reserved)
		return -EOPNOTSUPP;
	hwpt = get_hwpt(req->ctx, cmd->hwpt_id);
	if (!hwpt)
		return -ENOENT;
	scan.ioas = hwpt->ioas;
	scan.domain = hwpt->domain;
	if (cmd->flags & IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR)
		scan.flags = IOMMU_DIRTY_NO_CLEAR;
	rc = check_range(hwpt, cmd);
	if (!rc) {
		scan.page_lg2 = (unsigned int)__builtin_ctzll(cmd->page_size);
		rc = get_dirty(&scan, req);
	}
	iommufd_object_put(&hwpt->obj);
	return rc;
}

/* What was written before tracking began says nothing. */
static int clear_dirty(struct iommufd_hwpt *hwpt)
{
	struct scan scan = { .ioas = hwpt->ioas, .domain = hwpt->domain };

	return scan_areas(&scan, 0, UINT64_MAX);
}

int iommufd_hwpt_set_dirty_ioctl(struct iommufd_request *req)
{
	const struct iommu_hwpt_set_dirty_tracking *cmd = &req->cmd.set_dirty;
	bool enable = cmd->flags & IOMMU_HWPT_DIRTY_TRACKING_ENABLE;
	const struct iommu_dirty_ops *ops;
	struct iommufd_hwpt *hwpt;
	int rc = 0;

	/* Linux does not look at __reserved. */
	if (cmd->flags & ~(uint32_t)IOMMU_HWPT_DIRTY_TRACKING_ENABLE)
		return -EOPNOTSUPP;
	hwpt = get_hwpt(req->ctx, cmd->hwpt_id);
	if (!hwpt)
		return -ENOENT;
	ops = hwpt->domain->dirty_ops;
	if (!ops)
		rc = -EOPNOTSUPP;
	else if (enable)
		rc = clear_dirty(hwpt);
	if (!rc)
		rc = ops->set_dirty_tracking(hwpt->domain, enable);
	iommufd_object_put(&hwpt->obj);
	return rc;
}
