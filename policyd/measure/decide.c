/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "decide.h"

#include <linux/capability.h>
#include <sys/stat.h>

#include "common/cleanup.h"

static unsigned add(
	struct decide_check *checks, unsigned n, enum ima_func func, const struct decide_check *how)
{
	checks[n] = *how;
	checks[n].func = func;
	return n + 1;
}

/* do_open_execat() passes ima_file_check(), search_binary_handler() ima_bprm_check(), the loader's
 * mappings ima_file_mmap(). */
static unsigned exec_checks(const struct decide_use *use, struct decide_check *checks)
{
	struct decide_check how = {.mask = IMA_MAY_EXEC, .reader = true};
	unsigned n = add(checks, 0, IMA_FILE_CHECK, &how);

	if (use->role != TASK_INTERPRETER) {
		n = add(checks, n, IMA_BPRM_CHECK, &how);
		how.after_exec = true;
		n = add(checks, n, IMA_CREDS_CHECK, &how);
		how.after_exec = false;
	}
	if (use->mapped)
		n = add(checks, n, IMA_MMAP_CHECK, &how);
	return n;
}

static unsigned unknown_open_checks(struct decide_check *checks)
{
	static const unsigned masks[] = {IMA_MAY_READ, IMA_MAY_WRITE, IMA_MAY_READ | IMA_MAY_WRITE,
		IMA_MAY_READ | IMA_MAY_APPEND, IMA_MAY_WRITE | IMA_MAY_APPEND,
		IMA_MAY_READ | IMA_MAY_WRITE | IMA_MAY_APPEND};
	unsigned n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(masks); i++) {
		/* Even MAY_WRITE may be a reader: O_RDONLY | O_TRUNC. */
		struct decide_check how = {.mask = masks[i], .reader = true, .writer = true};

		n = add(checks, n, IMA_FILE_CHECK, &how);
	}
	return n;
}

unsigned decide_checks(const struct decide_use *use, struct decide_check checks[DECIDE_CHECKS_MAX])
{
	struct decide_check map = {.mask = IMA_MAY_EXEC};
	unsigned n;

	if (use->exec)
		return exec_checks(use, checks);
	if (use->open.known) {
		struct decide_check how = {.mask = use->open.mask,
			.reader = !use->open.write,
			.writer = use->open.write};

		n = add(checks, 0, IMA_FILE_CHECK, &how);
		map.reader = how.reader;
		map.writer = how.writer;
	} else {
		n = unknown_open_checks(checks);
		map.reader = map.writer = true;
	}
	if (use->mapped && (!use->open.known || use->open.mask & IMA_MAY_READ))
		n = add(checks, n, IMA_MMAP_CHECK, &map);
	return n;
}

void decide_creds_after_exec(const struct decide_file *file, struct proc_creds *creds)
{
	if (!file->nosuid && !creds->no_new_privs) {
		if (file->mode & S_ISUID)
			creds->euid = file->uid;
		if ((file->mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP))
			creds->egid = file->gid;
	}
	creds->suid = creds->fsuid = creds->euid;
	creds->sgid = creds->fsgid = creds->egid;
}

void decide_add_creds(const struct proc_creds *creds, bool ours, struct ima_access *access)
{
	access->uid = creds->uid;
	access->euid = creds->euid;
	access->suid = creds->suid;
	access->gid = creds->gid;
	access->egid = creds->egid;
	access->sgid = creds->sgid;
	access->cap_setuid = ours && creds->cap_effective & 1ull << CAP_SETUID;
	access->cap_setgid = ours && creds->cap_effective & 1ull << CAP_SETGID;
}
