/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "devices/dev_test.h"

#define TEST_PAGE       4096U
#define TEST_PASID_BITS 20

/* Of fills and of requests for translations and pages: a bound for their time. */
#define TEST_MAX_LENGTH (16U << 20)

/* DMA goes in pieces of this many bytes. */
#define TEST_PIECE 4096U

/* A Page Request Group Index has 9 bits (PCIe 10.4.1). */
#define TEST_GROUP_MASK 0x1ff

/* Status of the PRI capability (PCIe 10.5.2.3): Response Failure. */
#define TEST_PRI_FAILURE 0x0001

/* Extended capabilities. */
#define TEST_ATS_AT   0x100
#define TEST_PRI_AT   0x110
#define TEST_PASID_AT 0x120

/**
 * struct channel - one channel
 * @address, @length, @pasid, @place, @fill, @command: registers
 * @status: the same, enum test_status
 * @done: bytes that are done
 * @groups: page request groups that were sent
 * @queued: busy, and nobody works on it yet
 * @group: TEST_WAITS: the group whose answer it waits for
 * @asked: bytes from @done on that the group asks for
 * @tries: groups in a row whose pages were not there in the end
 */
struct channel {
	uint64_t address;
	uint32_t length, pasid, place, fill, command;
	enum test_status status;
	uint32_t done;
	uint32_t groups;
	bool queued;
	uint32_t group;
	uint32_t asked;
	unsigned int tries;
};

/**
 * struct test - one device
 * @pci: what every PCI function has
 * @ep: where answers to page requests arrive
 * @irq_status, @irq_enable: registers
 * @failed: page requests have failed
 * @next_group: for the next page request group
 * @channel: the channels
 * @memory: the device's memory
 *
 * All is protected by the device lock.
 */
struct test {
	struct dev_pci pci;
	struct soft_endpoint ep;
	uint32_t irq_status, irq_enable;
	bool failed;
	uint32_t next_group;
	struct channel channel[TEST_NR_CHANNELS];
	uint8_t memory[TEST_MEMORY_SIZE];
};

static const struct dev_pci_ids test_ids = {
	.vendor = 0x1234,
	.device = 0x7465,
	.subsystem_vendor = 0x1af4,
	.subsystem = 0x1100,
	.class_code = 0x00ff00,
	.revision = 0x01,
};

static const struct dev_pci_caps test_caps = {
	.pasid_bits = TEST_PASID_BITS,
	.ats = true,
	.page_requests = true,
	.pasid_exec = true,
	.pasid_priv = true,
};

/* ---- Channels ------------------------------------------------------ */

static uint32_t channel_bit(const struct test *test, const struct channel *ch)
{
	return 1U << (ch - test->channel);
}

/* The operation has ended. Locked. */
static void end(struct test *test, struct channel *ch, enum test_status status)
{
	ch->status = status;
	test->irq_status |= channel_bit(test, ch);
	if (channel_bit(test, ch) & test->irq_enable)
		dev_pci_raise(&test->pci);
}

static unsigned int access_of(const struct channel *ch)
{
	switch (ch->command & TEST_OP_MASK) {
	case TEST_OP_READ:
		return SOFT_READ;
	case TEST_OP_WRITE:
	case TEST_OP_FILL:
		return SOFT_WRITE;
	default:
		return ch->command & TEST_FOR_WRITE ? SOFT_WRITE : SOFT_READ;
	}
}

static bool makes_sense(const struct channel *ch)
{
	uint64_t memory = TEST_MEMORY_SIZE;

	if (!ch->length || ch->length > TEST_MAX_LENGTH ||
	    ch->address + (ch->length - 1) < ch->address)
		return false;
	switch (ch->command & TEST_OP_MASK) {
	case TEST_OP_READ:
	case TEST_OP_WRITE:
		return ch->place < memory && ch->length <= memory - ch->place;
	case TEST_OP_FILL:
	case TEST_OP_PROBE:
	case TEST_OP_ASK:
		return true;
	default:
		return false;
	}
}

/* ---- Requests for pages -------------------------------------------- */

/**
 * struct job - a channel while it is worked on, with no lock held
 * @test: the device
 * @ch: the channel as it was
 * @nr_pages: pages to be asked for
 * @page: their addresses
 */
struct job {
	struct test *test;
	struct channel ch;
	unsigned int nr_pages;
	uint64_t page[TEST_GROUP_PAGES];
};

static enum soft_reason translate(const struct job *job, uint64_t va,
				  uint64_t *last)
{
	const struct dev_pci *pci = &job->test->pci;

	return soft_iommu_ats(pci->soft, pci->rid, job->ch.pasid, va,
			      access_of(&job->ch), last);
}

/* Would a page request change that? The others are Unsupported Request. */
static bool can_be_paged(enum soft_reason reason)
{
	return reason == SOFT_FAULT_NOT_PRESENT ||
	       reason == SOFT_FAULT_PERMISSION;
}

/* The pages from where @job is, as long as there is no translation, or @all. */
static void collect_pages(struct job *job, bool all)
{
	uint64_t va = job->ch.address + job->ch.done, last;
	uint64_t end = job->ch.address + (job->ch.length - 1);
	uint64_t page = va & ~(uint64_t)(TEST_PAGE - 1);

	for (job->nr_pages = 0; job->nr_pages != TEST_GROUP_PAGES;) {
		if (!all && job->nr_pages &&
		    !can_be_paged(translate(job, page, &last)))
			break;
		job->page[job->nr_pages++] = page;
		if (end - page < TEST_PAGE)
			break;
		page += TEST_PAGE;
	}
	page = job->page[job->nr_pages - 1] + (TEST_PAGE - 1);
	job->ch.asked = (uint32_t)((page < end ? page : end) - va + 1);
}

/* The channel waits from now on: the answer may come while we ask. */
static uint32_t begin_wait(struct test *test, struct channel *ch,
			   const struct job *job)
{
	uint32_t group;

	vfio_device_lock(&test->pci.vfio);
	group = test->next_group++ & TEST_GROUP_MASK;
	ch->done = job->ch.done;
	ch->tries = job->ch.tries;
	ch->asked = job->ch.asked;
	ch->groups++;
	ch->group = group;
	ch->status = TEST_WAITS;
	vfio_device_unlock(&test->pci.vfio);
	return group;
}

static void ask(struct test *test, struct channel *ch, struct job *job)
{
	struct soft_page_request req = {
		.rid = test->pci.rid,
		.pasid = job->ch.pasid,
		.access = access_of(&job->ch),
		.privileged = job->ch.command & TEST_PRIV,
		.group = begin_wait(test, ch, job),
	};
	unsigned int i;

	if (job->ch.command & TEST_EXEC)
		req.access |= SOFT_EXEC;
	for (i = 0; i != job->nr_pages; i++) {
		req.va = job->page[i];
		req.last = i == job->nr_pages - 1;
		soft_iommu_page_request(test->pci.soft, &req);
	}
}

/* ---- DMA ----------------------------------------------------------- */

static void fill_piece(const struct job *job, uint8_t *buf, size_t len)
{
	size_t i;

	for (i = 0; i != len; i++)
		buf[i] = (uint8_t)(job->ch.fill >> (job->ch.done + i) % 4 * 8);
}

static uint8_t *memory_at(const struct job *job)
{
	return job->test->memory + job->ch.place + job->ch.done;
}

/* Move @len bytes, TEST_PIECE at most. */
static enum soft_reason move(struct job *job, size_t len)
{
	uint32_t op = job->ch.command & TEST_OP_MASK;
	struct dev_pci *pci = &job->test->pci;
	enum soft_reason reason;
	uint8_t buf[TEST_PIECE];
	size_t done;

	if (op == TEST_OP_FILL) {
		fill_piece(job, buf, len);
	} else if (op == TEST_OP_WRITE) {
		vfio_device_lock(&pci->vfio);
		memcpy(buf, memory_at(job), len);
		vfio_device_unlock(&pci->vfio);
	}
	reason = soft_iommu_dma(pci->soft, pci->rid, job->ch.pasid,
				job->ch.address + job->ch.done, buf, len,
				access_of(&job->ch), &done);
	if (op == TEST_OP_READ) {
		vfio_device_lock(&pci->vfio);
		memcpy(memory_at(job), buf, done);
		vfio_device_unlock(&pci->vfio);
	}
	job->ch.done += (uint32_t)done;
	return reason;
}

static bool can_master(struct test *test)
{
	bool can;

	vfio_device_lock(&test->pci.vfio);
	can = dev_pci_can_master(&test->pci);
	vfio_device_unlock(&test->pci.vfio);
	return can;
}

/*
 * Go on by what one translation covers, or one piece. Return: TEST_BUSY: there is
 * more to do; TEST_WAITS: pages are to be asked for; else it has ended.
 */
static enum test_status step(struct job *job)
{
	uint32_t op = job->ch.command & TEST_OP_MASK, left;
	enum soft_reason reason = SOFT_OK;
	uint64_t va, last;

	left = job->ch.length - job->ch.done;
	if (!left)
		return TEST_OK;
	if (!can_master(job->test))
		return TEST_REFUSED;
	if (op == TEST_OP_ASK) {
		collect_pages(job, true);
		return TEST_WAITS;
	}
	va = job->ch.address + job->ch.done;
	if (op == TEST_OP_PROBE || (job->ch.command & TEST_PAGES)) {
		reason = translate(job, va, &last);
		if (reason == SOFT_OK && last - va < left - 1)
			left = (uint32_t)(last - va) + 1;
	}
	if (can_be_paged(reason) && (job->ch.command & TEST_PAGES)) {
		if (job->ch.tries == TEST_MAX_TRIES)
			return TEST_GIVEN_UP;
		collect_pages(job, false);
		return TEST_WAITS;
	}
	if (op == TEST_OP_PROBE && reason == SOFT_OK)
		job->ch.done += left;
	else if (reason == SOFT_OK)
		reason = move(job, left < TEST_PIECE ? left : TEST_PIECE);
	job->ch.tries = 0;
	return reason == SOFT_OK ? TEST_BUSY : TEST_REFUSED;
}

/* Go on with @ch until it ends or waits. Not locked. */
static void work(struct test *test, struct channel *ch)
{
	struct job job = { .test = test };
	enum test_status status;
	bool failed;

	vfio_device_lock(&test->pci.vfio);
	job.ch = *ch;
	failed = test->failed;
	vfio_device_unlock(&test->pci.vfio);
	do {
		status = step(&job);
	} while (status == TEST_BUSY);
	if (status == TEST_WAITS && !failed) {
		ask(test, ch, &job);
		return;
	}
	vfio_device_lock(&test->pci.vfio);
	ch->done = job.ch.done;
	if (status == TEST_REFUSED)
		dev_pci_aborted(&test->pci);
	end(test, ch, status == TEST_WAITS ? TEST_FAILED : status);
	vfio_device_unlock(&test->pci.vfio);
}

static struct channel *next_queued(struct test *test)
{
	struct channel *ch;

	for (ch = test->channel; ch != test->channel + TEST_NR_CHANNELS; ch++)
		if (ch->queued)
			return ch;
	return NULL;
}

static void test_run(struct vfio_device *dev)
{
	struct test *test = (struct test *)dev;
	struct channel *ch;

	vfio_device_lock(dev);
	while ((ch = next_queued(test))) {
		ch->queued = false;
		vfio_device_unlock(dev);
		work(test, ch);
		vfio_device_lock(dev);
	}
	vfio_device_done(dev);
	vfio_device_unlock(dev);
}

/* ---- Answers ------------------------------------------------------- */

/* Locked. */
static void answer(struct test *test, struct channel *ch,
		   enum soft_page_code code)
{
	uint16_t status;

	switch (code) {
	case SOFT_PAGE_SUCCESS:
		ch->status = TEST_BUSY;
		ch->queued = true;
		ch->tries++;
		if ((ch->command & TEST_OP_MASK) == TEST_OP_ASK)
			ch->done += ch->asked;
		break;
	case SOFT_PAGE_INVALID:
		end(test, ch, TEST_NO_PAGE);
		break;
	case SOFT_PAGE_FAILURE:
		test->failed = true;
		status = dev_pci_config_get16(&test->pci.config,
					      TEST_PRI_AT + 6);
		dev_pci_config_set16(&test->pci.config, TEST_PRI_AT + 6,
				     status | TEST_PRI_FAILURE);
		end(test, ch, TEST_FAILED);
		break;
	}
}

static void on_response(struct soft_endpoint *ep, uint32_t pasid,
			uint32_t group, enum soft_page_code code)
{
	struct test *test =
		(struct test *)((char *)ep - offsetof(struct test, ep));
	struct vfio_device *dev = &test->pci.vfio;
	struct channel *ch;
	bool start;

	vfio_device_lock(dev);
	for (ch = test->channel; ch != test->channel + TEST_NR_CHANNELS; ch++)
		if (ch->status == TEST_WAITS && ch->group == group)
			answer(test, ch, code);
	start = next_queued(test) && !dev->running;
	if (start)
		vfio_device_start(dev);
	vfio_device_unlock(dev);
	if (start)
		test_run(dev);
}

/* ---- Registers ----------------------------------------------------- */

static uint32_t read_channel(const struct channel *ch, uint64_t reg)
{
	switch (reg) {
	case TEST_ADDRESS:
		return (uint32_t)ch->address;
	case TEST_ADDRESS + 4:
		return (uint32_t)(ch->address >> 32);
	case TEST_LENGTH:
		return ch->length;
	case TEST_PASID:
		return ch->pasid;
	case TEST_PLACE:
		return ch->place;
	case TEST_FILL:
		return ch->fill;
	case TEST_COMMAND:
		return ch->command;
	case TEST_STATUS:
		return ch->status;
	case TEST_DONE_BYTES:
		return ch->done;
	case TEST_NR_REQUESTS:
		return ch->groups;
	default:
		return UINT32_MAX;
	}
}

static struct channel *channel_at(struct test *test, uint64_t offset)
{
	uint64_t n = (offset - TEST_CHANNEL(0)) / TEST_CHANNEL_SIZE;

	return offset >= TEST_CHANNEL(0) && n < TEST_NR_CHANNELS
		       ? &test->channel[n]
		       : NULL;
}

static uint32_t read32(struct test *test, uint64_t offset)
{
	const struct channel *ch = channel_at(test, offset);

	if (ch)
		return read_channel(ch, offset % TEST_CHANNEL_SIZE);
	switch (offset) {
	case TEST_ID:
		return 0x74736501;
	case TEST_LIMITS:
		return TEST_NR_CHANNELS | TEST_PASID_BITS << 8 |
		       TEST_GROUP_PAGES << 16;
	case TEST_IRQ_STATUS:
		return test->irq_status;
	case TEST_IRQ_ENABLE:
		return test->irq_enable;
	default:
		return UINT32_MAX;
	}
}

static void start(struct test *test, struct channel *ch, uint32_t command)
{
	ch->command = command;
	ch->done = 0;
	ch->groups = 0;
	ch->tries = 0;
	if (!makes_sense(ch)) {
		end(test, ch, TEST_NONSENSE);
		return;
	}
	ch->status = TEST_BUSY;
	ch->queued = true;
	if (!test->pci.vfio.running)
		vfio_device_start(&test->pci.vfio);
}

static void write_command(struct test *test, struct channel *ch,
			  uint32_t command)
{
	if (!command && ch->status != TEST_BUSY)
		ch->status = TEST_IDLE;
	else if (command && ch->status != TEST_BUSY && ch->status != TEST_WAITS)
		start(test, ch, command);
}

static void write_channel(struct test *test, struct channel *ch, uint64_t reg,
			  uint32_t value)
{
	if (reg == TEST_COMMAND)
		write_command(test, ch, value);
	if (ch->status == TEST_BUSY || ch->status == TEST_WAITS)
		return;
	switch (reg) {
	case TEST_ADDRESS:
		ch->address = (ch->address & ~(uint64_t)UINT32_MAX) | value;
		break;
	case TEST_ADDRESS + 4:
		ch->address = (uint32_t)ch->address | (uint64_t)value << 32;
		break;
	case TEST_LENGTH:
		ch->length = value;
		break;
	case TEST_PASID:
		ch->pasid = value & ((1U << TEST_PASID_BITS) - 1);
		break;
	case TEST_PLACE:
		ch->place = value;
		break;
	case TEST_FILL:
		ch->fill = value;
		break;
	}
}

static void update_line(struct test *test)
{
	if (!(test->irq_status & test->irq_enable))
		dev_pci_lower(&test->pci);
	else if (!test->pci.asserted)
		dev_pci_raise(&test->pci);
}

static void write32(struct test *test, uint64_t offset, uint32_t value)
{
	struct channel *ch = channel_at(test, offset);

	if (ch) {
		write_channel(test, ch, offset % TEST_CHANNEL_SIZE, value);
	} else if (offset == TEST_IRQ_STATUS) {
		test->irq_status &= ~value;
		update_line(test);
	} else if (offset == TEST_IRQ_ENABLE) {
		test->irq_enable = value & ((1U << TEST_NR_CHANNELS) - 1);
		update_line(test);
	}
}

/* The channel whose address register is at @offset; NULL: there is none. */
static struct channel *address_at(struct test *test, uint64_t offset)
{
	return offset % TEST_CHANNEL_SIZE == TEST_ADDRESS
		       ? channel_at(test, offset)
		       : NULL;
}

static bool test_decodes(const struct test *test)
{
	return dev_pci_config_get16(&test->pci.config, DEV_PCI_COMMAND) &
	       DEV_PCI_COMMAND_MEMORY;
}

static int test_read(struct vfio_device *dev, unsigned int region,
		     uint64_t offset, void *buf, size_t len)
{
	struct test *test = (struct test *)dev;
	uint64_t value = UINT64_MAX;
	const struct channel *ch;

	if (region == VFIO_PCI_CONFIG_REGION_INDEX)
		return dev_pci_config_access(&test->pci, offset, buf, NULL,
					     len);
	if (!test_decodes(test))
		return -EIO;
	if (offset >= TEST_MEMORY) {
		memcpy(buf, test->memory + (offset - TEST_MEMORY), len);
		return 0;
	}
	ch = address_at(test, offset);
	if (len == 4)
		value = read32(test, offset);
	else if (len == 8 && ch)
		value = ch->address;
	memcpy(buf, &value, len);
	return 0;
}

static int test_write(struct vfio_device *dev, unsigned int region,
		      uint64_t offset, const void *buf, size_t len)
{
	struct test *test = (struct test *)dev;
	uint64_t value = 0;

	if (region == VFIO_PCI_CONFIG_REGION_INDEX)
		return dev_pci_config_access(&test->pci, offset, NULL, buf,
					     len);
	if (!test_decodes(test))
		return -EIO;
	if (offset >= TEST_MEMORY) {
		memcpy(test->memory + (offset - TEST_MEMORY), buf, len);
		return 0;
	}
	memcpy(&value, buf, len);
	if (len == 4) {
		write32(test, offset, (uint32_t)value);
	} else if (len == 8 && address_at(test, offset)) {
		write32(test, offset, (uint32_t)value);
		write32(test, offset + 4, (uint32_t)(value >> 32));
	}
	return 0;
}

/* ---- The device ---------------------------------------------------- */

static void test_reset(struct vfio_device *dev)
{
	struct test *test = (struct test *)dev;

	dev_pci_reset(&test->pci);
	test->irq_status = 0;
	test->irq_enable = 0;
	test->failed = false;
	memset(test->channel, 0, sizeof(test->channel));
	memset(test->memory, 0, sizeof(test->memory));
}

static int test_open(struct vfio_device *dev)
{
	test_reset(dev);
	return 0;
}

static int test_attach_memory(struct vfio_device *dev, int fd)
{
	return 0; /* no part of a BAR can be mapped */
}

static const struct vfio_device_ops test_ops = {
	.open = test_open,
	.close = test_reset,
	.reset = test_reset,
	.read = test_read,
	.write = test_write,
	.run = test_run,
	.set_bus_master = dev_pci_set_bus_master,
	.irq_mode = dev_pci_irq_mode,
	.attach_memory = test_attach_memory,
};

static void test_free(struct dev_pci *pci)
{
	struct test *test = (struct test *)pci;

	soft_iommu_disconnect(pci->soft, &test->ep);
	vfio_device_fini(&pci->vfio);
	free(test);
}

/*
 * What the host's drivers have enabled, as they do on Linux: ATS with its smallest
 * unit (PCIe 10.5.1), PRI with room for a group of every channel (10.5.2), PASIDs
 * with both of their options (7.8.8).
 */
static void add_capabilities(struct dev_pci_config *cfg)
{
	static const uint32_t ats[] = { 1U << 31 };
	static const uint32_t pri[] = {
		1,
		TEST_NR_CHANNELS * TEST_GROUP_PAGES,
		TEST_NR_CHANNELS * TEST_GROUP_PAGES,
	};
	static const uint32_t pasid[] = {
		7U << 16 | TEST_PASID_BITS << 8 | 1U << 2 | 1U << 1,
	};

	dev_pci_config_add_extended(cfg, TEST_ATS_AT, DEV_PCI_EXT_ATS, ats, 1);
	dev_pci_config_add_extended(cfg, TEST_PRI_AT, DEV_PCI_EXT_PRI, pri, 3);
	dev_pci_config_add_extended(cfg, TEST_PASID_AT, DEV_PCI_EXT_PASID,
				    pasid, 1);
}

int dev_test_new(const struct dev_place *place, struct dev_pci **out)
{
	struct test *test = calloc(1, sizeof(*test));

	if (!test)
		return -ENOMEM;
	test->pci.free = test_free;
	dev_pci_init(&test->pci, &test_ops, &test_ids, place);
	dev_pci_config_add_bar(&test->pci.config, 0, TEST_BAR_SIZE, place->bar);
	dev_pci_add_msi(&test->pci, 0x40);
	dev_pci_add_express(&test->pci, 0x50);
	add_capabilities(&test->pci.config);
	test->pci.caps = test_caps;
	test->pci.vfio.region[VFIO_PCI_BAR0_REGION_INDEX] =
		(struct vfio_region_desc){
			.size = TEST_BAR_SIZE,
			.flags = VFIO_REGION_INFO_FLAG_READ |
				 VFIO_REGION_INFO_FLAG_WRITE,
		};
	test->ep.rid = place->rid;
	test->ep.response = on_response;
	soft_iommu_connect(place->soft, &test->ep);
	*out = &test->pci;
	return 0;
}
