/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* What /proc says about a thread that waits for our answer (see task-text.h for what it means).
 * proc_fd is /proc. Nothing here fails: what cannot be read is not known. */
#include <sys/types.h>

#include "task-text.h"

void task_syscall_of(int proc_fd, pid_t tid, struct task_syscall *ret_syscall);
enum task_role task_role_of(int proc_fd, pid_t tid);
/* May the thread be in an execution? Also while it runs or waits for a processor: then nothing can
 * be told. */
bool task_maybe_in_exec(int proc_fd, pid_t tid);
