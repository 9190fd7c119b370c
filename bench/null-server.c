/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* null-server -f MOUNTPOINT: a low-level libfuse server of one file, `list`, of 4096 bytes, that
 * does nothing but answer. Its answers allow the kernel to keep what a view's allow: names for
 * ever, a growing file's attributes not at all, no pages; so what a view costs above it is what
 * vsecfs itself does. */
#define FUSE_USE_VERSION 314
#include <errno.h>
#include <fuse3/fuse_lowlevel.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_INO  2
#define FILE_SIZE 4096
#define FOREVER   86400.0

static char content[FILE_SIZE];

static int attributes(fuse_ino_t ino, struct stat *ret_stat)
{
	memset(ret_stat, 0, sizeof *ret_stat);
	ret_stat->st_ino = ino;
	ret_stat->st_nlink = 1;
	ret_stat->st_mode = ino == FILE_INO ? S_IFREG | 0440 : S_IFDIR | 0755;
	ret_stat->st_size = ino == FILE_INO ? FILE_SIZE : 0;
	return ino == FILE_INO || ino == FUSE_ROOT_ID ? 0 : ENOENT;
}

static void op_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct fuse_entry_param entry = {.ino = FILE_INO, .entry_timeout = FOREVER};

	if (parent != FUSE_ROOT_ID || strcmp(name, "list")) {
		fuse_reply_err(req, ENOENT);
		return;
	}
	attributes(FILE_INO, &entry.attr);
	fuse_reply_entry(req, &entry);
}

static void op_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct stat st;
	int r = attributes(ino, &st);

	(void)fi;
	if (r)
		fuse_reply_err(req, r);
	else
		fuse_reply_attr(req, &st, ino == FILE_INO ? 0 : FOREVER);
}

static void op_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	(void)ino;
	fi->direct_io = 1;
	fi->noflush = 1;
	fuse_reply_open(req, fi);
}

static void op_read(
	fuse_req_t req, fuse_ino_t ino, size_t size, off_t off, struct fuse_file_info *fi)
{
	(void)ino;
	(void)fi;
	if (off >= FILE_SIZE)
		size = 0;
	else if (size > (size_t)(FILE_SIZE - off))
		size = FILE_SIZE - off;
	fuse_reply_buf(req, content + (size ? off : 0), size);
}

static void op_release(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	(void)ino;
	(void)fi;
	fuse_reply_err(req, 0);
}

static const struct fuse_lowlevel_ops ops = {
	.lookup = op_lookup,
	.getattr = op_getattr,
	.open = op_open,
	.read = op_read,
	.release = op_release,
};

int main(int argc, char **argv)
{
	struct fuse_args args = FUSE_ARGS_INIT(0, NULL);
	struct fuse_session *session;
	int r = 1;

	if (argc != 3 || strcmp(argv[1], "-f"))
		return 2;
	memset(content, 'x', sizeof content);
	if (fuse_opt_add_arg(&args, argv[0]) || fuse_opt_add_arg(&args, "-oallow_other"))
		return 1;
	session = fuse_session_new(&args, &ops, sizeof ops, NULL);
	if (!session)
		return 1;
	if (fuse_set_signal_handlers(session) == 0 && fuse_session_mount(session, argv[2]) == 0) {
		r = fuse_session_loop(session) < 0;
		fuse_session_unmount(session);
	}
	fuse_session_destroy(session);
	fuse_opt_free_args(&args);
	return r;
}
