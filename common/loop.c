/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "loop.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>

#include "cleanup.h"

#define LOOP_BATCH 64

struct loop {
	int epoll_fd;
	bool exiting;
	int result;
	struct epoll_event batch[LOOP_BATCH];
	int n_batch, next;
	struct loop_source signals;
	int signal_fd;
	loop_signal_fn signal_fn;
	void *signal_userdata;
};

int loop_new(struct loop **ret_loop)
{
	struct loop *loop = calloc(1, sizeof(*loop));

	if (!loop)
		return -ENOMEM;
	loop->signal_fd = -1;
	loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (loop->epoll_fd < 0) {
		int r = -errno;

		free(loop);
		return r;
	}
	*ret_loop = loop;
	return 0;
}

void loop_free(struct loop *loop)
{
	if (!loop)
		return;
	close_fd(&loop->signal_fd);
	close_fd(&loop->epoll_fd);
	free(loop);
}

int loop_add(struct loop *loop, struct loop_source *source, int fd, uint32_t events, loop_fn fn,
	void *userdata)
{
	struct epoll_event ev = {.events = events, .data.ptr = source};

	*source = (struct loop_source){.fd = -1, .fn = fn, .userdata = userdata, .loop = loop};
	if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &ev) < 0)
		return -errno;
	source->fd = fd;
	return 0;
}

int loop_modify(struct loop_source *source, uint32_t events)
{
	struct epoll_event ev = {.events = events, .data.ptr = source};

	if (epoll_ctl(source->loop->epoll_fd, EPOLL_CTL_MOD, source->fd, &ev) < 0)
		return -errno;
	return 0;
}

void loop_remove(struct loop_source *source)
{
	struct loop *loop = source->loop;

	if (!loop || source->fd < 0)
		return;
	epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, source->fd, NULL);
	source->fd = -1;
	/* Its owner may free it now: forget what this batch still holds for it. */
	for (int i = loop->next; i < loop->n_batch; i++) {
		if (loop->batch[i].data.ptr == source)
			loop->batch[i].data.ptr = NULL;
	}
}

static int on_signal(struct loop_source *source, uint32_t events, void *userdata)
{
	struct loop *loop = userdata;
	struct signalfd_siginfo info;

	(void)source;
	(void)events;
	if (read(loop->signal_fd, &info, sizeof(info)) != sizeof(info))
		return 0;
	return loop->signal_fn((int)info.ssi_signo, loop->signal_userdata);
}

int loop_add_signals(
	struct loop *loop, const int *signals, unsigned n, loop_signal_fn fn, void *userdata)
{
	sigset_t set;

	sigemptyset(&set);
	for (unsigned i = 0; i < n; i++)
		sigaddset(&set, signals[i]);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	loop->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (loop->signal_fd < 0)
		return -errno;
	loop->signal_fn = fn;
	loop->signal_userdata = userdata;
	return loop_add(loop, &loop->signals, loop->signal_fd, EPOLLIN, on_signal, loop);
}

static int on_timer(struct loop_source *source, uint32_t events, void *userdata)
{
	struct loop_timer *timer = userdata;

	(void)source;
	(void)events;
	loop_timer_stop(timer);
	return timer->fn(timer, timer->userdata);
}

int loop_timer_start(
	struct loop *loop, struct loop_timer *timer, unsigned ms, loop_timer_fn fn, void *userdata)
{
	/* A timer of 0 would never fire. */
	struct itimerspec when = {
		.it_value = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 + 1}};
	_cleanup_close_ int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	int r;

	loop_timer_stop(timer);
	timer->fn = fn;
	timer->userdata = userdata;
	if (fd < 0 || timerfd_settime(fd, 0, &when, NULL) < 0)
		return -errno;
	r = loop_add(loop, &timer->source, fd, EPOLLIN, on_timer, timer);
	if (r < 0)
		return r;
	(void)take_fd(&fd);
	return 0;
}

void loop_timer_stop(struct loop_timer *timer)
{
	int fd = timer->source.fd;

	if (!timer->source.loop || fd < 0)
		return;
	loop_remove(&timer->source);
	close(fd);
}

int loop_step(struct loop *loop, int timeout_ms)
{
	int r = 0;

	loop->n_batch = epoll_wait(loop->epoll_fd, loop->batch, LOOP_BATCH, timeout_ms);
	if (loop->n_batch < 0) {
		loop->n_batch = 0;
		return errno == EINTR ? 0 : -errno;
	}
	for (loop->next = 0; loop->next < loop->n_batch && r >= 0 && !loop->exiting;) {
		struct epoll_event *ev = &loop->batch[loop->next++];
		struct loop_source *source = ev->data.ptr;

		if (source)
			r = source->fn(source, ev->events, source->userdata);
	}
	loop->n_batch = 0;
	return MIN(r, 0);
}

int loop_run(struct loop *loop)
{
	while (!loop->exiting) {
		int r = loop_step(loop, -1);

		if (r < 0)
			return r;
	}
	return loop->result;
}

void loop_exit(struct loop *loop, int result)
{
	loop->exiting = true;
	loop->result = result;
}
