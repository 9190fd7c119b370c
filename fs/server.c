/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "server.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker.h"
#include "common/cleanup.h"
#include "session.h"

#define LSM_WITHOUT_HOST "capability,ima"
#define LSM_CHARACTERS   "abcdefghijklmnopqrstuvwxyz0123456789_-"

static bool has_word(const char *list, const char *word)
{
	size_t n = strlen(word);

	for (const char *at = list; at; at = strchr(at, ',')) {
		at += *at == ',';
		if (!strncmp(at, word, n) && (!at[n] || at[n] == ','))
			return true;
	}
	return false;
}

void server_lsm(char dest[LSM_TEXT_MAX], const char *host_lsm)
{
	const char *more = ",ima";

	if (!host_lsm || !*host_lsm || strlen(host_lsm) + strlen(more) >= LSM_TEXT_MAX ||
		host_lsm[strspn(host_lsm, LSM_CHARACTERS ",")]) {
		strcpy(dest, LSM_WITHOUT_HOST);
		return;
	}
	if (has_word(host_lsm, "ima") || has_word(host_lsm, "integrity"))
		more = "";
	snprintf(dest, LSM_TEXT_MAX, "%s%s", host_lsm, more);
}

int server_init(struct server *server, int socket_fd, const char *host_lsm)
{
	struct proto_none ready = {0};
	int r;

	*server = (struct server){.since = time(NULL)};
	wire_init(&server->wire, socket_fd, proto_ops, ARRAY_SIZE(proto_ops), PROTO_POLICYD);
	server_lsm(server->lsm, host_lsm);
	r = loop_new(&server->loop);
	if (r < 0)
		return r;
	r = broker_start(server);
	if (r < 0)
		return r;
	return wire_send(&server->wire, PROTO_READY, 0, &ready, NULL, 0, NULL, 0);
}

void server_done(struct server *server)
{
	pending_fail(&server->pending, NULL, EIO);
	while (server->n_sessions)
		session_remove(server->sessions[server->n_sessions - 1]);
	free(server->sessions);
	snapshots_remove_session(&server->snapshots, NULL);
	pending_done(&server->pending);
	if (server->loop)
		loop_remove(&server->wire_source);
	wire_done(&server->wire);
	loop_free(server->loop);
	*server = (struct server){0};
}
