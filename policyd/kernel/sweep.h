/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Takes mounts of given superblocks away from every namespace that has one: a container's own,
 * those copied from it, those that copied the host's. One child a namespace, all at once. */
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "enter.h"

struct policyd;

/* What came of it. error and text: of the namespace asked for, 0 if it had no mount. */
struct sweep_result {
	int error;
	unsigned n_detached; /* mounts */
	unsigned n_failed;   /* namespaces that keep one */
	char text[CTL_TEXT_MAX];
};

typedef void (*sweep_done_fn)(const struct sweep_result *result, void *userdata);

/* devs: the superblocks, id: the namespace whose error counts (0: none). fn is called exactly once,
 * possibly before this returns. policyd's own namespace is left out. 0; -errno: fn is not called.
 */
int sweep_start(struct policyd *policyd, const dev_t *devs, size_t n_devs, uint64_t id,
	sweep_done_fn fn, void *userdata);
