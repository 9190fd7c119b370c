/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* What an independent witness's report of an execution means. Pure. */
#include <stdbool.h>

#include "announced.h"

enum witness_verdict {
	WITNESS_ANNOUNCED,          /* a permission event came for it: nothing to do */
	WITNESS_UNANNOUNCED,        /* none did: hash what runs now, and say so */
	WITNESS_SCRIPT_UNANNOUNCED, /* its interpreter was, the script itself was not */
};

/* found: what events announced for the thread since its last report. since_ns: since when the mount
 * that the report names is watched, 0 if that is not known. script: the report names a script, the
 * mount is its interpreter's.
 *
 * That a mark stands on the mount proves nothing: it may have been set between the kernel's opening
 * of the program and the report, for an execution takes as long as it likes. Only the event of this
 * very thread does, and not if the mount was watched only later: numbers of mounts are given again,
 * so the event may have been another one's (a program that fails to execute, its file system
 * replaced by one with the same number). */
enum witness_verdict witness_judge(
	const struct announced_for *found, uint64_t since_ns, bool script);
