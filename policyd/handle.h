/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Open handles of a view: what vsecfs asked to open and was allowed. Its number is the view's
 * serial in the high half, never 0, so it means the same to a successor of vsecfs. Opens that were
 * only judged (lists, PCRs) get a number and leave nothing here. Owner: policyd's loop. Limits:
 * VIEW_HANDLES_MAX a view (-ENFILE), HANDLE_WAITING_MAX messages waiting behind one that is being
 * answered. The functions are in policyd.h. */
#include "policyd.h"

#define HANDLE_WAITING_MAX 64
