/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* `metrics` of the host face: Prometheus text format 0.0.4 over all views. */
#include <stddef.h>

struct policyd;

/* *ret_text is malloc'd. 0 or -ENOMEM. */
int metrics_format(const struct policyd *policyd, char **ret_text, size_t *ret_n);
