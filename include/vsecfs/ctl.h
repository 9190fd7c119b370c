/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Between vsecctl and policyd's control socket (<runtime-dir>/control, root only: mode 0600 and
 * SO_PEERCRED). One request at a time a connection. Every request is answered by ERROR or by its
 * own answer. */
#include <stdint.h>

#include "../../common/wire.h"
#include "vsecfs/view.h"

#define CTL_POLICYD 1u /* role bits */
#define CTL_CLIENT  2u

#define CTL_SOCKET   "control"
#define CTL_TEXT_MAX 512
#define CTL_PATH_MAX 256

#define CTL_ACTIVATE_EXPLICIT 1u /* `active` starts as 0 */
#define CTL_COMPAT            2u /* a real securityfs beneath the view */

/* A view for a running container. Answer: VIEW. */
struct ctl_attach {
	int32_t pid; /* any process of the container */
	uint32_t flags;
	char name[VIEW_NAME_MAX]; /* empty: the id */
	char at[CTL_PATH_MAX];    /* where, as the container sees it; empty: /sys/kernel/security */
};
/* A view for a container to come. Answer: VIEW with one descriptor, the detached mount. The view
 * vanishes with that mount, or with the connection if it closes before BIND. */
struct ctl_create {
	uint32_t root_uid, root_gid; /* the container's root, in the initial namespace */
	uint32_t flags, reserved;
	char name[VIEW_NAME_MAX];
};
/* The created view now belongs to the mount namespace of pid. Answer: VIEW. */
struct ctl_bind {
	uint32_t serial;
	int32_t pid;
};
/* By id (mount-namespace inode number). DETACH answers VIEW as it last was; SHOW answers VIEW. */
struct ctl_id {
	uint64_t id;
};
/* LIST answers any number of VIEW, then END. */
struct ctl_none {
	uint64_t reserved;
};
struct ctl_view {
	uint64_t id, id64;
	uint32_t serial, root_uid, root_gid;
	uint32_t active; /* 0, 1 */
	uint32_t hash, template;
	uint32_t n_rules, n_rules_dropped;
	uint64_t n_entries, n_violations;
	int32_t init_pid;     /* the process that was attached, 0 if it is gone */
	int32_t measurer_pid; /* 0: idle */
	char name[VIEW_NAME_MAX];
	char at[CTL_PATH_MAX];
};
/* What went wrong and what to do about it, one line, NUL-terminated. */
struct ctl_error {
	int32_t error; /* -errno */
	uint32_t reserved;
	char text[CTL_TEXT_MAX];
};
struct ctl_version {
	char version[VIEW_NAME_MAX];
};

/* X(name, number, who may send it, most descriptors, bytes behind the body, body) */
#define CTL_OPS(X)                                                                                 \
	X(ATTACH, 1, CTL_CLIENT, 0, 0, struct ctl_attach)                                          \
	X(CREATE, 2, CTL_CLIENT, 0, 0, struct ctl_create)                                          \
	X(BIND, 3, CTL_CLIENT, 0, 0, struct ctl_bind)                                              \
	X(DETACH, 4, CTL_CLIENT, 0, 0, struct ctl_id)                                              \
	X(LIST, 5, CTL_CLIENT, 0, 0, struct ctl_none)                                              \
	X(SHOW, 6, CTL_CLIENT, 0, 0, struct ctl_id)                                                \
	X(VERSION, 7, CTL_CLIENT, 0, 0, struct ctl_none)                                           \
	X(VIEW, 8, CTL_POLICYD, 1, 0, struct ctl_view)                                             \
	X(END, 9, CTL_POLICYD, 0, 0, struct ctl_none)                                              \
	X(ERROR, 10, CTL_POLICYD, 0, 0, struct ctl_error)                                          \
	X(IS_VERSION, 11, CTL_POLICYD, 0, 0, struct ctl_version)

enum ctl_op {
#define X(name, number, ...) CTL_##name = number,
	CTL_OPS(X)
#undef X
};

static const struct wire_op ctl_ops[] = {CTL_OPS(WIRE_ROW)};
