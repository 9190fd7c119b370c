/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Who may open what (ABI): a caller is a thread id that the kernel put into the request, looked up
 * in /proc at the open and again at every write. vsecfs, which passes it on, is assumed
 * compromised: it can name the wrong thread, but never lend one more than that thread has. */
#include <stdint.h>
#include <sys/types.h>

#include "view.h"

/* What an open was judged by, and each later write must still have. */
struct judge_caller {
	uint64_t userns;
	uint64_t cap_effective;
	uint32_t uid, euid, fsuid, fsgid;
};

enum judge_need {
	JUDGE_READ,  /* lists, PCRs, the small files: the namespace's root, or the host's
			administrator */
	JUDGE_ADMIN, /* the policy, last_error, every write: CAP_MAC_ADMIN or CAP_SYS_ADMIN in the
			user namespace that owns the view */
};

/* Judges thread tid, whose ids the request says are uid and gid. 0: *ret_caller is what it was
 * judged by. -EACCES: the view is not bound, the thread is gone, is not what the request says,
 * belongs to another namespace, or owner and mode of the file are against it. -EPERM: it lacks the
 * capability or is not root. */
int judge_open(const struct view *view, enum judge_need need, pid_t tid, uint32_t uid, uint32_t gid,
	struct judge_caller *ret_caller);

/* Is thread tid still what opened was judged by? 0; -EACCES: another user, user namespace, set of
 * capabilities, or one of another container. So a descriptor handed to a more privileged process is
 * no way in. */
int judge_write(const struct view *view, const struct judge_caller *opened, pid_t tid, uint32_t uid,
	uint32_t gid);
