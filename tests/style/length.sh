#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# No file is over 400 lines and no function over 80: what is longer has a second thing in it that
# wants its own room. Declaring something unfinished is no way out either.
. "$(dirname "$0")/../lib/sources.sh"

n=0 bad=0
while read -r file; do
	n=$((n + 1))
	awk -v file="$file" '
		/^\{$/ { start = NR }
		/^\}/ && start {
			if (NR - start > 80) {
				printf "%s:%d: a function of %d lines\n", file, start, NR - start
				bad = 1
			}
			start = 0
		}
		/(^|[^A-Za-z])(TODO|FIXME|XXX)([^A-Za-z]|$)/ {
			printf "%s:%d: says of itself that it is unfinished\n", file, NR
			bad = 1
		}
		END {
			if (NR > 400) {
				printf "%s: %d lines\n", file, NR
				bad = 1
			}
			exit bad
		}' "$file" || bad=$((bad + 1))
done < <(sources -name '*.[ch]')
finish_style "$n" "$bad"
