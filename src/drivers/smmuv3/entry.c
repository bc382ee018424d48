/* SPDX-License-Identifier: MIT */
/*
 * Changing a stream table entry or a context descriptor that hardware may read at
 * any moment, one quadword at a time: IHI 0070, 3.21.3 "Configuration structures and
 * configuration invalidation completion". What hardware does not look at may be
 * changed at leisure, before and after the one store that matters.
 */
#include "drivers/smmuv3/smmuv3.h"

static int forget(const struct smmu_writer *writer)
{
	return smmu_submit(writer->smmu, &writer->forget, 1);
}

/*
 * Store every quadword of @value but @skip; only those bits that are not in @keep.
 * Return: did anything change?
 */
static bool store(const struct smmu_writer *writer, const uint64_t *value,
		  const uint64_t *keep, unsigned int skip)
{
	struct hw_mem mem = smmu_mem(writer->smmu);
	bool changed = false;
	uint64_t to;
	unsigned int i;

	for (i = 0; i < SMMU_QWORDS; i++) {
		to = value[i];
		if (keep)
			to = (to & ~keep[i]) | (writer->entry[i] & keep[i]);
		if (i == skip || to == writer->entry[i])
			continue;
		hw_store64(&mem, writer->entry + i, to);
		changed = true;
	}
	return changed;
}

/*
 * In how many quadwords bits change that are used before and after, and the last
 * such. What is used only before can go later, what only after has come before.
 */
static unsigned int critical(const struct smmu_writer *writer,
			     const uint64_t *value, const uint64_t *before,
			     const uint64_t *after, unsigned int *last)
{
	unsigned int i, n = 0;

	for (i = 0; i < SMMU_QWORDS; i++)
		if ((writer->entry[i] ^ value[i]) & before[i] & after[i]) {
			*last = i;
			n++;
		}
	return n;
}

/* Not valid, then everything but quadword 0, then that. */
static int write_breaking(const struct smmu_writer *writer,
			  const uint64_t *value)
{
	struct hw_mem mem = smmu_mem(writer->smmu);
	int rc;

	hw_store64(&mem, writer->entry, 0);
	rc = forget(writer);
	if (rc)
		return rc;
	store(writer, value, NULL, 0);
	if (value[0])
		hw_store64(&mem, writer->entry, value[0]);
	return forget(writer);
}

int smmu_write(const struct smmu_writer *writer,
	       const uint64_t value[SMMU_QWORDS])
{
	uint64_t before[SMMU_QWORDS] = { 0 }, after[SMMU_QWORDS] = { 0 };
	struct hw_mem mem = smmu_mem(writer->smmu);
	unsigned int last = 0, n;
	int rc = 0;

	writer->used(writer->entry, before);
	writer->used(value, after);
	n = critical(writer, value, before, after, &last);
	if (n > 1)
		return write_breaking(writer, value);
	/* What is not used yet may take its new value. */
	if (store(writer, value, before, n ? last : SMMU_QWORDS))
		rc = forget(writer);
	if (!rc && n) {
		hw_store64(&mem, writer->entry + last, value[last]);
		rc = forget(writer);
	}
	/* What was used, and is not any more, may go. */
	if (!rc && store(writer, value, NULL, SMMU_QWORDS))
		rc = forget(writer);
	return rc;
}
