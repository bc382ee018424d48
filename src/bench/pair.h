/* SPDX-License-Identifier: MIT */
/**
 * DOC: Two threads at once
 *
 * The second thread has a processor of its own, and waits without sleeping, so that a
 * lap can be short.
 */
#ifndef BENCH_PAIR_H
#define BENCH_PAIR_H

#include <pthread.h>
#include <stdbool.h>

struct bench_context;
struct bench_measured;

/**
 * struct bench_pair - the caller's thread and another
 * @thread: the other
 * @work: what both do, @half is 0 in the caller's
 * @arg: for @work
 * @round: counts laps; the other begins one when it changes
 * @done: the last lap that the other has done
 * @stop: it ends
 */
struct bench_pair {
	pthread_t thread;
	void (*work)(void *arg, unsigned int half);
	void *arg;
	unsigned int round;
	unsigned int done;
	bool stop;
};

/**
 * bench_pair_start() - start the other thread
 * @ctx: gets a note if there is no second processor
 *
 * Return: 0; -ENODATA: there is none; else the error of
 * pthread_create().
 */
int bench_pair_start(struct bench_pair *pair, struct bench_context *ctx);

/** bench_pair_run() - both do @work, each its half. */
void bench_pair_run(struct bench_pair *pair,
		    void (*work)(void *arg, unsigned int half), void *arg);

/**
 * bench_pair_judge() - from what one thread and two take to their speed-ups
 * @out: of a trial whose first part is one thread, and whose second is two. Its first
 *	element becomes the row: what two threads take, and as a limit what they would
 *	if they gained as much as the limit's threads
 */
void bench_pair_judge(struct bench_context *ctx, struct bench_measured *out);

/** bench_pair_stop() - the other thread ends. */
void bench_pair_stop(struct bench_pair *pair);

#endif
