/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* policyd's side of one view's measurer, shared by measurer.c (its life), measurer-message.c (what
 * it says) and measurer-target.c (which process shows its namespace). The functions for others are
 * in policyd.h. Owner: policyd's loop. Limits: MEASURER_RESTARTS in MEASURER_RESTARTS_MS;
 * MEASURER_SYNCS_MAX questions at a time. */
#include <stdbool.h>

#include "common/log.h"
#include "common/loop.h"
#include "common/wire.h"
#include "policyd/measure/measure.h"
#include "policyd/policyd.h"

#define MEASURER_RESTARTS    5
#define MEASURER_RESTARTS_MS 60000
#define MEASURER_AGAIN_MS    100
#define MEASURER_ARM_MS      10000
#define MEASURER_SYNCS_MAX   1024

struct measurer {
	struct view *view;
	pid_t pid;    /* 0: dead, and a successor will be started */
	pid_t ending; /* killed and not reaped: no successor before it is; 0: none */
	struct wire wire;
	struct loop_source source;
	int fanotify_fd; /* kept, so that accesses wait for a successor and are not let through */

	pid_t target;      /* through whose root the namespace is seen; 0: nobody is left */
	int target_pid_fd; /* tells when it ends */
	struct loop_source target_source;

	char *arm_text; /* of the set that somebody waits for, or NULL */
	size_t n_arm_text;
	measurer_armed_fn armed_fn;
	void *armed_userdata;
	struct loop_timer arm_deadline;

	bool ready; /* it has answered since it was started */
	struct loop_timer policy_deadline;

	uint64_t started_ms[MEASURER_RESTARTS]; /* the last starts, a ring */
	unsigned next_start;
	struct loop_timer restart;

	struct measurer_sync *syncs;
	unsigned n_syncs;
	struct log_rate log_rate;
};

/* Cookies of POLICY, which ARMED repeats. */
#define MEASURER_COOKIE_POLICY 1
#define MEASURER_COOKIE_ARM    2

/* measurer.c: the process is ended (or has ended), its successor is scheduled; why is logged. */
void measurer_lost(struct measurer *m, const char *why);
/* measurer.c: ARMED came. */
void measurer_on_armed(struct measurer *m, uint64_t cookie, const struct measure_armed *armed);

/* measurer-message.c: one message of the measurer. 0; -EPROTO: it is to be ended. */
int measurer_on_message(struct measurer *m, const struct wire_msg *msg);
/* measurer-message.c: nobody is left to answer. */
void measurer_forget_syncs(struct measurer *m);

/* measurer-target.c: finds a process of the view's mount namespace, watches it, and tells the
 * measurer when another one had to be found. 0; -ESRCH: there is none; -errno. */
int measurer_find_target(struct measurer *m);
void measurer_drop_target(struct measurer *m);
/* measurer-target.c: sends TARGET. 0 or -errno. */
int measurer_send_target(struct measurer *m);
