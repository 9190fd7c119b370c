/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* What policyd cannot do without, checked before anything is started. */

/* Root and its capabilities, /dev/fuse, the mount calls of Linux 5.12, fanotify. 0, or -errno after
 * logging what is missing and what to do about it. */
int requirements_check(void);
/* Permission events on the file fd. Same result. */
int requirements_check_fanotify(int fd);
/* As many open files as this process may have. */
void requirements_raise_files(void);
