/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox.h"

#include <seccomp.h>

/* Never shipped. */
const bool sandbox_sanitized = true;
const int sandbox_more[] = {SCMP_SYS(openat), SCMP_SYS(open), SCMP_SYS(readlink),
	SCMP_SYS(readlinkat), SCMP_SYS(access), SCMP_SYS(stat), SCMP_SYS(lstat), SCMP_SYS(mincore),
	SCMP_SYS(lseek), SCMP_SYS(ioctl), SCMP_SYS(getdents64), SCMP_SYS(getdents),
	SCMP_SYS(sigaltstack), SCMP_SYS(rt_sigaction), SCMP_SYS(sched_yield),
	SCMP_SYS(sched_getaffinity), SCMP_SYS(clone), SCMP_SYS(clone3), SCMP_SYS(fork),
	SCMP_SYS(vfork), SCMP_SYS(execve), SCMP_SYS(wait4), SCMP_SYS(ptrace), SCMP_SYS(kill),
	SCMP_SYS(prctl), SCMP_SYS(arch_prctl), SCMP_SYS(prlimit64), SCMP_SYS(getrlimit),
	SCMP_SYS(getppid), SCMP_SYS(uname), SCMP_SYS(pipe), SCMP_SYS(pipe2), SCMP_SYS(dup),
	SCMP_SYS(dup2), SCMP_SYS(dup3), SCMP_SYS(fcntl), SCMP_SYS(mmap), SCMP_SYS(mprotect),
	SCMP_SYS(set_tid_address), SCMP_SYS(set_robust_list), SCMP_SYS(rseq), SCMP_SYS(exit), -1};
