/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "cli/bench_table.h"
#include "cli/source.h"
#include "cli/text.h"

#define NAME_WIDTH 30
#define CELL_WIDTH 56

static void head(FILE *out, const char *format)
{
	fprintf(out, "%s%-*s", format, NAME_WIDTH - (int)strlen(format), "");
	fprintf(out, "| %-*s", CELL_WIDTH, "vector build");
	fprintf(out, "| %-*s\n", CELL_WIDTH, "scalar build");
	fprintf(out, "%-*s", NAME_WIDTH, "median / minimum");
	for (int i = 0; i < BENCH_COLUMNS; i++)
		fprintf(out, "| %6s %15s  %15s %6s %-8s", "target", "limit",
			"measured", "ratio", "");
	fputc('\n', out);
}

/* Four digits of a figure, or so. */
static void add_figure(struct cli_line *line, double value)
{
	cli_add(line, "%.*f", value < 10 ? 2 : value < 100 ? 1 : 0, value);
}

static void add_time(struct cli_line *line, const struct bench_time *time)
{
	struct cli_line figure = { 0 };

	add_figure(&figure, time->median);
	cli_add(&figure, "/");
	add_figure(&figure, time->min);
	cli_add(line, "%15s", figure.text);
}

static void cell(FILE *out, const struct bench_result *result)
{
	const struct bench_judgement *j = &result->judgement;
	struct cli_line line = { 0 };

	cli_add(&line, "%6.2f ", result->target);
	if (j->verdict == BENCH_ABSENT) {
		cli_add(&line, "%s", result->note);
	} else {
		add_time(&line, &result->limit);
		cli_add(&line, "  ");
		add_time(&line, &result->op);
		cli_add(&line, " %6.2f %s", j->ratio,
			bench_verdict_name(j->verdict));
		if (j->verdict == BENCH_NOISY)
			cli_add(&line, " %.0f %%", j->noise * 100);
	}
	fprintf(out, "| %-*s", CELL_WIDTH, line.text);
}

void cli_bench_table_end(struct cli_bench_table *table)
{
	if (table->columns)
		fputc('\n', table->out);
	table->columns = 0;
	fflush(table->out);
}

void cli_bench_table_add(struct cli_bench_table *table,
			 const struct bench_result *result)
{
	bool format = !table->format ||
		      strcmp(table->format, result->format) != 0;

	if (format || strcmp(table->operation, result->operation)) {
		cli_bench_table_end(table);
		if (format) {
			if (table->format)
				fputc('\n', table->out);
			head(table->out, result->format);
		}
		fprintf(table->out, "%-*s", NAME_WIDTH, result->operation);
	}
	table->format = result->format;
	table->operation = result->operation;
	for (; table->columns < result->column; table->columns++)
		fprintf(table->out, "| %-*s", CELL_WIDTH, "");
	cell(table->out, result);
	table->columns++;
}

void cli_bench_sum_up(FILE *out, const struct bench_result *result, size_t n)
{
	unsigned int count[BENCH_ABSENT + 1] = { 0 };
	const char *comma = "";

	for (size_t i = 0; i < n; i++)
		count[result[i].judgement.verdict]++;
	fprintf(out, "\n%zu cells:", n);
	for (enum bench_verdict v = 0; v <= BENCH_ABSENT; v++) {
		if (!count[v])
			continue;
		fprintf(out, "%s %u %s", comma, count[v],
			bench_verdict_name(v));
		comma = ",";
	}
	fputc('\n', out);
}

int cli_bench_complain(const struct bench_result *result, size_t n)
{
	int status = 0;

	for (; n; n--, result++) {
		if (result->judgement.verdict != BENCH_BEATS_LIMIT)
			continue;
		cli_complain(
			"%s: %.3g ns beats its limit of %.3g ns; the limit "
			"is wrong",
			result->name, result->op.median, result->limit.median);
		status = 1;
	}
	return status;
}
