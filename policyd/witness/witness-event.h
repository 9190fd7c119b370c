/* SPDX-License-Identifier: LGPL-2.1-or-later OR GPL-2.0-only */
#pragma once
/* What the witness in the kernel tells policyd of one execution. Shared by witness.bpf.c and
 * witness.c. */
#include <linux/types.h>

#define WITNESS_NAMESPACES_MAX 16384
#define WITNESS_COVERED_MAX    65536
#define WITNESS_RING_SIZE      (4 * 1024 * 1024)
#define WITNESS_FILENAME_MAX   256

/* A mount whose executions a view's measurer is asked about. Neither number is ever reused. */
struct witness_cover {
	__u64 unique_mount_id;
	__u32 serial, reserved;
};

struct witness_event {
	__u64 time_ns;  /* CLOCK_MONOTONIC */
	__u32 serial;   /* of the watching view */
	__u32 pid, tid; /* in the initial pid namespace */
	__u32 dev;      /* of the file's superblock: major << 20 | minor */
	__u32 mount_id;
	__u32 script; /* 1: dev and mount_id are the interpreter's, filename the script */
	char filename[WITNESS_FILENAME_MAX]; /* as execve(2) got it, NUL-terminated */
};
