/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* execops PATH OPERATION [ARGUMENT]...: executes PATH while it is written, as somebody does who
 * wants another program to run than the one that is measured. Prints the exit status of what was
 * executed last, or the errno's name. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *path;

static int run(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		execl(path, path, (char *)NULL);
		_exit(126);
	}
	return waitpid(pid, &status, 0) == pid ? status : -1;
}

/* Executes PATH and writes to it MS milliseconds later: before = by a descriptor that was open
 * already, open = by a new one, map = through a mapping. The result is the exit status. */
static long op_written(char **a)
{
	bool map = !strcmp(a[0], "map");
	int status, file = strcmp(a[0], "before") ? -1 : open(path, O_RDWR | O_CLOEXEC);
	pid_t pid = fork();
	char *bytes;

	if (pid == 0) {
		if (file >= 0)
			close(file);
		execl(path, path, (char *)NULL);
		_exit(126);
	}
	usleep(strtoul(a[1], NULL, 0) * 1000);
	if (file < 0)
		file = open(path, O_RDWR | O_CLOEXEC);
	if (!map && pwrite(file, "!", 1, 15) != 1)
		return -1;
	bytes = map ? mmap(NULL, 4096, PROT_WRITE, MAP_SHARED, file, 0) : NULL;
	if (bytes == MAP_FAILED)
		return -1;
	if (map) {
		bytes[15] = '!'; /* padding of the ELF header */
		munmap(bytes, 4096);
	}
	close(file);
	return waitpid(pid, &status, 0) == pid ? status : -1;
}
/* Executes PATH in a thread that gets no turn on its processor, and writes to it as soon as the
 * container's list has grown (COUNT is the file that says so). */
static long op_starved(char **a)
{
	const struct sched_param idle = {0};
	char before[32] = "", now[32];
	int status, file, count = -1;
	pid_t hogs[4], pid;
	cpu_set_t first;

	CPU_ZERO(&first);
	CPU_SET(0, &first);
	for (int i = 0; i < 4; i++) {
		hogs[i] = fork();
		if (hogs[i] == 0) {
			sched_setaffinity(0, sizeof first, &first);
			for (;;)
				;
		}
	}
	count = open(a[0], O_RDONLY | O_CLOEXEC);
	if (read(count, before, sizeof before) <= 0)
		return -1;
	close(count);
	pid = fork();
	if (pid == 0) {
		sched_setaffinity(0, sizeof first, &first);
		sched_setscheduler(0, SCHED_IDLE, &idle);
		execl(path, path, (char *)NULL);
		_exit(126);
	}
	do {
		memset(now, 0, sizeof now);
		count = open(a[0], O_RDONLY | O_CLOEXEC);
		if (read(count, now, sizeof now) <= 0)
			return -1;
		close(count);
	} while (!strcmp(before, now));
	file = open(path, O_RDWR | O_CLOEXEC);
	if (file >= 0 && pwrite(file, "!", 1, 15) != 1)
		return -1;
	close(file);
	for (int i = 0; i < 4; i++) {
		kill(hogs[i], SIGKILL);
		waitpid(hogs[i], NULL, 0);
	}
	waitpid(pid, &status, 0);
	errno = ETXTBSY;
	return file >= 0 ? status : -1;
}
/* Maps PATH, closes it, executes it twice, writes through the mapping and executes it again. */
static long op_mapped(char **a)
{
	int file = open(path, O_RDWR | O_CLOEXEC);
	char *bytes = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);

	(void)a;
	if (bytes == MAP_FAILED)
		return -1;
	bytes[15] = '?'; /* padding of the ELF header */
	close(file);
	usleep(100000);
	if (run() < 0 || run() < 0)
		return -1;
	bytes[15] = '!';
	return run();
}
/* Executes PATH while a reader has it mapped. */
static long op_mapped_read(char **a)
{
	int file = open(path, O_RDONLY | O_CLOEXEC);

	(void)a;
	if (mmap(NULL, 4096, PROT_READ, MAP_SHARED, file, 0) == MAP_FAILED)
		return -1;
	close(file);
	return run();
}

static const struct {
	const char *name;
	int n_arguments;
	long (*run)(char **arguments);
} ops[] = {
	{"written", 2, op_written},
	{"starved", 1, op_starved},
	{"mapped", 0, op_mapped},
	{"mapped-read", 0, op_mapped_read},
};

int main(int argc, char **argv)
{
	size_t k = 0;
	long result;

	if (argc < 3) /* this program is what the tests execute, too */
		return 2;
	path = argv[1];
	while (k < sizeof ops / sizeof *ops && strcmp(ops[k].name, argv[2]))
		k++;
	if (k == sizeof ops / sizeof *ops || argc != 3 + ops[k].n_arguments) {
		fprintf(stderr, "execops: '%s'?\n", argv[2]);
		return 2;
	}
	result = ops[k].run(argv + 3);
	if (result < 0)
		printf("%s\n", strerrorname_np(errno));
	else
		printf("%ld\n", result);
	return 0;
}
