/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vsecfs: the unprivileged FUSE server of every view. policyd starts it. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "fuse.h"
#include "sandbox.h"
#include "server.h"

static const char usage[] =
	"Usage: vsecfs --socket-fd FD\n"
	"Serves the files of all views. policyd(8) starts it; it is of no use by itself.\n"
	"\n"
	"  --socket-fd FD  connected SOCK_SEQPACKET socket to policyd\n"
	"  --help          show this\n"
	"  --version       show the version\n";

static void log_fuse(enum fuse_log_level level, const char *format, va_list ap) _printf_(2, 0);
static void log_fuse(enum fuse_log_level level, const char *format, va_list ap)
{
	char line[256];
	int n = vsnprintf(line, sizeof(line), format, ap);

	n = MIN(n, (int)sizeof(line) - 1);
	while (n > 0 && line[n - 1] == '\n')
		line[--n] = '\0';
	log_msg((int)level, "libfuse: %s", line); /* its levels are syslog's */
}

/* 0 and the descriptor; 1: nothing more to do; -EINVAL: was told. */
static int parse(int argc, char **argv, int *ret_fd)
{
	static const struct option options[] = {
		{"socket-fd", required_argument, NULL, 's'},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'v'},
		{0},
	};
	char *end;
	long fd = -1;
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		switch (c) {
		case 's':
			fd = strtol(optarg, &end, 10);
			if (end == optarg || *end || fd <= STDERR_FILENO || fd > 1 << 20)
				fd = -1;
			break;
		case 'h':
			fputs(usage, stdout);
			return 1;
		case 'v':
			puts("vsecfs " VSECFS_VERSION);
			return 1;
		default:
			return -EINVAL;
		}
	}
	if (fd < 0 || optind < argc) {
		fputs(usage, stderr);
		return -EINVAL;
	}
	*ret_fd = (int)fd;
	return 0;
}

/* A socket of another type would run messages together. */
static int check_socket(int fd)
{
	socklen_t n = sizeof(int);
	int type;

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &n) < 0)
		return -errno;
	if (type != SOCK_SEQPACKET)
		return -EPROTOTYPE;
	return fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 ? -errno : 0;
}

static int serve(int fd)
{
	struct server server;
	int r;

	r = server_init(&server, fd, getenv("VSECFS_LSM"));
	if (r == 0)
		r = loop_run(server.loop);
	server_done(&server);
	/* Without policyd there is nothing to serve: its end is ours. */
	return r == -EPIPE || r == -ECONNRESET ? 0 : r;
}

int main(int argc, char **argv)
{
	int fd, r;

	log_open("vsecfs");
	r = parse(argc, argv, &fd);
	if (r)
		return r > 0 ? 0 : 2;
	/* A terminal's interrupt is for policyd, which then closes the socket. */
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	fuse_set_log_func(log_fuse);
	r = check_socket(fd);
	if (r < 0) {
		log_error("descriptor %d is no socket to policyd: %s", fd, strerror(-r));
		return 1;
	}
	r = sandbox_enter(fd);
	if (r < 0) {
		log_error("cannot give up privileges: %s", strerror(-r));
		return 1;
	}
	r = serve(fd);
	if (r < 0)
		log_error("ended: %s", strerror(-r));
	return r < 0;
}
