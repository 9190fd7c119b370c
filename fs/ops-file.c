/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "broker.h"
#include "common/cleanup.h"
#include "node.h"
#include "ops.h"
#include "server.h"

/* What one READ can ask for, where the kernel negotiated pages a request or its default of 32. */
#define READ_MAX (128 * 1024)

/* Does policyd decide about this open? */
static bool must_ask(fuse_req_t req, const struct node *node, int flags)
{
	switch (node->row->open) {
	case OPEN_ANYONE:
		return false;
	case OPEN_READER:
	case OPEN_WRITER:
		return !broker_only_judges(node->row, flags) || !broker_knows_reader(req, node);
	case OPEN_ASK:
		break;
	}
	return true;
}

/* Refusals that need no judgement. 0 or -errno. */
static int check_open(fuse_req_t req, const struct node *node, int flags)
{
	const struct fuse_ctx *caller = fuse_req_ctx(req);
	const struct view_head *head;
	int r;

	if (flags & O_DIRECT)
		return -EINVAL;
	/* Of the other files policyd judges the mode as well. */
	if (node->row->open == OPEN_ANYONE || !node->owner) {
		int access = flags & O_ACCMODE;
		int mask = (access != O_WRONLY ? R_OK : 0) |
			   (access != O_RDONLY || flags & O_TRUNC ? W_OK : 0);

		r = node_may(node, caller->uid, caller->gid, mask);
		if (r < 0)
			return r;
	}
	if (!(node->row->flags & ROW_NEEDS_ACTIVE))
		return 0;
	head = view_head(&node->owner->view);
	if (!head)
		return -EIO;
	return atomic_load(&head->flags) & VIEW_ACTIVE ? 0 : -EACCES;
}

void op_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct node node;
	int r;

	r = node_get(fuse_req_userdata(req), ino, &node);
	if (r == 0)
		r = check_open(req, &node, fi->flags);
	if (r < 0) {
		fuse_reply_err(req, -r);
		return;
	}
	if (must_ask(req, &node, fi->flags)) {
		broker_open(req, &node, fi);
		return;
	}
	fi->fh = 0;
	fi->direct_io = 1;
	fi->noflush = (fi->flags & O_ACCMODE) == O_RDONLY;
	fuse_reply_open(req, fi);
}

void op_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset, struct fuse_file_info *fi)
{
	static _Alignas(4096) char buffer[READ_MAX]; /* the kernel pins a page less */
	struct session *session = fuse_req_userdata(req);
	int fd = fi->fh ? snapshots_find(&session->server->snapshots, fi->fh) : -1;
	struct node node;
	ssize_t n;

	size = MIN(size, sizeof(buffer));
	if (fd >= 0) {
		n = pread(fd, buffer, size, offset);
		n = n < 0 ? -errno : n;
	} else {
		n = node_get(session, ino, &node);
		if (n == 0)
			n = node.row->read ? node.row->read(&node, (uint64_t)offset, buffer, size)
					   : -EINVAL;
	}
	if (n < 0)
		fuse_reply_err(req, (int)-n);
	else
		fuse_reply_buf(req, buffer, (size_t)n);
}

void op_write(fuse_req_t req, fuse_ino_t ino, const char *bytes, size_t size, off_t offset,
	struct fuse_file_info *fi)
{
	struct session *session = fuse_req_userdata(req);
	struct node node;
	int r;

	if (fi->fh) {
		broker_write(req, session, fi, bytes, size, (uint64_t)offset);
		return;
	}
	/* What was opened without policyd is not for writing, though root can open it so; and
	 * seq_open() takes pwrite(2) away. */
	r = node_get(session, ino, &node);
	if (r == 0)
		r = node.row->flags & ROW_SEQ && offset && !(fi->flags & O_APPEND) ? -ESPIPE
										   : -EINVAL;
	fuse_reply_err(req, -r);
}

void op_flush(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	(void)ino;
	if (!fi->fh)
		fuse_reply_err(req, 0);
	else
		broker_flush(req, fuse_req_userdata(req), fi->fh);
}

void op_release(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	(void)ino;
	if (!fi->fh)
		fuse_reply_err(req, 0);
	else
		broker_release(req, fuse_req_userdata(req), fi->fh);
}

/* Only SEEK_DATA and SEEK_HOLE come here. seq_lseek() knows neither. A file whose size is told (the
 * kernel says 0) must say that all of it is data: cp(1) makes a hole of what is not. */
void op_lseek(fuse_req_t req, fuse_ino_t ino, off_t offset, int whence, struct fuse_file_info *fi)
{
	struct stat st = {0};
	struct node node;
	int r = node_get(fuse_req_userdata(req), ino, &node);

	(void)fi;
	if (r == 0)
		r = node.row->flags & ROW_SEQ ? -EINVAL : node_stat(&node, &st);
	if (r == 0 && offset >= st.st_size)
		r = -ENXIO;
	if (r < 0)
		fuse_reply_err(req, -r);
	else
		fuse_reply_lseek(req, whence == SEEK_DATA ? offset : st.st_size);
}
