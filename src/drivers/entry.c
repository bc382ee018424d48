/* SPDX-License-Identifier: MIT */
#include "drivers/entry.h"

/*
 * Store every quadword of @value but @skip; only those bits that are not in @keep.
 * Return: did anything change?
 */
static bool store(const struct hw_writer *writer, const uint64_t *value,
		  const uint64_t *keep, unsigned int skip)
{
	bool changed = false;
	uint64_t to;
	unsigned int i;

	for (i = 0; i < writer->qwords; i++) {
		to = value[i];
		if (keep)
			to = (to & ~keep[i]) | (writer->entry[i] & keep[i]);
		if (i == skip || to == writer->entry[i])
			continue;
		hw_store64(&writer->mem, writer->entry + i, to);
		changed = true;
	}
	return changed;
}

/*
 * In how many quadwords bits change that are used before and after, and the last
 * such. What is used only before can go later, what only after has come before.
 */
static unsigned int critical(const struct hw_writer *writer,
			     const uint64_t *value, const uint64_t *before,
			     const uint64_t *after, unsigned int *last)
{
	unsigned int i, n = 0;

	for (i = 0; i < writer->qwords; i++)
		if ((writer->entry[i] ^ value[i]) & before[i] & after[i]) {
			*last = i;
			n++;
		}
	return n;
}

/* Not valid, then everything but quadword 0, then that. */
static int write_breaking(const struct hw_writer *writer, const uint64_t *value)
{
	int rc;

	hw_store64(&writer->mem, writer->entry, 0);
	rc = writer->forget(writer);
	if (rc)
		return rc;
	/* Who reads the new quadword 0 must not have kept another from before. */
	if (store(writer, value, NULL, 0))
		rc = writer->forget(writer);
	if (rc || !value[0])
		return rc;
	hw_store64(&writer->mem, writer->entry, value[0]);
	return writer->forget(writer);
}

int hw_write(const struct hw_writer *writer, const uint64_t *value)
{
	uint64_t before[HW_QWORDS] = { 0 }, after[HW_QWORDS] = { 0 };
	unsigned int last = 0, n;
	int rc = 0;

	writer->used(writer->entry, before);
	writer->used(value, after);
	n = critical(writer, value, before, after, &last);
	if (n > 1)
		return write_breaking(writer, value);
	/* What is not used yet may take its new value. */
	if (store(writer, value, before, n ? last : writer->qwords))
		rc = writer->forget(writer);
	if (!rc && n) {
		hw_store64(&writer->mem, writer->entry + last, value[last]);
		rc = writer->forget(writer);
	}
	/* What was used, and is not any more, may go. */
	if (!rc && store(writer, value, NULL, writer->qwords))
		rc = writer->forget(writer);
	return rc;
}
