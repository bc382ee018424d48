/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "mapped.h"
#include "task.h"
#include "vma.h"

/* Does process @pid map a page of [@offset, @offset + @len) of @file? */
static bool maps_part(struct run *r, pid_t pid, const struct run_vma *file,
		      uint64_t offset, uint64_t len)
{
	struct run_vma vma;
	bool found = false;
	uint64_t at;
	int maps;

	if (!run_task_below(pid, getpid()))
		return false;
	maps = run_task_open(r->tasks, pid, "maps", O_RDONLY);
	if (maps < 0)
		return false;
	for (at = offset; at < offset + len && !found; at += UIOMMU_PAGE_SIZE)
		found = !run_vma_find_file(maps, file, at, &vma);
	close(maps);
	return found;
}

bool run_mapped(struct run *r, const struct stat *st, uint64_t offset,
		uint64_t len)
{
	const struct run_vma file = { .dev = st->st_dev, .ino = st->st_ino };
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	bool found = false;
	pid_t pid;

	while (proc && !found && (entry = readdir(proc))) {
		pid = (pid_t)atoi(entry->d_name);
		found = pid > 0 && maps_part(r, pid, &file, offset, len);
	}
	if (proc)
		closedir(proc);
	return found;
}
