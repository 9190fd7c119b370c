/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "life.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "conf.h"
#include "policyd/control/control.h"
#include "daemon.h"
#include "policyd/kernel/enter.h"
#include "policyd/server/host-face.h"
#include "policyd.h"
#include "policyd/kernel/privileges.h"
#include "requirements.h"
#include "runtime-dir.h"
#include "policyd/server/server.h"
#include "policyd/kernel/sweep.h"
#include "policyd/witness/witness.h"

#define STOP_POLL_MS 20
#define REAP_MS      5000

struct life {
	struct policyd policyd;
	struct conf conf;
	struct host_face face;
	bool stopping;
	int status;
	struct loop_timer stop_timer;
};

static int load_conf(const struct life_options *options, struct conf *conf)
{
	const char *path = options->config ? options->config : CONF_PATH;
	char error[256] = "";
	int r = conf_load(path, conf, error, sizeof(error));

	if (r == -ENOENT && !options->config)
		return 0;
	if (r < 0)
		log_error("%s: %s", path, error);
	else
		log_set_max(conf->log_level);
	return r;
}

static void reap(struct policyd *policyd)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (!server_reaped(policyd, pid, status))
			(void)measurer_reaped(policyd, pid, status);
		/* The others entered containers; what came of it is told by their pipes. */
	}
}

static int on_signal(int number, void *userdata)
{
	struct life *life = userdata;

	if (number == SIGCHLD) {
		reap(&life->policyd);
	} else {
		log_info("%s: stopping", strsignal(number));
		life_stop(&life->policyd, EXIT_SUCCESS);
	}
	return 0;
}

static int start_loop(struct life *life)
{
	static const int signals[] = {SIGTERM, SIGINT, SIGCHLD};
	struct policyd *policyd = &life->policyd;
	int r;

	signal(SIGPIPE, SIG_IGN);
	policyd->buffer = malloc(WIRE_MAX);
	if (!policyd->buffer)
		return -ENOMEM;
	policyd->proc_fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (policyd->proc_fd < 0)
		return -errno;
	r = loop_new(&policyd->loop);
	if (r == 0)
		r = loop_add_signals(policyd->loop, signals, ARRAY_SIZE(signals), on_signal, life);
	return r;
}

/* The witness needs CAP_PERFMON to load, which is not kept. */
static void start_witness(struct policyd *policyd)
{
	int r = witness_new(policyd, &policyd->witness);

	if (r < 0)
		log_notice("no independent witness of executions: %s", strerror(-r));
}

static int start_parts(struct life *life, const struct life_options *options)
{
	struct policyd *policyd = &life->policyd;
	int r;

	r = start_loop(life);
	if (r < 0) {
		log_error("starting: %s", strerror(-r));
		return r;
	}
	start_witness(policyd);
	r = privileges_drop(PRIVILEGES_POLICYD);
	if (r < 0) {
		log_error("dropping capabilities: %s", strerror(-r));
		return r;
	}
	r = server_start(policyd, options->log_fd);
	if (r == 0)
		r = host_face_start(policyd, options->mountpoint, &life->face);
	if (r < 0)
		return r;
	r = control_start(policyd);
	if (r < 0)
		log_error("the control socket in %s: %s", options->runtime_dir, strerror(-r));
	return r;
}

static void reap_all(struct policyd *policyd)
{
	const struct timespec pause = {.tv_nsec = 10 * 1000000};
	int status;
	pid_t pid;

	for (int waited = 0; waited < REAP_MS;) {
		pid = waitpid(-1, &status, WNOHANG);
		if (pid < 0)
			return;
		if (pid > 0) {
			(void)measurer_reaped(policyd, pid, status);
			continue;
		}
		nanosleep(&pause, NULL);
		waited += 10;
	}
	log_error("a process hangs in a container's file system: it ends when that does");
}

/* Also where the start failed half-way. */
static void life_free(struct life *life)
{
	struct policyd *policyd = &life->policyd;

	loop_timer_stop(&life->stop_timer);
	enter_cancel_all(policyd);
	control_stop(policyd);
	enter_cancel_all(policyd); /* what closing connections started */
	host_face_stop(&life->face);
	while (policyd->views)
		registry_remove(policyd, policyd->views);
	handle_drop_host(policyd);
	witness_free(policyd->witness);
	server_stop(policyd);
	reap_all(policyd);
	loop_free(policyd->loop);
	runtime_dir_close(&policyd->runtime_dir_fd);
	close_fd(&policyd->proc_fd);
	free(policyd->buffer);
	conf_done(&life->conf);
	free(life);
}

int life_start(const struct life_options *options, struct life **ret_life)
{
	struct life *life = calloc(1, sizeof(*life));
	struct policyd *policyd;
	int r;

	if (!life)
		return -ENOMEM;
	policyd = &life->policyd;
	*policyd = (struct policyd){
		.conf = &life->conf, .life = life, .runtime_dir_fd = -1, .proc_fd = -1};
	life->face.fuse_fd = -1;
	r = load_conf(options, &life->conf);
	if (r == 0)
		r = requirements_check();
	if (r == 0)
		r = runtime_dir_open(options->runtime_dir, &policyd->runtime_dir_fd);
	if (r == 0) {
		requirements_raise_files();
		r = runtime_dir_write_pid(policyd->runtime_dir_fd);
		if (r < 0)
			log_error("writing to %s: %s", options->runtime_dir, strerror(-r));
	}
	if (r == 0)
		r = requirements_check_fanotify(policyd->runtime_dir_fd);
	if (r == 0)
		r = start_parts(life, options);
	if (r < 0)
		life_free(life);
	else
		*ret_life = life;
	return r;
}

int life_run(struct life *life)
{
	int r = loop_run(life->policyd.loop);

	if (r < 0)
		log_error("the loop ended: %s", strerror(-r));
	life_free(life);
	return r < 0 ? EXIT_FAILURE : r;
}

static void on_swept(const struct sweep_result *result, void *userdata)
{
	struct life *life = userdata;

	if (result->n_failed)
		log_warning("%u namespaces keep a dead mount: it is locked there, or hidden",
			result->n_failed);
	loop_exit(life->policyd.loop, life->status);
}

/* Every view's mounts, and the copies of the host face that namespaces made meanwhile have. */
static void sweep_all(struct life *life)
{
	struct policyd *policyd = &life->policyd;
	_cleanup_free_ dev_t *devs = NULL;
	size_t n = 1;

	for (const struct view *view = policyd->views; view; view = view->next)
		n++;
	devs = calloc(n, sizeof(*devs));
	n = 0;
	if (devs) {
		devs[n++] = life->face.dev;
		for (const struct view *view = policyd->views; view; view = view->next)
			devs[n++] = view->dev;
	}
	if (!devs || sweep_start(policyd, devs, n, 0, on_swept, life) < 0) {
		log_error("no memory to unmount with: containers keep dead mounts");
		loop_exit(policyd->loop, EXIT_FAILURE);
	}
}

/* Children at work may be about to mount: the sweep would miss that. Each has a deadline. */
static int on_stop_timer(struct loop_timer *timer, void *userdata)
{
	struct life *life = userdata;

	if (!life->policyd.enters) {
		sweep_all(life);
		return 0;
	}
	return loop_timer_start(life->policyd.loop, timer, STOP_POLL_MS, on_stop_timer, life);
}

bool life_stopping(const struct policyd *policyd)
{
	return policyd->life->stopping;
}

void life_stop(struct policyd *policyd, int status)
{
	struct life *life = policyd->life;

	if (life->stopping)
		return;
	life->stopping = true;
	life->status = status;
	daemon_notify("STOPPING=1");
	control_quiesce(policyd);
	host_face_stop(&life->face);
	if (loop_timer_start(policyd->loop, &life->stop_timer, 0, on_stop_timer, life) < 0)
		loop_exit(policyd->loop, EXIT_FAILURE);
}
