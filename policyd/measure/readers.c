/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "readers.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "policyd/kernel/proc.h"

DEFINE_CLEANUP(cleanup_dir, DIR, closedir)

static DIR *open_dir(int dir_fd, const char *path)
{
	_cleanup_close_ int fd = openat(dir_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (dir)
		(void)take_fd(&fd);
	return dir;
}

/* Asked only where the inode number is right already: a look through another container's descriptor
 * could wait for its file system. */
static bool is_file(int proc_fd, const char *path, const struct file *file)
{
	struct statx st;

	return statx(proc_fd, path, AT_STATX_DONT_SYNC, STATX_INO, &st) == 0 &&
	       st.stx_ino == file->ino &&
	       ((uint64_t)st.stx_dev_major << 20 | st.stx_dev_minor) == file->dev;
}

/* fdinfo has "flags:" (octal) and, since Linux 5.14, "ino:". */
static bool reads_by_descriptor(int proc_fd, pid_t pid, const char *name, const struct file *file)
{
	_cleanup_close_ int fd = -1;
	unsigned long long ino = 0;
	unsigned flags = 0;
	char path[64], text[512];
	const char *line;
	ssize_t n;

	snprintf(path, sizeof(path), "%d/fdinfo/%.16s", pid, name);
	fd = openat(proc_fd, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = '\0';
	line = strstr(text, "flags:");
	if (!line || sscanf(line, "flags: %o", &flags) != 1)
		return false;
	if (flags & O_PATH || (flags & O_ACCMODE) == O_WRONLY || (flags & O_ACCMODE) == O_RDWR)
		return false;
	line = strstr(text, "\nino:");
	if (line && sscanf(line, "\nino: %llu", &ino) == 1 && ino != file->ino)
		return false;
	snprintf(path, sizeof(path), "%d/fd/%.16s", pid, name);
	return is_file(proc_fd, path, file);
}

/* A mapping holds its file as open as it was mapped; one that is shared and writable was opened for
 * writing. */
static bool reads_by_mapping(int proc_fd, pid_t pid, const struct file *file)
{
	_cleanup_free_ char *text = NULL;
	size_t n;

	if (proc_read(proc_fd, pid, "maps", &text, &n) < 0)
		return false;
	for (char *line = text; *line;) {
		unsigned long long begin, end, ino;
		char mode[8], path[80];
		size_t n_line = strcspn(line, "\n");

		if (sscanf(line, "%llx-%llx %7s %*s %*s %llu", &begin, &end, mode, &ino) == 4 &&
			ino == file->ino && !(mode[1] == 'w' && mode[3] == 's')) {
			snprintf(path, sizeof(path), "%d/map_files/%llx-%llx", pid, begin, end);
			if (is_file(proc_fd, path, file))
				return true;
		}
		line += n_line + (line[n_line] == '\n');
	}
	return false;
}

/* The number in the table is an overlay's own, which statx(2) may show otherwise: the mapping
 * itself is asked. Its link shows how the file was opened, for a mapping may be made writable
 * later. */
bool readers_map_writes(int proc_fd, pid_t pid, const struct file *file)
{
	_cleanup_free_ char *text = NULL;
	size_t n;

	if (proc_read(proc_fd, pid, "maps", &text, &n) < 0)
		return false;
	for (char *line = text; *line;) {
		unsigned long long begin, end, ino;
		size_t n_line = strcspn(line, "\n");
		char mode[8], path[80];
		struct stat link;

		if (sscanf(line, "%llx-%llx %7s %*s %*s %llu", &begin, &end, mode, &ino) == 4 &&
			ino && mode[3] == 's') {
			snprintf(path, sizeof(path), "%d/map_files/%llx-%llx", pid, begin, end);
			if (fstatat(proc_fd, path, &link, AT_SYMLINK_NOFOLLOW) == 0 &&
				link.st_mode & S_IWUSR && is_file(proc_fd, path, file))
				return true;
		}
		line += n_line + (line[n_line] == '\n');
	}
	return false;
}

static bool reads(int proc_fd, pid_t pid, const struct file *file)
{
	_cleanup_(cleanup_dir) DIR *dir = NULL;
	struct dirent *entry;
	char path[32];

	if (reads_by_mapping(proc_fd, pid, file))
		return true;
	snprintf(path, sizeof(path), "%d/fdinfo", pid);
	dir = open_dir(proc_fd, path);
	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] != '.' &&
			reads_by_descriptor(proc_fd, pid, entry->d_name, file))
			return true;
	}
	return false;
}

bool readers_exist(int proc_fd, const struct file *file)
{
	_cleanup_(cleanup_dir) DIR *dir = open_dir(proc_fd, ".");
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

		if (pid > 0 && pid != getpid() && reads(proc_fd, pid, file))
			return true;
	}
	return false;
}
