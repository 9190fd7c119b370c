/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "policyd/kernel/mountinfo.h"
#include "policyd/kernel/proc.h"

/* Linux 6.9; newer than the headers of the oldest system this is built on. */
struct fsuuid_answer {
	uint8_t n;
	uint8_t uuid[16];
};
#define FSUUID_IOCTL _IOR(0x15, 0, struct fsuuid_answer)

static struct timespec timespec_of(const struct statx_timestamp *t)
{
	return (struct timespec){.tv_sec = t->tv_sec, .tv_nsec = t->tv_nsec};
}

int file_stat(int fd, struct file *ret_file)
{
	struct statx st;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_BTIME | STATX_MNT_ID, &st) < 0)
		return -errno;
	*ret_file = (struct file){
		.fd = fd,
		.dev = (uint64_t)st.stx_dev_major << 20 | st.stx_dev_minor,
		.ino = st.stx_ino,
		.mount_id = st.stx_mnt_id,
		.mode = st.stx_mode,
		.uid = st.stx_uid,
		.gid = st.stx_gid,
		.n_links = st.stx_nlink,
		.n_blocks = st.stx_blocks,
		.stamp = {.size = st.stx_size,
			.mtime = timespec_of(&st.stx_mtime),
			.ctime = timespec_of(&st.stx_ctime)},
	};
	if (st.stx_mask & STATX_BTIME)
		ret_file->stamp.btime = timespec_of(&st.stx_btime);
	return 0;
}

bool file_is_hollow(const struct file *file)
{
	uint64_t size = file->stamp.size;

	return size > FILE_HOLES_MAX && (size - FILE_HOLES_MAX) / 512 > file->n_blocks;
}

enum file_writer file_writer(int fd)
{
	if (fcntl(fd, F_SETLEASE, F_RDLCK) < 0)
		return errno == EAGAIN ? FILE_WRITER : FILE_WRITER_UNKNOWN;
	(void)fcntl(fd, F_SETLEASE, F_UNLCK);
	return FILE_NO_WRITER;
}

/* The last component of a path that is longer than a page: the kernel shows it in our own map of
 * the file, however long it is. */
static int path_too_long(int proc_fd, int fd, char *text)
{
	_cleanup_free_ char *maps = NULL;
	char begin[40];
	size_t n_maps = 0, n;
	char *line, *end, *name;
	void *page = mmap(NULL, 1, PROT_READ, MAP_PRIVATE, fd, 0);
	int r;

	if (page == MAP_FAILED)
		return -errno;
	r = proc_read(proc_fd, getpid(), "maps", &maps, &n_maps);
	munmap(page, 1);
	if (r < 0)
		return r;
	snprintf(begin, sizeof(begin), "\n%lx-", (unsigned long)page);
	line = strstr(maps, begin);
	if (!line)
		return -ENOENT;
	line++;
	end = strchr(line, '\n');
	if (end)
		*end = '\0';
	name = strrchr(line, '/');
	n = name ? strlen(name + 1) : 0;
	if (!n || n > IMA_PATH_MAX)
		return -ENOENT;
	memcpy(text, name + 1, n + 1);
	return (int)n;
}

/* The kernel appends " (deleted)" to a path whose last name was unlinked, but a file may as well be
 * called so: then that name leads to this inode. Resolved below the thread's root, so that a
 * container's symbolic links never lead through ours. */
static bool is_its_name(int proc_fd, pid_t tid, const struct file *file, const char *text)
{
	struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT};
	_cleanup_close_ int root_fd = -1, fd = -1;
	struct file found;
	char root[32];

	if (file->n_links == 0)
		return false;
	snprintf(root, sizeof(root), "%d/root", tid);
	root_fd = openat(proc_fd, root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root_fd < 0)
		return false;
	fd = (int)syscall(SYS_openat2, root_fd, text, &how, sizeof(how));
	return fd >= 0 && file_stat(fd, &found) == 0 && found.dev == file->dev &&
	       found.ino == file->ino;
}

int file_path(int proc_fd, pid_t tid, const struct file *file, char *text)
{
	static const char suffix[] = " (deleted)";
	const size_t n_suffix = sizeof(suffix) - 1;
	char link[40];
	ssize_t n;

	snprintf(link, sizeof(link), "self/fd/%d", file->fd);
	n = readlinkat(proc_fd, link, text, IMA_PATH_MAX + 1);
	if (n < 0 || n > IMA_PATH_MAX)
		return path_too_long(proc_fd, file->fd, text);
	text[n] = '\0';
	if ((size_t)n > n_suffix && !strcmp(text + n - n_suffix, suffix) &&
		!is_its_name(proc_fd, tid, file, text)) {
		n -= (ssize_t)n_suffix;
		text[n] = '\0';
	}
	return (int)n;
}

size_t file_signature(int fd, uint8_t *bytes)
{
	ssize_t n = fgetxattr(fd, "security.ima", bytes, IMA_SIG_MAX);

	return n > 0 ? (size_t)n : 0;
}

uint64_t file_fsmagic(int fd)
{
	struct statfs st;

	return fstatfs(fd, &st) < 0 ? 0 : (uint64_t)(unsigned long)st.f_type;
}

void file_fsuuid(int fd, uint8_t uuid[16])
{
	struct fsuuid_answer answer = {0};

	memset(uuid, 0, 16);
	if (ioctl(fd, FSUUID_IOCTL, &answer) == 0 && answer.n == sizeof(answer.uuid))
		memcpy(uuid, answer.uuid, sizeof(answer.uuid));
}

int file_mount(int proc_fd, pid_t tid, const struct file *file, struct file_mount *ret_mount)
{
	_cleanup_free_ char *text = NULL;
	struct mountinfo line;
	char *cursor;
	size_t n;
	int r = proc_read(proc_fd, tid, "mountinfo", &text, &n);

	if (r < 0)
		return r;
	cursor = text;
	while ((r = mountinfo_next(&cursor, &line)) != 0) {
		if (r < 0 || line.id != file->mount_id)
			continue;
		mountinfo_cut_subtype(line.type);
		snprintf(ret_mount->type, sizeof(ret_mount->type), "%s", line.type);
		ret_mount->nosuid = line.nosuid;
		return 0;
	}
	return -ENOENT;
}
