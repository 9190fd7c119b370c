/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* A living process of a view's mount namespace. policyd holds no namespace open, for that would
 * keep a dead container's mounts; a process that is in it stands for it. */
#include <sys/types.h>

#include "policyd/view/view.h"

/* Finds one: the process that was attached, else any, or a thread of one whose first has ended. A
 * pidfd, which becomes readable when it ends; -ESRCH: there is none; -errno of reading /proc. */
int member_open(const struct view *view, pid_t *ret_pid);
