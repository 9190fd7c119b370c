/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "options.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "vsecfs/ctl.h"

/* strtoull() also takes blanks, signs and wraps negative numbers around: ask for a digit first. */
static int read_number(const char *text, uint64_t max, uint64_t *ret_number, const char **ret_end)
{
	unsigned long long number;
	char *end;

	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	number = strtoull(text, &end, 10);
	if (errno || number > max)
		return -EINVAL;
	*ret_number = number;
	*ret_end = end;
	return 0;
}

int options_number(const char *text, uint64_t max, uint64_t *ret_number)
{
	const char *end;
	uint64_t number;

	if (read_number(text, max, &number, &end) < 0 || *end || number == 0)
		return -EINVAL;
	*ret_number = number;
	return 0;
}

int options_range(const char *text, struct id_range *ret_range)
{
	uint64_t base, count;
	const char *end;

	if (read_number(text, UINT32_MAX, &base, &end) < 0 || *end != ':')
		return -EINVAL;
	if (options_number(end + 1, UINT32_MAX, &count) < 0)
		return -EINVAL;
	if (base == 0 || base + count > UINT32_MAX)
		return -EINVAL;
	ret_range->base = base;
	ret_range->count = count;
	return 0;
}

int options_activation(const char *text, uint32_t *flags)
{
	if (strcmp(text, "auto") == 0)
		*flags &= ~CTL_ACTIVATE_EXPLICIT;
	else if (strcmp(text, "explicit") == 0)
		*flags |= CTL_ACTIVATE_EXPLICIT;
	else
		return -EINVAL;
	return 0;
}

int options_string(const char *text, char *field, size_t n_field)
{
	size_t n = strlen(text);

	if (n == 0 || n >= n_field)
		return -EINVAL;
	memset(field, 0, n_field);
	memcpy(field, text, n);
	return 0;
}
