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

/* covered: a mark stood on the mount or superblock of the executed file before the execution.
 * script: the report names a script, the mount is its interpreter's. found: what events announced
 * for that process. A mark that was noticed only later (or whose mount has gone again) proves
 * nothing, but an event does. */
enum witness_verdict witness_judge(bool covered, bool script, const struct announced_for *found);
