/* SPDX-License-Identifier: MIT */
/* Output of many millions of lines. */
#include "cli/out.h"

#include <errno.h>

#include "cli/source.h"

void cli_out_init(struct cli_out *out, FILE *file)
{
	out->file = file;
	out->length = 0;
	out->failed = false;
}

static void hand_on(struct cli_out *out, const char *text, size_t length)
{
	if (!out->failed && fwrite(text, 1, length, out->file) != length)
		out->failed = true;
}

void cli_out_flush(struct cli_out *out)
{
	hand_on(out, out->text, out->length);
	out->length = 0;
}

void cli_out_long(struct cli_out *out, const char *text, size_t length)
{
	cli_out_flush(out);
	hand_on(out, text, length);
}

int cli_out_finish(struct cli_out *out)
{
	cli_out_flush(out);
	if (!fflush(out->file) && !out->failed)
		return 0;
	return cli_complain("cannot write the output: %s", strerror(errno));
}
