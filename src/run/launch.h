/* SPDX-License-Identifier: MIT */
/**
 * DOC: Starting the command under the filter
 */
#ifndef RUN_LAUNCH_H
#define RUN_LAUNCH_H

#include "supervisor.h"

/**
 * run_launch() - fork the command; sets @r->first and @r->listener
 *
 * On return the command waits in its execve(), which must be answered.
 *
 * Return: 0, or a negative error number after a line has been printed.
 */
int run_launch(struct run *r);

#endif
