/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "policyd/kernel/privileges.h"

/* Where stderr leads, and the options of sanitizer builds; nothing that a program acts on. */
static const char *const env_kept[] = {
	"JOURNAL_STREAM", "ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS"};
#define SPAWN_ENV_MAX 8

int spawn_keep_fds(int *fds, unsigned n)
{
	/* First out of the way, so that no target is another one's source. */
	for (unsigned i = 0; i < n; i++) {
		fds[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, SPAWN_FD_FIRST + (int)n);
		if (fds[i] < 0)
			return -errno;
	}
	for (unsigned i = 0; i < n; i++) {
		if (dup2(fds[i], SPAWN_FD_FIRST + (int)i) < 0)
			return -errno;
		fds[i] = SPAWN_FD_FIRST + (int)i;
	}
	return close_range(SPAWN_FD_FIRST + n, ~0u, 0) < 0 ? -errno : 0;
}

int spawn_die_with(pid_t parent)
{
	sigset_t none;

	for (int signal_number = 1; signal_number < NSIG; signal_number++)
		signal(signal_number, SIG_DFL);
	sigemptyset(&none);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 ||
		sigprocmask(SIG_SETMASK, &none, NULL) < 0)
		return -errno;
	/* It may have died before the kernel was told. */
	return getppid() == parent ? 0 : -ESRCH;
}

static int null_stdio(void)
{
	int fd = open("/dev/null", O_RDWR);

	if (fd < 0 || dup2(fd, STDIN_FILENO) < 0 || dup2(fd, STDOUT_FILENO) < 0)
		return -errno;
	if (fcntl(STDERR_FILENO, F_GETFD) < 0 && dup2(fd, STDERR_FILENO) < 0)
		return -errno;
	if (fd > STDERR_FILENO)
		close(fd);
	return 0;
}

static int become_unprivileged(uid_t uid, gid_t gid)
{
	/* While there still is a capability to do it with. */
	int r = privileges_bound(PRIVILEGES_NONE);

	if (r < 0)
		return r;
	if (setgroups(0, NULL) < 0 || setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0)
		return -errno;
	return privileges_drop(PRIVILEGES_NONE);
}

static int child_env(char *const *envp, char **ret_env)
{
	unsigned n = 0;

	for (; envp && envp[n]; n++) {
		if (n + ARRAY_SIZE(env_kept) >= SPAWN_ENV_MAX)
			return -E2BIG;
		ret_env[n] = envp[n];
	}
	for (size_t i = 0; i < ARRAY_SIZE(env_kept); i++) {
		for (char **e = environ; e && *e; e++) {
			size_t n_name = strlen(env_kept[i]);

			if (strncmp(*e, env_kept[i], n_name) || (*e)[n_name] != '=')
				continue;
			ret_env[n++] = *e;
			break;
		}
	}
	ret_env[n] = NULL;
	return 0;
}

/* Does not return but with -errno of what failed. Only what is safe after fork(2). */
static int child_run(const struct spawn *spawn, int *fds, pid_t parent)
{
	int exec_fd, r;
	char *env[SPAWN_ENV_MAX + 1];

	if (spawn->stderr_fd > 0 && dup2(spawn->stderr_fd, STDERR_FILENO) < 0)
		return -errno;
	r = null_stdio();
	if (r == 0)
		r = spawn_keep_fds(fds, spawn->n_fds + 2);
	if (r == 0)
		r = child_env(spawn->envp, env);
	if (r < 0)
		return r;
	exec_fd = fds[spawn->n_fds + 1];
	for (unsigned i = spawn->n_fds; i < spawn->n_fds + 2; i++) {
		if (fcntl(fds[i], F_SETFD, FD_CLOEXEC) < 0)
			return -errno;
	}
	if (spawn->unprivileged)
		r = become_unprivileged(spawn->uid, spawn->gid);
	/* After the change of user, which clears it. */
	if (r == 0)
		r = spawn_die_with(parent);
	if (r < 0)
		return r;
	execve(spawn->path, spawn->argv, env);
	/* A build below somebody's home is out of the user's reach by name, not by descriptor. */
	if (errno == EACCES)
		execveat(exec_fd, "", spawn->argv, env, AT_EMPTY_PATH);
	return -errno;
}

int spawn_process(const struct spawn *spawn, pid_t *ret_pid)
{
	_cleanup_close_ int exec_fd = open(spawn->path, O_PATH | O_CLOEXEC);
	int status[2], fds[SPAWN_FDS_MAX + 2], error = 0;
	pid_t pid, parent = getpid();
	ssize_t n;

	if (exec_fd < 0)
		return -errno;
	if (spawn->n_fds > SPAWN_FDS_MAX)
		return -E2BIG;
	if (pipe2(status, O_CLOEXEC) < 0)
		return -errno;
	for (unsigned i = 0; i < spawn->n_fds; i++)
		fds[i] = spawn->fds[i];
	fds[spawn->n_fds] = status[1];
	fds[spawn->n_fds + 1] = exec_fd;
	pid = fork();
	if (pid == 0) {
		error = child_run(spawn, fds, parent);
		/* fds[] has moved if that much went well */
		_exit(write(fds[spawn->n_fds], &error, sizeof(error)) == sizeof(error) ? 126 : 127);
	}
	error = pid < 0 ? -errno : 0;
	close(status[1]);
	if (pid > 0) {
		do /* ends at once: the write end is closed by exec, or by the child's death */
			n = read(status[0], &error, sizeof(error));
		while (n < 0 && errno == EINTR);
		if (error < 0)
			waitpid(pid, NULL, 0);
	}
	close(status[0]);
	if (error < 0)
		return error;
	*ret_pid = pid;
	return 0;
}
