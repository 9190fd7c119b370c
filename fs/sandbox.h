/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* What this process gives up before it reads the first byte that a container sent. policyd starts
 * it unprivileged already; this makes sure, and narrows what a bug could be used for. */
#include <stdbool.h>

/* No capabilities, no privileges through execve(2), no dumps or ptrace by the same user, no other
 * system calls than the listed ones, descriptors up to the hard limit, none inherited but 0 to 2
 * and socket_fd. 0; -EPERM: runs as root; else -errno of what failed. */
int sandbox_enter(int socket_fd);

/* sandbox-sanitized.c: built with a sanitizer, whose runtime makes a traced copy of the process to
 * look for leaks and starts a symbolizer to report what it found; then no call is deadly, these are
 * allowed besides, and the process stays dumpable. sandbox-plain.c: nothing of it. */
extern const bool sandbox_sanitized;
extern const int sandbox_more[]; /* ends with -1, __NR_SCMP_ERROR */
