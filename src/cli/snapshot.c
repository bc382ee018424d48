/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <uiommu/uiommu.h>
#include <uiommu/vfio.h>

#include "cli/feature.h"
#include "cli/snapshot.h"
#include "cli/text.h"

/* ---- the directory ---- */

static bool is_empty(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *entry;
	bool empty = true;

	if (!d)
		return false;
	while ((entry = readdir(d)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			empty = false;
	closedir(d);
	return empty;
}

int cli_snapshot_prepare(struct cli_snapshot *snap)
{
	int error = 0;

	if (!snap->dir || !mkdir(snap->dir, 0777))
		return 0;
	error = -errno;
	if (error == -EEXIST && is_empty(snap->dir))
		return 0;
	if (error == -EEXIST)
		fprintf(stderr,
			"uiommu: '%s' is not an empty directory; name another "
			"for --dump-on-exit\n",
			snap->dir);
	else
		fprintf(stderr, "uiommu: cannot make the directory '%s': %s\n",
			snap->dir, strerror(-error));
	return error;
}

/* ---- copying ---- */

static void forget(struct cli_snapshot *snap)
{
	for (size_t i = 0; i < snap->nr_blocks; i++)
		free(snap->block[i].data);
	free(snap->block);
	free(snap->root);
	snap->block = NULL;
	snap->root = NULL;
	snap->nr_blocks = snap->room = snap->nr_roots = 0;
}

static struct cli_block *new_block(struct cli_snapshot *snap)
{
	size_t room = snap->room ? 2 * snap->room : 64;
	struct cli_block *more;

	if (snap->nr_blocks == snap->room) {
		more = realloc(snap->block, room * sizeof(*more));
		if (!more)
			return NULL;
		snap->block = more;
		snap->room = room;
	}
	return &snap->block[snap->nr_blocks];
}

/** struct copy - the table that is being copied. */
struct copy {
	struct cli_snapshot *snap;
	struct soft_bus *bus;
	const struct soft_root *root;
};

/* What does not answer is left out: whoever reads the image sees it missing. */
static int copy_table(struct copy *copy, uint64_t pa, unsigned int level)
{
	unsigned int size = soft_format_entry_size(copy->root->format), hi, lo;
	struct cli_block *block = new_block(copy->snap);
	uint64_t raw;
	uint8_t *data;
	size_t len, at;

	soft_level_bits(copy->root, level, &hi, &lo);
	len = (size_t)size << (hi - lo + 1);
	data = block ? malloc(len) : NULL;
	if (!data) {
		copy->snap->failed = true;
		return -1;
	}
	for (at = 0; at < len; at += size) {
		if (copy->bus->load(copy->bus, pa + at, size, &raw))
			break;
		memcpy(data + at, &raw, size);
	}
	if (!at) {
		free(data);
		return 0;
	}
	*block = (struct cli_block){ pa, at, data };
	copy->snap->nr_blocks++;
	return 0;
}

static int visit(void *arg, const struct soft_entry *entry)
{
	if (entry->kind != SOFT_TABLE)
		return 0;
	return copy_table(arg, entry->oa, entry->next_level);
}

static void copy_root(struct cli_snapshot *snap, struct soft_bus *bus,
		      const struct soft_root *root)
{
	struct copy copy = { snap, bus, root };

	if (soft_root_check(root) ||
	    copy_table(&copy, root->pa, root->levels - 1))
		return;
	soft_visit(bus, root, 0, UINT64_MAX, visit, &copy);
}

/* Where a block stood, the later copy counts. */
static int by_address(const void *a, const void *b)
{
	const struct cli_block *x = a, *y = b;

	if (x->pa != y->pa)
		return x->pa < y->pa ? -1 : 1;
	return 0;
}

/* Of tables that overlap (hostile ones do) each address is kept once. */
static void keep_one(struct cli_snapshot *snap, size_t old)
{
	struct cli_block *new = snap->block + old, *b = snap->block;
	size_t nr_new = snap->nr_blocks - old, kept = 0;
	uint64_t end;

	qsort(new, nr_new, sizeof(*new), by_address);
	for (size_t i = 0; i < old; i++)
		if (bsearch(&b[i], new, nr_new, sizeof(*new), by_address)) {
			free(b[i].data);
			b[i].len = 0;
		}
	for (size_t i = 0; i < snap->nr_blocks; i++)
		if (b[i].len)
			b[kept++] = b[i];
	snap->nr_blocks = kept;
	qsort(b, kept, sizeof(*b), by_address);
	kept = 0;
	for (size_t i = 0; i < snap->nr_blocks; i++) {
		end = kept ? b[kept - 1].pa + b[kept - 1].len : 0;
		if (kept && b[i].pa < end) {
			/* A longer one may stick out. */
			if (b[i].pa + b[i].len <= end) {
				free(b[i].data);
				continue;
			}
			memmove(b[i].data, b[i].data + (end - b[i].pa),
				(size_t)(b[i].pa + b[i].len - end));
			b[i].len = (size_t)(b[i].pa + b[i].len - end);
			b[i].pa = end;
		}
		b[kept++] = b[i];
	}
	snap->nr_blocks = kept;
}

static uint32_t hwpt_of(const struct cli_snapshot *snap, const char *path,
			uint32_t pasid)
{
	for (size_t i = snap->nr_attached; i-- > 0;)
		if (snap->attached[i].pasid == pasid &&
		    !strcmp(snap->attached[i].path, path))
			return snap->attached[i].hwpt;
	return 0;
}

/** struct wanted - whose tables are copied. */
struct wanted {
	struct cli_snapshot *snap;
	struct uiommu *u;
	bool all;
	uint32_t rid;
};

static void name_device(struct uiommu *u, struct cli_root *root)
{
	struct uiommu_device_info info;

	snprintf(root->bdf, sizeof(root->bdf), "rid 0x%04" PRIx32, root->rid);
	for (unsigned int i = 0; i < uiommu_nr_devices(u); i++) {
		uiommu_device_info(uiommu_device(u, i), &info);
		if (info.rid != root->rid)
			continue;
		memcpy(root->bdf, info.bdf, sizeof(root->bdf));
		snprintf(root->path, sizeof(root->path),
			 "/dev/vfio/devices/vfio%u", info.index);
	}
}

/* The place for (@rid, @pasid), which may be there already. */
static struct cli_root *place(struct cli_snapshot *snap, uint32_t rid,
			      uint32_t pasid)
{
	struct cli_root *more;

	for (size_t i = 0; i < snap->nr_roots; i++)
		if (snap->root[i].rid == rid && snap->root[i].pasid == pasid)
			return &snap->root[i];
	more = realloc(snap->root, (snap->nr_roots + 1) * sizeof(*more));
	if (!more) {
		snap->failed = true;
		return NULL;
	}
	snap->root = more;
	return &snap->root[snap->nr_roots++];
}

static void copy_entry(void *arg, uint32_t rid, uint32_t pasid,
		       const struct soft_dte *dte)
{
	struct wanted *wanted = arg;
	struct cli_snapshot *snap = wanted->snap;
	size_t old = snap->nr_blocks;
	struct cli_root *root;

	if (dte->mode != SOFT_MODE_TRANSLATE ||
	    (!wanted->all && rid != wanted->rid))
		return;
	root = place(snap, rid, pasid);
	if (!root)
		return;
	memset(root, 0, sizeof(*root));
	root->rid = rid;
	root->pasid = pasid;
	root->dte = *dte;
	name_device(wanted->u, root);
	root->hwpt = hwpt_of(snap, root->path, pasid);
	copy_root(snap, uiommu_bus(wanted->u), &dte->root);
	keep_one(snap, old);
}

static void copy_tables(struct cli_snapshot *snap, struct uiommu *u,
			struct uiommu_device *device)
{
	struct wanted wanted = { .snap = snap, .u = u, .all = !device };
	struct uiommu_device_info info;

	if (device) {
		uiommu_device_info(device, &info);
		wanted.rid = info.rid;
	}
	if (soft_iommu_each(uiommu_soft(u), copy_entry, &wanted))
		snap->failed = true;
}

void cli_snapshot_closing(struct cli_snapshot *snap, struct uiommu *u,
			  struct uiommu_device *device)
{
	if (snap->dir)
		copy_tables(snap, u, device);
}

/* ---- what clients say ---- */

static struct uiommu_device *device_at(struct uiommu *u, const char *path)
{
	struct uiommu_device_info info;
	char name[64];

	for (unsigned int i = 0; i < uiommu_nr_devices(u); i++) {
		uiommu_device_info(uiommu_device(u, i), &info);
		snprintf(name, sizeof(name), "/dev/vfio/devices/vfio%u",
			 info.index);
		if (!strcmp(name, path))
			return uiommu_device(u, i);
	}
	return NULL;
}

void cli_snapshot_begin(struct cli_snapshot *snap, struct uiommu *u,
			const struct run_seen *seen)
{
	if (snap->dir && seen->op == RUN_OP_IOCTL &&
	    seen->cmd == VFIO_DEVICE_DETACH_IOMMUFD_PT)
		copy_tables(snap, u, device_at(u, seen->path));
}

static void note_attached(struct cli_snapshot *snap,
			  const struct run_seen *seen)
{
	struct vfio_device_attach_iommufd_pt args = { 0 };
	struct cli_attached *more;
	uint32_t size = 0;

	if (run_seen_read(seen, &size, seen->arg, sizeof(size)))
		return;
	if (size > sizeof(args))
		size = sizeof(args);
	if (run_seen_read(seen, &args, seen->arg, size))
		return;
	if (!(args.flags & VFIO_DEVICE_ATTACH_PASID))
		args.pasid = 0;
	for (size_t i = 0; i < snap->nr_attached; i++)
		if (snap->attached[i].pasid == args.pasid &&
		    !strcmp(snap->attached[i].path, seen->path)) {
			snap->attached[i].hwpt = args.pt_id;
			return;
		}
	more = realloc(snap->attached, (snap->nr_attached + 1) * sizeof(*more));
	if (!more) {
		snap->failed = true;
		return;
	}
	snap->attached = more;
	more += snap->nr_attached++;
	snprintf(more->path, sizeof(more->path), "%s", seen->path);
	more->pasid = args.pasid;
	more->hwpt = args.pt_id;
}

void cli_snapshot_end(struct cli_snapshot *snap, const struct run_seen *seen)
{
	if (!snap->dir || seen->result < 0)
		return;
	if (seen->op == RUN_OP_OPEN && seen->files == 1) {
		forget(snap);
		snap->nr_attached = 0;
	}
	if (seen->op == RUN_OP_IOCTL &&
	    seen->cmd == VFIO_DEVICE_ATTACH_IOMMUFD_PT && seen->kind &&
	    strcmp(seen->kind, "iommufd"))
		note_attached(snap, seen);
}

/* ---- writing ---- */

static FILE *create(const struct cli_snapshot *snap, const char *name)
{
	char path[4096];
	FILE *out;

	snprintf(path, sizeof(path), "%s/%s", snap->dir, name);
	out = fopen(path, "wxe");
	if (!out)
		fprintf(stderr, "uiommu: cannot write '%s': %s\n", path,
			strerror(errno));
	return out;
}

static int finish(const struct cli_snapshot *snap, const char *name, FILE *out,
		  int error)
{
	errno = 0;
	if (fclose(out) && !error)
		error = errno ? -errno : -EIO;
	if (error)
		fprintf(stderr, "uiommu: cannot write '%s/%s': %s\n", snap->dir,
			name, strerror(-error));
	return error;
}

static int write_image(const struct cli_snapshot *snap)
{
	FILE *out = create(snap, "tables.core");

	if (!out)
		return -EIO;
	return finish(snap, "tables.core", out,
		      cli_elf_write(out, snap->block, snap->nr_blocks));
}

/* As a shell reads it. */
static void print_quoted(FILE *out, const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789/._-+,:@%";

	if (*text && !text[strspn(text, plain)]) {
		fputs(text, out);
		return;
	}
	fputc('\'', out);
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\''", out);
		else
			fputc(*text, out);
	}
	fputc('\'', out);
}

/* Readers take features that nobody names as the usual ones. */
static void print_features(FILE *out, const struct soft_root *root)
{
	uint64_t feature, left = root->features;
	const char *name;

	if (left == cli_feature_default(root->format))
		return;
	fprintf(out, " --features none");
	for (unsigned int i = 0; (name = cli_feature_name(i, &feature)); i++)
		if (left & feature)
			fprintf(out, ",%s", name);
}

static void print_command(const struct cli_snapshot *snap, FILE *out,
			  const struct cli_root *root, const char *command,
			  const char *after)
{
	fprintf(out, "    uiommu %s --format %s --levels %u --root 0x%" PRIx64,
		command, soft_format_name(root->dte.root.format),
		root->dte.root.levels, root->dte.root.pa);
	if (root->dte.root.va_bits)
		fprintf(out, " --va-bits %u", root->dte.root.va_bits);
	if (root->dte.root.oa_bits)
		fprintf(out, " --oa-bits %u", root->dte.root.oa_bits);
	if (root->dte.root.c_bit)
		fprintf(out, " --c-bit %u", root->dte.root.c_bit);
	print_features(out, &root->dte.root);
	fputc(' ', out);
	print_quoted(out, snap->dir);
	fprintf(out, "/tables.core%s\n", after);
}

static void print_root(const struct cli_snapshot *snap, FILE *out,
		       const struct cli_root *root)
{
	struct cli_line line = { 0 };

	cli_add_root(&line, &root->dte.root);
	fprintf(out, "\n%s", root->bdf);
	if (*root->path)
		fprintf(out, " (%s)", root->path);
	if (root->pasid)
		fprintf(out, ", PASID %" PRIu32, root->pasid);
	if (root->hwpt)
		fprintf(out, ", HWPT %" PRIu32, root->hwpt);
	fprintf(out, ": %s\n", line.text);
	print_command(snap, out, root, "dump", "");
	print_command(snap, out, root, "dump --tree", "");
	print_command(snap, out, root, "walk", " VA");
	print_command(snap, out, root, "draw", " -o table.svg");
}

static int write_text(const struct cli_snapshot *snap)
{
	FILE *out = create(snap, "tables.txt");
	int error = 0;

	if (!out)
		return -EIO;
	fprintf(out,
		"Page tables as they were when the devices were last closed or "
		"detached.\ntables.core holds their memory: %zu tables.\n",
		snap->nr_blocks);
	if (!snap->nr_roots)
		fprintf(out, "\nNo device was attached to a page table.\n");
	for (size_t i = 0; i < snap->nr_roots; i++)
		print_root(snap, out, &snap->root[i]);
	errno = 0;
	if (fflush(out) || ferror(out))
		error = errno ? -errno : -EIO;
	return finish(snap, "tables.txt", out, error);
}

int cli_snapshot_write(struct cli_snapshot *snap)
{
	int error = 0;

	if (!snap->dir)
		return 0;
	if (snap->failed) {
		fprintf(stderr, "uiommu: no memory to copy the page tables for "
				"--dump-on-exit\n");
		error = -ENOMEM;
	}
	if (!error)
		error = write_image(snap);
	if (!error)
		error = write_text(snap);
	forget(snap);
	free(snap->attached);
	snap->attached = NULL;
	return error;
}
