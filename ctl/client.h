/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* The connection to policyd's control socket: one question at a time, each answered within
 * CLIENT_TIMEOUT_MS. Owner: one command. */
#include "../common/wire.h"
#include "fault.h"
#include "vsecfs/ctl.h"

/* An attach waits for a measurer to start on a busy host; policyd itself answers within
 * milliseconds. */
#define CLIENT_TIMEOUT_MS 30000

struct client {
	struct wire wire;
	uint64_t cookie; /* of the question that is being answered */
	void *buffer;    /* WIRE_MAX bytes to receive into */
};

/* Connects to <runtime_dir>/control. 0; -ENOMEM; -ENAMETOOLONG; -errno of connect(2), with a fault
 * that says how to start policyd where it does not run. */
int client_open(struct client *client, const char *runtime_dir, struct fault *ret_fault);
/* Harmless on a zeroed or closed client. */
void client_close(struct client *client);

/* Sends one question (enum ctl_op and its body). 0 or -errno. */
int client_send(struct client *client, uint16_t op, const void *body, struct fault *ret_fault);
/* Receives one answer. 1: a view, and its descriptor where ret_fd is not NULL. 0: END. Negative:
 * what policyd refused with, or -ETIMEDOUT, -EPIPE, -EPROTO (also a missing descriptor). */
int client_receive(
	struct client *client, struct ctl_view *ret_view, int *ret_fd, struct fault *ret_fault);
/* Both, for questions that one view answers. 0 or negative as above. */
int client_ask(struct client *client, uint16_t op, const void *body, struct ctl_view *ret_view,
	int *ret_fd, struct fault *ret_fault);
