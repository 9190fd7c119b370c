/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* How policyd tells the one who started it that it is ready, and where its messages go after. */

/* Forks; returns in the child, which leads a session of its own. The parent waits for
 * daemon_ready() and exits 0, or 1 if the child ended before. The result is for daemon_ready(), or
 * -errno. */
int daemon_fork(void);
/* Where messages go from the background: stderr if that is a file, else the journal, else nowhere;
 * a terminal or a pipe would wait for this process to end. The descriptor, or -errno. */
int daemon_open_log(void);
/* Lets the parent go; stdin and stdout become /dev/null, stderr log_fd. Closes both descriptors. */
void daemon_ready(int fd, int log_fd);

/* Tells the service manager, if one waits (sd_notify(3)): "READY=1", "STOPPING=1". */
void daemon_notify(const char *state);
