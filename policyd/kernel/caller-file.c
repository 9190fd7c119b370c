/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "caller-file.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/openat2.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "common/cleanup.h"
#include "privileges.h"
#include "policyd/server/spawn.h"

#define STEP (64 * 1024)

struct caller_file {
	struct caller_file_hung *hung;
	bool ended; /* the child closed its end */
	struct loop_source source;
	struct loop_timer deadline;
	int pipe_fd, pid_fd;
	caller_file_fn fn;
	void *userdata;
	size_t n;
	union {
		int32_t error; /* first what became of it, then the file's bytes */
		char bytes[sizeof(int32_t) + CALLER_FILE_MAX + 1];
	};
};

/* ---- the child ---- */

/* Its ids are the caller's, and no capability is left that could open more. The real and effective
 * ids stay ours, so that no process of the caller's user may trace or signal the child. */
static int become_caller(uint32_t fsuid, uint32_t fsgid)
{
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 || setgroups(0, NULL) < 0)
		return -errno;
	setfsgid(fsgid);
	setfsuid(fsuid);
	/* They tell of no error; asked again with an id that is none, they tell what is in force.
	 */
	if ((uint32_t)setfsgid(-1) != fsgid || (uint32_t)setfsuid(-1) != fsuid)
		return -EPERM;
	return privileges_drop(PRIVILEGES_NONE);
}

/* Found without being opened first: to open a device or a FIFO can do something. */
static int open_regular(int root_fd, int proc_fd, const char *path)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
	_cleanup_close_ int found = (int)syscall(SYS_openat2, root_fd, path, &how, sizeof(how));
	struct stat st;
	char name[32];
	int fd;

	if (found < 0 || fstat(found, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	snprintf(name, sizeof(name), "self/fd/%d", found);
	fd = openat(proc_fd, name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int read_whole(int fd, struct caller_file *file)
{
	for (;;) {
		size_t space = sizeof(file->bytes) - sizeof(file->error) - file->n;
		ssize_t k;

		if (!space)
			return -EFBIG;
		k = read(fd, file->bytes + sizeof(file->error) + file->n, MIN(space, (size_t)STEP));
		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return -errno;
		if (k == 0)
			return file->n ? 0 : -EINVAL;
		file->n += (size_t)k;
	}
}

static int child_read(struct caller_file *file, int proc_fd, pid_t parent, pid_t tid,
	uint32_t fsuid, uint32_t fsgid, const char *path)
{
	_cleanup_close_ int root_fd = -1, fd = -1;
	char name[32];
	int r;

	snprintf(name, sizeof(name), "%d/root", tid);
	root_fd = openat(proc_fd, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root_fd < 0)
		return -errno;
	r = become_caller(fsuid, fsgid);
	/* Not before: the change of ids clears it. */
	if (r == 0)
		r = spawn_die_with(parent);
	if (r < 0)
		return r;
	fd = open_regular(root_fd, proc_fd, path);
	return fd < 0 ? fd : read_whole(fd, file);
}

static void child_send(int fd, struct caller_file *file, int error)
{
	size_t n = sizeof(file->error) + (error < 0 ? 0 : file->n);

	file->error = error;
	for (size_t done = 0; done < n;) {
		ssize_t k = write(fd, file->bytes + done, n - done);

		if (k < 0 && errno != EINTR)
			break;
		done += k > 0 ? (size_t)k : 0;
	}
}

/* ---- policyd ---- */

static void finish(struct caller_file *file, int error, const char *bytes, size_t n)
{
	caller_file_fn fn = file->fn;
	void *userdata = file->userdata;

	loop_remove(&file->source);
	loop_timer_stop(&file->deadline);
	fn(error, bytes, n, userdata);
	caller_file_free(file);
}

static int on_deadline(struct loop_timer *timer, void *userdata)
{
	(void)timer;
	finish(userdata, -ETIMEDOUT, NULL, 0);
	return 0;
}

static int on_bytes(struct loop_source *source, uint32_t events, void *userdata)
{
	struct caller_file *file = userdata;
	size_t space = sizeof(file->bytes) - file->n;
	ssize_t k = space ? read(file->pipe_fd, file->bytes + file->n, space) : 0;

	(void)source;
	(void)events;
	if (k < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (k > 0) {
		file->n += (size_t)k;
		return 0;
	}
	file->ended = true;
	if (k < 0 || file->n < sizeof(file->error)) /* the child died */
		finish(file, -EIO, NULL, 0);
	else if (file->error < 0)
		finish(file, file->error, NULL, 0);
	else if (file->n == sizeof(file->error))
		finish(file, -EIO, NULL, 0);
	else
		finish(file, 0, file->bytes + sizeof(file->error), file->n - sizeof(file->error));
	return 0;
}

static void forget_dead(struct caller_file_hung *hung)
{
	for (unsigned i = 0; i < hung->n;) {
		struct pollfd p = {.fd = hung->fds[i], .events = POLLIN};

		if (poll(&p, 1, 0) <= 0) {
			i++;
			continue;
		}
		close_fd(&hung->fds[i]);
		hung->fds[i] = hung->fds[--hung->n];
	}
}

void caller_file_hung_done(struct caller_file_hung *hung)
{
	while (hung->n)
		close_fd(&hung->fds[--hung->n]);
}

void caller_file_free(struct caller_file *file)
{
	if (!file)
		return;
	loop_remove(&file->source);
	loop_timer_stop(&file->deadline);
	/* By descriptor: the child may have been reaped long ago and its number be another's. */
	if (file->pid_fd >= 0)
		syscall(SYS_pidfd_send_signal, file->pid_fd, SIGKILL, NULL, 0);
	if (!file->ended && file->pid_fd >= 0 && file->hung->n < CALLER_FILE_HUNG_MAX)
		file->hung->fds[file->hung->n++] = take_fd(&file->pid_fd);
	close_fd(&file->pipe_fd);
	close_fd(&file->pid_fd);
	free(file);
}

DEFINE_CLEANUP(cleanup_file, struct caller_file, caller_file_free)

static void child_main(struct caller_file *file, int pipe_fd, int proc_fd, pid_t parent, pid_t tid,
	uint32_t fsuid, uint32_t fsgid, const char *path)
{
	int fds[] = {pipe_fd, proc_fd};
	int r = spawn_keep_fds(fds, ARRAY_SIZE(fds));

	if (r < 0)
		_exit(1);
	r = child_read(file, fds[1], parent, tid, fsuid, fsgid, path);
	child_send(fds[0], file, r);
	_exit(0);
}

int caller_file_read(struct caller_file_hung *hung, struct loop *loop, int proc_fd, pid_t tid,
	uint32_t fsuid, uint32_t fsgid, const char *path, size_t n, caller_file_fn fn,
	void *userdata, struct caller_file **ret_file)
{
	_cleanup_(cleanup_file) struct caller_file *file = calloc(1, sizeof(*file));
	_cleanup_free_ char *name = strndup(path, n);
	_cleanup_close_ int write_fd = -1;
	pid_t parent = getpid(), pid;
	int pipe_fds[2], r;

	if (file)
		file->pipe_fd = file->pid_fd = -1;
	if (!file || !name)
		return -ENOMEM;
	file->hung = hung;
	forget_dead(hung);
	if (hung->n >= CALLER_FILE_HUNG_MAX)
		return -EBUSY;
	if (n >= 4096) /* PATH_MAX */
		return -ENAMETOOLONG;
	file->fn = fn;
	file->userdata = userdata;
	if (pipe2(pipe_fds, O_CLOEXEC) < 0)
		return -errno;
	file->pipe_fd = pipe_fds[0];
	write_fd = pipe_fds[1];
	if (fcntl(file->pipe_fd, F_SETFL, O_NONBLOCK) < 0)
		return -errno;
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0)
		child_main(file, write_fd, proc_fd, parent, tid, fsuid, fsgid, name);
	file->pid_fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (file->pid_fd < 0)
		return -errno; /* the child ends by itself: nobody reads its pipe */
	r = loop_add(loop, &file->source, file->pipe_fd, EPOLLIN, on_bytes, file);
	if (r == 0)
		r = loop_timer_start(loop, &file->deadline, CALLER_FILE_MS, on_deadline, file);
	if (r == 0)
		*ret_file = take_ptr(file);
	return r;
}
