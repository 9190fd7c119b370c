/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* What this process gives up before it reads the first byte that a container sent. policyd starts
 * it unprivileged already; this makes sure, and narrows what a bug could be used for. */
#include <stddef.h>

/* No capabilities, no privileges through execve(2), no dumps or ptrace by the same user, no other
 * system calls than the listed ones, descriptors up to the hard limit, none inherited but 0 to 2
 * and socket_fd. 0; -EPERM: runs as root; else -errno of what failed. */
int sandbox_enter(int socket_fd);

/* What a sanitizer's runtime needs besides: sandbox-plain.c has none, sandbox-sanitized.c some and
 * leaves the process dumpable, without which no leak can be looked for. Ends with -1. */
extern const int sandbox_more[];
extern const int sandbox_dumpable;
