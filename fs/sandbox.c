/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <sys/capability.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "common/cleanup.h"

/* Everything that the loop, libfuse, the wire and the C library below them call. Reading and
 * writing are safe to allow whole: no descriptor but those that policyd passed can be had. */
static const int allowed[] = {
	/* one event at a time: the loop, FUSE devices, snapshots, log lines */
	SCMP_SYS(epoll_wait),
	SCMP_SYS(epoll_pwait),
	SCMP_SYS(epoll_ctl),
	SCMP_SYS(read),
	SCMP_SYS(pread64),
	SCMP_SYS(write),
	SCMP_SYS(writev),
	SCMP_SYS(close),
	SCMP_SYS(epoll_create1),
	/* the wire to policyd; neither can name another peer, for the socket is connected */
	SCMP_SYS(sendmsg),
	SCMP_SYS(recvmsg),
	/* is it a state file, a snapshot; how long is it by now */
	SCMP_SYS(fstat),
	SCMP_SYS(newfstatat),
	/* memory; mapping is further down */
	SCMP_SYS(brk),
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(madvise),
	/* libfuse's locks, never contended in one thread; calls that were interrupted; abort(3) */
	SCMP_SYS(futex),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(getuid), /* fuse_session_new() looks */
	SCMP_SYS(getpid),
	SCMP_SYS(gettid),
	SCMP_SYS(tgkill),
	SCMP_SYS(getrandom),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(exit_group),
};

/* Nothing but an attacker calls these here, and each could be half of a way out. Other calls fail
 * with EPERM and are logged: a C library to come may try one that it can do without. */
static const int deadly[] = {
	SCMP_SYS(execve),
	SCMP_SYS(execveat),
	SCMP_SYS(fork),
	SCMP_SYS(vfork),
	SCMP_SYS(socket),
	SCMP_SYS(connect),
	SCMP_SYS(process_vm_readv),
	SCMP_SYS(process_vm_writev),
	SCMP_SYS(mount),
	SCMP_SYS(unshare),
	SCMP_SYS(setns),
	SCMP_SYS(bpf),
	SCMP_SYS(userfaultfd),
	SCMP_SYS(io_uring_setup),
	SCMP_SYS(keyctl),
};

static int drop_capabilities(void)
{
	cap_t none = cap_init();
	int r = 0;

	if (!none)
		return -ENOMEM;
	if (cap_set_proc(none) < 0 || cap_reset_ambient() < 0)
		r = -errno;
	cap_free(none);
	return r;
}

/* Code is never made at run time: what was mapped executable by the loader is all there is. */
static int allow_memory(scmp_filter_ctx filter)
{
	static const int calls[] = {SCMP_SYS(mmap), SCMP_SYS(mprotect)};
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(calls) && r == 0; i++)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 1,
			SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	return r;
}

/* Flags of a FUSE device, and duplicates of what waits to be sent. */
static int allow_fcntl(scmp_filter_ctx filter)
{
	static const int commands[] = {F_GETFL, F_SETFL, F_DUPFD_CLOEXEC};
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(commands) && r == 0; i++)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1,
			SCMP_A1(SCMP_CMP_EQ, (scmp_datum_t)commands[i], 0));
	return r;
}

static int filter_calls(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int r;

	if (!filter)
		return -ENOMEM;
	/* Where the kernel cannot log, the filter is worth having all the same. */
	seccomp_attr_set(filter, SCMP_FLTATR_CTL_LOG, 1);
	r = allow_memory(filter);
	if (r == 0)
		r = allow_fcntl(filter);
	for (size_t i = 0; i < ARRAY_SIZE(allowed) && r == 0; i++)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
	for (size_t i = 0; i < ARRAY_SIZE(deadly) && !sandbox_sanitized && r == 0; i++)
		r = seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, deadly[i], 0);
	for (size_t i = 0; sandbox_more[i] != __NR_SCMP_ERROR && r == 0; i++)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, sandbox_more[i], 0);
	/* The hottest come first in the filter. */
	for (size_t i = 0; i < 8 && r == 0; i++)
		r = seccomp_syscall_priority(filter, allowed[i], (uint8_t)(255 - i));
	if (r == 0)
		r = seccomp_load(filter);
	seccomp_release(filter);
	return r;
}

static int keep_descriptors(int socket_fd)
{
	struct rlimit limit;

	/* Else a FUSE device could become descriptor 2, and log lines answers to the kernel. */
	for (int fd = 0; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0)
			return -EBADF;
	}
	if (socket_fd > STDERR_FILENO + 1 &&
		close_range(STDERR_FILENO + 1, (unsigned)socket_fd - 1, 0) < 0)
		return -errno;
	if (close_range((unsigned)socket_fd + 1, ~0u, 0) < 0)
		return -errno;
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return -errno;
	limit.rlim_cur = limit.rlim_max;
	return setrlimit(RLIMIT_NOFILE, &limit) < 0 ? -errno : 0;
}

int sandbox_enter(int socket_fd)
{
	int r;

	/* Root owns the host's files, with capabilities or without. */
	if (getuid() == 0 || geteuid() == 0)
		return -EPERM;
	r = keep_descriptors(socket_fd);
	if (r == 0)
		r = drop_capabilities();
	if (r < 0)
		return r;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
		prctl(PR_SET_DUMPABLE, sandbox_sanitized, 0, 0, 0) < 0)
		return -errno;
	return filter_calls();
}
