/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <uiommu/uiommu.h>

#include "calls.h"
#include "client.h"
#include "handle.h"
#include "memory.h"
#include "notify.h"
#include "observe.h"
#include "task.h"
#include "vma.h"

/*
 * Each of these calls is carried out by the kernel. Before that, pinned pages that
 * it takes away are saved. Where nothing of the caller is pinned, which is nearly
 * always, they cost the notification and no more.
 */

#define PAGE UIOMMU_PAGE_SIZE

#define MAP_TYPE_LAST 8 /* MAP_DROPPABLE, Linux 6.11 */

static uint64_t arg(const struct run *r, unsigned int n)
{
	return r->req->data.args[n];
}

static pid_t caller(const struct run *r)
{
	return (pid_t)r->req->pid;
}

/* What the caller changes, though another process may have it too. */
static struct run_space *its_space(struct run *r)
{
	return run_memory_space_shared(r->memory, caller(r));
}

/* [@addr, @addr + @len) goes, if that is a range the kernel would accept. */
static void lose(struct run *r, struct run_space *space, uint64_t addr,
		 uint64_t len, bool private_only)
{
	uint64_t last = addr + (len - 1);

	if (!space || addr % PAGE || !len || last < addr)
		return;
	run_memory_lose(r->memory, space, addr, last | (PAGE - 1),
			private_only);
}

/* May the client map this part of a modelled file? 0 also for other files. */
static int ask_device(struct run *r)
{
	struct run_handle *h;
	struct run_seen seen;
	struct stat st;
	int error;

	if (!run_handles_count(r) ||
	    run_task_fstat(r->tasks, caller(r), (int)arg(r, 4), &st))
		return 0;
	h = run_handle_by_file(r, &st);
	if (!h)
		return 0;
	run_observe_begin(r, &seen, RUN_OP_MMAP, h);
	run_observe_ready(&seen);
	error = uiommu_mmap(run_handle_file(h), arg(r, 5), arg(r, 1),
			    (int)arg(r, 2), (int)arg(r, 3));
	run_observe_end(&seen, error);
	return error;
}

/*
 * A call that will fail takes nothing away: to save pages for it would part the
 * device from memory that the client goes on using. These are the failures that a
 * mistaken client meets; the range itself is checked where it is used.
 */
static bool mmap_may_work(struct run *r)
{
	const uint64_t prot = arg(r, 2), flags = arg(r, 3);
	const uint64_t type = flags & MAP_TYPE;
	struct stat st;
	int mode;

	if (!type || type > MAP_TYPE_LAST)
		return false;
	if (flags & MAP_ANONYMOUS)
		return true;
	if (run_task_fstat(r->tasks, caller(r), (int)arg(r, 4), &st) ||
	    !(S_ISREG(st.st_mode) || S_ISCHR(st.st_mode) ||
	      S_ISBLK(st.st_mode)))
		return false;
	mode = run_task_fd_flags(r->tasks, caller(r), (int)arg(r, 4));
	if (mode < 0)
		return true;
	if (mode & O_PATH || (mode & O_ACCMODE) == O_WRONLY)
		return false;
	return type == MAP_PRIVATE || !(prot & PROT_WRITE) ||
	       (mode & O_ACCMODE) == O_RDWR;
}

void run_call_mmap(struct run *r)
{
	int flags = (int)arg(r, 3), error = 0;
	struct run_space *space;

	if (!(flags & MAP_ANONYMOUS))
		error = ask_device(r);
	if (error) {
		run_reply(r, error);
		return;
	}
	if (flags & MAP_FIXED && !(flags & MAP_FIXED_NOREPLACE)) {
		space = its_space(r);
		if (space && mmap_may_work(r))
			lose(r, space, arg(r, 0), arg(r, 1), false);
	}
	run_continue(r);
}

void run_call_munmap(struct run *r)
{
	lose(r, its_space(r), arg(r, 0), arg(r, 1), false);
	run_continue(r);
}

/* Is there room behind [@addr, @end) for it to grow to @new_end in place? */
static bool can_grow(const struct run_space *space, uint64_t end,
		     uint64_t new_end)
{
	struct run_vma vma;

	if (run_vma_find(run_space_maps(space), end - 1, &vma) ||
	    vma.end != end)
		return false;
	return run_vma_find(run_space_maps(space), end, &vma) ||
	       vma.start >= new_end;
}

/*
 * On Linux a pinned page moves along with its mapping. Here its new address is
 * not known before the call has ended, so that the device goes on with a copy.
 */
static bool moves(struct run *r, const struct run_space *space, uint64_t addr,
		  uint64_t old, uint64_t new)
{
	uint64_t flags = arg(r, 3);

	if (flags & (MREMAP_FIXED | MREMAP_DONTUNMAP))
		return true;
	return flags & MREMAP_MAYMOVE && new > old &&
	       !can_grow(space, addr + old, addr + new);
}

/* mremap(2), "ERRORS": see mmap_may_work(). */
static bool mremap_may_work(struct run *r, const struct run_space *space,
			    uint64_t old, uint64_t new)
{
	const uint64_t flags = arg(r, 3), addr = arg(r, 0), to = arg(r, 4);
	struct run_vma vma;

	if (flags & ~(uint64_t)(MREMAP_MAYMOVE | MREMAP_FIXED |
				MREMAP_DONTUNMAP) ||
	    (flags & (MREMAP_FIXED | MREMAP_DONTUNMAP) &&
	     !(flags & MREMAP_MAYMOVE)) ||
	    (flags & MREMAP_DONTUNMAP && old != new) || addr % PAGE || !new)
		return false;
	if (flags & MREMAP_FIXED &&
	    (to % PAGE || to + new < to || (addr < to + new &&to < addr + old)))
		return false;
	if (run_vma_find(run_space_maps(space), addr, &vma) || vma.start > addr)
		return false;
	/* Only a move of the same length may go over several mappings. */
	return old == new || new < old || addr + old <= vma.end;
}

void run_call_mremap(struct run *r)
{
	struct run_space *space = its_space(r);
	uint64_t addr = arg(r, 0);
	uint64_t old = (arg(r, 1) + PAGE - 1) & ~(PAGE - 1);
	uint64_t new = (arg(r, 2) + PAGE - 1) & ~(PAGE - 1);

	if (space && mremap_may_work(r, space, old, new)) {
		if (arg(r, 3) & MREMAP_FIXED)
			lose(r, space, arg(r, 4), new, false);
		if (moves(r, space, addr, old, new))
			lose(r, space, addr, old, false);
		else if (new < old)
			lose(r, space, addr + new, old - new, false);
	}
	run_continue(r);
}

void run_call_madvise(struct run *r)
{
	struct run_space *space = its_space(r);
	uint64_t addr = arg(r, 0), len = arg(r, 1);

	/*
	 * MADV_FREE is only a hint, and the kernel cannot free a pinned page:
	 * to do nothing is what it would do.
	 */
	if (space && arg(r, 2) == MADV_FREE && len && addr % PAGE == 0 &&
	    addr + (len - 1) >= addr &&
	    run_memory_pinned(r->memory, space, addr, addr + (len - 1))) {
		run_reply(r, 0);
		return;
	}
	if (arg(r, 2) == MADV_REMOVE && len && addr % PAGE == 0 &&
	    addr + (len - 1) >= addr)
		run_memory_remove(r->memory, caller(r), addr, addr + (len - 1));
	lose(r, space, addr, len, true);
	run_continue(r);
}

/*
 * Whether the call succeeds does not matter here: only what is a hole when a device
 * gets there is lost.
 */
void run_call_fallocate(struct run *r)
{
	uint64_t off = arg(r, 2), len = arg(r, 3);

	if (off + len > off && off + len < INT64_MAX)
		run_memory_punch(r->memory, caller(r), (int)arg(r, 0), off,
				 (off + len) & ~(PAGE - 1));
	run_continue(r);
}

void run_call_ftruncate(struct run *r)
{
	if (arg(r, 1) < INT64_MAX)
		run_memory_punch(r->memory, caller(r), (int)arg(r, 0),
				 arg(r, 1), UINT64_MAX);
	run_continue(r);
}

/* Linux lets a process drop its own pages by it, in many ranges at once. */
void run_call_process_madvise(struct run *r)
{
	struct run_space *space = its_space(r);
	struct iovec vec[IOV_MAX];
	uint64_t i, nr = arg(r, 2);

	if (space && nr <= IOV_MAX &&
	    (arg(r, 3) == MADV_DONTNEED || arg(r, 3) == MADV_FREE) &&
	    !run_client_read(r, vec, arg(r, 1), nr * sizeof(vec[0]))) {
		for (i = 0; i < nr; i++)
			lose(r, space, (uintptr_t)vec[i].iov_base,
			     vec[i].iov_len, true);
	}
	run_continue(r);
}

void run_call_brk(struct run *r)
{
	struct run_space *space = its_space(r);
	uint64_t addr = (arg(r, 0) + PAGE - 1) & ~(PAGE - 1);
	struct run_vma vma;

	/* A break inside the heap: what lies behind it goes. */
	if (space && addr && !run_vma_find(run_space_maps(space), addr, &vma) &&
	    vma.heap && vma.start <= addr)
		lose(r, space, addr, vma.end - addr, false);
	run_continue(r);
}

/* The end of the mapping that starts at or covers @addr goes. */
static void lose_mapping(struct run *r, uint64_t addr)
{
	struct run_space *space = its_space(r);
	struct run_vma vma;

	if (space && addr && !run_vma_find(run_space_maps(space), addr, &vma) &&
	    vma.start <= addr)
		lose(r, space, addr & ~(PAGE - 1),
		     vma.end - (addr & ~(PAGE - 1)), false);
}

void run_call_shmat(struct run *r)
{
	lose_mapping(r, arg(r, 1));
	run_continue(r);
}

void run_call_shmdt(struct run *r)
{
	lose_mapping(r, arg(r, 0));
	run_continue(r);
}

/* ---- the end of an address space ---- */

/* What ends with the caller. */
static struct run_space *own_space(struct run *r)
{
	return run_memory_space(r->memory, caller(r));
}

/*
 * Programs look for a command in one directory after the other by trying to
 * execute it. A try that will fail takes nothing away.
 */
static bool executable(struct run *r, int dirfd, uint64_t name, bool empty)
{
	char path[PATH_MAX], full[PATH_MAX + 64];

	if (run_client_string(r, path, name, sizeof(path)) < 0)
		return false;
	if (!path[0])
		return empty;
	if (path[0] == '/')
		snprintf(full, sizeof(full), "/proc/%d/root%s", caller(r),
			 path);
	else if (dirfd == AT_FDCWD)
		snprintf(full, sizeof(full), "/proc/%d/cwd/%s", caller(r),
			 path);
	else
		snprintf(full, sizeof(full), "/proc/%d/fd/%d/%s", caller(r),
			 dirfd, path);
	return !faccessat(AT_FDCWD, full, X_OK, AT_EACCESS);
}

void run_call_exec(struct run *r)
{
	struct run_space *space = own_space(r);
	bool at = r->req->data.nr == SYS_execveat;

	if (space && executable(r, at ? (int)arg(r, 0) : AT_FDCWD,
				arg(r, at ? 1 : 0), at))
		run_memory_lose_all(r->memory, space, true);
	run_continue(r);
}

void run_call_exit_group(struct run *r)
{
	struct run_space *space = own_space(r);

	if (space)
		run_memory_lose_all(r->memory, space, false);
	run_continue(r);
}

void run_call_exit(struct run *r)
{
	struct run_space *space = own_space(r);

	if (space && run_task_alone(r->tasks, caller(r)))
		run_memory_lose_all(r->memory, space, false);
	run_continue(r);
}
