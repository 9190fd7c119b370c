/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* The executions that were allowed a moment ago and may not have shut writers out yet. A thread
 * that the scheduler gives no turn (SCHED_IDLE beside busy ones) stays between our answer and the
 * loader for as long as its container likes, and what it executes may be written meanwhile. Writers
 * tell of themselves when they close, so an execution is kept here until it is certain that no such
 * close lies before its end: the thread was seen out of the execution, and after that the queue was
 * seen empty. Then, or when the same thread asks about its next file, it is past. Limits:
 * EXECUTING_MAX threads; of two that share a place the earlier one's file stays suspect until it is
 * written. */
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "file.h"

#define EXECUTING_MAX      1024
#define EXECUTING_SWEEP_MS 10

struct measurer;

struct executing {
	struct executing_thread {
		pid_t tid; /* 0: none */
		uint64_t dev, ino;
		bool second; /* its FAN_OPEN_PERM, which follows FAN_OPEN_EXEC_PERM, has come */
		bool told;   /* a violation has been entered for it */
		bool out;    /* was seen out of the execution */
	} threads[EXECUTING_MAX];
	unsigned n;
};

/* Thread tid is about to be allowed to execute the file. told: a violation says already that it was
 * written. */
void executing_add(struct measurer *measurer, pid_t tid, const struct file *file, bool told);
/* The kernel asks twice about what is opened to be executed. The second question is answered
 * already, but only for the thread and the file that the first one was about, and only while that
 * thread is still in the execution (in_exec): one that was killed between the two left its number
 * to be used again, and a later open by that number is judged by itself. */
bool executing_is_second(
	struct measurer *measurer, pid_t tid, const struct file *file, bool in_exec);
/* A writer has closed the file: is it maybe written since an execution of it was allowed? True once
 * an execution. */
bool executing_written(struct measurer *measurer, const struct file *file);
/* Forgets what is past. To be called when the queue was seen empty since the last call. */
void executing_sweep(struct measurer *measurer);
