/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "init.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "../../common/log.h"
#include "../command.h"
#include "mounts.h"

#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* Without a user namespace: what container managers usually leave, without CAP_MKNOD (no device
 * cgroup guards the host's disks here), and what the view's files ask for. CAP_SYS_ADMIN makes this
 * no boundary, and vsecctl(1) says so. */
static const cap_value_t kept[] = {CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_FSETID, CAP_KILL,
	CAP_SETGID, CAP_SETUID, CAP_SETPCAP, CAP_NET_BIND_SERVICE, CAP_NET_RAW, CAP_SYS_CHROOT,
	CAP_AUDIT_WRITE, CAP_SETFCAP, CAP_MAC_ADMIN, CAP_SYS_ADMIN};

noreturn static void fail(const char *what)
{
	log_error("run: %s: %m", what);
	_exit(EXIT_RUN_FAILED);
}

static void expect(int parent_fd, char what)
{
	char byte;
	ssize_t n;

	do {
		n = read(parent_fd, &byte, 1);
	} while (n < 0 && errno == EINTR);
	if (n != 1 || byte != what)
		_exit(EXIT_RUN_FAILED); /* the parent failed and says why */
}

static void say(int parent_fd, char what)
{
	if (send(parent_fd, &what, 1, MSG_NOSIGNAL) != 1)
		_exit(EXIT_RUN_FAILED);
}

/* The container ends with vsecctl, also when that is killed: nobody else would end it. */
static void tie_to_parent(int parent_fd)
{
	struct pollfd pollfd = {.fd = parent_fd, .events = POLLIN};

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		fail("cannot be tied to vsecctl");
	/* It may have died before that; it has nothing to say now, so anything is its end. */
	if (poll(&pollfd, 1, 0) != 0)
		_exit(EXIT_RUN_FAILED);
}

/* Becomes root of the user namespace, in a session of its own: a process that shares the
 * administrator's controlling terminal could type into it (TIOCSTI). */
static void become_root(void)
{
	if (setgroups(0, NULL) < 0 || setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0)
		fail("cannot become root of the container");
	if (setsid() < 0)
		fail("cannot start a session");
	/* This process is a copy of vsecctl: /proc/1/exe and /proc/1/mem must stay closed to the
	 * container's root, or it could write to the host's binary. */
	if (prctl(PR_SET_DUMPABLE, 0) < 0)
		fail("cannot close /proc/1");
}

/* A mount that was copied into a less privileged mount namespace is locked and cannot be pivoted
 * to; a recursive bind of it can, and keeps what is mounted below locked together. */
static int bind_root(void)
{
	int root_fd;

	root_fd = open_tree(AT_FDCWD, ".", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
	if (root_fd < 0 || move_mount(root_fd, "", AT_FDCWD, ".", MOVE_MOUNT_F_EMPTY_PATH) < 0 ||
		fchdir(root_fd) < 0)
		fail("cannot bind the container's root");
	return root_fd;
}

/* Before pivot_root(2): the kernel gives a user namespace a proc only while it sees a whole one. */
static void mount_proc(int root_fd)
{
	const struct mount_root root = {.fd = root_fd};
	_cleanup_close_ int proc_fd = -1;
	int r;

	r = mount_new(
		"proc", NULL, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, &proc_fd);
	if (r >= 0)
		r = mount_place_in(proc_fd, &root, "proc");
	if (r == -EPERM) {
		log_error("run: cannot mount the container's /proc: parts of this host's /proc are "
			  "covered, so the kernel refuses; run vsecctl outside of that container");
		_exit(EXIT_RUN_FAILED);
	}
	errno = -r;
	if (r < 0)
		fail("cannot mount the container's /proc");
}

/* The old root goes whole, with the host's mounts and what the root was built on. */
static void leave_host(void)
{
	if (syscall(SYS_pivot_root, ".", ".") < 0)
		fail("cannot enter the container's root");
	if (umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
		fail("cannot leave the host's root");
}

static void drop_capabilities(void)
{
	cap_t caps;

	for (cap_value_t cap = 0; cap < cap_max_bits(); cap++) {
		bool keep = false;

		for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
			keep |= kept[i] == cap;
		/* A kernel without the capability, or a host that took it from us, is no fault. */
		if (!keep && cap_get_bound(cap) > 0 && cap_drop_bound(cap) < 0)
			fail("cannot drop a capability");
	}
	caps = cap_get_proc();
	if (!caps)
		fail("cannot read the capabilities");
	for (cap_value_t cap = 0; cap < cap_max_bits(); cap++) {
		cap_flag_value_t bound = cap_get_bound(cap) > 0 ? CAP_SET : CAP_CLEAR;

		if (bound == CAP_CLEAR) {
			cap_set_flag(caps, CAP_EFFECTIVE, 1, &cap, CAP_CLEAR);
			cap_set_flag(caps, CAP_PERMITTED, 1, &cap, CAP_CLEAR);
		}
		cap_set_flag(caps, CAP_INHERITABLE, 1, &cap, CAP_CLEAR);
	}
	if (cap_set_proc(caps) < 0)
		fail("cannot drop capabilities");
	cap_free(caps);
}

noreturn static void execute(const struct init_plan *plan)
{
	int error;

	sigprocmask(SIG_SETMASK, &plan->mask, NULL);
	setenv("PATH", DEFAULT_PATH, 0);
	setenv("HOME", "/root", 1);
	execvp(plan->argv[0], plan->argv);
	error = errno;
	log_error("run: cannot execute '%s': %s", plan->argv[0], strerror(error));
	_exit(error == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_STARTED);
}

static int exit_status(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* Signals are blocked and so kept for us, although the kernel spares a process 1 those it does not
 * handle. When this process ends the kernel ends every other one of its pid namespace. */
noreturn static void reap(pid_t command, const sigset_t *signals)
{
	for (;;) {
		int status, signal = sigwaitinfo(signals, NULL);
		pid_t pid;

		if (signal > 0 && signal != SIGCHLD)
			kill(command, signal);
		while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
			if (pid == command)
				_exit(exit_status(status));
	}
}

static void block_signals(sigset_t *ret_signals)
{
	static const int faults[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT, SIGSYS};

	sigfillset(ret_signals);
	for (size_t i = 0; i < ARRAY_SIZE(faults); i++)
		sigdelset(ret_signals, faults[i]);
	sigprocmask(SIG_SETMASK, ret_signals, NULL);
}

static void set_up(const struct init_plan *plan)
{
	become_root();
	tie_to_parent(plan->parent_fd); /* after the change of ids, which undoes it */
	mount_proc(bind_root());
	leave_host();
	if (plan->hostname && sethostname(plan->hostname, strlen(plan->hostname)) < 0)
		fail("cannot set the host name");
	if (!plan->userns)
		drop_capabilities();
}

noreturn void init_main(const struct init_plan *plan)
{
	sigset_t signals;
	pid_t command;

	block_signals(&signals);
	expect(plan->parent_fd, INIT_MAPPED);
	set_up(plan);
	say(plan->parent_fd, INIT_READY);
	expect(plan->parent_fd, INIT_GO);
	/* Descriptors of the host's tree would be a way out, and would keep mounts. */
	if (close_range(STDERR_FILENO + 1, ~0u, 0) < 0)
		fail("cannot close descriptors");
	command = fork();
	if (command < 0)
		fail("cannot fork");
	if (command == 0)
		execute(plan);
	reap(command, &signals);
}
