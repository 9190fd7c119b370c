/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* The files of one value: `active`, `hash`, `template_name`. One write is one value, at offset 0,
 * with or without a newline. */
#include <stddef.h>
#include <stdint.h>

#include "policyd/view/view.h"
#include "vsecfs/tree.h"

/* Writes n bytes to the file of that kind. 0: all were taken. -EINVAL: no value of this file, not
 * at offset 0, or a template and a hash that do not go together (ima only with sha1). active:
 * -EBUSY the second time; else what view_activate() returns. hash, template_name: -EPERM once the
 * view is active, for a list has one of each from its first entry on. */
int small_file_write(
	struct view *view, enum file_kind kind, uint64_t offset, const char *bytes, size_t n);
