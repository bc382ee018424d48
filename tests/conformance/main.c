/* SPDX-License-Identifier: MIT */
/*
 * conformance [--list] [--complete] [--only WORDS] [--device NAME]
 *
 * Checks /dev/iommu and what belongs to it, rule by rule, and says in TAP which ones
 * hold. It knows nothing of what serves the files: Linux, or something in its place.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "client.h"

static const struct rules *const all[] = {
	&common_rules,    &object_rules, &ioas_rules,    &map_rules,
	&unmap_rules,     &option_rules, &hwpt_rules,    &dirty_rules,
	&device_rules,    &dma_rules,    &fault_rules,   &viommu_rules,
	&container_rules, &group_rules,  &process_rules,
};

#define NR_ALL (sizeof(all) / sizeof(all[0]))

/*
 * @only: check rules with these words only; NULL
 * @list: say the rules, check none
 * @complete: a rule that cannot be checked is not kept
 * @device: the device to use
 */
struct options {
	const char *only;
	bool list;
	bool complete;
	const char *device;
};

/* 2 MiB aligned memory, as nobody has used it before. */
static uint8_t *new_memory(void)
{
	uint8_t *p = mmap(NULL, MEMORY + 2 * MEGA, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	size_t head;

	if (p == MAP_FAILED)
		return NULL;
	head = (size_t)(-(uintptr_t)p & (2 * MEGA - 1));
	if (head)
		munmap(p, head);
	munmap(p + head + MEMORY, 2 * MEGA - head);
	return p + head;
}

static void run_check(struct client *c, const struct rule *rule)
{
	c->fd = sys_open("/dev/iommu");
	c->mem = new_memory();
	if (c->fd < 0 || !c->mem)
		snprintf(c->complaint, sizeof(c->complaint),
			 "the check cannot begin");
	else if (!setjmp(c->stop))
		rule->check(c, rule->arg);
	while (c->nr_fds)
		if (c->fds[--c->nr_fds] >= 0)
			sys_close(c->fds[c->nr_fds]);
	if (c->fd >= 0)
		sys_close(c->fd);
	if (c->mem)
		munmap(c->mem, MEMORY);
}

/* What is not there cannot break a rule. */
static void excuse(struct client *c, char why[64])
{
	if (!c->complaint[0] || !c->absent)
		return;
	snprintf(why, 64, "request %#x is not there", c->absent);
	c->skip = why;
	c->complaint[0] = '\0';
}

/* Return: does the rule hold? */
static bool report(const struct rule *rule, unsigned int nr,
		   const struct sys_device *device, const struct options *o)
{
	struct client c = { .cdev = -1, .device = device };
	char why[64];
	bool good;

	run_check(&c, rule);
	excuse(&c, why);
	good = !c.complaint[0] && !(c.skip && o->complete);
	printf("%s %u - %s", good ? "ok" : "not ok", nr, rule->words);
	if (c.skip)
		printf(" # SKIP %s", c.skip);
	printf("\n");
	if (c.complaint[0])
		printf("# %s\n", c.complaint);
	fflush(stdout);
	return good;
}

static bool chosen(const struct rule *rule, const struct options *o)
{
	return !o->only || strstr(rule->words, o->only);
}

/* Return: how many rules do not hold. */
static unsigned int check_all(const struct sys_device *device,
			      const struct options *o)
{
	const struct rule *rule;
	unsigned int nr = 0, bad = 0;
	size_t i;

	for (i = 0; i != NR_ALL; i++) {
		if (all[i] == &process_rules && !sys_is_kernel())
			continue;
		for (rule = all[i]->rule; rule != all[i]->rule + all[i]->nr;
		     rule++) {
			if (!chosen(rule, o))
				continue;
			nr++;
			if (o->list)
				printf("%s\n", rule->words);
			else if (!report(rule, nr, device, o))
				bad++;
		}
	}
	if (!o->list)
		printf("1..%u\n", nr);
	return bad;
}

static bool parse(int argc, char **argv, struct options *o)
{
	int i;

	for (i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--list"))
			o->list = true;
		else if (!strcmp(argv[i], "--complete"))
			o->complete = true;
		else if (!strcmp(argv[i], "--only") && i + 1 < argc)
			o->only = argv[++i];
		else if (!strcmp(argv[i], "--device") && i + 1 < argc)
			o->device = argv[++i];
		else
			return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	struct options o = { 0 };
	struct sys_device device = { 0 };
	unsigned int bad;
	int rc;

	if (!parse(argc, argv, &o)) {
		fprintf(stderr, "usage: conformance [--list] [--complete] "
				"[--only WORDS] [--device NAME]\n");
		return 2;
	}
	rc = o.list ? 0 : sys_begin(o.device, &device);
	if (rc) {
		printf("Bail out! no IOMMUFD here: %s\n", strerror(-rc));
		return 2;
	}
	bad = check_all(&device, &o);
	if (!o.list)
		sys_end();
	return bad != 0;
}
