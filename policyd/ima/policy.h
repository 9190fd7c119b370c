/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* A policy's rules, for those who walk it; private to this library. Limit: IMA_RULES_MAX. */
#include <stddef.h>

#include "rule.h"

struct ima_policy {
	size_t n, n_space;
	struct ima_rule **rules;
};
