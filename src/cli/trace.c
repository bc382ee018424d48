/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include <uiommu/vfio.h>

#include "cli/decode.h"
#include "cli/print.h"
#include "cli/trace.h"

/* VFIO regions: the index is above this bit of a file's offset. */
#define REGION_SHIFT 40

static const struct {
	const char *word;
	unsigned int what;
} words[] = {
	{ "open", CLI_TRACE_OPEN },   { "ioctl", CLI_TRACE_IOCTL },
	{ "event", CLI_TRACE_EVENT }, { "region", CLI_TRACE_REGION },
	{ "mmap", CLI_TRACE_MMAP },   { "dma", CLI_TRACE_DMA },
	{ "fault", CLI_TRACE_FAULT }, { "all", ~0u },
};

unsigned int cli_trace_event(const char *word, size_t len)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strlen(words[i].word) == len &&
		    !strncmp(words[i].word, word, len))
			return words[i].what;
	return 0;
}

/* ---- one line ---- */

/** struct line - a line under construction, written in one piece. */
struct line {
	struct cli_decoder d;
	char *text;
	size_t size;
};

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

void cli_trace_start(struct cli_trace *trace)
{
	trace->start_ns = now_ns();
}

static int read_caller(void *arg, void *dst, uint64_t src, size_t len)
{
	return run_seen_read(arg, dst, src, len);
}

/* Start a line: the time, and who. */
static bool start(struct cli_trace *trace, struct line *line, uint64_t at,
		  pid_t pid)
{
	double seconds;

	memset(line, 0, sizeof(*line));
	line->d.json = trace->json;
	line->d.out = open_memstream(&line->text, &line->size);
	if (!line->d.out)
		return false;
	seconds = (double)(at - trace->start_ns) / 1e9;
	if (!trace->json && pid)
		fprintf(line->d.out, "%11.6f %6d ", seconds, (int)pid);
	else if (!trace->json)
		fprintf(line->d.out, "%11.6f %6s ", seconds, "-");
	else
		fprintf(line->d.out, "{\"time\": %.6f", seconds);
	if (trace->json && pid)
		fprintf(line->d.out, ", \"pid\": %d", (int)pid);
	return true;
}

static void finish(struct cli_trace *trace, struct line *line)
{
	fputs(trace->json ? "}\n" : "\n", line->d.out);
	if (!fclose(line->d.out)) {
		pthread_mutex_lock(&trace->lock);
		fwrite(line->text, 1, line->size, trace->out);
		fflush(trace->out);
		pthread_mutex_unlock(&trace->lock);
	}
	free(line->text);
}

static void add_result(struct line *line, const struct run_seen *seen)
{
	double took = (double)(seen->end_ns - seen->begin_ns) / 1e9;
	int error = seen->result < 0 ? (int)-seen->result : 0;
	const char *name = error ? strerrorname_np(error) : NULL;

	if (line->d.json) {
		fprintf(line->d.out, ", \"result\": %" PRId64,
			error ? -1 : seen->result);
		if (error)
			fprintf(line->d.out, ", \"error\": \"%s\"",
				name ? name : "?");
		fprintf(line->d.out, ", \"seconds\": %.6f", took);
		return;
	}
	if (error)
		fprintf(line->d.out, " = -1 %s (%s)", name ? name : "?",
			strerror(error));
	else
		fprintf(line->d.out, " = %" PRId64, seen->result);
	fprintf(line->d.out, " <%.6f>", took);
}

/* "ioctl(3</dev/iommu>": what is called and on which file. */
static void add_call(struct line *line, const char *call,
		     const struct run_seen *seen)
{
	if (line->d.json)
		fprintf(line->d.out,
			", \"call\": \"%s\", \"fd\": %d, \"file\": \"%s\"",
			call, seen->fd, seen->path);
	else
		fprintf(line->d.out, "%s(%d<%s>", call, seen->fd, seen->path);
}

/* ---- ioctl ---- */

/* Bytes of the structure that the caller has; its first member says. */
static size_t struct_len(const struct cli_struct *what, const uint8_t *bytes,
			 size_t len)
{
	uint32_t said = 0;

	if (len >= sizeof(said))
		memcpy(&said, bytes, sizeof(said));
	if (said < len)
		len = said;
	return len < what->size ? len : what->size;
}

void cli_trace_begin(struct cli_trace *trace, struct run_seen *seen)
{
	const struct cli_request *request;
	uint32_t said;
	size_t len;

	if (!trace->out || seen->op != RUN_OP_IOCTL)
		return;
	request = cli_request_find(seen->kind, seen->cmd);
	if (!request || !request->arg ||
	    run_seen_read(seen, &said, seen->arg, sizeof(said)))
		return;
	/* Four bytes are always read: a size that is too small is shown. */
	len = said < sizeof(said) ? sizeof(said) : said;
	if (len > request->arg->size)
		len = request->arg->size;
	if (len > sizeof(seen->note))
		len = sizeof(seen->note);
	if (!run_seen_read(seen, seen->note, seen->arg, len))
		seen->note_len = len;
}

static void add_in(struct line *line, const struct cli_request *request,
		   const struct run_seen *seen)
{
	fputs(line->d.json ? ", \"in\": " : ", ", line->d.out);
	if (!seen->note_len)
		fprintf(line->d.out,
			line->d.json ? "\"0x%" PRIx64 "\"" : "0x%" PRIx64,
			seen->arg);
	else
		cli_decode(&line->d, request->arg, seen->arg, seen->note,
			   seen->note_len, CLI_IN, NULL);
}

static void add_out(struct line *line, const struct cli_request *request,
		    const struct run_seen *seen)
{
	unsigned int way = seen->result < 0 ? CLI_CHANGED : CLI_OUT;
	uint8_t after[RUN_SEEN_NOTE];
	size_t len;

	if (!seen->note_len ||
	    run_seen_read(seen, after, seen->arg, seen->note_len))
		return;
	len = struct_len(request->arg, after, seen->note_len);
	if (!cli_decode_any(request->arg, after, len, way, seen->note))
		return;
	fputs(line->d.json ? ", \"out\": " : " => ", line->d.out);
	cli_decode(&line->d, request->arg, seen->arg, after, len, way,
		   seen->note);
}

static void add_plain(struct line *line, const struct cli_request *request,
		      const struct run_seen *seen)
{
	if (request->show == CLI_ZERO)
		return;
	fputs(line->d.json ? ", \"in\": " : ", ", line->d.out);
	cli_decode_value(&line->d, seen->arg, 8, request->show, request->value);
}

static void trace_ioctl(struct line *line, const struct run_seen *seen)
{
	const struct cli_request *request =
		cli_request_find(seen->kind, seen->cmd);

	add_call(line, "ioctl", seen);
	fputs(line->d.json ? ", \"request\": " : ", ", line->d.out);
	if (!request) {
		fprintf(line->d.out,
			line->d.json ? "\"0x%x\", \"in\": \"0x%" PRIx64 "\""
				     : "0x%x, 0x%" PRIx64,
			seen->cmd, seen->arg);
	} else {
		fprintf(line->d.out, line->d.json ? "\"%s\"" : "%s",
			request->name);
		if (request->arg) {
			add_in(line, request, seen);
			add_out(line, request, seen);
		} else {
			add_plain(line, request, seen);
		}
	}
	if (!line->d.json)
		fputc(')', line->d.out);
}

/* ---- reads and writes ---- */

static const char *region_name(uint64_t index)
{
	static const char *const names[VFIO_PCI_NUM_REGIONS] = {
		[VFIO_PCI_BAR0_REGION_INDEX] = "BAR0",
		[VFIO_PCI_BAR1_REGION_INDEX] = "BAR1",
		[VFIO_PCI_BAR2_REGION_INDEX] = "BAR2",
		[VFIO_PCI_BAR3_REGION_INDEX] = "BAR3",
		[VFIO_PCI_BAR4_REGION_INDEX] = "BAR4",
		[VFIO_PCI_BAR5_REGION_INDEX] = "BAR5",
		[VFIO_PCI_ROM_REGION_INDEX] = "ROM",
		[VFIO_PCI_CONFIG_REGION_INDEX] = "CONFIG",
		[VFIO_PCI_VGA_REGION_INDEX] = "VGA",
	};

	return index < VFIO_PCI_NUM_REGIONS ? names[index] : "?";
}

/* "BAR0+0x80", or the offset as it is. */
static void add_offset(struct line *line, uint64_t offset)
{
	uint64_t at = offset & ((UINT64_C(1) << REGION_SHIFT) - 1);
	uint64_t index = offset >> REGION_SHIFT;

	if (line->d.json && index)
		fprintf(line->d.out,
			", \"region\": \"%s\", \"offset\": \"0x%" PRIx64 "\"",
			region_name(index - 1), at);
	else if (line->d.json)
		fprintf(line->d.out, ", \"offset\": \"0x%" PRIx64 "\"", offset);
	else if (index)
		fprintf(line->d.out, ", %s+0x%" PRIx64, region_name(index - 1),
			at);
	else
		fprintf(line->d.out, ", 0x%" PRIx64, offset);
}

/* What was moved, if it is a number. */
static void add_moved(struct line *line, const struct run_seen *seen)
{
	uint64_t value = 0;

	if (seen->result <= 0 || seen->result > 8 ||
	    run_seen_read(seen, &value, seen->addr, (size_t)seen->result))
		return;
	fprintf(line->d.out,
		line->d.json ? ", \"value\": \"0x%0*" PRIx64 "\""
			     : ", 0x%0*" PRIx64,
		(int)seen->result * 2, value);
}

/* Structures that an event queue gives or takes. */
static const struct cli_struct *event_struct(const struct run_seen *seen)
{
	if (seen->op == RUN_OP_WRITE)
		return &cli_page_response;
	return strstr(seen->kind, "fault") ? &cli_pgfault : &cli_vevent_header;
}

static void add_events(struct line *line, const struct run_seen *seen)
{
	const struct cli_struct *what = event_struct(seen);
	uint64_t left = seen->result > 0 ? (uint64_t)seen->result : 0;
	const char *between = "";
	uint8_t bytes[64];

	fputs(line->d.json ? ", \"events\": [" : ", [", line->d.out);
	for (uint64_t at = seen->addr; left >= what->size;
	     at += what->size, left -= what->size) {
		if (run_seen_read(seen, bytes, at, what->size))
			break;
		fputs(between, line->d.out);
		cli_decode(&line->d, what, at, bytes, what->size, CLI_INOUT,
			   NULL);
		between = ", ";
		/* The length of what follows a header is not known here. */
		if (what == &cli_vevent_header)
			break;
	}
	fputc(']', line->d.out);
}

static bool is_event_queue(const struct run_seen *seen)
{
	return seen->kind &&
	       (strstr(seen->kind, "fault") || strstr(seen->kind, "event"));
}

static void trace_access(struct line *line, const struct run_seen *seen)
{
	bool events = is_event_queue(seen);
	const char *call = seen->op == RUN_OP_READ ? "pread64" : "pwrite64";

	if (events)
		call = seen->op == RUN_OP_READ ? "read" : "write";
	add_call(line, call, seen);
	if (events)
		add_events(line, seen);
	else
		add_moved(line, seen);
	fprintf(line->d.out,
		line->d.json ? ", \"len\": %" PRIu64 : ", %" PRIu64, seen->len);
	if (!events)
		add_offset(line, seen->offset);
	if (!line->d.json)
		fputc(')', line->d.out);
}

/* ---- the other calls ---- */

static void trace_mmap(struct line *line, const struct run_seen *seen)
{
	static const struct cli_name prots[] = {
		{ PROT_READ, "PROT_READ" },
		{ PROT_WRITE, "PROT_WRITE" },
		{ PROT_EXEC, "PROT_EXEC" },
		{ 0 },
	};
	static const struct cli_name flags[] = {
		{ MAP_SHARED_VALIDATE, "MAP_SHARED_VALIDATE" },
		{ MAP_SHARED, "MAP_SHARED" },
		{ MAP_PRIVATE, "MAP_PRIVATE" },
		{ MAP_FIXED, "MAP_FIXED" },
		{ MAP_POPULATE, "MAP_POPULATE" },
		{ 0 },
	};

	add_call(line, "mmap", seen);
	fprintf(line->d.out,
		line->d.json ? ", \"length\": \"0x%" PRIx64 "\", \"prot\": "
			     : ", 0x%" PRIx64 ", ",
		seen->len);
	cli_decode_value(&line->d, (uint64_t)(unsigned int)seen->prot, 4,
			 CLI_FLAGS, prots);
	fputs(line->d.json ? ", \"flags\": " : ", ", line->d.out);
	cli_decode_value(&line->d, (uint64_t)(unsigned int)seen->flags, 4,
			 CLI_FLAGS, flags);
	add_offset(line, seen->offset);
	if (!line->d.json)
		fputc(')', line->d.out);
}

static void trace_open(struct line *line, const struct run_seen *seen)
{
	static const struct cli_name flags[] = {
		{ O_WRONLY, "O_WRONLY" },
		{ O_RDWR, "O_RDWR" },
		{ O_NONBLOCK, "O_NONBLOCK" },
		{ O_CLOEXEC, "O_CLOEXEC" },
		{ 0 },
	};

	fprintf(line->d.out,
		line->d.json ? ", \"call\": \"open\", \"file\": \"%s\", "
			       "\"flags\": "
			     : "open(\"%s\", ",
		seen->path);
	cli_decode_value(&line->d, (uint64_t)(unsigned int)seen->flags, 4,
			 CLI_FLAGS, flags);
	if (!line->d.json)
		fputc(')', line->d.out);
}

static void trace_close(struct line *line, const struct run_seen *seen)
{
	fprintf(line->d.out,
		line->d.json ? ", \"call\": \"close\", \"file\": \"%s\""
			     : "closed %s: its last descriptor is gone",
		seen->path);
}

static unsigned int kind_of(const struct run_seen *seen)
{
	switch (seen->op) {
	case RUN_OP_OPEN:
	case RUN_OP_CLOSE:
		return CLI_TRACE_OPEN;
	case RUN_OP_IOCTL:
		return CLI_TRACE_IOCTL;
	case RUN_OP_MMAP:
		return CLI_TRACE_MMAP;
	case RUN_OP_READ:
	case RUN_OP_WRITE:
		break;
	}
	return is_event_queue(seen) ? CLI_TRACE_EVENT : CLI_TRACE_REGION;
}

void cli_trace_end(struct cli_trace *trace, const struct run_seen *seen)
{
	struct line line;

	if (!trace->out || !(trace->what & kind_of(seen)) ||
	    !start(trace, &line, seen->begin_ns, seen->pid))
		return;
	line.d.read = read_caller;
	line.d.arg = (void *)(uintptr_t)seen;
	switch (seen->op) {
	case RUN_OP_OPEN:
		trace_open(&line, seen);
		break;
	case RUN_OP_CLOSE:
		trace_close(&line, seen);
		break;
	case RUN_OP_IOCTL:
		trace_ioctl(&line, seen);
		break;
	case RUN_OP_MMAP:
		trace_mmap(&line, seen);
		break;
	case RUN_OP_READ:
	case RUN_OP_WRITE:
		trace_access(&line, seen);
		break;
	}
	if (seen->op != RUN_OP_CLOSE)
		add_result(&line, seen);
	finish(trace, &line);
}

/* ---- devices ---- */

/* Why a request stopped, in a word or two. */
static const char *reason_name(enum soft_reason reason)
{
	switch (reason) {
	case SOFT_OK:
		return "done";
	case SOFT_FAULT_BLOCKED:
		return "attached to nothing";
	case SOFT_FAULT_RANGE:
		return "out of range";
	case SOFT_FAULT_NOT_PRESENT:
		return "not mapped";
	case SOFT_FAULT_PERMISSION:
		return "no permission";
	case SOFT_FAULT_BAD_ENTRY:
		return "bad entry";
	case SOFT_FAULT_BUS:
		return "no memory";
	case SOFT_FAULT_BAD_ROOT:
		return "bad root";
	}
	return "?";
}

static void add_dma_json(FILE *out, const struct soft_dma *dma, const char *bdf)
{
	fprintf(out, ", \"dma\": \"%s\", \"device\": \"%s\"",
		dma->access & SOFT_WRITE ? "write" : "read", bdf);
	if (dma->pasid)
		fprintf(out, ", \"pasid\": %" PRIu32, dma->pasid);
	fprintf(out,
		", \"iova\": \"0x%" PRIx64 "\", \"len\": %" PRIu64
		", \"done\": %" PRIu64
		", \"status\": \"%s\", \"hits\": %" PRIu64
		", \"walks\": %" PRIu64,
		dma->va, dma->len, dma->done, reason_name(dma->reason),
		dma->hits, dma->misses);
}

static void add_dma(FILE *out, const struct soft_dma *dma, const char *bdf)
{
	fprintf(out, "dma: %s ", bdf);
	if (dma->pasid)
		fprintf(out, "pasid %" PRIu32 " ", dma->pasid);
	fprintf(out, "%s %" PRIu64 " bytes at IOVA 0x%" PRIx64,
		dma->access & SOFT_WRITE ? "write" : "read", dma->len, dma->va);
	if (dma->reason != SOFT_OK)
		fprintf(out, ", blocked after %" PRIu64 " bytes: %s", dma->done,
			reason_name(dma->reason));
	fprintf(out, " (IOTLB: %" PRIu64 " hit%s, %" PRIu64 " walk%s)",
		dma->hits, dma->hits == 1 ? "" : "s", dma->misses,
		dma->misses == 1 ? "" : "s");
}

void cli_trace_dma(struct cli_trace *trace, const struct soft_dma *dma,
		   const char *bdf)
{
	struct line line;

	if (!trace->out || !(trace->what & CLI_TRACE_DMA) ||
	    !start(trace, &line, now_ns(), 0))
		return;
	if (trace->json)
		add_dma_json(line.d.out, dma, bdf);
	else
		add_dma(line.d.out, dma, bdf);
	finish(trace, &line);
}

void cli_trace_fault(struct cli_trace *trace, const struct soft_fault *fault,
		     const char *bdf)
{
	struct line line;

	if (!trace->out || !(trace->what & CLI_TRACE_FAULT) ||
	    !start(trace, &line, now_ns(), 0))
		return;
	if (trace->json) {
		fprintf(line.d.out,
			", \"fault\": \"%s\", \"device\": \"%s\", \"pasid\": "
			"%" PRIu32 ", \"iova\": \"0x%" PRIx64
			"\", \"status\": \"%s\"",
			fault->access & SOFT_WRITE ? "write" : "read", bdf,
			fault->pasid, fault->va,
			reason_name(fault->walk.reason));
	} else {
		cli_print_fault(line.d.out, fault, bdf);
		/* It has ended its line. */
		fseek(line.d.out, -1, SEEK_CUR);
	}
	finish(trace, &line);
}

void cli_trace_suspect(struct cli_trace *trace,
		       const struct soft_suspect *suspect, const char *bdf)
{
	struct line line;

	if (!trace->out || !(trace->what & CLI_TRACE_FAULT) ||
	    !start(trace, &line, now_ns(), 0))
		return;
	if (trace->json) {
		fprintf(line.d.out,
			", \"stale\": \"%s\", \"iova\": \"0x%" PRIx64
			"\", \"used\": \"0x%" PRIx64
			"\", \"table\": \"0x%" PRIx64 "\"",
			bdf, suspect->va, suspect->cached_oa,
			suspect->walked_oa);
	} else {
		cli_print_suspect(line.d.out, suspect, bdf);
		fseek(line.d.out, -1, SEEK_CUR);
	}
	finish(trace, &line);
}
