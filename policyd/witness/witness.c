/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "witness.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "policyd/measure/measure.h"
#include "policyd/kernel/proc.h"
#include "witness-event.h"
#include "witness.skel.h"

static const char *const namespaces[] = {"mnt", "pid", "user"};

struct witness {
	struct policyd *policyd;
	struct witness_bpf *bpf;
	struct ring_buffer *ring;
	struct loop_source source;
	uint32_t own[ARRAY_SIZE(namespaces)]; /* policyd's own namespaces are never a container's */
	uint64_t lost;
};

static int on_event(void *userdata, void *bytes, size_t n)
{
	struct witness *witness = userdata;
	const struct witness_event *event = bytes;
	struct view *view = registry_by_serial(witness->policyd, event->serial);
	struct measure_witness report = {
		.pid = (int32_t)event->pid,
		.tid = (int32_t)event->tid,
		.dev = event->dev,
		.mount_id = event->mount_id,
		.time_ns = event->time_ns,
		.script = event->script,
	};

	(void)n;
	if (view && view->measurer)
		measurer_witness(view, &report, event->filename,
			strnlen(event->filename, sizeof(event->filename)));
	return 0;
}

static int on_ring(struct loop_source *source, uint32_t events, void *userdata)
{
	struct witness *witness = userdata;

	(void)source;
	(void)events;
	ring_buffer__consume(witness->ring);
	if (witness->bpf->bss->lost != witness->lost) {
		/* Only a host that runs 10,000 executions while policyd gets no turn comes here;
		 * which namespace's they were is not known, so each that is watched learns that its
		 * list may lack one. */
		witness->lost = witness->bpf->bss->lost;
		log_error("witness: the ring was full, %llu executions were not cross-checked",
			(unsigned long long)witness->lost);
		for (struct view *v = witness->policyd->views; v; v = v->next) {
			if (v->measurer)
				measurer_witness_lost(v);
		}
	}
	return 0;
}

static int quiet(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level;
	(void)format;
	(void)args;
	return 0;
}

int witness_new(struct policyd *policyd, struct witness **ret_witness)
{
	struct witness *witness = calloc(1, sizeof(*witness));
	int r;

	if (!witness)
		return -ENOMEM;
	witness->policyd = policyd;
	for (size_t i = 0; i < ARRAY_SIZE(namespaces); i++) {
		uint64_t inode;

		r = proc_ns(policyd->proc_fd, getpid(), namespaces[i], &inode);
		if (r < 0)
			goto fail;
		witness->own[i] = (uint32_t)inode;
	}
	libbpf_set_print(quiet);
	witness->bpf = witness_bpf__open_and_load();
	if (!witness->bpf) {
		r = -EOPNOTSUPP;
		goto fail;
	}
	r = witness_bpf__attach(witness->bpf);
	if (r < 0)
		goto fail;
	witness->ring =
		ring_buffer__new(bpf_map__fd(witness->bpf->maps.events), on_event, witness, NULL);
	if (!witness->ring) {
		r = -errno;
		goto fail;
	}
	r = loop_add(policyd->loop, &witness->source, ring_buffer__epoll_fd(witness->ring), EPOLLIN,
		on_ring, witness);
	if (r < 0)
		goto fail;
	*ret_witness = witness;
	return 0;
fail:
	witness_free(witness);
	return r;
}

void witness_free(struct witness *witness)
{
	if (!witness)
		return;
	loop_remove(&witness->source);
	ring_buffer__free(witness->ring);
	witness_bpf__destroy(witness->bpf);
	free(witness);
}

int witness_watch(struct witness *witness, struct view *view)
{
	if (!witness)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(namespaces); i++) {
		uint64_t inode;
		uint32_t key;
		int r = proc_ns(witness->policyd->proc_fd, view->init_pid, namespaces[i], &inode);

		if (r < 0)
			return r;
		key = (uint32_t)inode;
		if (key == witness->own[i])
			continue;
		r = bpf_map__update_elem(witness->bpf->maps.watched, &key, sizeof(key),
			&view->serial, sizeof(view->serial), BPF_NOEXIST);
		/* Containers that share a pid or user namespace: its first view keeps it, the mount
		 * namespace decides first anyway. */
		if (r < 0 && r != -EEXIST)
			return r == -E2BIG ? -ENOSPC : r;
	}
	return 0;
}

void witness_cover(struct witness *witness, const struct view *view, uint64_t unique_mount_id)
{
	const struct witness_cover key = {
		.unique_mount_id = unique_mount_id, .serial = view->serial};
	const uint32_t one = 1;

	if (witness)
		(void)bpf_map__update_elem(
			witness->bpf->maps.covered, &key, sizeof(key), &one, sizeof(one), BPF_ANY);
}

void witness_unwatch(struct witness *witness, struct view *view)
{
	uint32_t key, next, serial;
	bool more;

	if (!witness)
		return;
	/* The namespaces are gone by now: find them by their serial. */
	more = bpf_map__get_next_key(witness->bpf->maps.watched, NULL, &key, sizeof(key)) == 0;
	while (more) {
		more = bpf_map__get_next_key(
			       witness->bpf->maps.watched, &key, &next, sizeof(next)) == 0;
		if (bpf_map__lookup_elem(witness->bpf->maps.watched, &key, sizeof(key), &serial,
			    sizeof(serial), 0) == 0 &&
			serial == view->serial)
			bpf_map__delete_elem(witness->bpf->maps.watched, &key, sizeof(key), 0);
		key = next;
	}
}
