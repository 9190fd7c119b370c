#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The documents name files and folders that exist.
. "$(dirname "$0")/../lib/sources.sh"

n=0 bad=0
for document in README.md HACKING.md SECURITY.md; do
	while read -r path; do
		n=$((n + 1))
		[[ -e $path ]] && continue
		echo "$document: there is no $path"
		bad=$((bad + 1))
	done < <(grep -oE '`(include|common|fs|policyd|ctl|man|data|tests|bench)/[A-Za-z0-9._/-]*' "$document" |
		tr -d '`' | sort -u)
done
finish_style "$n" "$bad"
