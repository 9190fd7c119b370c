/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sfprobe's half for files: opening, reading in every way, and what else a descriptor can do. */
#include "sfprobe.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/xattr.h>
#include <unistd.h>

/* One file being probed. */
struct probe {
	const char *file;
	const char *path;
	int fd; /* O_RDONLY */
	struct stat st;
	char *content;
	size_t n;
};

static void probe_open(const char *file, const char *path)
{
	static const struct {
		const char *name;
		int flags;
	} opens[] = {
		{"open O_RDONLY", O_RDONLY},
		{"open O_WRONLY", O_WRONLY},
		{"open O_RDWR", O_RDWR},
		{"open O_WRONLY|O_APPEND", O_WRONLY | O_APPEND},
		{"open O_WRONLY|O_TRUNC", O_WRONLY | O_TRUNC},
		{"open O_RDONLY|O_TRUNC", O_RDONLY | O_TRUNC},
		{"open O_WRONLY|O_CREAT", O_WRONLY | O_CREAT},
		{"open O_RDONLY|O_CREAT|O_EXCL", O_CREAT | O_EXCL},
		{"open O_DIRECTORY", O_DIRECTORY},
		{"open O_NOFOLLOW", O_NOFOLLOW},
		{"open O_DIRECT", O_DIRECT},
		{"open O_PATH", O_PATH},
		{"open O_RDONLY|O_NONBLOCK", O_NONBLOCK},
	};

	for (size_t i = 0; i < sizeof opens / sizeof *opens; i++) {
		int fd = open(path, opens[i].flags | O_CLOEXEC | O_NOCTTY, 0600);

		show_ok(file, opens[i].name, fd);
		if (fd >= 0)
			close(fd);
	}
}

/* The whole file, read in pieces of chunk bytes; NULL if a read fails. */
static char *slurp(int fd, size_t chunk, size_t *ret_n)
{
	size_t n = 0, n_allocated = 65536;
	char *bytes = malloc(n_allocated);
	ssize_t r;

	lseek(fd, 0, SEEK_SET);
	do {
		if (n_allocated - n < chunk + 1)
			bytes = realloc(bytes, n_allocated *= 2);
		r = read(fd, bytes + n, chunk);
		if (r > 0)
			n += r;
	} while (r > 0);
	*ret_n = n;
	if (r == 0)
		return bytes;
	free(bytes);
	return NULL;
}

static void probe_reads(const struct probe *p)
{
	static const size_t chunks[] = {1, 3, 7, 4095, 4096, 4097};
	const char *file = p->file;
	int n_bad = 0;
	char x[64];
	struct iovec v[2] = {{x, 3}, {x + 3, 5}};
	ssize_t r;

	show(file, "read all", p->n ? "non-empty" : "empty");
	for (size_t i = 0; i < sizeof chunks / sizeof *chunks; i++) {
		size_t n;
		char *again = slurp(p->fd, chunks[i], &n);

		n_bad += !again || n != p->n || memcmp(p->content, again, n);
		free(again);
	}
	show(file, "chunked reads", n_bad ? "DIFFER" : "same");
	n_bad = 0;
	for (size_t at = 0; at <= p->n; at += p->n / 97 + 1) {
		size_t want = p->n - at < sizeof x ? p->n - at : sizeof x;

		r = pread(p->fd, x, sizeof x, at);
		n_bad += r < 0 || (size_t)r > want || memcmp(x, p->content + at, r) || (want && !r);
	}
	show(file, "pread at odd offsets", n_bad ? "DIFFER" : "same");
	show_result(file, "pread past EOF", pread(p->fd, x, 16, p->n + 100));
	show_result(file, "pread offset -1", pread(p->fd, x, 16, -1));
	r = preadv(p->fd, v, 2, 0);
	if (r < 0)
		show_result(file, "preadv 3+5", r);
	else
		show(file, "preadv 3+5",
			(size_t)r == (p->n < 8 ? p->n : 8) ? "full"
			: r == 3                           ? "short 3"
							   : "other");
	show_result(file, "read 0 bytes", read(p->fd, x, 0));
}

static void probe_seeks(const struct probe *p)
{
	const char *file = p->file;
	off_t end;

	show_result(file, "lseek SEEK_SET 5", lseek(p->fd, 5, SEEK_SET));
	show_result(file, "lseek SEEK_CUR -2", lseek(p->fd, -2, SEEK_CUR));
	end = lseek(p->fd, 0, SEEK_END);
	if (end < 0)
		show_result(file, "lseek SEEK_END", end);
	else
		show(file, "lseek SEEK_END",
			end == (off_t)p->n     ? "content length"
			: end == p->st.st_size ? "st_size"
					       : "other");
	show_result(file, "lseek SEEK_SET -1", lseek(p->fd, -1, SEEK_SET));
	show_result(file, "lseek SEEK_DATA", lseek(p->fd, 0, SEEK_DATA));
	show_ok(file, "lseek huge", lseek(p->fd, 1LL << 62, SEEK_SET));
	lseek(p->fd, 0, SEEK_SET);
}

static long try_mmap(int fd, int prot, int type)
{
	void *address = mmap(NULL, 4096, prot, type, fd, 0);

	if (address == MAP_FAILED)
		return -1;
	munmap(address, 4096);
	return 0;
}

/* What came of moving bytes inside the kernel: a 0 where there are some makes a file look empty. */
static void show_moved(const struct probe *p, const char *property, ssize_t r, size_t most)
{
	if (r < 0)
		show_result(p->file, property, r);
	else
		show(p->file, property,
			r == 0 && p->n      ? "0 (LOOKS EMPTY)"
			: (size_t)r <= most ? "data"
					    : "other");
}

static void probe_moves(const struct probe *p)
{
	int pipe_fds[2], memory_fd;

	if (!pipe(pipe_fds)) {
		fcntl(pipe_fds[1], F_SETPIPE_SZ, 1 << 20);
		lseek(p->fd, 0, SEEK_SET);
		show_moved(p, "sendfile", sendfile(pipe_fds[1], p->fd, NULL, 1 << 19), p->n);
		close(pipe_fds[0]);
		close(pipe_fds[1]);
	}
	if (!pipe(pipe_fds)) {
		lseek(p->fd, 0, SEEK_SET);
		show_moved(p, "splice", splice(p->fd, NULL, pipe_fds[1], NULL, 4096, 0), 4096);
		close(pipe_fds[0]);
		close(pipe_fds[1]);
	}
	memory_fd = memfd_create("x", 0);
	lseek(p->fd, 0, SEEK_SET);
	show_moved(
		p, "copy_file_range", copy_file_range(p->fd, NULL, memory_fd, NULL, 4096, 0), 4096);
	show_ok(p->file, "FICLONE", ioctl(memory_fd, FICLONE, p->fd));
	close(memory_fd);
}

static void probe_descriptor(const struct probe *p)
{
	struct pollfd poll_fd = {p->fd, POLLIN | POLLOUT | POLLPRI, 0};
	struct flock lock = {.l_type = F_RDLCK};
	const char *file = p->file;
	int value = 0, r;

	r = poll(&poll_fd, 1, 0);
	show(file, "poll", "%d revents %#x", r, poll_fd.revents);
	show_ok(file, "ioctl FIONREAD", ioctl(p->fd, FIONREAD, &value));
	show_ok(file, "ioctl FS_IOC_GETFLAGS", ioctl(p->fd, FS_IOC_GETFLAGS, &value));
	show_ok(file, "fsync", fsync(p->fd));
	show_ok(file, "fdatasync", fdatasync(p->fd));
	show_ok(file, "flock", flock(p->fd, LOCK_SH | LOCK_NB));
	show(file, "posix_fadvise", posix_fadvise(p->fd, 0, 0, POSIX_FADV_WILLNEED) ? "err" : "ok");
	show_ok(file, "readahead", readahead(p->fd, 0, 4096));
	show_ok(file, "fcntl F_SETLK", fcntl(p->fd, F_SETLK, &lock));
	show_ok(file, "F_SETLEASE RDLCK", fcntl(p->fd, F_SETLEASE, F_RDLCK));
	fcntl(p->fd, F_SETLEASE, F_UNLCK);
	show_result(file, "write on O_RDONLY fd", write(p->fd, "x", 1));
	show_result(file, "ftruncate on O_RDONLY fd", ftruncate(p->fd, 0));
}

static void probe_attributes(const struct probe *p)
{
	struct file_handle *handle = alloca(sizeof *handle + 128);
	const char *file = p->file;
	char value[256];
	int mount_id;

	show_result(file, "getxattr user.x", fgetxattr(p->fd, "user.x", value, 256));
	show_result(file, "getxattr security.selinux",
		fgetxattr(p->fd, "security.selinux", value, 256));
	show_result(file, "getxattr security.ima", fgetxattr(p->fd, "security.ima", value, 256));
	show_ok(file, "listxattr", flistxattr(p->fd, value, 256));
	handle->handle_bytes = 128;
	show_ok(file, "name_to_handle_at",
		name_to_handle_at(AT_FDCWD, p->path, handle, &mount_id, 0));
	show_ok(file, "access R_OK", access(p->path, R_OK));
	show_ok(file, "access W_OK", access(p->path, W_OK));
	show_ok(file, "access X_OK", access(p->path, X_OK));
}

static void probe_writes(const struct probe *p)
{
	const char *file = p->file, *path = p->path;
	char name[8300];
	int fd;

	show_ok(file, "setxattr user.x", setxattr(path, "user.x", "1", 1, 0));
	show_ok(file, "setxattr trusted.x", setxattr(path, "trusted.x", "1", 1, 0));
	show_ok(file, "chmod same mode", chmod(path, p->st.st_mode & 07777));
	show_ok(file, "chown same owner", chown(path, p->st.st_uid, p->st.st_gid));
	show_ok(file, "utimensat now", utimensat(AT_FDCWD, path, NULL, 0));
	show_ok(file, "truncate 0", truncate(path, 0));
	show_ok(file, "unlink", unlink(path));
	snprintf(name, sizeof name, "%s.x", path);
	show_ok(file, "rename", rename(path, name));
	show_ok(file, "link", link(path, name));
	show_ok(file, "mkdir on file", mkdir(path, 0700));
	fd = open(path, O_WRONLY);
	if (fd < 0)
		return;
	show_ok(file, "fallocate", fallocate(fd, 0, 0, 10));
	show_ok(file, "ftruncate", ftruncate(fd, 0));
	show_ok(file, "mmap shared write", try_mmap(fd, PROT_WRITE, MAP_SHARED));
	show_result(file, "write 0 bytes", write(fd, "", 0));
	show_result(file, "pwrite at 5", pwrite(fd, "\n", 1, 5));
	close(fd);
}

void probe_file(const char *root, const char *file, bool writes)
{
	char path[8192], target[4096];
	struct probe p = {.file = file, .path = path};
	ssize_t n;

	snprintf(path, sizeof path, "%s/%s", root, file);
	if (lstat(path, &p.st)) {
		show_result(file, "lstat", -1);
		return;
	}
	show(file, "mode", "%o uid %d gid %d nlink %d", p.st.st_mode, (int)p.st.st_uid,
		(int)p.st.st_gid, (int)p.st.st_nlink);
	show(file, "size", "%ld blocks %ld", (long)p.st.st_size, (long)p.st.st_blocks);
	if (S_ISLNK(p.st.st_mode)) {
		n = readlink(path, target, sizeof target);
		show(file, "readlink", "%.*s", n < 0 ? 0 : (int)n, target);
		return;
	}
	probe_open(file, path);
	/* apparmor/revision would block at its second read */
	p.fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (p.fd < 0)
		return;
	p.content = slurp(p.fd, 1 << 16, &p.n);
	if (p.content) {
		probe_reads(&p);
		probe_seeks(&p);
		show_ok(file, "mmap shared", try_mmap(p.fd, PROT_READ, MAP_SHARED));
		show_ok(file, "mmap private", try_mmap(p.fd, PROT_READ, MAP_PRIVATE));
		probe_moves(&p);
		probe_descriptor(&p);
		probe_attributes(&p);
		if (writes)
			probe_writes(&p);
	} else {
		show_result(file, "read", -1);
	}
	free(p.content);
	close(p.fd);
}
