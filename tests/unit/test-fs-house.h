/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* A server with the host face and three views made of images, for tests of nodes and contents. */
#include "fs/node.h"
#include "fs/server.h"
#include "test-fs-image.h"

#define N_VIEWS 3

extern struct image images[N_VIEWS];
extern struct session sessions[1 + N_VIEWS];
extern struct server server;
/* The host face, views 4 (id 1000), 5 (not bound yet) and 9 (id 900). */
extern struct session *const host, *const view4, *const view5;

/* A checked fixture. */
void house_setup(void);
void house_teardown(void);

/* Follows a path from the root of a session's superblock. 0 or -errno of node_lookup(). */
int house_walk(struct session *session, const char *path, struct node *ret_node);
