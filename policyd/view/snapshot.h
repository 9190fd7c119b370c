/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Text handed to another process: a memfd that nobody can change any more, so that every read at
 * any offset, by a successor too, gives the same bytes. */
#include <stddef.h>

/* Makes one of n bytes, sealed against writing, growing, shrinking and further seals; the result's
 * offset is 0. A descriptor, or -errno. name shows in /proc/PID/fd. */
int snapshot_new(const char *name, const void *bytes, size_t n);
