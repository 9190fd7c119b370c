/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-fs-house.h"

#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "unit.h"

struct image images[N_VIEWS];
struct session sessions[1 + N_VIEWS];
static struct session *by_serial[1 + N_VIEWS];
struct server server;

void house_setup(void)
{
	static const uint32_t serials[] = {4, 5, 9};
	static const uint64_t ids[] = {1000, 0, 900};

	server = (struct server){.sessions = by_serial, .n_sessions = 1 + N_VIEWS, .since = 77};
	server_lsm(server.lsm, "lockdown,yama");
	for (size_t i = 0; i < 1 + N_VIEWS; i++) {
		sessions[i] = (struct session){.server = &server,
			.serial = i ? serials[i - 1] : 0,
			.face = i ? FACE_CONTAINER : FACE_HOST,
			.view.fd = -1};
		by_serial[i] = &sessions[i];
		if (!i)
			continue;
		image_init(&images[i - 1], serials[i - 1]);
		image_head(&images[i - 1])->id = ids[i - 1];
		ck_assert_int_eq(
			view_init(&sessions[i].view, dup(images[i - 1].fd), serials[i - 1]), 0);
	}
}

void house_teardown(void)
{
	for (size_t i = 0; i < N_VIEWS; i++) {
		view_done(&sessions[i + 1].view);
		image_done(&images[i]);
	}
}

struct session *const host = &sessions[0], *const view4 = &sessions[1], *const view5 = &sessions[2];

int house_walk(struct session *session, const char *path, struct node *ret_node)
{
	_cleanup_free_ char *copy = strdup(path);
	char *rest = copy, *name;
	int r = node_get(session, 1, ret_node);

	while (r == 0 && (name = strsep(&rest, "/"))) {
		struct node directory = *ret_node;

		r = *name ? node_lookup(&directory, name, ret_node) : 0;
	}
	return r;
}
