/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a measurer says, and what is passed on to it. It reads files that a container made, so
 * nothing it says is believed beyond its own view's list. */
#include "measurer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "list-file.h"
#include "policyd/witness/witness.h"

#define RULE_PCRS    64 /* what pcr= of a rule can name */
#define IMA_PCR      10
#define LOG_TEXT_MAX 1024

/* A SYNC that waits for the view's FUSE queue. */
struct measurer_sync {
	struct measurer_sync *next;
	struct measurer *measurer;
	uint64_t cookie;
};

/* ---- ENTRY ---- */

static int check_entry(const struct measure_entry *entry, const char *data, size_t n)
{
	if (entry->template >= IMA_N_TEMPLATES || entry->hash >= IMA_N_HASHES ||
		entry->pcr >= RULE_PCRS || entry->violation > 1)
		return -EPROTO;
	if (entry->n_path == 0 || entry->n_path > IMA_PATH_MAX || entry->n_signature > IMA_SIG_MAX)
		return -EPROTO;
	/* Bounded above, so the sum cannot wrap. */
	if (entry->n_path + entry->n_signature != n || memchr(data, '\0', entry->n_path))
		return -EPROTO;
	if (entry->n_signature && entry->template != IMA_TEMPLATE_SIG)
		return -EPROTO;
	return 0;
}

/* 0: in the list, or there already; otherwise -errno. */
static int enter(struct view *view, const struct ima_event *event)
{
	struct ima_entry entry;
	int r = ima_entry_make(event, &entry);

	if (r < 0)
		return r;
	r = list_file_append(view->list, &entry);
	ima_entry_done(&entry);
	return MIN(r, 0);
}

static void tell_not_entered(struct measurer *m, int error)
{
	unsigned n_lost;

	if (log_rate_allows(&m->log_rate, &n_lost))
		log_error("view %llu '%s': cannot enter a measurement: %s%s",
			(unsigned long long)m->view->id, m->view->name, strerror(-error),
			n_lost ? " (others before it were not logged)" : "");
}

static int on_entry(struct measurer *m, const struct wire_msg *msg)
{
	const struct measure_entry *body = msg->body;
	const char *data = msg->data;
	struct ima_event event = {0};
	struct measure_entered answer = {0};

	if (check_entry(body, data, msg->n_data) < 0)
		return -EPROTO;
	event.template = (enum ima_template)body->template;
	event.hash = (enum ima_hash)body->hash;
	event.pcr = body->pcr;
	event.violation = body->violation;
	memcpy(event.digest, body->digest, sizeof(event.digest));
	event.path = data;
	event.n_path = body->n_path;
	event.signature = (const uint8_t *)data + body->n_path;
	event.n_signature = body->n_signature;
	answer.error = enter(m->view, &event);
	if (answer.error < 0)
		tell_not_entered(m, answer.error);
	return wire_send(&m->wire, MEASURE_ENTERED, msg->cookie, &answer, NULL, 0, NULL, 0);
}

/* ---- SYNC ---- */

static void unlink_sync(struct measurer_sync *sync)
{
	for (struct measurer_sync **at = &sync->measurer->syncs; *at; at = &(*at)->next) {
		if (*at != sync)
			continue;
		*at = sync->next;
		sync->measurer->n_syncs--;
		break;
	}
}

/* The releases that were queued before are committed, and their POLICY is in the socket. */
static void on_barrier(struct view *view, void *userdata)
{
	struct measurer_sync *sync = userdata;
	struct measurer *m = sync->measurer;
	struct measure_none none = {0};
	int r;

	(void)view;
	unlink_sync(sync);
	r = wire_send(&m->wire, MEASURE_SYNCED, sync->cookie, &none, NULL, 0, NULL, 0);
	free(sync);
	if (r < 0)
		measurer_lost(m, "does not read what it asked for");
}

static int on_sync(struct measurer *m, const struct wire_msg *msg)
{
	struct policyd *policyd = m->view->policyd;
	struct measurer_sync *sync;

	if (m->n_syncs >= MEASURER_SYNCS_MAX)
		return -EPROTO;
	sync = calloc(1, sizeof(*sync));
	if (!sync)
		return -ENOMEM;
	sync->measurer = m;
	sync->cookie = msg->cookie;
	sync->next = m->syncs;
	m->syncs = sync;
	m->n_syncs++;
	/* Without vsecfs no release can come. */
	if (server_barrier(policyd, m->view, on_barrier, sync) < 0)
		on_barrier(m->view, sync);
	return 0;
}

void measurer_forget_syncs(struct measurer *m)
{
	while (m->syncs) {
		struct measurer_sync *sync = m->syncs;

		server_barrier_forget(m->view->policyd, sync);
		unlink_sync(sync);
		free(sync);
	}
}

/* ---- LOG ---- */

static void on_log(struct measurer *m, const struct wire_msg *msg)
{
	const struct measure_log *body = msg->body;
	int priority = (int)MIN(MAX(body->priority, (uint32_t)LOG_ERR), (uint32_t)LOG_DEBUG);
	char text[LOG_TEXT_MAX];
	unsigned n_lost;

	if (!log_rate_allows(&m->log_rate, &n_lost))
		return;
	log_quote(text, sizeof(text), msg->data, msg->n_data);
	log_msg(priority, "view %llu '%s': measurer: %s%s", (unsigned long long)m->view->id,
		m->view->name, text, n_lost ? " (others before it were not logged)" : "");
}

int measurer_on_message(struct measurer *m, const struct wire_msg *msg)
{
	switch (msg->op->op) {
	case MEASURE_ARMED:
		measurer_on_armed(m, msg->cookie, msg->body);
		return 0;
	case MEASURE_ENTRY:
		return on_entry(m, msg);
	case MEASURE_SYNC:
		return on_sync(m, msg);
	case MEASURE_LOG:
		on_log(m, msg);
		return 0;
	case MEASURE_COVERED:
		witness_cover(m->view->policyd->witness, m->view,
			((const struct measure_covered *)msg->body)->unique_id);
		return 0;
	default:
		return -EPROTO;
	}
}

/* ---- the witness ---- */

/* Something was executed that nobody measured, and nobody knows what it was. */
static void enter_unseen(struct view *view, const char *what)
{
	struct ima_event event = {.template = (enum ima_template)atomic_load(&view->head->template),
		.hash = (enum ima_hash)atomic_load(&view->head->hash),
		.pcr = IMA_PCR,
		.violation = true,
		.path = what,
		.n_path = strlen(what)};
	int r = enter(view, &event);

	if (r < 0 && view->measurer)
		tell_not_entered(view->measurer, r);
}

void measurer_witness(
	struct view *view, const struct measure_witness *report, const char *path, size_t n)
{
	struct measurer *m = view->measurer;

	if (!m) /* the policy measures nothing */
		return;
	if (!m->pid) {
		enter_unseen(view, "executed_while_no_measurer_ran");
		return;
	}
	if (wire_send(&m->wire, MEASURE_WITNESS, 0, report, path, n, NULL, 0) == 0)
		return;
	enter_unseen(view, "execution_reports_lost");
	measurer_lost(m, "does not read reports of the witness");
}

void measurer_witness_lost(struct view *view)
{
	if (view->measurer)
		enter_unseen(view, "execution_reports_lost");
}
