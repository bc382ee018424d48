/* SPDX-License-Identifier: MIT */
#include "edu.h"

#define EDU_ID 0x11e81234u

enum {
	CONFIG_ID = 0x00,
	CONFIG_COMMAND = 0x04,
	CONFIG_BAR = 0x10,
	COMMAND_MEMORY_MASTER = 0x6,
};

enum {
	EDU_SRC = 0x80,
	EDU_DST = 0x88,
	EDU_COUNT = 0x90,
	EDU_CMD = 0x98,
	EDU_START = 1,
	EDU_TO_MEMORY = 2,
	EDU_SPINS = 1000000, /* some tens of seconds */
};

static uint32_t pc_address(unsigned int slot, unsigned int reg)
{
	return 0x80000000u | slot << 11 | reg;
}

void edu_init_pc(struct edu *edu, struct qtest *q, unsigned int slot,
		 uint32_t bar)
{
	*edu = (struct edu){ .q = q, .bar = bar };
	qtest_outl(q, 0xcf8, pc_address(slot, CONFIG_ID));
	assert_int_equal(qtest_inl(q, 0xcfc), EDU_ID);
	qtest_outl(q, 0xcf8, pc_address(slot, CONFIG_BAR));
	qtest_outl(q, 0xcfc, bar);
	qtest_outl(q, 0xcf8, pc_address(slot, CONFIG_COMMAND));
	qtest_outl(q, 0xcfc, COMMAND_MEMORY_MASTER);
}

void edu_init_ecam(struct edu *edu, struct qtest *q, uint64_t ecam,
		   unsigned int slot, uint32_t bar)
{
	ecam += (uint64_t)slot << 15;
	*edu = (struct edu){ .q = q, .bar = bar };
	assert_int_equal(qtest_readl(q, ecam + CONFIG_ID), EDU_ID);
	qtest_writel(q, ecam + CONFIG_BAR, bar);
	qtest_writel(q, ecam + CONFIG_COMMAND, COMMAND_MEMORY_MASTER);
}

static void transfer(struct edu *edu, uint64_t src, uint64_t dst, size_t len,
		     uint64_t direction)
{
	assert_in_range(len, 1, EDU_MAX);
	qtest_writeq(edu->q, edu->bar + EDU_SRC, src);
	qtest_writeq(edu->q, edu->bar + EDU_DST, dst);
	qtest_writeq(edu->q, edu->bar + EDU_COUNT, len);
	qtest_writeq(edu->q, edu->bar + EDU_CMD, EDU_START | direction);
	for (int i = 0; i < EDU_SPINS; i++)
		if (!(qtest_readq(edu->q, edu->bar + EDU_CMD) & EDU_START))
			return;
	fail_msg("the transfer does not end");
}

void edu_read(struct edu *edu, uint64_t iova, size_t len)
{
	transfer(edu, iova, EDU_BUFFER, len, 0);
}

void edu_write(struct edu *edu, uint64_t iova, size_t len)
{
	transfer(edu, EDU_BUFFER, iova, len, EDU_TO_MEMORY);
}
