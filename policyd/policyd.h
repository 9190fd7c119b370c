/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* The broker's state, one a process, and what its parts ask of one another. Thread: the loop's. */
#include <stdbool.h>
#include <stdint.h>

#include "common/loop.h"
#include "common/wire.h"
#include "vsecfs/proto.h"
#include "policyd/view/view.h"

struct conf;  /* conf.h */
struct enter; /* enter.h */
struct life;  /* life.h */

struct policyd {
	struct loop *loop;
	struct conf *conf;
	int runtime_dir_fd;
	int proc_fd;        /* /proc; a test points it elsewhere */
	struct view *views; /* registry.c */
	uint32_t next_serial;
	struct handle_set handles; /* of the host face, handle.c */
	struct fs_process *fs;     /* server.c: vsecfs and the wire to it */
	struct control *control;   /* control.c */
	struct enter *enters;      /* enter.c: children inside containers */
	struct life *life;         /* life.c */
	struct witness *witness;   /* witness.c; NULL where the kernel has none */
	uint8_t *buffer; /* WIRE_MAX bytes to receive into; nothing in it outlives a handler */
};

/* registry.c */
struct view *registry_by_serial(struct policyd *policyd, uint32_t serial); /* or NULL */
struct view *registry_by_id(struct policyd *policyd, uint64_t id);         /* or NULL */
void registry_add(struct policyd *policyd, struct view *view);
/* Unlinks and frees the view. */
void registry_remove(struct policyd *policyd, struct view *view);

/* server.c: messages to vsecfs. All: 0 or -errno of wire_send(). */
int server_reply_opened(
	struct policyd *policyd, uint64_t cookie, int error, uint64_t handle, int snapshot_fd);
int server_reply_done(struct policyd *policyd, uint64_t cookie, int error, uint32_t count);
/* When vsecfs has drained what waits in the view's FUSE queue, fn is called (also if vsecfs or the
 * view ends first). */
typedef void (*server_barrier_fn)(struct view *view, void *userdata);
int server_barrier(
	struct policyd *policyd, struct view *view, server_barrier_fn fn, void *userdata);
/* The view or userdata vanishes: forget barriers for it without calling them. */
void server_barrier_forget(struct policyd *policyd, void *userdata);

/* handle.c: what vsecfs asks. Each answers exactly once, now or later (RELEASE never). view is the
 * message's own, already looked up; the host face's metrics come with view NULL. */
void handle_open(struct policyd *policyd, struct view *view, uint64_t cookie,
	const struct proto_open *request);
void handle_write(struct policyd *policyd, uint64_t cookie, const struct proto_write *request,
	const void *bytes, size_t n);
void handle_flush(struct policyd *policyd, uint64_t cookie, const struct proto_handle *request);
void handle_release(struct policyd *policyd, const struct proto_handle *request);
/* vsecfs is gone (or the view): releases without committing what was pending. */
void handle_drop_all(struct view *view);
/* The same for those that were opened through one superblock. */
void handle_drop_face(struct view *view, enum proto_face face);
void handle_drop_host(struct policyd *policyd); /* the same for the host face */

/* measurer.c: policyd's side of a view's measurer. */
/* Makes sure that a measurer runs whose marks are in place for a policy of this text (canonical,
 * identity ids), while it goes on measuring by the policy in force. fn is called once, from the
 * loop, with 0 or -errno. 0; -EBUSY: one arming at a time; -ESRCH: the namespace has no process;
 * -errno of spawning; fn is not called then. */
typedef void (*measurer_armed_fn)(struct view *view, int error, void *userdata);
int measurer_arm(
	struct view *view, const char *text, size_t n, measurer_armed_fn fn, void *userdata);
/* The one who waits vanishes: fn will not be called. */
void measurer_arm_forget(struct view *view);
/* Hands the view's policy, as it now stands, to its measurer, if it has one; ends the measurer of a
 * policy that measures nothing. 0 or -errno. */
int measurer_send_policy(struct view *view);
void measurer_free(struct measurer *measurer);       /* ends the process; accepts NULL */
pid_t measurer_pid(const struct measurer *measurer); /* 0 for NULL */
/* The witness saw an execution in the view's namespace; path: n bytes, as execve(2) got it. */
struct measure_witness;
void measurer_witness(
	struct view *view, const struct measure_witness *report, const char *path, size_t n);
/* The witness lost reports: the list is told by a violation. */
void measurer_witness_lost(struct view *view);
/* A child of policyd ended: true if it was one of the measurers. */
bool measurer_reaped(struct policyd *policyd, pid_t pid, int status);
