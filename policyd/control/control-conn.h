/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Inside of the control socket: connections, requests at work, answers. */
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/cleanup.h"
#include "control.h"
#include "policyd/kernel/enter.h"
#include "policyd/policyd.h"
#include "policyd/kernel/sweep.h"

struct control {
	struct policyd *policyd;
	int listen_fd;
	struct loop_source source;
	int spare_fd;            /* makes room for the timer when descriptors are short */
	struct loop_timer pause; /* runs meanwhile */
	struct conn *conns;
	unsigned n_conns;
	struct job *jobs; /* requests that wait for a child */
};

struct conn {
	struct conn *next;
	struct control *control;
	struct wire wire;
	struct loop_source source;
	pid_t peer;
	uint64_t cookie; /* of the request at work */
	bool busy;
	bool listing;        /* LIST goes on as the socket takes it */
	uint32_t list_after; /* serial of the last view that was listed */
	uint32_t created[CONTROL_CREATED_MAX];
	unsigned n_created; /* views that vanish with the connection */
};

/* A request that waits for a child. Its connection may close meanwhile. */
struct job {
	struct job *next;
	struct control *control;
	struct conn *conn; /* NULL: closed */
	uint32_t serial;   /* of its view */
	uint64_t id;
	pid_t pid;
	int pidfd, mount_fd;
	bool again;           /* ATTACH: puts back a view that the container unmounted */
	struct ctl_view view; /* DETACH: as it last was */
};

/* control.c. Each answers the request at work; with conn NULL nobody listens any more. */
void conn_reply_view(struct conn *conn, const struct ctl_view *view, int fd);
void conn_reply(struct conn *conn, uint16_t op, const void *body);
/* text: what is wrong and what to do about it; logged, with the peer. */
void conn_error(struct conn *conn, int error, const char *format, ...) _printf_(3, 4);

/* NULL for want of memory or descriptors; the job owns nothing yet. */
struct job *job_new(struct conn *conn);
void job_free(struct job *job);

/* control-attach.c */
void control_attach(struct conn *conn, const struct ctl_attach *request);
void control_detach(struct conn *conn, const struct ctl_id *request);

/* control-create.c */
void control_create(struct conn *conn, const struct ctl_create *request);
void control_bind(struct conn *conn, const struct ctl_bind *request);
/* The connection closes: what it created and did not bind goes. */
void control_forget_created(struct conn *conn);

/* control-show.c */
void control_show(struct conn *conn, const struct ctl_id *request);
void control_list(struct conn *conn);
/* Goes on with LIST where the socket was full. */
void control_list_more(struct conn *conn);
void control_version(struct conn *conn);
void control_fill_view(const struct view *view, struct ctl_view *ret_view);

/* control-target.c: what ATTACH and BIND must know of a process. */
struct target {
	pid_t pid;
	int pidfd; /* as long as it has not ended, /proc/PID was its own */
	uint64_t id, id64;
	uint32_t root_uid, root_gid;
};
/* Reads it, and refuses a namespace that can have no view. 0, or -errno after it answered with
 * ERROR. */
int target_open(struct conn *conn, pid_t pid, struct target *ret_target);
void target_close(struct target *target);
bool target_alive(int pidfd);
/* Checks a name and that it is free; empty stands for the id. 0, or -errno after it answered. */
int target_name(struct conn *conn, const char *field, uint64_t id, char name[VIEW_NAME_MAX]);

/* Makes a view with its superblock and hands it to vsecfs. 0, or -errno after it answered. */
int control_new_view(struct conn *conn, const struct view_options *options, struct view **ret_view,
	int *ret_mount_fd);
/* Ends a view and its session. */
void control_drop_view(struct policyd *policyd, struct view *view);
/* The same for one whose mount may lie somewhere already: takes that away, too. */
void control_abandon_view(struct policyd *policyd, struct view *view);
