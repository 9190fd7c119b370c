/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* A measurer's state, one a process, and what its parts ask of one another. Thread: the loop's. A
 * negative result of any of these ends the process (policyd starts another one), unless it says
 * otherwise: a measurer that cannot tell policyd must not go on answering the kernel. */
#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/fanotify.h>
#include <sys/types.h>

#include "common/cleanup.h"
#include "common/loop.h"
#include "common/wire.h"
#include "announced.h"
#include "cache.h"
#include "executing.h"
#include "file.h"
#include "hash.h"
#include "marks.h"
#include "measure.h"
#include "vsecfs/ima.h"
#include "vsecfs/view.h"

#define MEASURER_BATCH     256  /* events a read */
#define MEASURER_BATCH_MAX 1024 /* events that wait in here */

/* A message that has to wait until the event in hand is answered. */
struct deferred {
	struct deferred *next;
	struct measure_witness report;
	size_t n_path;
	char path[];
};

struct measurer_batch {
	struct fanotify_event_metadata events[MEASURER_BATCH_MAX];
	size_t n, next;
	bool drained; /* the last read of events_handle() left none in the queue */
};

struct measurer {
	struct loop *loop;
	struct wire wire;
	struct loop_source socket_source, fanotify_source;
	uint8_t *buffer; /* WIRE_MAX */
	const struct view_head *head;
	int fanotify_fd, proc_fd;
	pid_t policyd_pid;

	struct ima_policy *policy; /* NULL: none yet */
	struct ima_needs needs;
	uint32_t generation;
	uint64_t executions_since_ns; /* the policy has looked at executions since then */
	uint32_t marked_funcs;        /* what the marks are placed for: at least needs.funcs */

	struct marks marks;
	struct cache *cache;
	struct hasher *hasher;
	struct announced announced;
	struct measurer_batch batch;
	struct executing executing;
	struct loop_timer executing_sweep;
	bool sweeping; /* the timer runs */
	struct deferred *deferred, **deferred_last;
	size_t n_deferred;
	uint64_t cookie;
	char path[IMA_PATH_MAX + 1]; /* scratch, with the signature behind it */
	uint8_t signature[IMA_SIG_MAX];
};

/* ---- peer.c: policyd ---- */

/* Handles every message that waits on the socket. */
int peer_receive(struct measurer *measurer);
/* Makes sure that what is decided next is decided by the policy that is in force now. */
int peer_policy_current(struct measurer *measurer);
/* Has policyd enter it. 0: *ret_error is 0 or the -errno that policyd answered. */
int peer_enter(struct measurer *measurer, const struct ima_event *event, int *ret_error);
/* One line for the host's log. Never fails: a log that is lost stops nothing. */
void peer_log(struct measurer *measurer, int priority, const char *format, ...) _printf_(3, 4);

/* ---- events.c: the kernel ---- */

/* Refuses what a predecessor has read from this group and did not answer. The kernel finds the
 * question that an answer belongs to by the descriptor's number alone, and takes the oldest: our
 * answer about one file would let its old one through, which nobody measured. To be called before
 * the first read, when no predecessor is left. */
void events_refuse_inherited(const struct measurer *measurer);

/* Reads and answers what is queued, at most a few batches. */
int events_handle(struct measurer *measurer);
/* Do events wait in the batch, which no further event may come to remind us of? */
bool events_waiting(const struct measurer *measurer);
/* Looks ahead: has a writer of this file closed it since the event in hand was queued? Its inode's
 * mark must be set. True also where so much waits that it cannot be told. */
bool events_closed_write(struct measurer *measurer, const struct file *file);
/* Opens a file of the namespace for reading. The open may itself raise an event in our own group,
 * which nobody else would answer: a thread opens, while this one lets that event pass and keeps the
 * others for events_handle(). A descriptor, or -errno (which does not end the process). */
int events_open(struct measurer *measurer, int dir_fd, const char *path);

/* ---- verdict.c ---- */

/* Judges an open or an execution and has it entered; *ret_allow is the answer to the kernel. */
int verdict_event(
	struct measurer *measurer, const struct fanotify_event_metadata *event, bool *ret_allow);
/* A file that was open for writing has been closed. */
int verdict_close_write(struct measurer *measurer, const struct fanotify_event_metadata *event);

/* ---- witness.c ---- */

/* Keeps a report until measurer_run_deferred(). 0, -ENOMEM. */
int witness_defer(struct measurer *measurer, const struct measure_witness *report, const char *path,
	size_t n_path);
int witness_run_deferred(struct measurer *measurer);
