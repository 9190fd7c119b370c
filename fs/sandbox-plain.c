/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox.h"

const bool sandbox_sanitized = false;
const int sandbox_more[] = {-1};
