/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* How a view is shown to people and to programs. Whatever a name holds, the terminal gets printable
 * characters and JSON valid UTF-8. */
#include <jansson.h>
#include <stddef.h>
#include <stdio.h>

#include "vsecfs/ctl.h"

/* The columns of `vsecctl list`, one line a view, aligned. 0 or -ENOMEM. */
int format_table(FILE *out, const struct ctl_view *views, size_t n_views);
/* One field a line, as `vsecctl show`. */
void format_fields(FILE *out, const struct ctl_view *view);
/* The view as an object, or NULL when out of memory. */
json_t *format_json(const struct ctl_view *view);
