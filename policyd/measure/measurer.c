/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "measurer.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"

/* What waited for the event in hand, and the events that were read while it was looked at. */
static int run_deferred(struct measurer *measurer)
{
	int r;

	do {
		r = witness_run_deferred(measurer);
		if (r == 0 && events_waiting(measurer))
			r = events_handle(measurer);
	} while (r == 0 && (measurer->deferred || events_waiting(measurer)));
	return r;
}

static int keep_sweeping(struct measurer *measurer);

/* What was allowed to be executed is looked at again while there is any. */
static int on_sweep(struct loop_timer *timer, void *userdata)
{
	struct measurer *measurer = userdata;
	int r = events_handle(measurer);

	(void)timer;
	measurer->sweeping = false;
	if (r == 0)
		r = run_deferred(measurer);
	if (r == 0 && measurer->batch.drained)
		executing_sweep(measurer);
	return r < 0 ? r : keep_sweeping(measurer);
}

static int keep_sweeping(struct measurer *measurer)
{
	if (measurer->sweeping || !measurer->executing.n)
		return 0;
	measurer->sweeping = true;
	return loop_timer_start(
		measurer->loop, &measurer->executing_sweep, EXECUTING_SWEEP_MS, on_sweep, measurer);
}

static int on_socket(struct loop_source *source, uint32_t events, void *userdata)
{
	struct measurer *measurer = userdata;
	int r = wire_flush(&measurer->wire);

	(void)source;
	(void)events;
	if (r == 0)
		r = peer_receive(measurer);
	if (r == 0)
		r = run_deferred(measurer);
	return r;
}

static int on_fanotify(struct loop_source *source, uint32_t events, void *userdata)
{
	struct measurer *measurer = userdata;
	int r = events_handle(measurer);

	(void)source;
	(void)events;
	if (r == 0)
		r = run_deferred(measurer);
	return r < 0 ? r : keep_sweeping(measurer);
}

static int map_head(int fd, const struct view_head **ret_head)
{
	const struct view_head *head = mmap(NULL, sizeof(*head), PROT_READ, MAP_SHARED, fd, 0);

	if (head == MAP_FAILED)
		return -errno;
	if (head->magic != VIEW_MAGIC || head->version != VIEW_VERSION) {
		munmap((void *)head, sizeof(*head));
		return -EPROTO;
	}
	*ret_head = head;
	return 0;
}

/* The socket's other end is policyd: its own opens in the namespace's tree (a policy file that a
 * container names) must not wait for us, who would wait for it. */
static pid_t socket_peer(int fd)
{
	struct ucred peer;
	socklen_t n = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) < 0)
		return 0;
	return peer.pid == getpid() ? 0 : peer.pid;
}

/* What is executed from this mount need not be cross-checked, if it was marked before the namespace
 * had any rule: then whatever the kernel had opened without asking was opened when nothing was to
 * be measured. Of a mount that is marked later the same cannot be said: an execution that began
 * before may be held up as long as its author likes. */
static void on_marked(void *userdata, uint64_t unique)
{
	struct measurer *measurer = userdata;
	const struct measure_covered covered = {.unique_id = unique};

	if (atomic_load(&measurer->head->policy_generation) == 0)
		(void)wire_send(&measurer->wire, MEASURE_COVERED, 0, &covered, NULL, 0, NULL, 0);
}

static int start(struct measurer *measurer)
{
	uint64_t seed = 0;
	int r;

	/* A writer that meets the read lease of file_writer() would end us with it. */
	if (signal(SIGIO, SIG_IGN) == SIG_ERR)
		return -errno;
	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		return -EIO;
	measurer->policyd_pid = socket_peer(MEASURE_SOCKET_FD);
	measurer->fanotify_fd = MEASURE_FANOTIFY_FD;
	measurer->deferred_last = &measurer->deferred;
	measurer->proc_fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (measurer->proc_fd < 0)
		return -errno;
	measurer->buffer = malloc(WIRE_MAX);
	if (!measurer->buffer)
		return -ENOMEM;
	r = map_head(MEASURE_VIEW_FD, &measurer->head);
	if (r == 0)
		r = hasher_new(&measurer->hasher);
	if (r == 0)
		r = cache_new(CACHE_MAX, seed, &measurer->cache);
	if (r == 0)
		r = loop_new(&measurer->loop);
	if (r < 0)
		return r;
	events_refuse_inherited(measurer);
	marks_init(&measurer->marks, measurer->loop, measurer->fanotify_fd, measurer->proc_fd);
	measurer->marks.on_marked = on_marked;
	measurer->marks.userdata = measurer;
	wire_init(&measurer->wire, MEASURE_SOCKET_FD, measure_ops, ARRAY_SIZE(measure_ops),
		MEASURE_POLICYD);
	measurer->wire.source = &measurer->socket_source;
	r = loop_add(measurer->loop, &measurer->socket_source, MEASURE_SOCKET_FD, EPOLLIN,
		on_socket, measurer);
	if (r == 0)
		r = loop_add(measurer->loop, &measurer->fanotify_source, measurer->fanotify_fd,
			EPOLLIN, on_fanotify, measurer);
	return r;
}

static void stop(struct measurer *measurer)
{
	while (measurer->deferred) {
		struct deferred *one = measurer->deferred;

		measurer->deferred = one->next;
		free(one);
	}
	loop_timer_stop(&measurer->executing_sweep);
	marks_done(&measurer->marks);
	wire_done(&measurer->wire);
	loop_free(measurer->loop);
	cache_free(measurer->cache);
	hasher_free(measurer->hasher);
	ima_policy_free(measurer->policy);
	if (measurer->head)
		munmap((void *)measurer->head, sizeof(*measurer->head));
	if (measurer->proc_fd > 0)
		close(measurer->proc_fd);
	free(measurer->buffer);
	free(measurer);
}

int measure_main(void)
{
	struct measurer *measurer = calloc(1, sizeof(*measurer));
	int r;

	log_open("measurer");
	if (!measurer) {
		log_error("out of memory");
		return EXIT_FAILURE;
	}
	r = start(measurer);
	if (r == 0)
		r = loop_run(measurer->loop);
	if (r < 0 && r != -EPIPE)
		log_error("ends: %s", strerror(-r));
	stop(measurer);
	/* policyd closed the socket: the namespace is not measured any more. */
	return r == -EPIPE ? EXIT_SUCCESS : EXIT_FAILURE;
}
