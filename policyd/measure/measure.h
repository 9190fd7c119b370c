/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* A measurer: one process per namespace whose policy measures anything. policyd spawns it (its own
 * binary again,
 * `--role=measurer`) with three descriptors: MEASURE_SOCKET_FD, MEASURE_VIEW_FD (the state file,
 * read-only) and MEASURE_FANOTIFY_FD (a permission-event group that policyd keeps too). It marks
 * the namespace's mounts, reads the events, hashes, has policyd enter what the policy wants, and
 * only then answers the kernel: entry first, answer second, so nothing runs that the list does not
 * know. Whatever a hostile file system does to it stalls this namespace alone. */
#include <stdint.h>

#include "common/wire.h"
#include "vsecfs/ima.h"

#define MEASURE_SOCKET_FD   3
#define MEASURE_VIEW_FD     4
#define MEASURE_FANOTIFY_FD 5

#define MEASURE_POLICYD  1u /* role bits */
#define MEASURE_MEASURER 2u

/* policyd: measure for this namespace, whose mounts are seen through this process. First message,
 * and again when that process is gone and another one was found (pid 0: none is left). */
struct measure_target {
	int32_t pid;
	uint32_t view_dev; /* superblock of its view, major << 20 | minor: never marked; 0: unknown
			    */
};
/* policyd: the policy from now on; fds: a sealed memfd with its canonical text, identity ids.
 * Answer: ARMED, once the marks that it needs are in place. With marks_only 1 it is what a flushed
 * set would make of the policy: place its marks and answer ARMED, but go on deciding by the policy
 * that came before, until a POLICY without it comes. A measurer that finds a newer
 * view_head.policy_generation than its own reads its socket first: that POLICY is already there. */
struct measure_policy {
	uint32_t generation, marks_only;
};
struct measure_armed {
	uint32_t generation;
	int32_t error; /* 0 or -errno: then nothing can be measured */
};
/* measurer: enter this; bytes: path, then signature. Answer: ENTERED. */
struct measure_entry {
	uint32_t template, hash, pcr, violation;
	uint32_t n_path, n_signature;
	uint8_t digest[IMA_DIGEST_MAX];
};
struct measure_entered {
	int32_t error; /* 0: in the list, or there already */
	uint32_t reserved;
};
/* measurer: a flushed policy set may have been released by now; answer when every release that was
 * queued before this has been committed and its POLICY sent. */
struct measure_none {
	uint64_t reserved;
};
/* measurer: one line for the host's log. */
struct measure_log {
	uint32_t priority, reserved;
};
/* policyd: an independent witness saw an execution in this namespace. path: as bytes, what was
 * executed. */
struct measure_witness {
	int32_t pid, tid;  /* tid: of the thread that called execve(2) */
	uint64_t dev;      /* of the superblock, as in /proc/PID/mountinfo: major << 20 | minor */
	uint64_t mount_id; /* as in /proc/PID/mountinfo */
	uint64_t time_ns;  /* CLOCK_MONOTONIC */
	uint32_t script;   /* 1: path is a script, dev and mount_id are its interpreter's */
	uint32_t reserved;
};

/* measurer: this mount was marked before there was any rule, as statx(2) numbers it
 * (STATX_MNT_ID_UNIQUE, never reused): the witness need not report executions from it. */
struct measure_covered {
	uint64_t unique_id;
};

/* X(name, number, who may send it, most descriptors, bytes behind the body, body) */
#define MEASURE_OPS(X)                                                                             \
	X(TARGET, 1, MEASURE_POLICYD, 0, 0, struct measure_target)                                 \
	X(POLICY, 2, MEASURE_POLICYD, 1, 0, struct measure_policy)                                 \
	X(ARMED, 3, MEASURE_MEASURER, 0, 0, struct measure_armed)                                  \
	X(ENTRY, 4, MEASURE_MEASURER, 0, 1, struct measure_entry)                                  \
	X(ENTERED, 5, MEASURE_POLICYD, 0, 0, struct measure_entered)                               \
	X(SYNC, 6, MEASURE_MEASURER, 0, 0, struct measure_none)                                    \
	X(SYNCED, 7, MEASURE_POLICYD, 0, 0, struct measure_none)                                   \
	X(LOG, 8, MEASURE_MEASURER, 0, 1, struct measure_log)                                      \
	X(WITNESS, 9, MEASURE_POLICYD, 0, 1, struct measure_witness)                               \
	X(COVERED, 10, MEASURE_MEASURER, 0, 0, struct measure_covered)

enum measure_op {
#define X(name, number, ...) MEASURE_##name = number,
	MEASURE_OPS(X)
#undef X
};

static const struct wire_op measure_ops[] = {MEASURE_OPS(WIRE_ROW)};

/* Runs a measurer on the three descriptors until policyd closes the socket. The process's exit
 * status. */
int measure_main(void);
