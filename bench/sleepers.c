/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sleepers N: N processes, each in a mount namespace of its own, that wait until standard input
 * ends. Prints their process ids, a line each. */
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int n = argc == 2 ? atoi(argv[1]) : 0;
	char byte;

	for (int i = 0; i < n; i++) {
		int ready[2];
		pid_t pid;

		if (pipe(ready))
			return 1;
		pid = fork();
		if (pid < 0)
			return 1;
		if (pid == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			if (unshare(CLONE_NEWNS) ||
				mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
				write(ready[1], "", 1) != 1)
				_exit(1);
			close(ready[0]);
			close(ready[1]);
			pause();
			_exit(0);
		}
		close(ready[1]);
		if (read(ready[0], &byte, 1) != 1)
			return 1;
		close(ready[0]);
		printf("%d\n", (int)pid);
	}
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	return 0;
}
