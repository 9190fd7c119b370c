/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "common/cleanup.h"
#include "node.h"
#include "ops.h"

#define READDIR_MAX 4096

/* Answers with the error unless the node is there. */
static bool find(fuse_req_t req, fuse_ino_t ino, struct node *ret_node)
{
	int r = node_get(fuse_req_userdata(req), ino, ret_node);

	if (r < 0)
		fuse_reply_err(req, -r);
	return r == 0;
}

void op_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct fuse_entry_param entry = {.generation = 1};
	struct node directory, node;
	int r;

	if (!find(req, parent, &directory))
		return;
	entry.entry_timeout = node_entry_timeout(&directory);
	r = node_lookup(&directory, name, &node);
	if (r == 0)
		r = node_stat(&node, &entry.attr);
	if (r == 0) {
		entry.ino = node.ino;
		entry.attr_timeout = node_attr_timeout(&node);
	}
	/* A name that is not there is remembered like one that is: ino stays 0. */
	if (r < 0 && (r != -ENOENT || entry.entry_timeout == 0))
		fuse_reply_err(req, -r);
	else
		fuse_reply_entry(req, &entry);
}

static void reply_attr(fuse_req_t req, const struct node *node)
{
	struct stat st;
	int r = node_stat(node, &st);

	if (r < 0)
		fuse_reply_err(req, -r);
	else
		fuse_reply_attr(req, &st, node_attr_timeout(node));
}

void op_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct node node;

	(void)fi;
	if (find(req, ino, &node))
		reply_attr(req, &node);
}

/* A truncation succeeds and does nothing; every other change is refused. */
void op_setattr(
	fuse_req_t req, fuse_ino_t ino, struct stat *attr, int to_set, struct fuse_file_info *fi)
{
	struct node node;

	(void)attr;
	(void)fi;
	if (!find(req, ino, &node))
		return;
	if (to_set &
		(FUSE_SET_ATTR_MODE | FUSE_SET_ATTR_UID | FUSE_SET_ATTR_GID | FUSE_SET_ATTR_ATIME |
			FUSE_SET_ATTR_MTIME | FUSE_SET_ATTR_ATIME_NOW | FUSE_SET_ATTR_MTIME_NOW))
		fuse_reply_err(req, EPERM);
	else if (!node_is_owner(&node, fuse_req_ctx(req)->uid))
		fuse_reply_err(req, EACCES);
	else
		reply_attr(req, &node);
}

void op_readlink(fuse_req_t req, fuse_ino_t ino)
{
	char target[NODE_TARGET_MAX];
	struct node node;
	int r;

	if (!find(req, ino, &node))
		return;
	r = node_target(&node, target, sizeof(target));
	if (r < 0)
		fuse_reply_err(req, -r);
	else
		fuse_reply_readlink(req, target);
}

void op_opendir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct node node;

	if (!find(req, ino, &node))
		return;
	/* A container's tree never changes; the host's does with every container. */
	fi->cache_readdir = fi->keep_cache = node_entry_timeout(&node) > 0;
	fi->fh = 0;
	fuse_reply_open(req, fi);
}

void op_readdir(
	fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset, struct fuse_file_info *fi)
{
	char buffer[READDIR_MAX], name[NODE_NAME_MAX];
	struct node directory, node;
	uint64_t after = (uint64_t)offset;
	size_t n = 0;

	(void)fi;
	if (!find(req, ino, &directory))
		return;
	size = MIN(size, sizeof(buffer));
	while (node_next(&directory, after, &node, name, &after) > 0) {
		struct stat st = {.st_ino = node.ino, .st_mode = node.row->mode};
		size_t entry =
			fuse_add_direntry(req, buffer + n, size - n, name, &st, (off_t)after);

		if (entry > size - n)
			break;
		n += entry;
	}
	fuse_reply_buf(req, buffer, n);
}
