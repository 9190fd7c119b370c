/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* What vsecfs asks policyd, which judges: sends the requests that it has no answer for itself, and
 * passes the answers on to the kernel. Never blocks. Owner: the server. */
#include <stdbool.h>
#include <stdint.h>

#include "fuse.h"
#include "node.h"

struct server;

/* Is an open with these flags judged by policyd and no more, so that it leaves nothing there? */
bool broker_only_judges(const struct file_row *row, int flags);
/* Has policyd just allowed the caller such an open of this view? */
bool broker_knows_reader(fuse_req_t req, const struct node *node);

/* Each forwards one request and answers it later, or at once with the errno if it cannot be sent:
 * ENOBUFS: too much waits for policyd already; EMFILE: too many snapshots are open in this view. */
void broker_open(fuse_req_t req, const struct node *node, const struct fuse_file_info *fi);
void broker_write(fuse_req_t req, struct session *session, const struct fuse_file_info *fi,
	const char *bytes, size_t n, uint64_t offset);
void broker_flush(fuse_req_t req, struct session *session, uint64_t handle);
/* Tells policyd and answers at once, for nobody waits for the commit that a release makes. */
void broker_release(fuse_req_t req, struct session *session, uint64_t handle);

/* Tells policyd that a session ended by itself. */
void broker_session_gone(struct server *server, uint32_t serial);

/* Watches the wire. 0 or -errno. */
int broker_start(struct server *server);
