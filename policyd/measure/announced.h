/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* The executions that permission events announced a moment ago, so that a witness's report of one
 * can be told from a report of one that nothing announced. Pure. Limits: ANNOUNCED_MAX threads (of
 * two whose ids differ by a multiple of it, the later one), ANNOUNCED_MOUNTS_MAX mounts each. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define ANNOUNCED_MAX 4096
#define ANNOUNCED_MOUNTS_MAX                                                                       \
	4 /* a script, its interpreter, that one's ELF interpreter, one more                       \
	   */

struct announced_thread {
	pid_t tid; /* 0: none */
	bool script;
	unsigned n;
	uint64_t mount_ids[ANNOUNCED_MOUNTS_MAX];
	uint64_t dev, ino; /* of the last one */
};

struct announced {
	struct announced_thread threads[ANNOUNCED_MAX];
};

struct announced_file {
	uint64_t mount_id, dev, ino;
	bool script; /* no ELF object */
};
void announced_add(struct announced *announced, pid_t tid, const struct announced_file *file);
/* The thread's last one. false: none is known. */
bool announced_last(
	const struct announced *announced, pid_t tid, uint64_t *ret_dev, uint64_t *ret_ino);

/* What was announced for a process since its last report; all of it is then forgotten. */
struct announced_for {
	bool mount;  /* something on the mount that the report names */
	bool script; /* something that is no ELF object */
};
void announced_take(struct announced *announced, pid_t pid, pid_t tid, uint64_t mount_id,
	struct announced_for *ret_for);
