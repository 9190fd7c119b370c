/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "proc.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/ioctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "common/cleanup.h"

#ifndef NS_GET_MNTNS_ID /* linux/nsfs.h of Linux 6.12 */
#define NS_GET_MNTNS_ID _IOR(0xb7, 0x5, uint64_t)
#endif

/* mountinfo is the largest file read: a container that makes mounts without end is cut off here. */
#define PROC_FILE_MAX (16u << 20)

/* The thread's directory goes with the thread: all that is missing then means that it is gone. */
static int proc_error(int error)
{
	return error == ENOENT ? -ESRCH : -error;
}

static int proc_open(int proc_fd, pid_t tid, const char *name, int flags)
{
	char path[64];
	int fd;

	if (snprintf(path, sizeof(path), "%d/%s", tid, name) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	fd = openat(proc_fd, path, flags | O_CLOEXEC | O_NOCTTY);
	return fd < 0 ? proc_error(errno) : fd;
}

int proc_read(int proc_fd, pid_t tid, const char *name, char **ret_text, size_t *ret_n)
{
	_cleanup_close_ int fd = proc_open(proc_fd, tid, name, O_RDONLY);
	_cleanup_free_ char *text = NULL;
	size_t n = 0, size = 0;

	if (fd < 0)
		return fd;
	for (;;) {
		ssize_t got;

		if (size - n < 2) {
			char *larger;

			if (size >= PROC_FILE_MAX)
				return -EFBIG;
			size = size ? size * 2 : 4096;
			larger = realloc(text, size);
			if (!larger)
				return -ENOMEM;
			text = larger;
		}
		got = read(fd, text + n, size - n - 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return proc_error(errno);
		if (got == 0)
			break;
		n += (size_t)got;
	}
	text[n] = '\0';
	*ret_text = take_ptr(text);
	*ret_n = n;
	return 0;
}

/* The rest of the line that starts with key, or NULL. The name of the thread stands in the first
 * line and is escaped by the kernel, so that it cannot forge another one. */
static const char *status_field(const char *text, const char *key)
{
	size_t n = strlen(key);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		if (*line == '\n')
			line++;
		if (!strncmp(line, key, n))
			return line + n;
	}
	return NULL;
}

static int status_ids(const char *text, const char *key, uint32_t ret_ids[4])
{
	const char *field = status_field(text, key);

	if (!field || sscanf(field, "%u %u %u %u", &ret_ids[0], &ret_ids[1], &ret_ids[2],
			      &ret_ids[3]) != 4)
		return -EIO;
	return 0;
}

int proc_creds(int proc_fd, pid_t tid, struct proc_creds *ret_creds)
{
	_cleanup_free_ char *text = NULL;
	const char *caps, *no_new_privs;
	unsigned long long effective;
	uint32_t uids[4], gids[4];
	unsigned nnp = 0;
	size_t n;
	int r;

	r = proc_read(proc_fd, tid, "status", &text, &n);
	if (r < 0)
		return r;
	caps = status_field(text, "CapEff:");
	no_new_privs = status_field(text, "NoNewPrivs:");
	if (status_ids(text, "Uid:", uids) < 0 || status_ids(text, "Gid:", gids) < 0 || !caps ||
		sscanf(caps, "%llx", &effective) != 1)
		return -EIO;
	if (no_new_privs && sscanf(no_new_privs, "%u", &nnp) != 1)
		return -EIO;
	*ret_creds = (struct proc_creds){
		.uid = uids[0],
		.euid = uids[1],
		.suid = uids[2],
		.fsuid = uids[3],
		.gid = gids[0],
		.egid = gids[1],
		.sgid = gids[2],
		.fsgid = gids[3],
		.cap_effective = effective,
		.no_new_privs = nnp,
	};
	return 0;
}

int proc_ns(int proc_fd, pid_t tid, const char *type, uint64_t *ret_inode)
{
	char path[64], target[64];
	unsigned long long inode;
	int at = 0;
	ssize_t n;

	if (snprintf(path, sizeof(path), "%d/ns/%s", tid, type) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	/* The link's text, not the namespace itself: an open descriptor would keep it alive. */
	n = readlinkat(proc_fd, path, target, sizeof(target) - 1);
	if (n < 0)
		return proc_error(errno);
	target[n] = '\0';
	if (strncmp(target, type, strlen(type)) ||
		sscanf(target + strlen(type), ":[%llu]%n", &inode, &at) != 1 ||
		target[strlen(type) + (size_t)at])
		return -EIO;
	*ret_inode = inode;
	return 0;
}

int proc_mntns_id64(int proc_fd, pid_t tid, uint64_t *ret_id)
{
	_cleanup_close_ int fd = proc_open(proc_fd, tid, "ns/mnt", O_RDONLY);
	uint64_t id;

	if (fd < 0)
		return fd;
	if (ioctl(fd, NS_GET_MNTNS_ID, &id) < 0)
		return errno == ENOTTY || errno == EINVAL ? -EOPNOTSUPP : -errno;
	*ret_id = id;
	return 0;
}

static int read_idmap(int proc_fd, pid_t tid, const char *name, struct ima_idmap **ret_map)
{
	_cleanup_free_ char *text = NULL;
	struct ima_idmap *map = NULL;
	size_t n;
	int r;

	r = proc_read(proc_fd, tid, name, &text, &n);
	if (r < 0)
		return r;
	r = ima_idmap_parse(text, n, &map);
	if (r < 0)
		return r;
	if (map->n == 1 && map->extents[0].inside == 0 && map->extents[0].outside == 0 &&
		map->extents[0].count == UINT32_MAX) {
		free(map); /* the initial user namespace, or one that maps everything to itself */
		map = NULL;
	}
	*ret_map = map;
	return 0;
}

int proc_idmaps(int proc_fd, pid_t tid, struct ima_idmap **ret_uids, struct ima_idmap **ret_gids)
{
	struct ima_idmap *uids = NULL, *gids = NULL;
	int r;

	r = read_idmap(proc_fd, tid, "uid_map", &uids);
	if (r < 0)
		return r;
	r = read_idmap(proc_fd, tid, "gid_map", &gids);
	if (r < 0) {
		free(uids);
		return r;
	}
	*ret_uids = uids;
	*ret_gids = gids;
	return 0;
}
