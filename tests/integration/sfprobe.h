/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* sfprobe's two halves: sfprobe.c looks at directories, sfprobe-file.c at files. */
#include <stdbool.h>

/* One line: the file, the property, its value. */
void show(const char *file, const char *property, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* The value is the result, or the errno's name if it is negative. */
void show_result(const char *file, const char *property, long result);
/* The value is "ok", or the errno's name if the result is negative. */
void show_ok(const char *file, const char *property, long result);

/* Prints every property of root/file; writes too: also tries what would change things. */
void probe_file(const char *root, const char *file, bool writes);
