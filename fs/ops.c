/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The table of operations, the terms agreed with the kernel, and what no file here can do: answered
 * with the errno that securityfs gives, for an operation without a handler would answer ENOSYS. */
#include "node.h"
#include "ops.h"

#include <errno.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/statvfs.h>

#include "common/wire.h"

/* RELEASE is a background request, and policy is committed by it: it must not wait behind others
 * (of 16 bits; the kernel lowers it to its own limit). */
#define BACKGROUND_MAX 65535

static void op_init(void *userdata, struct fuse_conn_info *conn)
{
	(void)userdata;
	/* O_TRUNC comes with OPEN, so that it is judged there; several tasks may look into one
	 * directory at once; pages that sendfile(2) left are dropped when mtime moves; a symlink is
	 * asked for once, for ours never change and most paths go through /sys/kernel/security/ima.
	 * Not wanted: splicing (the bytes are made here), a writeback cache (a write has a
	 * verdict), locks (the kernel's own serve), readdirplus (attributes that must be fresh),
	 * asynchronous direct I/O. */
	conn->want = conn->capable &
		     (FUSE_CAP_ASYNC_READ | FUSE_CAP_ATOMIC_O_TRUNC | FUSE_CAP_PARALLEL_DIROPS |
			     FUSE_CAP_AUTO_INVAL_DATA | FUSE_CAP_CACHE_SYMLINKS);
	conn->max_write = WIRE_DATA_MAX;
	conn->max_background = BACKGROUND_MAX;
	conn->congestion_threshold = BACKGROUND_MAX;
}

static void op_mknod(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, dev_t device)
{
	(void)parent;
	(void)name;
	(void)mode;
	(void)device;
	fuse_reply_err(req, EPERM);
}

static void op_mkdir(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode)
{
	(void)parent;
	(void)name;
	(void)mode;
	fuse_reply_err(req, EPERM);
}

/* unlink and rmdir */
static void op_unlink(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	(void)parent;
	(void)name;
	fuse_reply_err(req, EPERM);
}

static void op_symlink(fuse_req_t req, const char *target, fuse_ino_t parent, const char *name)
{
	(void)target;
	(void)parent;
	(void)name;
	fuse_reply_err(req, EPERM);
}

static void op_rename(fuse_req_t req, fuse_ino_t parent, const char *name, fuse_ino_t new_parent,
	const char *new_name, unsigned flags)
{
	(void)parent;
	(void)name;
	(void)new_parent;
	(void)new_name;
	(void)flags;
	fuse_reply_err(req, EPERM);
}

static void op_link(fuse_req_t req, fuse_ino_t ino, fuse_ino_t new_parent, const char *new_name)
{
	(void)ino;
	(void)new_parent;
	(void)new_name;
	fuse_reply_err(req, EPERM);
}

static void op_create(
	fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, struct fuse_file_info *fi)
{
	(void)parent;
	(void)name;
	(void)mode;
	(void)fi;
	fuse_reply_err(req, EACCES);
}

static void op_fsync(fuse_req_t req, fuse_ino_t ino, int datasync, struct fuse_file_info *fi)
{
	(void)ino;
	(void)datasync;
	(void)fi;
	fuse_reply_err(req, EINVAL);
}

static void op_releasedir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	(void)ino;
	(void)fi;
	fuse_reply_err(req, 0);
}

static void op_fsyncdir(fuse_req_t req, fuse_ino_t ino, int datasync, struct fuse_file_info *fi)
{
	(void)ino;
	(void)datasync;
	(void)fi;
	fuse_reply_err(req, 0);
}

static void op_statfs(fuse_req_t req, fuse_ino_t ino)
{
	const struct statvfs st = {.f_bsize = 4096, .f_frsize = 4096, .f_namemax = 255};

	(void)ino;
	fuse_reply_statfs(req, &st);
}

static void op_setxattr(
	fuse_req_t req, fuse_ino_t ino, const char *name, const char *value, size_t size, int flags)
{
	(void)ino;
	(void)name;
	(void)value;
	(void)size;
	(void)flags;
	fuse_reply_err(req, EOPNOTSUPP);
}

static void op_getxattr(fuse_req_t req, fuse_ino_t ino, const char *name, size_t size)
{
	(void)ino;
	(void)name;
	(void)size;
	fuse_reply_err(req, EOPNOTSUPP);
}

static void op_removexattr(fuse_req_t req, fuse_ino_t ino, const char *name)
{
	(void)ino;
	(void)name;
	fuse_reply_err(req, EOPNOTSUPP);
}

static void op_listxattr(fuse_req_t req, fuse_ino_t ino, size_t size)
{
	(void)ino;
	if (size)
		fuse_reply_buf(req, NULL, 0);
	else
		fuse_reply_xattr(req, 0);
}

/* access(2) and chdir(2) alone; an open is judged by itself. */
static void op_access(fuse_req_t req, fuse_ino_t ino, int mask)
{
	struct node node;
	int r = node_get(fuse_req_userdata(req), ino, &node);

	if (r == 0)
		r = node_may(&node, fuse_req_ctx(req)->uid, fuse_req_ctx(req)->gid, mask);
	fuse_reply_err(req, -r);
}

static void op_ioctl(fuse_req_t req, fuse_ino_t ino, unsigned command, void *argument,
	struct fuse_file_info *fi, unsigned flags, const void *in, size_t n_in, size_t n_out)
{
	(void)ino;
	(void)command;
	(void)argument;
	(void)fi;
	(void)flags;
	(void)in;
	(void)n_in;
	(void)n_out;
	fuse_reply_err(req, ENOTTY);
}

/* Always ready, as every file without a poll handler (DEFAULT_POLLMASK). */
static void op_poll(
	fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi, struct fuse_pollhandle *handle)
{
	(void)ino;
	(void)fi;
	if (handle)
		fuse_pollhandle_destroy(handle);
	fuse_reply_poll(req, POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM);
}

static void op_bmap(fuse_req_t req, fuse_ino_t ino, size_t block_size, uint64_t index)
{
	(void)ino;
	(void)block_size;
	(void)index;
	fuse_reply_err(req, EINVAL);
}

static void op_fallocate(fuse_req_t req, fuse_ino_t ino, int mode, off_t offset, off_t length,
	struct fuse_file_info *fi)
{
	(void)ino;
	(void)mode;
	(void)offset;
	(void)length;
	(void)fi;
	fuse_reply_err(req, EOPNOTSUPP);
}

static void op_copy_file_range(fuse_req_t req, fuse_ino_t in, off_t in_offset,
	struct fuse_file_info *in_fi, fuse_ino_t out, off_t out_offset,
	struct fuse_file_info *out_fi, size_t n, int flags)
{
	(void)in;
	(void)in_offset;
	(void)in_fi;
	(void)out;
	(void)out_offset;
	(void)out_fi;
	(void)n;
	(void)flags;
	fuse_reply_err(req, EXDEV);
}

const struct fuse_lowlevel_ops session_ops = {
	.init = op_init,
	.lookup = op_lookup,
	.getattr = op_getattr,
	.setattr = op_setattr,
	.readlink = op_readlink,
	.mknod = op_mknod,
	.mkdir = op_mkdir,
	.unlink = op_unlink,
	.rmdir = op_unlink,
	.symlink = op_symlink,
	.rename = op_rename,
	.link = op_link,
	.open = op_open,
	.read = op_read,
	.write = op_write,
	.flush = op_flush,
	.release = op_release,
	.fsync = op_fsync,
	.opendir = op_opendir,
	.readdir = op_readdir,
	.releasedir = op_releasedir,
	.fsyncdir = op_fsyncdir,
	.statfs = op_statfs,
	.setxattr = op_setxattr,
	.getxattr = op_getxattr,
	.listxattr = op_listxattr,
	.removexattr = op_removexattr,
	.access = op_access,
	.create = op_create,
	.bmap = op_bmap,
	.ioctl = op_ioctl,
	.poll = op_poll,
	.fallocate = op_fallocate,
	.copy_file_range = op_copy_file_range,
	.lseek = op_lseek,
};
