/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* /run/policyd: the state files, the control socket, the file pid. A lock on the directory itself
 * says that a policyd lives in it. */

/* Opens the directory, making it (0700) if need be, locks it and removes what a dead policyd left.
 * 0; -EBUSY: another policyd lives there; -EPERM: it is not a private one of policyd's; otherwise
 * -errno. Logs what is wrong and what to do about it. */
int runtime_dir_open(const char *path, int *ret_fd);
/* Writes the file pid. 0 or -errno. */
int runtime_dir_write_pid(int fd);
/* Removes everything in it, and unlocks and closes it. Harmless on -1. */
void runtime_dir_close(int *fd);
