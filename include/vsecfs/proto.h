/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Between vsecfs, which is assumed compromised, and policyd, which judges. Normative: one row an
 * operation; bodies are the structures below, exactly. Who a caller is comes from the kernel's FUSE
 * header (thread id, ids), which vsecfs passes on; policyd checks what it can against /proc and
 * never lets a session speak for another one's view.
 *
 * Order: policyd handles the messages of one view in the order they were sent. A barrier is
 * answered after every request that waited in that session's FUSE queue has been sent to policyd.
 *
 * Every OPEN, WRITE and FLUSH is answered, also when its view ends meanwhile: somebody waits for
 * it. The end of a session (SESSION_DROP, SESSION_GONE) ends every handle that was opened through
 * it, without a RELEASE; one of an OPENED that was under way then too.
 */
#include <stdint.h>

#include "../../common/wire.h"

#define PROTO_POLICYD 1u /* role bits */
#define PROTO_VSECFS  2u

enum proto_face {
	FACE_CONTAINER, /* /sys/kernel/security in the container */
	FACE_HOST,      /* /run/vsecfs */
};

/* policyd: serve this FUSE session. fds: /dev/fuse, state file (container face only). serial 0 is
 * the host face. */
struct proto_session_add {
	uint32_t serial, face;
};
/* policyd: forget the session (its superblock is going); vsecfs: the session has ended (ENODEV). */
struct proto_session {
	uint32_t serial, reserved;
};
/* vsecfs: a file that needs a judgement is opened. Answer: OPENED. */
struct proto_open {
	uint32_t serial;        /* whose file it is */
	uint32_t face;          /* through which superblock it was reached */
	uint32_t kind;          /* enum file_kind */
	uint32_t flags;         /* O_* as the kernel passed them */
	uint32_t tid, uid, gid; /* of the caller, in the initial namespaces */
	uint32_t reserved;
};
/* fds: a sealed snapshot to read from, where the file has one. */
struct proto_opened {
	int32_t error; /* 0 or -errno */
	uint32_t reserved;
	uint64_t handle; /* the FUSE file handle: means the same to a successor of vsecfs */
};
/* Bytes follow. Answer: DONE. */
struct proto_write {
	uint64_t handle, offset;
	uint32_t tid, uid, gid;
	uint32_t append; /* 1: the descriptor has O_APPEND */
};
/* FLUSH is answered by DONE; RELEASE is not. */
struct proto_handle {
	uint64_t handle;
	uint32_t tid, reserved;
};
struct proto_done {
	int32_t error;  /* 0 or -errno */
	uint32_t count; /* of a write: bytes taken */
};
struct proto_none {
	uint64_t reserved;
};

/* X(name, number, who may send it, most descriptors, bytes behind the body, body) */
#define PROTO_OPS(X)                                                                               \
	X(SESSION_ADD, 1, PROTO_POLICYD, 2, 0, struct proto_session_add)                           \
	X(SESSION_DROP, 2, PROTO_POLICYD, 0, 0, struct proto_session)                              \
	X(SESSION_GONE, 3, PROTO_VSECFS, 0, 0, struct proto_session)                               \
	X(OPEN, 4, PROTO_VSECFS, 0, 0, struct proto_open)                                          \
	X(OPENED, 5, PROTO_POLICYD, 1, 0, struct proto_opened)                                     \
	X(WRITE, 6, PROTO_VSECFS, 0, 1, struct proto_write)                                        \
	X(FLUSH, 7, PROTO_VSECFS, 0, 0, struct proto_handle)                                       \
	X(RELEASE, 8, PROTO_VSECFS, 0, 0, struct proto_handle)                                     \
	X(DONE, 9, PROTO_POLICYD, 0, 0, struct proto_done)                                         \
	X(BARRIER, 10, PROTO_POLICYD, 0, 0, struct proto_session)                                  \
	X(BARRIER_DONE, 11, PROTO_VSECFS, 0, 0, struct proto_session)                              \
	X(READY, 12, PROTO_VSECFS, 0, 0, struct proto_none)

enum proto_op {
#define X(name, number, ...) PROTO_##name = number,
	PROTO_OPS(X)
#undef X
};

static const struct wire_op proto_ops[] = {PROTO_OPS(WIRE_ROW)};
