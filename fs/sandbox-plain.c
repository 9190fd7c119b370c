/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox.h"

const int sandbox_more[] = {-1};
const int sandbox_dumpable = 0;
