/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "policyd/policyd.h"

#include "policyd/server/server.h"
#include "policyd/witness/witness.h"

struct view *registry_by_serial(struct policyd *policyd, uint32_t serial)
{
	for (struct view *view = policyd->views; view; view = view->next) {
		if (view->serial == serial)
			return view;
	}
	return NULL;
}

struct view *registry_by_id(struct policyd *policyd, uint64_t id)
{
	for (struct view *view = policyd->views; view && id; view = view->next) {
		if (view->id == id)
			return view;
	}
	return NULL; /* also for 0: a view that waits for its namespace has no id yet */
}

void registry_add(struct policyd *policyd, struct view *view)
{
	struct view **at = &policyd->views;

	while (*at) /* at the end: serials rise along the list, and LIST goes on by serial */
		at = &(*at)->next;
	*at = view;
}

void registry_remove(struct policyd *policyd, struct view *view)
{
	for (struct view **at = &policyd->views; *at; at = &(*at)->next) {
		if (*at != view)
			continue;
		*at = view->next;
		view->next = NULL;
		break;
	}
	witness_unwatch(policyd->witness, view);
	server_barrier_view_gone(policyd, view);
	handle_drop_all(view);
	view_free(view);
}
