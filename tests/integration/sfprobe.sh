#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Every property of a view's files that a program can ask for, against what a Debian 6.1 kernel
# answered for its securityfs (data/securityfs-6.1). Each difference is on the list of deliberate
# ones (data/deliberate-differences), and each entry of that list occurs.
# shellcheck source=../lib/integration.sh
. "$(dirname "$0")/../lib/integration.sh"

data=$(dirname "$0")/data

# The files that the record knows and a view has too.
files='. lsm integrity ima ima/ascii_runtime_measurements ima/binary_runtime_measurements
	ima/runtime_measurements_count ima/violations'
files_w='. lsm ima ima/ascii_runtime_measurements ima/violations'

vsec_start
session c
put c "$helpers/sfprobe" /tmp/sfprobe
# As on the recorded machine: something is in the list. Reading it must not make it grow.
works "policy" policy c 'measure func=BPRM_CHECK'
within c "/tmp/sfprobe /sys/kernel/security lsm" >/dev/null
{
	within c "/tmp/sfprobe /sys/kernel/security ${files//[$'\n\t']/ }" | sed 's/^/ro /'
	echo
	within c "/tmp/sfprobe -w /sys/kernel/security ${files_w//[$'\n\t']/ }" | sed 's/^/rw /'
	echo
} | sed '/^$/d; s/  */ /g; s/ *$//' >"$tmp/got"
sed '/^#/d; s/  */ /g; s/ *$//' "$data/securityfs-6.1" >"$tmp/want"
like "the probe ran" "$(wc -l <"$tmp/got")" '^[3-9][0-9][0-9]$'

# A difference is "- kernel's line" and "+ the view's line".
diff <(sort "$tmp/want") <(sort "$tmp/got") | sed -n 's/^< /- /p; s/^> /+ /p' | sort >"$tmp/differences"
# In the list, a line may hold * for any word, so that one reason covers a property of all files.
python3 - "$tmp/differences" "$data/deliberate-differences" >"$tmp/verdict" <<'PYTHON'
import fnmatch, sys
differences = open(sys.argv[1]).read().splitlines()
patterns, reason = [], None
for line in open(sys.argv[2]):
    line = line.rstrip()
    if line.startswith("#"):
        reason = line
    elif line:
        if not reason:
            print("NO REASON  " + line)
        patterns.append(line)
    else:
        reason = None
used = set()
for difference in differences:
    hits = [p for p in patterns if fnmatch.fnmatchcase(difference, p)]
    used.update(hits)
    if not hits:
        print("UNEXPECTED " + difference)
for pattern in patterns:
    if pattern not in used:
        print("DOES NOT OCCUR " + pattern)
PYTHON
is "no difference but the deliberate ones" "$(grep -E '^(UNEXPECTED|NO REASON)' "$tmp/verdict")" ""
is "every deliberate difference occurs" "$(grep '^DOES NOT' "$tmp/verdict")" ""
finish
