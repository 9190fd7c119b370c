/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* `run`: a container with its view. The order of the steps in start() is what makes it safe. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "../common/log.h"
#include "client.h"
#include "command.h"
#include "options.h"
#include "run/init.h"
#include "run/root.h"
#include "run/userns.h"

/* A command that ignores SIGTERM does not keep its container. */
#define TERM_GRACE_SECONDS 10

static const struct id_range default_range = {.base = 100000, .count = 65536};

static const int forwarded[] = {
	SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH, SIGALRM};

struct container {
	const struct ctl *ctl;
	struct ctl_create request;
	const char *rootfs;
	bool userns;
	struct id_range range;
	char **argv;
	sigset_t mask, signals; /* as we found it; those we wait for */
	int home_fd;            /* the mount namespace that we were started in */
	int child_fd;           /* a stream to process 1 (run/init.h) */
	pid_t pid;
};

static int parse(int argc, char **argv, struct container *container)
{
	static const struct option options[] = {{"name", required_argument, NULL, 'n'},
		{"activation", required_argument, NULL, 'A'}, {"compat", no_argument, NULL, 'c'},
		{"userns", required_argument, NULL, 'u'}, {"no-userns", no_argument, NULL, 'U'},
		{"rootfs", required_argument, NULL, 'r'}, {"help", no_argument, NULL, 'h'}, {0}};
	struct ctl_create *request = &container->request;
	int option;

	while ((option = getopt_long(argc, argv, "+h", options, NULL)) >= 0) {
		switch (option) {
		case 'n':
			if (options_string(optarg, request->name, sizeof(request->name)) < 0)
				return command_usage(&command_run, "--name takes 1 to %zu bytes",
					sizeof(request->name) - 1);
			break;
		case 'A':
			if (options_activation(optarg, &request->flags) < 0)
				return command_usage(
					&command_run, "--activation takes 'auto' or 'explicit'");
			break;
		case 'c':
			request->flags |= CTL_COMPAT;
			break;
		case 'u':
			if (options_range(optarg, &container->range) < 0)
				return command_usage(&command_run,
					"--userns takes BASE:COUNT; BASE is not 0 (that would be "
					"--no-userns)");
			container->userns = true;
			break;
		case 'U':
			container->userns = false;
			break;
		case 'r':
			container->rootfs = optarg;
			break;
		case 'h':
			command_help(&command_run);
			return -1;
		default:
			return command_usage(&command_run, NULL);
		}
	}
	if (optind == argc)
		return command_usage(&command_run, "name a command to run in the container");
	container->argv = argv + optind;
	return 0;
}

static int create_view(
	struct container *container, struct client *client, int *ret_fd, struct fault *fault)
{
	struct ctl_create *request = &container->request;
	struct ctl_view view;
	int r;

	request->root_uid = request->root_gid = container->userns ? container->range.base : 0;
	r = client_open(client, container->ctl->runtime_dir, fault);
	if (r < 0)
		return r;
	r = client_ask(client, CTL_CREATE, request, &view, ret_fd, fault);
	if (r < 0)
		return r;
	return view.serial;
}

static int build_root(struct container *container, int view_fd, struct fault *fault)
{
	const struct root_plan plan = {.rootfs = container->rootfs,
		.range = container->userns ? &container->range : NULL,
		.workplace = container->ctl->runtime_dir,
		.view_fd = view_fd,
		.compat = container->request.flags & CTL_COMPAT};
	_cleanup_close_ int root_fd = -1;
	int r;

	container->home_fd = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	if (container->home_fd < 0)
		return fault_set(fault, -errno, "cannot open /proc/self/ns/mnt");
	r = root_build(&plan, &root_fd, fault);
	if (r < 0)
		return r;
	/* A descriptor means the mount as it is here; the working directory follows the child into
	 * its copy of the tree. */
	if (fchdir(root_fd) < 0)
		return fault_set(fault, -errno, "cannot enter the container's root");
	return 0;
}

/* The child is process 1 of its pid namespace from the start and waits for its ids. */
static int clone_init(struct container *container, struct fault *fault)
{
	struct clone_args args = {.flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC |
					   CLONE_NEWUTS | (container->userns ? CLONE_NEWUSER : 0),
		.exit_signal = SIGCHLD};
	const char *name = container->request.name;
	struct init_plan plan = {.userns = container->userns,
		.hostname = *name ? name : NULL,
		.argv = container->argv,
		.mask = container->mask};
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
		return fault_set(fault, -errno, "cannot make a socket");
	container->pid = syscall(SYS_clone3, &args, sizeof(args));
	if (container->pid == 0) {
		close(fds[0]); /* or the end of the parent would not be seen */
		plan.parent_fd = fds[1];
		init_main(&plan);
	}
	close(fds[1]);
	container->child_fd = fds[0];
	if (container->pid < 0)
		return fault_set(fault, -errno, "cannot make the container's namespaces");
	return 0;
}

static int say(const struct container *container, char what, struct fault *fault)
{
	if (send(container->child_fd, &what, 1, MSG_NOSIGNAL) != 1)
		return fault_set(fault, -errno, "cannot start the container");
	return 0;
}

/* Lets the child finish the container, up to the command. */
static int set_up(const struct container *container, struct fault *fault)
{
	char byte;
	int r;

	if (container->userns) {
		r = userns_map(container->pid, &container->range);
		if (r < 0)
			return fault_set(fault, r, "cannot map the container's ids");
	}
	r = say(container, INIT_MAPPED, fault);
	if (r < 0)
		return r;
	if (read(container->child_fd, &byte, 1) != 1 || byte != INIT_READY)
		return fault_say(fault, -ECHILD, "the container was not set up");
	return 0;
}

static int bind_view(
	struct container *container, struct client *client, uint32_t serial, struct fault *fault)
{
	struct ctl_bind request = {.serial = serial, .pid = container->pid};
	struct ctl_view view;

	return client_ask(client, CTL_BIND, &request, &view, NULL, fault);
}

/* Whatever fails, the kernel undoes: the detached mounts and the private mount namespace go with
 * their last descriptor, the child with the socket, and policyd drops a view whose connection
 * closes before it is bound. */
static int start(struct container *container, struct fault *fault)
{
	_cleanup_(client_close) struct client client = {0};
	_cleanup_close_ int view_fd = -1;
	int serial, r;

	serial = create_view(container, &client, &view_fd, fault);
	if (serial < 0)
		return serial;
	/* The view is in the tree before the container's user namespace copies it: so the kernel
	 * locks it to what lies beneath, and its root cannot unmount it. */
	r = build_root(container, view_fd, fault);
	if (r < 0)
		return r;
	r = clone_init(container, fault);
	if (r < 0)
		return r;
	r = set_up(container, fault);
	if (r < 0)
		return r;
	/* The copy of the tree that we built goes: the mounts are the container's alone, so they
	 * end with it, and policyd may treat its superblocks as its own. */
	if (setns(container->home_fd, CLONE_NEWNS) < 0)
		return fault_set(fault, -errno, "cannot return to the mount namespace");
	close_fd(&view_fd);
	/* The mounts are where they stay, so policyd sees them as the container does; and nothing
	 * of the command has run, so nothing of it goes unmeasured. */
	r = bind_view(container, &client, serial, fault);
	if (r < 0)
		return r;
	return say(container, INIT_GO, fault);
}

/* Signals are ours to wait for from the start, so that none is lost between fork and wait. */
static void block_signals(struct container *container)
{
	/* An invoker may ignore it; then there would be no status to wait for. */
	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&container->signals);
	sigaddset(&container->signals, SIGCHLD);
	for (size_t i = 0; i < ARRAY_SIZE(forwarded); i++)
		sigaddset(&container->signals, forwarded[i]);
	sigprocmask(SIG_BLOCK, &container->signals, &container->mask);
}

static int wait_for_end(const struct container *container)
{
	static const struct timespec grace = {.tv_sec = TERM_GRACE_SECONDS};
	bool ending = false;
	int status, signal;

	for (;;) {
		signal = ending ? sigtimedwait(&container->signals, NULL, &grace)
				: sigwaitinfo(&container->signals, NULL);
		if (signal < 0 && errno == EAGAIN)
			kill(container->pid, SIGKILL);
		else if (signal > 0 && signal != SIGCHLD)
			kill(container->pid, signal);
		ending |= signal == SIGTERM;
		if (waitpid(container->pid, &status, WNOHANG) == container->pid)
			return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	}
}

static int run(const struct ctl *ctl, int argc, char **argv)
{
	struct container container = {
		.ctl = ctl, .userns = true, .range = default_range, .home_fd = -1, .child_fd = -1};
	struct fault fault;
	int r;

	r = parse(argc, argv, &container);
	if (r)
		return MAX(r, 0);
	if (geteuid() != 0) {
		log_error("run: a container needs root: try it with sudo");
		return EXIT_RUN_FAILED;
	}
	block_signals(&container);
	r = start(&container, &fault);
	if (r < 0) {
		log_error("run: %s", fault.text);
		close_fd(&container.child_fd);
		if (container.pid > 0)
			waitpid(container.pid, NULL, 0);
		return EXIT_RUN_FAILED;
	}
	return wait_for_end(&container);
}

const struct command command_run = {
	.name = "run",
	.arguments = "[--name NAME] [--activation auto|explicit] [--compat] "
		     "[--userns BASE:COUNT | --no-userns] [--rootfs DIR] -- CMD [ARGUMENT...]",
	.summary = "Run a command in a new container with its view",
	.options =
		"The exit status is the command's, 128 + N if signal N ended it, 125 if vsecctl\n"
		"failed, 126 or 127 if the command could not be executed or found.\n"
		"  --name NAME          the view's name and the container's host name\n"
		"  --activation WHEN    'explicit': nothing is kept before the container writes 1\n"
		"                       to integrity/ima/active (default: auto)\n"
		"  --compat             mount a real securityfs first, the view over it\n"
		"  --userns BASE:COUNT  the container's ids, from its root's on, are the host's\n"
		"                       BASE and up (default: 100000:65536)\n"
		"  --no-userns          no user namespace; the container's root is the host's: no\n"
		"                       boundary\n"
		"  --rootfs DIR         copy-on-write files (default: the host's root file system)\n",
	.run = run,
};
