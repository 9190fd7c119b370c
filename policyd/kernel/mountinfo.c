/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mountinfo.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

/* The byte that three octal digits name, or -EINVAL. */
static int octal(const char *digits)
{
	int c = 0;

	for (int i = 0; i < 3; i++) {
		if (digits[i] < '0' || digits[i] > '7')
			return -EINVAL;
		c = c * 8 + (digits[i] - '0');
	}
	return c > 0xff ? -EINVAL : c;
}

/* Copies a field up to its blank, undoing \ooo. Bytes taken, or -EINVAL. */
static int unescape(char *dest, size_t n_dest, const char *field)
{
	const char *f = field;
	size_t n = 0;

	while (*f && *f != ' ' && *f != '\n') {
		int c = (unsigned char)*f++;

		if (c == '\\') {
			c = octal(f);
			if (c <= 0) /* a NUL would cut the path short */
				return -EINVAL;
			f += 3;
		}
		if (n + 1 >= n_dest)
			return -EINVAL;
		dest[n++] = (char)c;
	}
	dest[n] = '\0';
	return (int)(f - field);
}

/* id parent major:minor root path options [optional fields] - type source options */
static int parse(const char *line, size_t n_line, struct mountinfo *mount)
{
	unsigned major_number, minor_number;
	const char *dash;
	int n = 0;

	if (sscanf(line, "%d %d %u:%u %*s %n", &mount->id, &mount->parent, &major_number,
		    &minor_number, &n) != 4 ||
		n == 0 || (size_t)n >= n_line)
		return -EINVAL;
	mount->dev = makedev(major_number, minor_number);
	n = unescape(mount->path, sizeof(mount->path), line + n);
	if (n < 0)
		return n;
	dash = memmem(line, n_line, " - ", 3);
	if (!dash || unescape(mount->type, sizeof(mount->type), dash + 3) < 0)
		return -EINVAL;
	return 1;
}

int mountinfo_next(const char **at, struct mountinfo *ret_mount)
{
	const char *line = *at, *end = strchrnul(line, '\n');

	if (!*line)
		return 0;
	*at = *end ? end + 1 : end;
	return parse(line, (size_t)(end - line), ret_mount);
}

bool mountinfo_is_view(const struct mountinfo *mount)
{
	return !strcmp(mount->type, "fuse.securityfs");
}
