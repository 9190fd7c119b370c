/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "measurer.h"

#define PERMISSION_EVENTS (FAN_OPEN_PERM | FAN_OPEN_EXEC_PERM)
#define ROUNDS_MAX        16 /* batches before other descriptors have their turn */

/* The kernel waits for this. It fails only if the waiting thread was killed meanwhile, and then
 * nobody minds. */
static void answer(
	const struct measurer *measurer, const struct fanotify_event_metadata *event, bool allow)
{
	struct fanotify_response response = {
		.fd = event->fd, .response = allow ? FAN_ALLOW : FAN_DENY};

	while (write(measurer->fanotify_fd, &response, sizeof(response)) < 0 && errno == EINTR)
		;
}

static int handle_event(struct measurer *measurer, const struct fanotify_event_metadata *event)
{
	bool allow = false;
	int r = 0;

	if (event->mask & FAN_Q_OVERFLOW)
		peer_log(measurer, LOG_ERR,
			"the queue of permission events overflowed: executions were not seen");
	if (event->fd < 0)
		return 0; /* the kernel has denied it itself */
	if (event->mask & FAN_CLOSE_WRITE)
		r = verdict_close_write(measurer, event);
	if (event->mask & PERMISSION_EVENTS) {
		if (r == 0)
			r = verdict_event(measurer, event, &allow);
		answer(measurer, event, allow && r == 0);
	}
	close(event->fd);
	return r;
}

/* Nobody is left waiting when this process ends by an error: what could not be recorded is refused.
 */
static void refuse_rest(struct measurer *measurer)
{
	struct measurer_batch *batch = &measurer->batch;

	for (; batch->next < batch->n; batch->next++) {
		const struct fanotify_event_metadata *event = &batch->events[batch->next];

		if (event->fd < 0)
			continue;
		if (event->mask & PERMISSION_EVENTS)
			answer(measurer, event, false);
		close(event->fd);
	}
}

/* Numbers are given lowest first: a measurer has a batch of events open and some hundred more. */
#define INHERITED_FD_MAX 65536

void events_refuse_inherited(const struct measurer *measurer)
{
	for (int fd = 0; fd < INHERITED_FD_MAX; fd++) {
		struct fanotify_response response = {.fd = fd, .response = FAN_DENY};
		ssize_t n;

		do /* one number may stand for the questions of several predecessors */
			n = write(measurer->fanotify_fd, &response, sizeof(response));
		while (n > 0 || (n < 0 && errno == EINTR));
	}
}

/* Reads into the batch until it holds max. How many came, or -errno. */
static int read_events(struct measurer *measurer, size_t max)
{
	struct measurer_batch *batch = &measurer->batch;
	size_t had = batch->n;
	ssize_t n;

	if (batch->n >= max)
		return -ENOSPC;
	n = read(measurer->fanotify_fd, batch->events + batch->n,
		(max - batch->n) * sizeof(batch->events[0]));
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	/* The events are of one size: the group asks for no further records. */
	if ((size_t)n % sizeof(batch->events[0]) != 0)
		return -EPROTO;
	batch->n += (size_t)n / sizeof(batch->events[0]);
	for (size_t i = had; i < batch->n; i++) {
		if (batch->events[i].vers != FANOTIFY_METADATA_VERSION)
			return -EPROTO;
	}
	return (int)(batch->n - had);
}

/* Reads the next batch. How many events came, 0: none, or a negative error that ends the process.
 */
static int next_batch(struct measurer *measurer)
{
	struct measurer_batch *batch = &measurer->batch;
	int r;

	batch->next = batch->n = 0;
	r = read_events(measurer, MEASURER_BATCH);
	if (r >= 0 || r == -EBADF || r == -EINVAL || r == -EPROTO)
		return r;
	/* The kernel has refused an event that it could not open a descriptor for. */
	peer_log(measurer, LOG_WARNING, "an event without a file was refused: %s", strerror(-r));
	return 0;
}

int events_handle(struct measurer *measurer)
{
	struct measurer_batch *batch = &measurer->batch;
	bool more = true;

	for (int round = 0; more && round < ROUNDS_MAX; round++) {
		int r = batch->next == batch->n ? next_batch(measurer) : 0;

		/* A batch that is not full was all there was: no further read to find that out. */
		more = batch->n >= MEASURER_BATCH;
		while (r >= 0 && batch->next < batch->n)
			r = handle_event(measurer, &batch->events[batch->next++]);
		if (r < 0) {
			refuse_rest(measurer);
			return r;
		}
	}
	batch->drained = !more;
	return 0;
}

bool events_waiting(const struct measurer *measurer)
{
	return measurer->batch.next < measurer->batch.n;
}

bool events_closed_write(struct measurer *measurer, const struct file *file)
{
	const struct measurer_batch *batch = &measurer->batch;
	int r;

	do
		r = read_events(measurer, MEASURER_BATCH_MAX);
	while (r > 0);
	if (r < 0)
		return true;
	for (size_t i = batch->next; i < batch->n; i++) {
		const struct fanotify_event_metadata *event = &batch->events[i];
		struct file closed;

		if (event->mask & FAN_CLOSE_WRITE && event->fd >= 0 &&
			file_stat(event->fd, &closed) == 0 && closed.dev == file->dev &&
			closed.ino == file->ino)
			return true;
	}
	return false;
}

/* ---- opening a file of the namespace ---- */

struct opening {
	int dir_fd;
	const char *path;
	int done_fd;
	atomic_int tid;
	int result;
};

static void *open_in_thread(void *userdata)
{
	struct opening *opening = userdata;
	uint64_t one = 1;
	int fd;

	atomic_store(&opening->tid, gettid());
	fd = openat(opening->dir_fd, opening->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	opening->result = fd < 0 ? -errno : fd;
	while (write(opening->done_fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
	return NULL;
}

/* Answers the helper's own event, if it is among those from position `from` on; the others keep
 * their order. */
static void let_pass(struct measurer *measurer, size_t from, pid_t tid)
{
	struct measurer_batch *batch = &measurer->batch;

	for (size_t i = from; i < batch->n; i++) {
		struct fanotify_event_metadata *event = &batch->events[i];

		if (event->pid != tid || event->fd < 0 || !(event->mask & PERMISSION_EVENTS))
			continue;
		answer(measurer, event, true);
		close(event->fd);
		event->fd = -1;
		event->mask = 0;
	}
}

/* Makes room for the events to come. The helper's own may stand behind more of them than fit: those
 * are judged now. */
static int make_room(struct measurer *measurer)
{
	struct measurer_batch *batch = &measurer->batch;
	size_t n = batch->n - batch->next;

	if (batch->next) {
		memmove(batch->events, batch->events + batch->next, n * sizeof(batch->events[0]));
		batch->n = n;
		batch->next = 0;
	}
	while (batch->n >= MEASURER_BATCH && batch->next < batch->n) {
		int r = handle_event(measurer, &batch->events[batch->next++]);

		if (r < 0) {
			refuse_rest(measurer);
			return r;
		}
		if (batch->next == batch->n)
			batch->next = batch->n = 0;
	}
	return 0;
}

static int serve_until_open(struct measurer *measurer, struct opening *opening)
{
	struct pollfd polls[2] = {{.fd = opening->done_fd, .events = POLLIN},
		{.fd = measurer->fanotify_fd, .events = POLLIN}};

	for (;;) {
		size_t from;
		int r;

		if (poll(polls, ARRAY_SIZE(polls), -1) < 0 && errno != EINTR)
			return -errno;
		if (polls[0].revents)
			return 0;
		r = make_room(measurer);
		if (r < 0)
			return r;
		from = measurer->batch.n;
		(void)read_events(measurer, MEASURER_BATCH_MAX);
		let_pass(measurer, from, atomic_load(&opening->tid));
	}
}

int events_open(struct measurer *measurer, int dir_fd, const char *path)
{
	_cleanup_close_ int done_fd = eventfd(0, EFD_CLOEXEC);
	struct opening opening = {.dir_fd = dir_fd, .path = path, .done_fd = done_fd};
	pthread_t thread;
	int r;

	if (done_fd < 0)
		return -errno;
	r = pthread_create(&thread, NULL, open_in_thread, &opening);
	if (r)
		return -r;
	/* Its event is answered whatever else fails, else it could not be joined. */
	r = serve_until_open(measurer, &opening);
	while (r < 0 && serve_until_open(measurer, &opening) < 0)
		;
	pthread_join(thread, NULL);
	if (r < 0 && opening.result >= 0)
		close(opening.result);
	return r < 0 ? r : opening.result;
}
