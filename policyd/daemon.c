/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "policyd/server/spawn.h"

#define JOURNAL_SOCKET "/run/systemd/journal/stdout"

int daemon_fork(void)
{
	int fds[2];
	pid_t pid;
	char byte;
	ssize_t n;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0) {
		(void)setsid();
		/* Pipes of the one who started it would otherwise wait for its end. */
		if (spawn_keep_fds(&fds[1], 1) < 0 || fcntl(fds[1], F_SETFD, FD_CLOEXEC) < 0)
			_exit(EXIT_FAILURE);
		return fds[1];
	}
	close(fds[1]);
	do
		n = read(fds[0], &byte, 1);
	while (n < 0 && errno == EINTR);
	if (n == 1)
		_exit(EXIT_SUCCESS);
	waitpid(pid, NULL, 0); /* it has said why, and cleans up still */
	_exit(EXIT_FAILURE);
}

/* The stream protocol of systemd-journald: identifier, unit, default priority, whether lines carry
 * one, two forwards. -errno where it does not run. */
static int open_journal(void)
{
	static const char head[] = "policyd\n\n6\n1\n0\n0\n0\n";
	const struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = JOURNAL_SOCKET};
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ||
		write(fd, head, sizeof(head) - 1) != sizeof(head) - 1)
		return -errno;
	return take_fd(&fd);
}

int daemon_open_log(void)
{
	struct stat st;
	char stream[64];
	int fd;

	if (fstat(STDERR_FILENO, &st) == 0 && S_ISREG(st.st_mode)) {
		fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
		return fd < 0 ? -errno : fd;
	}
	fd = open_journal();
	if (fd >= 0 && fstat(fd, &st) == 0) {
		/* systemd.exec(5): by this the children find out where they write to. */
		snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long)st.st_dev,
			(unsigned long long)st.st_ino);
		setenv("JOURNAL_STREAM", stream, 1);
		return fd;
	}
	fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

void daemon_ready(int fd, int log_fd)
{
	_cleanup_close_ int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null_fd < 0 || dup2(null_fd, STDIN_FILENO) < 0 || dup2(null_fd, STDOUT_FILENO) < 0 ||
		dup2(log_fd, STDERR_FILENO) < 0 || chdir("/") < 0)
		log_warning("leaving the terminal: %s", strerror(errno));
	log_open("policyd");
	if (write(fd, "", 1) != 1)
		log_warning("the one who started policyd has gone");
	close(fd);
	close(log_fd);
}

void daemon_notify(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	_cleanup_close_ int fd = -1;
	size_t n = path ? strlen(path) : 0;

	if (n < 2 || n >= sizeof(address.sun_path) || (path[0] != '/' && path[0] != '@'))
		return;
	memcpy(address.sun_path, path, n);
	if (path[0] == '@')
		address.sun_path[0] = '\0'; /* an abstract one */
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 ||
		sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&address,
			(socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)) < 0)
		log_warning("telling the service manager: %s", strerror(errno));
}
