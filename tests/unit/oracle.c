/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "oracle.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"

static int verdict(const char *name)
{
	static const struct {
		const char *name;
		int error;
	} names[] = {{"ACCEPT", 0}, {"EINVAL", -EINVAL}, {"ERANGE", -ERANGE}, {"ENOENT", -ENOENT}};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (!strcmp(names[i].name, name))
			return names[i].error;
	}
	abort(); /* the recording has a verdict that no test was written for */
}

/* One character of the escaped text (but \rep); *text moves behind it. */
static char unescape_one(const char **text)
{
	static const char from[] = "ntrvf0s", to[] = "\n\t\r\v\f\0 ";
	const char *found;
	char c = *(*text)++;

	if (c != '\\' || !**text)
		return c;
	c = *(*text)++;
	if (c == 'x') {
		char hex[3] = {0};
		size_t n = 0;

		while (n < 2 && **text)
			hex[n++] = *(*text)++;
		return (char)strtoul(hex, NULL, 16);
	}
	found = strchr(from, c);
	return found ? to[found - from] : c;
}

static size_t unescape(const char *text, char *bytes)
{
	size_t n = 0;

	while (*text && n < ORACLE_BYTES) {
		size_t times, start = n, n_unit;
		char *end;

		if (strncmp(text, "\\rep{", 5) != 0) {
			bytes[n++] = unescape_one(&text);
			continue;
		}
		times = strtoul(text + 5, &end, 10);
		for (text = end + 2; *text && *text != '}';)
			bytes[n++] = unescape_one(&text);
		text++;
		n_unit = n - start;
		for (size_t i = 1; i < times && n + n_unit <= ORACLE_BYTES; i++, n += n_unit)
			memcpy(bytes + n, bytes + start, n_unit);
	}
	return n;
}

int oracle_each(void (*fn)(const struct oracle_line *line, void *userdata), void *userdata)
{
	FILE *f = fopen(TEST_DATA "/ima-rules-6.1.tsv", "re");
	_cleanup_free_ char *buffer = NULL;
	size_t space = 0;
	ssize_t n;
	struct oracle_line line = {0};

	if (!f)
		return -1;
	line.bytes = malloc(ORACLE_BYTES + 256);
	while (line.bytes && (n = getline(&buffer, &space, f)) > 0) {
		char *tab = strchr(buffer, '\t');

		buffer[n - 1] = '\0';
		*tab = '\0';
		line.number++;
		line.error = verdict(buffer);
		line.escaped = tab + 1;
		line.n = unescape(tab + 1, line.bytes);
		fn(&line, userdata);
	}
	free(line.bytes);
	fclose(f);
	return (int)line.number;
}
