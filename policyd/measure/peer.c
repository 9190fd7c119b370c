/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "measurer.h"

/* policyd answers within milliseconds; past this it is ill, and another measurer may find it well.
 */
#define ANSWER_TIMEOUT_MS 60000
#define POLICY_TEXT_MAX   (IMA_RULES_MAX * (IMA_RULE_LINE_MAX + 1))

struct answer {
	uint16_t op; /* that is waited for, 0: none */
	uint64_t cookie;
	bool come;
	int32_t error;
};

void peer_log(struct measurer *measurer, int priority, const char *format, ...)
{
	struct measure_log body = {.priority = (uint32_t)priority};
	char text[512];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (n > 0)
		(void)wire_send(&measurer->wire, MEASURE_LOG, 0, &body, text,
			MIN((size_t)n, sizeof(text) - 1), NULL, 0);
}

/* ---- policy ---- */

static int read_policy(int fd, struct ima_policy **ret_policy)
{
	struct stat st;
	void *text = NULL;
	int r;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (st.st_size > POLICY_TEXT_MAX)
		return -EFBIG;
	if (st.st_size > 0) {
		text = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (text == MAP_FAILED)
			return -errno;
	}
	r = ima_policy_parse(text ? text : "", (size_t)st.st_size, ret_policy);
	if (text)
		munmap(text, (size_t)st.st_size);
	return r;
}

/* An open costs the container one event more if it is asked about, so only policies that could
 * measure one pay for it. */
static uint64_t mask_for(uint32_t funcs)
{
	uint64_t mask = 0;

	if (funcs & (1u << IMA_BPRM_CHECK | 1u << IMA_CREDS_CHECK))
		mask |= FAN_OPEN_EXEC_PERM;
	if (funcs & (1u << IMA_FILE_CHECK | 1u << IMA_MMAP_CHECK))
		mask |= FAN_OPEN_PERM | FAN_OPEN_EXEC_PERM;
	return mask;
}

static int arm(struct measurer *measurer, uint32_t funcs)
{
	unsigned n_failed = measurer->marks.n_failed;
	int r = marks_arm(&measurer->marks, mask_for(funcs));

	measurer->marked_funcs = funcs;
	if (measurer->marks.n_failed > n_failed)
		peer_log(measurer, LOG_WARNING,
			"%u mounts of the namespace cannot be watched; executions there are recorded "
			"as violations",
			measurer->marks.n_failed);
	return r;
}

/* Marks first, policy second: between the two more is asked than need be, never less. A rehearsal
 * (marks_only) keeps what the policy in force needs. */
static int take_policy(struct measurer *measurer, const struct measure_policy *body, int fd)
{
	struct ima_policy *policy = NULL;
	struct ima_needs needs = {0};
	uint32_t funcs;
	int r = fd < 0 ? -EBADMSG : read_policy(fd, &policy);

	if (r < 0)
		return r;
	ima_policy_needs(policy, &needs);
	funcs = needs.funcs | (body->marks_only ? measurer->needs.funcs : 0);
	r = arm(measurer, funcs);
	if (r == 0 && !body->marks_only) {
		const uint32_t executions = 1u << IMA_BPRM_CHECK | 1u << IMA_CREDS_CHECK;

		if (needs.funcs & executions && !(measurer->needs.funcs & executions))
			measurer->executions_since_ns = marks_now_ns();
		ima_policy_free(measurer->policy);
		measurer->policy = take_ptr(policy);
		measurer->needs = needs;
		measurer->generation = body->generation;
	}
	ima_policy_free(policy);
	return r;
}

static int on_policy(struct measurer *measurer, struct wire_msg *msg)
{
	const struct measure_policy *body = msg->body;
	struct measure_armed armed = {.generation = body->generation};

	armed.error = take_policy(measurer, body, msg->n_fds ? msg->fds[0] : -1);
	return wire_send(&measurer->wire, MEASURE_ARMED, msg->cookie, &armed, NULL, 0, NULL, 0);
}

static int on_target(struct measurer *measurer, const struct measure_target *target)
{
	int r = marks_target(&measurer->marks, target->pid, target->view_dev);

	if (r < 0)
		peer_log(measurer, LOG_WARNING, "mounts of process %d: %s", target->pid,
			strerror(-r));
	return 0;
}

/* ---- messages ---- */

static int handle(struct measurer *measurer, struct wire_msg *msg, struct answer *answer)
{
	switch (msg->op->op) {
	case MEASURE_TARGET:
		return on_target(measurer, msg->body);
	case MEASURE_POLICY:
		return on_policy(measurer, msg);
	case MEASURE_WITNESS:
		return witness_defer(measurer, msg->body, msg->data, msg->n_data);
	case MEASURE_ENTERED:
	case MEASURE_SYNCED:
		if (msg->op->op != answer->op || msg->cookie != answer->cookie)
			return -EPROTO;
		answer->come = true;
		if (msg->op->op == MEASURE_ENTERED)
			answer->error = ((const struct measure_entered *)msg->body)->error;
		return 0;
	default:
		return -EPROTO;
	}
}

/* Handles one message if one comes in time. 1: it did; 0: none came. */
static int receive_one(struct measurer *measurer, int timeout_ms, struct answer *answer)
{
	struct wire_msg msg;
	int r = wire_wait(&measurer->wire, measurer->buffer, timeout_ms, &msg);

	if (r <= 0)
		return r;
	r = handle(measurer, &msg, answer);
	wire_msg_done(&msg);
	return r < 0 ? r : 1;
}

int peer_receive(struct measurer *measurer)
{
	struct answer none = {0};
	int r;

	do
		r = receive_one(measurer, 0, &none);
	while (r > 0);
	return r;
}

static int wait_for(struct measurer *measurer, struct answer *answer)
{
	while (!answer->come) {
		int r = receive_one(measurer, ANSWER_TIMEOUT_MS, answer);

		if (r < 0)
			return r;
		if (r == 0)
			return -ETIMEDOUT;
	}
	return 0;
}

static int synchronize(struct measurer *measurer)
{
	struct answer answer = {.op = MEASURE_SYNCED, .cookie = ++measurer->cookie};
	struct measure_none body = {0};
	int r;

	r = wire_send(&measurer->wire, MEASURE_SYNC, answer.cookie, &body, NULL, 0, NULL, 0);
	if (r < 0)
		return r;
	return wait_for(measurer, &answer);
}

int peer_policy_current(struct measurer *measurer)
{
	const struct view_head *head = measurer->head;
	struct answer none = {0};

	if (atomic_load_explicit(&head->flags, memory_order_acquire) & VIEW_FLUSHED) {
		int r = synchronize(measurer);

		if (r < 0)
			return r;
	}
	/* Signed difference: the counter may wrap, and a POLICY may come before the head shows it.
	 */
	while ((int32_t)(atomic_load_explicit(&head->policy_generation, memory_order_acquire) -
			 measurer->generation) > 0) {
		int r = receive_one(measurer, ANSWER_TIMEOUT_MS, &none);

		if (r <= 0)
			return r < 0 ? r : -ETIMEDOUT;
	}
	return 0;
}

int peer_enter(struct measurer *measurer, const struct ima_event *event, int *ret_error)
{
	struct answer answer = {.op = MEASURE_ENTERED, .cookie = ++measurer->cookie};
	struct measure_entry body = {.template = event->template,
		.hash = event->hash,
		.pcr = event->pcr,
		.violation = event->violation,
		.n_path = (uint32_t)event->n_path,
		.n_signature = (uint32_t)event->n_signature};
	_cleanup_free_ uint8_t *data = malloc(event->n_path + event->n_signature + 1);
	int r;

	if (!data)
		return -ENOMEM;
	memcpy(data, event->path, event->n_path);
	if (event->n_signature)
		memcpy(data + event->n_path, event->signature, event->n_signature);
	if (!event->violation)
		memcpy(body.digest, event->digest, ima_hash_size(event->hash));
	r = wire_send(&measurer->wire, MEASURE_ENTRY, answer.cookie, &body, data,
		event->n_path + event->n_signature, NULL, 0);
	if (r == 0)
		r = wait_for(measurer, &answer);
	if (r == 0)
		*ret_error = answer.error;
	return r;
}
