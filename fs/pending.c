/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pending.h"

#include <errno.h>
#include <stdlib.h>

#include "common/cleanup.h"
#include "fuse.h"
#include "session.h"

#define PENDING_FIRST 16u

static int grow(struct pending_table *table)
{
	uint32_t n = MAX(table->n_allocated * 2, PENDING_FIRST);
	struct pending_slot *slots = reallocarray(table->slots, n, sizeof(*slots));

	if (!slots)
		return -ENOMEM;
	table->slots = slots;
	while (table->n_allocated < n) {
		slots[table->n_allocated] = (struct pending_slot){.next_free = table->first_free};
		table->first_free = ++table->n_allocated;
	}
	return 0;
}

int pending_add(struct pending_table *table, const struct pending *what, uint64_t *ret_cookie)
{
	struct pending_slot *slot;
	uint32_t index;
	int r;

	if (what->session->n_pending >= PENDING_SESSION_MAX)
		return -ENOBUFS;
	if (!table->first_free) {
		r = grow(table);
		if (r < 0)
			return r;
	}
	index = table->first_free - 1;
	slot = &table->slots[index];
	table->first_free = slot->next_free;
	slot->what = *what;
	slot->generation++; /* odd: in use, so no cookie is 0 */
	what->session->n_pending++;
	*ret_cookie = (uint64_t)slot->generation << 32 | index;
	return 0;
}

int pending_take(struct pending_table *table, uint64_t cookie, struct pending *ret_what)
{
	uint32_t index = (uint32_t)cookie;
	struct pending_slot *slot;

	if (index >= table->n_allocated)
		return -ENOENT;
	slot = &table->slots[index];
	if (slot->generation != cookie >> 32 || !(slot->generation & 1))
		return -ENOENT;
	*ret_what = slot->what;
	slot->what = (struct pending){0};
	slot->generation++;
	slot->next_free = table->first_free;
	table->first_free = index + 1;
	if (ret_what->session)
		ret_what->session->n_pending--;
	return 0;
}

void pending_fail(struct pending_table *table, const struct session *session, int error)
{
	for (uint32_t i = 0; i < table->n_allocated; i++) {
		struct pending *what = &table->slots[i].what;

		if (!what->req || (session && what->session != session))
			continue;
		fuse_reply_err(what->req, error);
		what->session->n_pending--;
		what->req = NULL;
		what->session = NULL;
	}
}

void pending_done(struct pending_table *table)
{
	free(table->slots);
	*table = (struct pending_table){0};
}
