/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "node.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "server.h"

#define FOREVER 86400.0
#define DOTS    2u /* readdir offsets of "." and "..", and what is added to those of entries */

static void make(const struct node *from, struct session *owner, const struct file_row *row,
	struct node *ret_node)
{
	/* In a view's own superblock the serial part is 0; on the host face it says whose file it
	 * is, 0 standing for the host face itself. */
	uint32_t serial = from->session->face == FACE_HOST && owner ? owner->serial : 0;
	enum file_kind kind = row->kind == KIND_HOST_ROOT ? KIND_ROOT : row->kind;

	*ret_node = (struct node){
		.ino = NODE(serial, kind), .row = row, .session = from->session, .owner = owner};
}

static bool is_host_kind(enum file_kind kind)
{
	return kind >= KIND_HOST_IMA;
}

int node_get(struct session *session, uint64_t ino, struct node *ret_node)
{
	enum file_kind kind = NODE_KIND(ino);
	uint32_t serial = NODE_SERIAL(ino);
	struct session *owner = session;
	const struct file_row *row;

	if (ino >> 48 || kind == KIND_HOST_ROOT)
		return -ESTALE;
	if (session->face == FACE_HOST) {
		owner = serial ? session_find(session->server, serial) : NULL;
		if (serial && (!owner || owner->view.fd < 0))
			return -ESTALE;
		if (!serial && kind == KIND_ROOT)
			kind = KIND_HOST_ROOT;
		/* A view's files belong to a view, the host face's to none; ima/<id> is the host's
		 * and speaks of one. */
		if ((kind == KIND_HOST_IMA_ID || !is_host_kind(kind)) != (serial != 0))
			return -ESTALE;
	} else if (serial || is_host_kind(kind)) {
		return -ESTALE;
	}
	row = table_row(kind);
	if (!row)
		return -ESTALE;
	*ret_node = (struct node){.ino = ino, .row = row, .session = session, .owner = owner};
	return 0;
}

int node_lookup(const struct node *directory, const char *name, struct node *ret_node)
{
	struct session *owner = directory->owner;
	const struct file_row *row;

	if (strlen(name) > NAME_MAX)
		return -ENAMETOOLONG;
	if (directory->row->per_view) {
		owner = session_by_id(directory->session->server, name);
		row = owner ? table_row(directory->row->per_view) : NULL;
	} else {
		row = table_lookup(directory->row->kind, name);
	}
	if (!row)
		return -ENOENT;
	make(directory, owner, row, ret_node);
	return 0;
}

static void parent(const struct node *node, struct node *ret_node)
{
	enum file_kind kind = node->row->parent;
	struct session *owner = node->owner;

	if (node->row->kind == KIND_ROOT && node->session->face == FACE_HOST)
		kind = KIND_HOST_NS;
	if (is_host_kind(kind))
		owner = NULL;
	if (kind == KIND_NONE)
		*ret_node = *node;
	else
		make(node, owner, table_row(kind), ret_node);
}

int node_next(const struct node *directory, uint64_t after, struct node *ret_node,
	char name[NODE_NAME_MAX], uint64_t *ret_offset)
{
	struct session *owner = directory->owner;
	const struct file_row *row;

	*ret_offset = after + 1;
	if (after < DOTS) {
		strcpy(name, after ? ".." : ".");
		if (after)
			parent(directory, ret_node);
		else
			*ret_node = *directory;
		return 1;
	}
	after -= DOTS;
	if (after > UINT32_MAX) /* a made-up offset */
		return 0;
	if (directory->row->per_view) {
		owner = session_next_bound(directory->session->server, (uint32_t)after);
		if (!owner)
			return 0;
		row = table_row(directory->row->per_view);
		snprintf(name, NODE_NAME_MAX, "%" PRIu64, view_id(&owner->view));
		*ret_offset = DOTS + (uint64_t)owner->serial;
	} else {
		row = after < KIND_MAX ? table_next(directory->row->kind, (enum file_kind)after)
				       : NULL;
		if (!row)
			return 0;
		snprintf(name, NODE_NAME_MAX, "%s", row->name);
		*ret_offset = DOTS + (uint64_t)row->kind;
	}
	make(directory, owner, row, ret_node);
	return 1;
}

static unsigned n_subdirs(const struct node *node)
{
	unsigned n = table_n_subdirs(node->row->kind);
	struct session *bound = NULL;

	if (node->row->per_view != KIND_ROOT)
		return n;
	while ((bound = session_next_bound(node->session->server, bound ? bound->serial : 0)))
		n++;
	return n;
}

/* The part of a time that moves whenever the content does: the kernel drops the pages that
 * sendfile(2) left in its cache when it sees another mtime or size. */
static int stamp(struct view *view, const struct view_head *head, long *ret_nsec)
{
	struct list list;
	uint64_t moved;
	int r;

	r = view_list(view, &list);
	if (r < 0)
		return r;
	moved = list_count(&list) + atomic_load(&head->policy_generation) +
		atomic_load(&head->flags) + atomic_load(&head->hash) + atomic_load(&head->template);
	*ret_nsec = (long)(moved % 1000000000);
	return 0;
}

int node_stat(const struct node *node, struct stat *ret_stat)
{
	struct stat st = {.st_ino = node->ino,
		.st_mode = node->row->mode,
		.st_nlink = 1,
		.st_blksize = 4096,
		.st_mtim.tv_sec = node->session->server->since};
	char target[NODE_TARGET_MAX];

	if (node->owner) {
		const struct view_head *head = view_head(&node->owner->view);
		int r;

		if (!head)
			return -EIO;
		if (!is_host_kind(node->row->kind)) {
			st.st_uid = head->root_uid;
			st.st_gid = head->root_gid;
		}
		if (node->row->flags & ROW_CHANGES) {
			r = stamp(&node->owner->view, head, &st.st_mtim.tv_nsec);
			if (r < 0)
				return r;
		}
	}
	if (S_ISDIR(st.st_mode))
		st.st_nlink = 2 + n_subdirs(node);
	else if (S_ISLNK(st.st_mode))
		st.st_size =
			node_target(node, target, sizeof(target)); /* else a cached one is cut */
	else if (node->row->size)
		st.st_size = (off_t)node->row->size(node);
	st.st_blocks = (st.st_size + 511) / 512; /* fewer would tell cp(1) of holes */
	st.st_atim = st.st_ctim = st.st_mtim;
	*ret_stat = st;
	return 0;
}

bool node_is_owner(const struct node *node, uid_t uid)
{
	const struct view_head *head;

	if (uid == 0)
		return true;
	head = node->owner ? view_head(&node->owner->view) : NULL;
	return head && uid == head->root_uid;
}

int node_may(const struct node *node, uid_t uid, gid_t gid, int mask)
{
	struct stat st;
	unsigned bits;
	int r;

	r = node_stat(node, &st);
	if (r < 0)
		return r;
	if (node_is_owner(node, uid)) /* as with CAP_DAC_OVERRIDE, which makes nothing executable */
		return mask & X_OK && !(st.st_mode & 0111) ? -EACCES : 0;
	bits = gid == st.st_gid ? st.st_mode >> 3 : st.st_mode;
	return (unsigned)mask & ~bits & 7 ? -EACCES : 0;
}

double node_attr_timeout(const struct node *node)
{
	/* A view that waits for its namespace may still learn who owns it. */
	if (node->row->flags & ROW_CHANGES || (node->owner && !view_id(&node->owner->view)))
		return 0;
	return FOREVER;
}

double node_entry_timeout(const struct node *directory)
{
	return directory->session->face == FACE_CONTAINER ? FOREVER : 0;
}

int node_target(const struct node *node, char *dest, size_t n)
{
	if (!S_ISLNK(node->row->mode))
		return -EINVAL;
	if (node->row->target)
		return snprintf(dest, n, "%s", node->row->target);
	return snprintf(dest, n, "../ns/%" PRIu64 "/integrity/ima", view_id(&node->owner->view));
}
