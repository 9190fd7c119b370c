/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* What a node id stands for in a session: a row of the table and whose view it belongs to. Computed
 * at each request; nothing is kept for a file that the kernel knows. */
#include <stdint.h>
#include <sys/stat.h>

#include "file-table.h"
#include "session.h"

struct node {
	uint64_t ino;
	const struct file_row *row;
	struct session *session; /* through which superblock it was reached */
	struct session *owner;   /* whose view it is of; NULL: the host face's own */
};

/* 0; -ESTALE: its view is gone, or there is no such node. */
int node_get(struct session *session, uint64_t ino, struct node *ret_node);
/* The entry called name of the directory. 0, -ENOENT, -ENAMETOOLONG. */
int node_lookup(const struct node *directory, const char *name, struct node *ret_node);
/* The directory's entry after offset `after` (0: the first), with its name (of at least
 * NODE_NAME_MAX bytes) and its own offset. 1; 0: no more. The entries "." and ".." come first. */
#define NODE_NAME_MAX 64
int node_next(const struct node *directory, uint64_t after, struct node *ret_node,
	char name[NODE_NAME_MAX], uint64_t *ret_offset);

/* 0; -EIO: the state file cannot be read. */
int node_stat(const struct node *node, struct stat *ret_stat);
/* Is it the owner of the files (the container's root), or the host's root? */
bool node_is_owner(const struct node *node, uid_t uid);
/* Do owner and mode allow R_OK, W_OK, X_OK of mask? An owner passes as root does. 0; -EACCES;
 * -errno of node_stat(). */
int node_may(const struct node *node, uid_t uid, gid_t gid, int mask);
/* How long the kernel may keep the attributes, and a name in this directory, in seconds. */
double node_attr_timeout(const struct node *node);
double node_entry_timeout(const struct node *directory);
/* The target of a symlink into dest, of at least NODE_TARGET_MAX bytes. Length, or -EINVAL: is
 * none.
 */
#define NODE_TARGET_MAX 128
int node_target(const struct node *node, char *dest, size_t n);
