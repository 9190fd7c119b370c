/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fileops PATH OPERATION [ARGUMENT]...: system calls on one file, in the order given, for what a
 * shell cannot do. Prints a line an operation: its name and the result or the errno's name. One
 * descriptor is current (open, close); `other` swaps it with a second one. Strings know \n, \0 and
 * \\. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

static const char *path;
static int fd = -1, other_fd = -1;
static size_t n_text; /* of the argument that unescape() made last */

static const struct {
	const char *name;
	int flag;
} flags[] = {
	{"rdonly", O_RDONLY},
	{"wronly", O_WRONLY},
	{"rdwr", O_RDWR},
	{"append", O_APPEND},
	{"trunc", O_TRUNC},
	{"creat", O_CREAT},
	{"excl", O_EXCL},
	{"direct", O_DIRECT},
	{"directory", O_DIRECTORY},
	{"nofollow", O_NOFOLLOW},
	{"nonblock", O_NONBLOCK},
	{"sync", O_SYNC},
	{"path", O_PATH},
	{"tmpfile", O_TMPFILE},
};

/* Flags in one word, as wronly+trunc. */
static int parse_flags(const char *text)
{
	int result = 0;

	while (*text) {
		size_t n = strcspn(text, "+"), i;

		for (i = 0; i < sizeof flags / sizeof *flags; i++)
			if (strlen(flags[i].name) == n && !strncmp(flags[i].name, text, n))
				break;
		if (i == sizeof flags / sizeof *flags) {
			fprintf(stderr, "fileops: unknown flag in '%s'\n", text);
			exit(2);
		}
		result |= flags[i].flag;
		text += n + (text[n] == '+');
	}
	return result;
}

static char *unescape(const char *text)
{
	char *result = malloc(strlen(text) + 1), *p = result;

	if (!result)
		exit(2);
	for (; *text; text++) {
		if (*text != '\\' || !text[1]) {
			*p++ = *text;
			continue;
		}
		text++;
		*p++ = *text == 'n' ? '\n' : *text == '0' ? '\0' : *text;
	}
	n_text = p - result;
	return result;
}

static long op_open(char **a)
{
	if (fd >= 0)
		close(fd);
	fd = open(path, parse_flags(a[0]) | O_CLOEXEC, 0600);
	return fd < 0 ? -1 : 0;
}
static long op_close(char **a)
{
	int r = close(fd);

	(void)a;
	fd = -1;
	return r;
}
static long op_other(char **a)
{
	int swap = fd;

	(void)a;
	fd = other_fd;
	other_fd = swap;
	return 0;
}
static long op_dup(char **a)
{
	(void)a;
	other_fd = dup(fd);
	return other_fd < 0 ? -1 : 0;
}
static long op_write(char **a)
{
	char *text = unescape(a[0]);

	return write(fd, text, n_text);
}
static long op_write_n(char **a) /* N bytes of CHARACTER and a newline */
{
	size_t n = strtoul(a[0], NULL, 0);
	char *text = malloc(n + 1);

	if (!text)
		exit(2);
	memset(text, a[1][0], n);
	text[n] = '\n';
	return write(fd, text, n + 1);
}
static long op_pwrite(char **a)
{
	char *text = unescape(a[1]);

	return pwrite(fd, text, n_text, strtol(a[0], NULL, 0));
}
static long op_writev(char **a)
{
	struct iovec v[2];

	v[0].iov_base = unescape(a[0]);
	v[0].iov_len = n_text;
	v[1].iov_base = unescape(a[1]);
	v[1].iov_len = n_text;
	return writev(fd, v, 2);
}
static long op_read(char **a)
{
	static char buffer[1 << 20];

	return read(fd, buffer, strtoul(a[0], NULL, 0));
}
static long op_lseek(char **a)
{
	return lseek(fd, strtol(a[0], NULL, 0), SEEK_SET);
}
static long op_ftruncate(char **a)
{
	return ftruncate(fd, strtol(a[0], NULL, 0));
}
static long op_fsync(char **a)
{
	(void)a;
	return fsync(fd);
}
static long op_fallocate(char **a)
{
	(void)a;
	return fallocate(fd, 0, 0, 10);
}
static long op_mmap(char **a) /* shared, write, private, exec */
{
	int prot = a[0][0] == 'w' ? PROT_WRITE : a[0][0] == 'e' ? PROT_EXEC : PROT_READ;
	int type = a[0][0] == 's' || a[0][0] == 'w' ? MAP_SHARED : MAP_PRIVATE;

	return mmap(NULL, 4096, prot, type, fd, 0) == MAP_FAILED ? -1 : 0;
}
static long op_child(char **a) /* a child with a copy of the descriptor ends: its exit flushes */
{
	int status;
	pid_t pid = fork();

	(void)a;
	if (pid == 0)
		_exit(0);
	return waitpid(pid, &status, 0) == pid ? status : -1;
}
/* Executes a copy of PATH that has no name in any file system; the result is its exit status. */
static long op_memexec(char **a)
{
	static char buffer[1 << 16];
	char *argv[] = {(char *)"memfd", NULL}, *envp[] = {NULL};
	int from = open(path, O_RDONLY | O_CLOEXEC), status;
	int memory_fd = memfd_create(basename(path), MFD_CLOEXEC);
	ssize_t n;
	pid_t pid;

	(void)a;
	while ((n = read(from, buffer, sizeof buffer)) > 0)
		if (write(memory_fd, buffer, n) != n)
			return -1;
	pid = fork();
	if (pid == 0) {
		fexecve(memory_fd, argv, envp);
		_exit(126);
	}
	return waitpid(pid, &status, 0) == pid ? status : -1;
}
static long op_setuid(char **a)
{
	return setresuid(strtol(a[0], NULL, 0), strtol(a[0], NULL, 0), strtol(a[0], NULL, 0));
}
static long op_chmod(char **a)
{
	return chmod(path, strtol(a[0], NULL, 8));
}
static long op_chown(char **a)
{
	return chown(path, strtol(a[0], NULL, 0), -1);
}
static long op_utimens(char **a)
{
	(void)a;
	return utimensat(AT_FDCWD, path, NULL, 0);
}
static long op_truncate(char **a)
{
	return truncate(path, strtol(a[0], NULL, 0));
}
static long op_unlink(char **a)
{
	(void)a;
	return unlink(path);
}
static long op_rmdir(char **a)
{
	(void)a;
	return rmdir(path);
}
static long op_rename(char **a)
{
	return rename(path, a[0]);
}
static long op_link(char **a)
{
	return link(path, a[0]);
}
static long op_symlink(char **a)
{
	return symlink(a[0], path);
}
static long op_mkdir(char **a)
{
	(void)a;
	return mkdir(path, 0755);
}
static long op_mknod(char **a)
{
	(void)a;
	return mknod(path, S_IFIFO | 0600, 0);
}
static long op_setxattr(char **a)
{
	return setxattr(path, a[0], "1", 1, 0);
}
static long op_getxattr(char **a)
{
	char value[256];

	return getxattr(path, a[0], value, sizeof value);
}
static long op_access(char **a)
{
	return access(path, a[0][0] == 'r' ? R_OK : a[0][0] == 'w' ? W_OK : X_OK);
}
static long op_size(char **a)
{
	struct stat st;

	(void)a;
	return stat(path, &st) ? -1 : (long)st.st_size;
}
static long op_repeat(char **a) /* N times: open for writing, write TEXT, close */
{
	long n = strtol(a[0], NULL, 0);
	char *text = unescape(a[1]);

	for (long i = 0; i < n; i++) {
		int file = open(path, O_WRONLY | O_TRUNC | O_CREAT | O_CLOEXEC, 0666);

		if (file < 0)
			return -1;
		if (write(file, text, n_text) != (ssize_t)n_text || close(file))
			return -1;
	}
	return n;
}

static const struct {
	const char *name;
	int n_arguments;
	long (*run)(char **arguments);
} ops[] = {
	{"open", 1, op_open},
	{"close", 0, op_close},
	{"other", 0, op_other},
	{"dup", 0, op_dup},
	{"write", 1, op_write},
	{"write-n", 2, op_write_n},
	{"pwrite", 2, op_pwrite},
	{"writev", 2, op_writev},
	{"read", 1, op_read},
	{"lseek", 1, op_lseek},
	{"ftruncate", 1, op_ftruncate},
	{"fsync", 0, op_fsync},
	{"fallocate", 0, op_fallocate},
	{"mmap", 1, op_mmap},
	{"child", 0, op_child},
	{"memexec", 0, op_memexec},
	{"setuid", 1, op_setuid},
	{"chmod", 1, op_chmod},
	{"chown", 1, op_chown},
	{"utimens", 0, op_utimens},
	{"truncate", 1, op_truncate},
	{"unlink", 0, op_unlink},
	{"rmdir", 0, op_rmdir},
	{"rename", 1, op_rename},
	{"link", 1, op_link},
	{"symlink", 1, op_symlink},
	{"mkdir", 0, op_mkdir},
	{"mknod", 0, op_mknod},
	{"setxattr", 1, op_setxattr},
	{"getxattr", 1, op_getxattr},
	{"access", 1, op_access},
	{"size", 0, op_size},
	{"repeat", 2, op_repeat},
};

int main(int argc, char **argv)
{
	int i = 2;

	if (argc < 3)
		return 2;
	path = argv[1];
	while (i < argc) {
		size_t k = 0;
		long result;

		while (k < sizeof ops / sizeof *ops && strcmp(ops[k].name, argv[i]))
			k++;
		if (k == sizeof ops / sizeof *ops || i + ops[k].n_arguments >= argc) {
			fprintf(stderr, "fileops: '%s'?\n", argv[i]);
			return 2;
		}
		errno = 0;
		result = ops[k].run(argv + i + 1);
		if (result < 0)
			printf("%s %s\n", ops[k].name, strerrorname_np(errno));
		else
			printf("%s %ld\n", ops[k].name, result);
		fflush(stdout);
		i += 1 + ops[k].n_arguments;
	}
	return 0;
}
