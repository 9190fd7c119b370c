/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* How policyd tells the one who started it that it is ready, and where its messages go after. */

/* Forks; returns in the child, which leads a session of its own. The parent waits for
 * daemon_ready() and exits 0, or 1 if the child ended before. The result is for daemon_ready(), or
 * -errno. */
int daemon_fork(void);
/* Lets the parent go; stdin and stdout become /dev/null, stderr the journal where there is one, and
 * stays as it is where it is a file. Closes fd. */
void daemon_ready(int fd);

/* Tells the service manager, if one waits (sd_notify(3)): "READY=1", "STOPPING=1". */
void daemon_notify(const char *state);
