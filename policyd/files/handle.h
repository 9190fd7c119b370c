/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Open handles of a view: what vsecfs asked to open and was allowed. Its number is the view's
 * serial in the high half, never 0, so it means the same to a successor of vsecfs. Opens that were
 * only judged (lists, PCRs) get a number and leave nothing here. Owner: policyd's loop. Limits:
 * VIEW_HANDLES_MAX a view and face (-ENFILE), so that a container cannot take the host's,
 * HANDLE_WAITING_MAX messages waiting behind one that is being answered. The functions are in
 * policyd.h. */
#include "policyd/policyd.h"

#define HANDLE_WAITING_MAX 64
#include "policyd/view/judge.h"
#include "policy-file.h"
#include "vsecfs/tree.h"

/* For handle.c and handle-open.c alone. */
struct handle {
	struct handle *next;
	struct policyd *policyd;
	struct view *view; /* NULL: the host face */
	uint64_t number;
	enum file_kind kind;
	enum proto_face face;       /* through which superblock it was opened */
	struct judge_caller caller; /* what the open was judged by */
	struct policy_file *policy; /* of the policy's writer */
	bool busy, releasing;       /* a message is being answered; RELEASE has come */
	bool draining;              /* those that wait are being run */
	enum proto_op op;           /* of the message that is being answered */
	uint64_t cookie;
	struct waiting *first, **last; /* behind it */
	unsigned n_waiting;
};

/* For an open that request asked for. 0; -ENFILE: the view has VIEW_HANDLES_MAX through that face;
 * -ENOMEM. */
int handle_new(struct policyd *policyd, struct view *view, const struct proto_open *request,
	const struct judge_caller *caller, struct handle **ret_handle);
/* Forgets the handle and drops what is pending; who still waits for an answer gets -ENODEV. */
void handle_free(struct handle *h);
/* A number for an open that leaves nothing here: never 0, and none that is in use. */
uint64_t handle_number(struct policyd *policyd, struct view *view);

/* Answers a message of any kind with an error. */
void handle_refuse(struct policyd *policyd, enum proto_op op, uint64_t cookie, int error);
/* Puts a message (n_request bytes of body, n behind it) behind those that wait. A flood is refused
 * with -EBUSY, but never a RELEASE. */
void handle_wait_behind(struct handle *h, enum proto_op op, uint64_t cookie, const void *request,
	size_t n_request, const void *bytes, size_t n);
/* The policy file's answer to the message that made the handle busy (policy_file_fn). */
void handle_policy_answer(int error, uint32_t count, void *userdata);
