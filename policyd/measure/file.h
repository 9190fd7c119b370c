/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* What the kernel says about the file behind an event's descriptor. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "cache.h"

struct file {
	int fd; /* borrowed */
	uint64_t dev, ino, mount_id;
	uint32_t mode, uid, gid, n_links;
	uint64_t n_blocks; /* of 512 bytes */
	struct cache_stamp stamp;
};

/* 0 or -errno of statx(2). */
int file_stat(int fd, struct file *ret_file);

/* Holes cost a container nothing and a measurer a minute for every 64 GiB, during which nobody
 * reads the queue of events that the kernel keeps for it: one who makes files of exbibytes would
 * fill the host's memory. */
#define FILE_HOLES_MAX (64ull << 30)

/* Are there too many holes in it to be hashed? */
bool file_is_hollow(const struct file *file);

enum file_writer {
	FILE_NO_WRITER,
	FILE_WRITER,         /* somebody has it open for writing */
	FILE_WRITER_UNKNOWN, /* the file system has no leases */
};
/* Takes a read lease and gives it back at once: the kernel refuses one exactly while the inode is
 * open for writing. A writer that comes in that instant is held up for it. Needs CAP_LEASE; SIGIO
 * must be ignored. */
enum file_writer file_writer(int fd);

/* The path as the namespace of thread tid sees it; over long or failing, the file's own name, as
 * ima_d_path(). text takes IMA_PATH_MAX + 1 bytes. Its length, or -errno. */
int file_path(int proc_fd, pid_t tid, const struct file *file, char *text);

/* security.ima into IMA_SIG_MAX bytes. Its length; 0: it has none or a longer one. */
size_t file_signature(int fd, uint8_t *bytes);

/* Magic number of its file system, or 0. */
uint64_t file_fsmagic(int fd);
/* UUID of its file system; zeros where there is none or the kernel (before 6.9) does not tell. */
void file_fsuuid(int fd, uint8_t uuid[16]);

struct file_mount {
	char type[64]; /* of the file system, without a subtype */
	bool nosuid;
};
/* Looks its mount up in the mounts that thread tid sees. 0; -ENOENT; -errno. */
int file_mount(int proc_fd, pid_t tid, const struct file *file, struct file_mount *ret_mount);
