/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* A view that its container unmounted while the namespace lives on. Only a view that `attach`
 * placed can be unmounted from inside; its root must not get rid of policy, list and PCRs that way.
 * The view gets a new superblock that policyd holds: the host face goes on showing it, its measurer
 * goes on, and the next attach puts it back. It ends with the namespace. */
#include "view.h"

/* Called when the view's superblock is gone. 0: the view stays. -ESRCH: nobody is left in the
 * namespace (or it never had one, or the host is detaching it, or the kernel, before 6.12, cannot
 * tell it from its successor): the caller removes the view. Otherwise -errno: it cannot be kept. */
int unmounted_keep(struct view *view);
/* Moves the mount out, to be put back; -1 if the view is not unmounted. */
int unmounted_take(struct view *view);
/* The view ends. Harmless if it was not unmounted. */
void unmounted_done(struct view *view);
