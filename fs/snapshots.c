/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "snapshots.h"

#include <errno.h>
#include <stdlib.h>

#include "common/cleanup.h"
#include "session.h"

struct snapshot {
	struct snapshot *next;
	struct session *session;
	uint64_t handle;
	int fd;
};

static unsigned bucket(uint64_t handle)
{
	/* The serial is in the upper half, a counter in the lower. */
	return (unsigned)((handle ^ handle >> 32) % SNAPSHOTS_BUCKETS);
}

int snapshots_add(struct snapshot_table *table, struct session *session, uint64_t handle, int fd)
{
	struct snapshot *snapshot = malloc(sizeof(*snapshot));

	if (!snapshot) {
		close_fd(&fd);
		return -ENOMEM;
	}
	*snapshot = (struct snapshot){.next = table->buckets[bucket(handle)],
		.session = session,
		.handle = handle,
		.fd = fd};
	table->buckets[bucket(handle)] = snapshot;
	session->n_snapshots++;
	return 0;
}

int snapshots_find(const struct snapshot_table *table, uint64_t handle)
{
	for (const struct snapshot *s = table->buckets[bucket(handle)]; s; s = s->next) {
		if (s->handle == handle)
			return s->fd;
	}
	return -1;
}

static void unlink_and_free(struct snapshot **link)
{
	struct snapshot *snapshot = *link;

	*link = snapshot->next;
	snapshot->session->n_snapshots--;
	close_fd(&snapshot->fd);
	free(snapshot);
}

void snapshots_remove(struct snapshot_table *table, uint64_t handle)
{
	for (struct snapshot **link = &table->buckets[bucket(handle)]; *link;
		link = &(*link)->next) {
		if ((*link)->handle == handle) {
			unlink_and_free(link);
			return;
		}
	}
}

void snapshots_remove_session(struct snapshot_table *table, const struct session *session)
{
	for (unsigned i = 0; i < SNAPSHOTS_BUCKETS; i++) {
		struct snapshot **link = &table->buckets[i];

		while (*link) {
			if (!session || (*link)->session == session)
				unlink_and_free(link);
			else
				link = &(*link)->next;
		}
	}
}
