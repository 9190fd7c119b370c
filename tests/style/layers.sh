#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The folders are layers: the programs never include one another's headers, common/ none of theirs,
# and the rules of IMA (policyd/ima) are pure: no descriptor, no clock, no log.
. "$(dirname "$0")/../lib/sources.sh"

n=0 bad=0

# forbid FOLDER REGEX WHY: no file of FOLDER may include a header that matches.
forbid() {
	local file hits

	while read -r file; do
		n=$((n + 1))
		hits=$(grep -nE "^[[:space:]]*#[[:space:]]*include[[:space:]]*[<\"]$2" "$file") || continue
		echo "$file: $3: $hits"
		bad=$((bad + 1))
	done < <(sources -path "./$1/*.[ch]")
}

forbid fs '(\.\./)*(policyd|ctl)/' "fs knows include/vsecfs and common only"
forbid policyd '(\.\./)*(fs|ctl)/' "policyd knows include/vsecfs and common only"
forbid ctl '(\.\./)*(fs|policyd)/' "ctl knows include/vsecfs and common only"
forbid common '(\.\./)*(fs|policyd|ctl|vsecfs)/' "common knows nothing of the domain"
forbid include '(\.\./)*(fs|policyd|ctl)/' "shared headers know no program"
forbid policyd/ima '(unistd|fcntl|time|sys/time|sys/stat|syslog|stdio_ext)\.h' "policyd/ima is pure"
forbid policyd/ima '(.*/)?(log|loop|wire)\.h' "policyd/ima is pure"
finish_style "$n" "$bad"
