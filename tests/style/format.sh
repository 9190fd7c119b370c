#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Every C file is as clang-format writes it.
. "$(dirname "$0")/../lib/sources.sh"

need_tool clang-format
n=0 bad=0
while read -r file; do
	n=$((n + 1))
	clang-format --dry-run -Werror "$file" 2>&1 | head -n 5 >&2
	((PIPESTATUS[0] == 0)) || bad=$((bad + 1))
done < <(sources -name '*.[ch]')
finish_style "$n" "$bad"
