/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox.h"

#include <seccomp.h>

/* Built with a sanitizer, never shipped: its runtime maps and reads /proc/self to make reports, and
 * a traced copy of the process looks for leaks at exit. */
const int sandbox_more[] = {SCMP_SYS(openat), SCMP_SYS(open), SCMP_SYS(readlink),
	SCMP_SYS(readlinkat), SCMP_SYS(sigaltstack), SCMP_SYS(rt_sigaction), SCMP_SYS(sched_yield),
	SCMP_SYS(sched_getaffinity), SCMP_SYS(clone), SCMP_SYS(clone3), SCMP_SYS(ptrace),
	SCMP_SYS(wait4), SCMP_SYS(prctl), SCMP_SYS(getppid), SCMP_SYS(getdents64),
	SCMP_SYS(getdents), SCMP_SYS(lseek), SCMP_SYS(kill), SCMP_SYS(set_robust_list),
	SCMP_SYS(rseq), SCMP_SYS(prlimit64), SCMP_SYS(getrlimit), SCMP_SYS(uname), SCMP_SYS(pipe2),
	SCMP_SYS(dup2), SCMP_SYS(stat), SCMP_SYS(lstat), SCMP_SYS(mincore), SCMP_SYS(exit),
	SCMP_SYS(ioctl), -1};
const int sandbox_dumpable = 1;
