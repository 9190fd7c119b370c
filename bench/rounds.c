/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rounds ROUNDS TIMES NAME=KIND:PID:PATH...: the same work for several targets by turns, because a
 * machine's speed changes from second to second while the ratio within a round does not. Each
 * target has a process of its own, in the mount namespace of PID ("-": ours), that does its work
 * TIMES times when its turn comes. Prints a line a target: name, least and median nanoseconds for
 * one time. Kinds:
 *   open  open PATH, read it (at most 64 KiB) and close it
 *   once  open and close PATH with the round's number behind it: a file that nobody has opened yet
 *   exec  execute PATH and wait for it
 *   sum   execute sha256sum with PATH and wait for it */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TARGETS_MAX 8

struct target {
	char *name, *kind, *pid, *path;
	int to_fd, from_fd;
	uint64_t *times; /* nanoseconds for one time, a round each */
};

static void die(const char *what, const char *which)
{
	fprintf(stderr, "rounds: %s: %s: %s\n", which, what, strerror(errno));
	exit(1);
}

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static void read_file(const char *path)
{
	static char buffer[65536];
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		die("open", path);
	if (read(fd, buffer, sizeof buffer) <= 0)
		die("read", path);
	close(fd);
}

static void open_once(const char *path, int round)
{
	char name[4096];
	int fd;

	snprintf(name, sizeof name, "%s%d", path, round);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		die("open", name);
	close(fd);
}

static void execute(char *program, char *argument)
{
	char *argv[] = {program, argument, NULL}, *envp[] = {NULL};
	int status;
	pid_t pid;

	errno = posix_spawn(&pid, program, NULL, NULL, argv, envp);
	if (errno)
		die("execute", program);
	if (waitpid(pid, &status, 0) != pid || status != 0)
		die("wait", program);
}

static void work(const struct target *target, int round, int times)
{
	static char sum[] = "/usr/bin/sha256sum";

	for (int i = 0; i < times; i++) {
		if (!strcmp(target->kind, "open"))
			read_file(target->path);
		else if (!strcmp(target->kind, "once"))
			open_once(target->path, round);
		else if (!strcmp(target->kind, "exec"))
			execute(target->path, NULL);
		else
			execute(sum, target->path);
	}
}

/* Each round's number comes as an int, the time it took goes back. */
static void serve(const struct target *target, int from_fd, int to_fd, int times)
{
	char path[64];
	int round, ns_fd;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (strcmp(target->pid, "-")) {
		snprintf(path, sizeof path, "/proc/%s/ns/mnt", target->pid);
		ns_fd = open(path, O_RDONLY | O_CLOEXEC);
		if (ns_fd < 0 || setns(ns_fd, CLONE_NEWNS))
			die("enter", path);
	}
	if (!strcmp(target->kind, "sum")) /* what sha256sum prints is of no interest */
		dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
	while (read(from_fd, &round, sizeof round) == sizeof round) {
		uint64_t start = now(), took;

		work(target, round, times);
		took = (now() - start) / times;
		if (write(to_fd, &took, sizeof took) != sizeof took)
			exit(1);
	}
	exit(0);
}

static void start(struct target *target, int times)
{
	int to[2], from[2];

	if (pipe2(to, O_CLOEXEC) || pipe2(from, O_CLOEXEC))
		die("pipe", target->name);
	switch (fork()) {
	case -1:
		die("fork", target->name);
		break;
	case 0:
		close(to[1]);
		serve(target, to[0], from[1], times);
	}
	close(to[0]);
	close(from[1]);
	target->to_fd = to[1];
	target->from_fd = from[0];
}

static void parse(struct target *target, char *text)
{
	target->name = strsep(&text, "=");
	target->kind = text ? strsep(&text, ":") : NULL;
	target->pid = text ? strsep(&text, ":") : NULL;
	target->path = text;
	if (!text || (strcmp(target->kind, "open") && strcmp(target->kind, "once") &&
			     strcmp(target->kind, "exec") && strcmp(target->kind, "sum"))) {
		fprintf(stderr, "rounds: '%s' is no target\n", target->name);
		exit(2);
	}
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
	int rounds = argc > 3 ? atoi(argv[1]) : 0, times = argc > 3 ? atoi(argv[2]) : 0;
	static struct target targets[TARGETS_MAX];
	int n = argc - 3;

	if (rounds < 1 || times < 1 || n > TARGETS_MAX)
		return 2;
	for (int i = 0; i < n; i++) {
		parse(&targets[i], argv[3 + i]);
		targets[i].times = calloc(rounds, sizeof(uint64_t));
		start(&targets[i], times);
	}
	for (int round = -1; round < rounds; round++) { /* round -1 warms up */
		for (int i = 0; i < n; i++) {
			uint64_t took;

			if (round < 0 && !strcmp(targets[i].kind, "once"))
				continue;
			if (write(targets[i].to_fd, &round, sizeof round) != sizeof round ||
				read(targets[i].from_fd, &took, sizeof took) != sizeof took) {
				fprintf(stderr, "rounds: %s has failed\n", targets[i].name);
				return 1;
			}
			if (round >= 0)
				targets[i].times[round] = took;
		}
	}
	for (int i = 0; i < n; i++) {
		qsort(targets[i].times, rounds, sizeof(uint64_t), compare);
		printf("%s %lu %lu\n", targets[i].name, targets[i].times[0],
			targets[i].times[rounds / 2]);
	}
	return 0;
}
