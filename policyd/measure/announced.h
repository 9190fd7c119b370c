/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* The executions that permission events announced a moment ago, so that a witness's report of one
 * can be told from a report of one that nothing announced. Pure. Limits: ANNOUNCED_MAX threads (of
 * two whose ids differ by a multiple of it, the later one), the last ANNOUNCED_FILES_MAX files of
 * each: a script, its interpreter and that one's ELF interpreter, twice over, for a thread may
 * execute the next program before the report of the last one is here. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define ANNOUNCED_MAX       2048
#define ANNOUNCED_FILES_MAX 8

struct announced_file {
	uint64_t mount_id, dev, ino;
	uint64_t time_ns; /* CLOCK_MONOTONIC; 0: none */
	bool script;      /* another program has to interpret it */
};

struct announced {
	struct announced_thread {
		pid_t tid; /* 0: none */
		unsigned n;
		struct announced_file files[ANNOUNCED_FILES_MAX];
	} threads[ANNOUNCED_MAX];
};

void announced_add(struct announced *announced, pid_t tid, const struct announced_file *file);
/* The thread's last one, or NULL. */
const struct announced_file *announced_last(const struct announced *announced, pid_t tid);

/* What was announced for a thread until its execution at time_ns; it is then forgotten. */
struct announced_for {
	bool mount;       /* something on the mount that the report names */
	bool script;      /* something that another program has to interpret */
	uint64_t time_ns; /* when something on that mount was, the last time */
};
void announced_take(struct announced *announced, pid_t tid, uint64_t mount_id, uint64_t time_ns,
	struct announced_for *ret_for);
