/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/bench_json.h"
#include "cli/json.h"
#include "cli/source.h"
#include "cli/text.h"

void cli_bench_model(char *text, size_t size)
{
	FILE *file = fopen("/proc/cpuinfo", "re");
	char line[256];

	snprintf(text, size, "unknown");
	if (!file)
		return;
	while (fgets(line, sizeof(line), file)) {
		char *value = strchr(line, ':');

		if (strncmp(line, "model name", 10) || !value)
			continue;
		value += strspn(value, ": \t");
		snprintf(text, size, "%.*s", (int)strcspn(value, "\n"), value);
		break;
	}
	fclose(file);
}

static void context_date(struct cli_json *json)
{
	time_t now = time(NULL);
	struct tm tm;
	char text[40] = "";

	if (gmtime_r(&now, &tm))
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S+00:00", &tm);
	cli_json_text(json, "date", text);
}

static void context(struct cli_json *json, const char *model)
{
	double load[3] = { 0 };
	char host[256] = "";

	cli_json_object(json, "context");
	context_date(json);
	gethostname(host, sizeof(host) - 1);
	cli_json_text(json, "host_name", host);
	cli_json_text(json, "executable", "uiommu bench");
	cli_json_number(json, "num_cpus",
			(uint64_t)sysconf(_SC_NPROCESSORS_ONLN));
	cli_json_text(json, "cpu_model", model);
	cli_json_array(json, "caches", false);
	cli_json_end(json);
	cli_json_array(json, "load_avg", false);
	if (getloadavg(load, 3) == 3)
		for (int i = 0; i < 3; i++)
			cli_json_real(json, NULL, load[i]);
	cli_json_end(json);
	cli_json_text(json, "library_version", UIOMMU_VERSION);
	cli_json_text(json, "library_build_type", "release");
	cli_json_number(json, "json_schema_version", 1);
	cli_json_end(json);
}

/* What every entry begins with. */
static void begin(struct cli_json *json, const struct bench_result *result,
		  size_t family, const char *aggregate)
{
	struct cli_line name = { 0 };

	cli_add(&name, "%s%s%s", result->name, aggregate ? "_" : "",
		aggregate ? aggregate : "");
	cli_json_object(json, NULL);
	cli_json_text(json, "name", name.text);
	cli_json_number(json, "family_index", family);
	cli_json_number(json, "per_family_instance_index", 0);
	cli_json_text(json, "run_name", result->name);
	cli_json_text(json, "run_type", aggregate ? "aggregate" : "iteration");
	cli_json_number(json, "repetitions", 1);
	if (aggregate) {
		cli_json_text(json, "aggregate_name", aggregate);
		cli_json_text(json, "aggregate_unit", "time");
	} else {
		cli_json_number(json, "repetition_index", 0);
	}
	cli_json_number(json, "threads", 1);
}

static void add_label(struct cli_json *json, const struct bench_result *result)
{
	struct cli_line label = { 0 };

	cli_add(&label, "%s; limit: %s",
		bench_verdict_name(result->judgement.verdict),
		result->form ? result->form : "none");
	if (result->unit == BENCH_ENTRIES)
		cli_add(&label, "; entries, not nanoseconds");
	if (result->note[0])
		cli_add(&label, "; %s", result->note);
	cli_json_text(json, "label", label.text);
}

static void add_figures(struct cli_json *json,
			const struct bench_result *result, uint64_t iterations,
			double time, double limit, double ratio)
{
	cli_json_number(json, "iterations", iterations);
	cli_json_real(json, "real_time", time);
	cli_json_real(json, "cpu_time", time);
	cli_json_text(json, "time_unit", "ns");
	add_label(json, result);
	cli_json_real(json, "limit_ns", limit);
	cli_json_real(json, "noise", result->judgement.noise);
	cli_json_real(json, "ratio", ratio);
	cli_json_real(json, "target", result->target);
	cli_json_end(json);
}

static void add_row(struct cli_json *json, const struct bench_result *result,
		    size_t family)
{
	const struct bench_judgement *j = &result->judgement;

	begin(json, result, family, NULL);
	if (j->verdict == BENCH_ABSENT) {
		cli_json_bool(json, "error_occurred", true);
		cli_json_text(json, "error_message", result->note);
		add_figures(json, result, 0, 0, 0, 0);
		return;
	}
	if (j->verdict == BENCH_BEATS_LIMIT) {
		cli_json_bool(json, "error_occurred", true);
		cli_json_text(json, "error_message",
			      "faster than its limit: the limit is wrong");
	}
	add_figures(json, result, result->op.units, result->op.median,
		    result->limit.median, j->ratio);
	begin(json, result, family, "median");
	add_figures(json, result, result->op.samples, result->op.median,
		    result->limit.median, j->ratio);
	begin(json, result, family, "min");
	add_figures(json, result, result->op.samples, result->op.min,
		    result->limit.min, j->min_ratio);
}

int cli_bench_json(FILE *file, const struct bench_result *result, size_t n,
		   const char *model)
{
	struct cli_out *out = malloc(sizeof(*out));
	struct cli_json json = { .out = out };
	int status;

	if (!out)
		return cli_complain("no memory");
	cli_out_init(out, file);
	cli_json_object(&json, NULL);
	context(&json, model);
	cli_json_array(&json, "benchmarks", true);
	for (size_t i = 0; i < n; i++)
		add_row(&json, &result[i], i);
	cli_json_end(&json);
	cli_json_end(&json);
	status = cli_out_finish(out);
	free(out);
	return status;
}
