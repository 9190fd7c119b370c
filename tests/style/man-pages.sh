#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# mandoc has no warning about any manual page, and each page that is promised is there.
. "$(dirname "$0")/../lib/sources.sh"

need_tool mandoc
n=0 bad=0
for page in vsecfs.8 policyd.8 vsecctl.1 policyd.conf.5 vsecfs-abi.7; do
	n=$((n + 1))
	[[ -s man/$page ]] || { echo "man/$page is missing"; bad=$((bad + 1)); }
done
while read -r file; do
	n=$((n + 1))
	mandoc -T lint -W warning "$file" || bad=$((bad + 1))
done < <(sources -path './man/*.[1-8]')
finish_style "$n" "$bad"
