/* SPDX-License-Identifier: MIT */
/**
 * DOC: Seccomp notifications: receive one, answer it once
 */
#ifndef RUN_NOTIFY_H
#define RUN_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "supervisor.h"

/**
 * run_notify_init() - make room for notifications as the kernel sizes them
 *
 * Return: 0, -ENOMEM, or why the kernel has no notifications.
 */
int run_notify_init(struct run *r);
void run_notify_fini(struct run *r);

/**
 * run_notify_listen() - take over @listener
 *
 * Asks for synchronous wake-ups where the kernel has them (Linux 6.6): a round
 * trip then stays on one processor.
 */
void run_notify_listen(struct run *r, int listener);

/** run_notify_receive() - the next into @r->req; 0, -ENOENT (gone), -errno. */
int run_notify_receive(struct run *r);

/**
 * run_notify_alive() - is the caller of the current request still there?
 *
 * Its thread waits, so its number is not given to another one. An answer holds for
 * the rest of a clock tick: numbers do not come round again that fast.
 */
bool run_notify_alive(struct run *r);

/** run_reply() - the call returns @value, or -1 with errno if it is negative. */
void run_reply(struct run *r, int64_t value);

/** run_continue() - the kernel carries the call out as if nobody had looked. */
void run_continue(struct run *r);

/**
 * run_reply_fd() - the call returns a new descriptor of the caller for our @fd
 * @cloexec: with FD_CLOEXEC
 *
 * @fd stays ours. If the caller has no room it gets the error.
 *
 * Return: the number that the caller got, or the -errno; -ENOENT if it is gone.
 */
int run_reply_fd(struct run *r, int fd, bool cloexec);

/**
 * run_reserve_fd() - a number among the caller's descriptors
 *
 * It is open, so that no other thread gets it, on /dev/null. Return: the number
 * or -errno.
 */
int run_reserve_fd(struct run *r);

/**
 * run_replace_fd() - make the caller's descriptor @at one of our @fd, closed on exec
 *
 * @fd stays ours. Return: 0 or -errno.
 */
int run_replace_fd(struct run *r, int fd, int at);

/** run_put_fd() - the same, with FD_CLOEXEC or without. */
int run_put_fd(struct run *r, int fd, int at, bool cloexec);

#endif
