/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* The independent witness of executions: a BPF program on the exec tracepoint (witness.bpf.c) whose
 * reports are handed to the measurer of the namespace they happened in. witness.c where libbpf,
 * clang and bpftool build it, else witness-none.c, which says so. Owner: policyd's loop. Limits:
 * WITNESS_NAMESPACES_MAX namespaces. */
#include <stdbool.h>

#include "policyd/policyd.h"

struct witness;

/* Loads and attaches the program; needs CAP_BPF and CAP_PERFMON, and later CAP_BPF alone. 0;
 * -EOPNOTSUPP: this kernel or build has none; otherwise -errno. */
int witness_new(struct policyd *policyd, struct witness **ret_witness);
/* Detaches it. Accepts NULL. */
void witness_free(struct witness *witness);

/* Reports executions of the bound view's mount, pid and user namespaces from now on; namespaces
 * that are policyd's own are left out. 0, -ENOSPC, -errno of /proc. Harmless with a NULL witness.
 */
int witness_watch(struct witness *witness, struct view *view);
/* The view's measurer marked a mount (its never reused id) before the view had any rule: what is
 * executed from it is announced by permission events, and not reported. Where that cannot be noted
 * it is reported all the same. */
void witness_cover(struct witness *witness, const struct view *view, uint64_t unique_mount_id);
/* Stops it. Harmless if it was not watched. */
void witness_unwatch(struct witness *witness, struct view *view);
