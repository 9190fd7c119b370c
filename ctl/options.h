/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Values of options and arguments that more than one command takes. Pure. Each returns 0, or
 * -EINVAL for what it does not understand. */
#include <stddef.h>
#include <stdint.h>

/* A range of ids of the initial namespace that a container's ids 0 to count - 1 stand for. */
struct id_range {
	uint32_t base, count;
};

/* "BASE:COUNT", both decimal. Also -EINVAL: a BASE of 0 (the container's root would be the host's),
 * an empty range, or one that passes 4294967294 (the kernel's "no id"). */
int options_range(const char *text, struct id_range *ret_range);

/* A decimal number from 1 to max. */
int options_number(const char *text, uint64_t max, uint64_t *ret_number);

/* "auto" clears and "explicit" sets CTL_ACTIVATE_EXPLICIT in *flags. */
int options_activation(const char *text, uint32_t *flags);

/* A string of 1 to n_field - 1 bytes into a field of a message, zeros behind it. */
int options_string(const char *text, char *field, size_t n_field);
