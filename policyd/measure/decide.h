/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Which of the kernel's IMA hooks an access would pass, in the order in which it would pass them.
 * Pure. */
#include <stdbool.h>
#include <stdint.h>

#include "task-text.h"
#include "vsecfs/ima.h"
#include "policyd/kernel/proc.h"

#define DECIDE_CHECKS_MAX 8

struct decide_use {
	bool exec;           /* FAN_OPEN_EXEC_PERM, else an open */
	enum task_role role; /* of an exec */
	struct task_open open;
	bool mapped; /* an ELF object that has something to execute: whoever loads it maps it */
};

struct decide_check {
	enum ima_func func;
	unsigned mask;
	bool reader;     /* the file may be one without FMODE_WRITE: writers are a violation */
	bool writer;     /* it may have it: readers are one (ToMToU) */
	bool after_exec; /* with the credentials that the program will have */
};

/* Fills checks and returns how many there are. An open whose mode is not known passes as every mode
 * that it could have: it is measured if any of them would be. */
unsigned decide_checks(const struct decide_use *use, struct decide_check checks[DECIDE_CHECKS_MAX]);

struct decide_file {
	uint32_t mode, uid, gid;
	bool nosuid; /* of its mount */
};

/* What creds become by executing the file (bprm_fill_uid()): set-id bits, unless the mount or the
 * thread forbids it. Files' ids without a mapping in the thread's user namespace do not count in
 * the kernel; here they do, which can only measure more. */
void decide_creds_after_exec(const struct decide_file *file, struct proc_creds *creds);

/* Copies creds to access; ours: the thread is in the namespace's own user namespace or the initial
 * one, else its capabilities mean nothing here. */
void decide_add_creds(const struct proc_creds *creds, bool ours, struct ima_access *access);
