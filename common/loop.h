/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* One epoll loop a process: descriptors with a callback each, and signals as a descriptor.
 * Thread: the one that calls loop_run(). A source may be removed from any callback, its own too. */
#include <stdint.h>
#include <sys/epoll.h>

struct loop;
struct loop_source;

/* Called with the EPOLL* events that came. A negative result ends loop_run() with it. */
typedef int (*loop_fn)(struct loop_source *source, uint32_t events, void *userdata);
/* Called with the signal's number, from the loop. Result as above. */
typedef int (*loop_signal_fn)(int signal, void *userdata);

/* An embedded member: its owner frees it, after loop_remove(). */
struct loop_source {
	int fd; /* borrowed; -1 when not in a loop */
	loop_fn fn;
	void *userdata;
	struct loop *loop;
};

/* 0 or -errno of epoll_create1(2). */
int loop_new(struct loop **ret_loop);
/* Accepts NULL. Sources must have been removed or be about to vanish with the process. */
void loop_free(struct loop *loop);

/* Watches fd for events (EPOLLIN, ...; level-triggered). 0 or -errno of epoll_ctl(2). */
int loop_add(struct loop *loop, struct loop_source *source, int fd, uint32_t events, loop_fn fn,
	void *userdata);
/* Changes the events watched for. 0 or -errno. */
int loop_modify(struct loop_source *source, uint32_t events);
/* Stops watching; events of this round that were not yet delivered are dropped. Harmless when not
 * added. */
void loop_remove(struct loop_source *source);

/* Blocks the n signals of the list in this thread and delivers them to fn. 0 or -errno. */
int loop_add_signals(
	struct loop *loop, const int *signals, unsigned n, loop_signal_fn fn, void *userdata);

/* A deadline, embedded in what waits; zeroed means stopped. */
struct loop_timer;
typedef int (*loop_timer_fn)(struct loop_timer *timer, void *userdata);
struct loop_timer {
	struct loop_source source;
	loop_timer_fn fn;
	void *userdata;
};
/* Calls fn once, ms milliseconds from now; a running timer starts anew. 0 or -errno. */
int loop_timer_start(
	struct loop *loop, struct loop_timer *timer, unsigned ms, loop_timer_fn fn, void *userdata);
/* Harmless on one that is stopped or has fired. */
void loop_timer_stop(struct loop_timer *timer);

/* Runs until loop_exit() or a negative result of a callback; returns that. */
int loop_run(struct loop *loop);
/* Waits at most timeout_ms (-1: for ever) and dispatches one batch. 0, a callback's result, or
 * -errno. */
int loop_step(struct loop *loop, int timeout_ms);
/* Makes loop_run() return result after the callback that called this. */
void loop_exit(struct loop *loop, int result);
