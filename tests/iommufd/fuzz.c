/* SPDX-License-Identifier: MIT */
/*
 * The engine with requests that nobody meant. The first byte of an input says how the
 * others are read: as steps that a model judges, or as raw requests, of which most make
 * some sense; and with which page tables. See ../fuzz.h for how it is run.
 */
#include "model.h"
#include "requests.h"

#include "../fuzz.h"

#define MAX_STEPS 400U

static const char *const formats[] = { "vtdss", "amdv1", "amdv1_mock",
				       "x86_64" };

static void judge(const char *format, uint8_t variant, const uint8_t *data,
		  size_t size)
{
	static struct model m;
	uint32_t n;

	model_init(&m, format, variant);
	m.input = data;
	m.left = size;
	for (n = 0; n != MAX_STEPS && m.left; n++) {
		model_step(&m);
		model_check(&m, n % 8 == 0);
	}
	model_check(&m, true);
	model_fini(&m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct source s = { .seed = 0 };
	const char *format;

	if (size < 2)
		return 0;
	format = formats[data[0] >> 1 & 3];
	if (data[0] & 1) {
		judge(format, data[0] >> 3, data + 1, size - 1);
	} else {
		s.input = data + 1;
		s.left = size - 1;
		requests_run(&s, format, data[0] & 8, MAX_STEPS);
	}
	return 0;
}

#ifndef UIOMMU_LIBFUZZER

static void mutate(struct fuzz_input *in)
{
	size_t at = fuzz_draw(in->size), from = fuzz_draw(in->size);

	switch (fuzz_draw(6)) {
	case 0: /* a bit */
		in->byte[at] ^= (uint8_t)(1u << fuzz_draw(8));
		break;
	case 1: /* a byte */
	case 2:
		in->byte[at] = (uint8_t)fuzz_draw(256);
		break;
	case 3: /* steps of another place */
		memmove(&in->byte[at], &in->byte[from],
			fuzz_draw(in->size - (at > from ? at : from)) % 64);
		break;
	case 4: /* other tables, or read in another way */
		in->byte[0] = (uint8_t)fuzz_draw(256);
		break;
	default: /* cut off */
		if (at && !fuzz_draw(4))
			in->size = at;
	}
}

int main(int argc, char **argv)
{
	return fuzz_main(argc, argv, 500, mutate);
}

#endif
