#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Violations: a measured file that somebody has open for writing (open_writers), and one opened for
# writing while a measured reader has it open (ToMToU). Zeros in the list, 0xff into the PCR.
# shellcheck source=../lib/integration.sh
. "$(dirname "$0")/../lib/integration.sh"

zeros=0000000000000000000000000000000000000000

# entry SESSION PATH: the template digests of a path's entries, oldest first
entry() {
	list "$1" | awk -v p="$2" '$5 == p { print $2 }'
}

vsec_start
session c
within c 'mkdir -p /tmp/f; cd /tmp/f; for f in a b c d e; do echo $f >$f; done'
works "policy" policy c 'measure func=FILE_CHECK mask=MAY_READ fowner=0' 'measure func=BPRM_CHECK'

is "none at first" "$(violations c)" 0
here c 'exec 5>>/tmp/f/a; read x </tmp/f/a; exec 5>&-'
is "reading what is open for writing is open_writers" "$(violations c)" 1
like "its entry holds zeros" "$(entry c /tmp/f/a)" "$zeros"
like "the file's digest is zero as well" "$(list c | grep /tmp/f/a)" "sha256:0{64} /tmp/f/a"
here c 'read x </tmp/f/b; exec 5</tmp/f/b'
is "a reader alone is none" "$(violations c)" 1
like "its entry has a digest" "$(sha256_of c /tmp/f/b)" "$(echo b | sha256sum | cut -d' ' -f1)"
here c 'exec 6>>/tmp/f/b; exec 6>&- 5<&-'
is "opening a measured file for writing while it is read is ToMToU" "$(violations c)" 2
like "with zeros in the list" "$(entry c /tmp/f/b | tail -n 1)" "$zeros"
here c 'exec 6>>/tmp/f/c; exec 6>&-'
is "writing a file that nobody reads is none" "$(violations c)" 2
here c 'read x </tmp/f/c'
is "and reading it afterwards is none" "$(violations c)" 2
is "the file has its entry" "$(sha256_of c /tmp/f/c)" "$(echo c | sha256sum | cut -d' ' -f1)"
here c 'exec 5<>/tmp/f/d; exec 5>&-'
is "one's own descriptor for reading and writing is none under MAY_READ" "$(violations c)" 2

is "violations are counted in the list, too" "$(list c | grep -c " $zeros ")" "$(violations c)"
is "the count includes them" "$(count c)" "$(list c | wc -l)"
works "the PCRs are extended with 0xff for each" lists_agree c

# ---- written while it is hashed, and closed before it runs ----
session exec
put exec "$helpers/execops" /tmp/execops
within exec 'for f in before open map; do cp /bin/true /tmp/$f; truncate -s 512M /tmp/$f; done'
works "policy of executions" policy exec 'measure func=BPRM_CHECK'
for how in before open map; do
	is "a program is overwritten while it is hashed: $how" \
		"$(within exec "/tmp/execops /tmp/$how written $how 50")" 0
	is "its digest is in the list, and a violation" "$(entry exec "/tmp/$how" | grep -c .)" 2
	is "the newer one" "$(entry exec "/tmp/$how" | tail -n 1)" "$zeros"
done
is "nothing else was one" "$(violations exec)" 3

# ---- written after it was hashed, by a thread that is quicker than the one that executes it ----
within exec 'for i in 1 2 3 4 5 6 7 8 9; do cp /tmp/execops /tmp/starved$i; done'
for i in 1 2 3 4 5 6 7 8 9; do # the loader may have its turn (ETXTBSY)
	out=$(within exec "/tmp/execops /tmp/starved$i starved $ima/runtime_measurements_count")
	[[ $out == 512 ]] && break
done
is "a program is overwritten before the loader has its turn" "$out" 512
is "its digest is in the list, and one violation" "$(entry exec "/tmp/starved$i" | grep -c .)" 2
within exec "cp /tmp/starved$i /tmp/later; /tmp/later; sleep 0.2; echo x >>/tmp/later; /tmp/later"
is "writing after an execution is none" "$(entry exec /tmp/later | grep -c "$zeros")" 0

# ---- written through a mapping whose descriptor is closed, which an overlay does not show ----
session overlay
put overlay "$helpers/execops" /tmp/execops
works "an overlay" within overlay 'mkdir /tmp/o && mount -t tmpfs t /mnt && cd /mnt && mkdir l u w &&
	mount -t overlay o -o lowerdir=l,upperdir=u,workdir=w /tmp/o &&
	cp /tmp/execops /tmp/o/program && cp /tmp/execops /tmp/o/quiet'
works "policy of executions on it" policy overlay 'measure func=BPRM_CHECK'
is "a program is mapped, executed twice, written and executed" \
	"$(within overlay '/tmp/execops /tmp/o/program mapped')" 512
is "both contents are in the list" "$(list overlay |
	awk -v z="$zeros" '$5 == "/tmp/o/program" && $2 != z' | wc -l)" 2
is "and a violation at each execution" "$(entry overlay /tmp/o/program | grep -c "$zeros")" 3
is "a program is executed that is mapped to be read" \
	"$(within overlay '/tmp/execops /tmp/o/quiet mapped-read')" 512
is "that is none" "$(entry overlay /tmp/o/quiet | grep -c "$zeros")" 0

# A second container's writers are no business of the first one.
session d
within d 'mkdir -p /tmp/f; echo a >/tmp/f/a'
works "policy of a second container" policy d 'measure func=FILE_CHECK mask=MAY_READ'
here c 'exec 5>>/tmp/f/e'
here d 'read x </tmp/f/a'
is "writers elsewhere are no violation here" "$(violations d)" 0
finish
