/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "reasons.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"

#define FIELD_MAX 640 /* every byte of the longest field as \xHH */

struct reasons {
	char *lines[REASONS_MAX];
	unsigned first, n;
	size_t size;
};

int reasons_new(struct reasons **ret_reasons)
{
	struct reasons *reasons = calloc(1, sizeof(*reasons));

	if (!reasons)
		return -ENOMEM;
	*ret_reasons = reasons;
	return 0;
}

void reasons_free(struct reasons *reasons)
{
	if (!reasons)
		return;
	for (unsigned i = 0; i < REASONS_MAX; i++)
		free(reasons->lines[i]);
	free(reasons);
}

/* As log_quote(), and quotation marks too: they are what ends a field. */
static const char *quote(char dest[static FIELD_MAX + 1], const char *text)
{
	size_t o = 0;

	for (; *text && o + 4 <= FIELD_MAX; text++) {
		unsigned char c = (unsigned char)*text;
		bool plain = c >= 0x20 && c < 0x7f && c != '\\' && c != '"';

		o += (size_t)snprintf(dest + o, FIELD_MAX + 1 - o, plain ? "%c" : "\\x%02x", c);
	}
	dest[o] = '\0';
	return dest;
}

static char *make_line(const struct timespec *when, const char *file, unsigned rule,
	const struct ima_reason *reason, const char *grant)
{
	char token[FIELD_MAX + 1], text[FIELD_MAX + 1], number[16] = "-";
	char *line;

	if (rule)
		snprintf(number, sizeof(number), "%u", rule);
	if (asprintf(&line, "%lld.%03ld %s %s \"%s\" \"%s\" %s\n", (long long)when->tv_sec,
		    when->tv_nsec / 1000000, file, number, quote(token, reason->token),
		    quote(text, reason->text), grant ? grant : "-") < 0)
		return NULL;
	return line;
}

void reasons_add(struct reasons *reasons, const struct timespec *when, const char *file,
	unsigned rule, const struct ima_reason *reason, const char *grant)
{
	char *line = make_line(when, file, rule, reason, grant);
	char **place = &reasons->lines[(reasons->first + reasons->n) % REASONS_MAX];

	if (!line)
		return;
	if (reasons->n == REASONS_MAX) {
		reasons->size -= strlen(*place);
		free(*place);
		reasons->first = (reasons->first + 1) % REASONS_MAX;
	} else {
		reasons->n++;
	}
	*place = line;
	reasons->size += strlen(line);
}

size_t reasons_size(const struct reasons *reasons)
{
	return reasons->size;
}

int reasons_format(const struct reasons *reasons, char **ret_text, size_t *ret_n)
{
	char *text = malloc(reasons->size + 1), *p = text;

	if (!text)
		return -ENOMEM;
	*p = '\0';
	for (unsigned i = 0; i < reasons->n; i++)
		p = stpcpy(p, reasons->lines[(reasons->first + i) % REASONS_MAX]);
	*ret_text = text;
	*ret_n = reasons->size;
	return 0;
}
