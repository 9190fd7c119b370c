/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "recorded-list.h"

#include <endian.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "unit.h"

static char *load(const char *recording, const char *file, size_t *ret_n)
{
	char path[512], *bytes = malloc(1 << 16);
	FILE *f;

	snprintf(path, sizeof(path), "%s/ima-lists/%s/%s", TEST_DATA, recording, file);
	f = fopen(path, "re");
	ck_assert_msg(f && bytes, "%s", path);
	*ret_n = fread(bytes, 1, (1 << 16) - 1, f);
	bytes[*ret_n] = '\0';
	fclose(f);
	return bytes;
}

static unsigned load_number(const char *recording, const char *file)
{
	size_t n;
	_cleanup_free_ char *bytes = load(recording, file, &n);

	return (unsigned)strtoul(bytes, NULL, 10);
}

/* A cursor over the binary list; running over its end fails the test. */
struct reader {
	const uint8_t *bytes;
	size_t n;
};

static const uint8_t *take(struct reader *r, size_t n)
{
	const uint8_t *bytes = r->bytes;

	ck_assert_uint_le(n, r->n);
	r->bytes += n;
	r->n -= n;
	return bytes;
}

static size_t take_u32(struct reader *r)
{
	uint32_t le;

	memcpy(&le, take(r, sizeof(le)), sizeof(le));
	return le32toh(le);
}

static void set_path(struct ima_event *event, const uint8_t *bytes, size_t n)
{
	event->path = (const char *)bytes;
	event->n_path = n;
}

static void parse_ima(struct reader *r, struct ima_event *event)
{
	size_t n;

	event->hash = IMA_SHA1;
	memcpy(event->digest, take(r, 20), 20);
	n = take_u32(r);
	set_path(event, take(r, n), n);
}

static void parse_ng(struct reader *r, struct ima_event *event)
{
	size_t n = take_u32(r), n_algo;
	const uint8_t *field = take(r, n);
	int hash;

	n_algo = strlen((const char *)field) - 1; /* without the colon */
	hash = ima_hash_parse((const char *)field, n_algo);
	ck_assert_int_ge(hash, 0);
	event->hash = (enum ima_hash)hash;
	ck_assert_uint_eq(n, n_algo + 2 + ima_hash_size(event->hash));
	memcpy(event->digest, field + n_algo + 2, ima_hash_size(event->hash));
	n = take_u32(r);
	set_path(event, take(r, n), n - 1); /* without the NUL */
	if (event->template == IMA_TEMPLATE_SIG) {
		event->n_signature = take_u32(r);
		event->signature = take(r, event->n_signature);
	}
}

static void parse_entry(struct reader *r, struct recorded_entry *entry)
{
	static const uint8_t zeros[20];
	const uint8_t *name;
	size_t n;

	entry->pcr = entry->event.pcr = (unsigned)take_u32(r);
	entry->sha1 = take(r, 20);
	entry->event.violation = !memcmp(entry->sha1, zeros, 20);
	entry->tail = r->bytes;
	n = take_u32(r);
	name = take(r, n);
	entry->event.template = (enum ima_template)ima_template_parse((const char *)name, n);
	if (entry->event.template == IMA_TEMPLATE_IMA) {
		parse_ima(r, &entry->event);
	} else {
		struct reader data;

		entry->n_data = take_u32(r);
		entry->data = take(r, entry->n_data);
		data = (struct reader){entry->data, entry->n_data};
		parse_ng(&data, &entry->event);
		ck_assert_uint_eq(data.n, 0);
	}
	entry->n_tail = (size_t)(r->bytes - entry->tail);
}

/* The ascii list is cut at what starts an entry, for one name of the recordings has a newline. */
static void cut_ascii(struct recorded_list *list)
{
	const char *p = list->ascii;

	for (unsigned i = 0; i < list->n; i++) {
		const char *next = strstr(p, "\n10 ");
		size_t n = next ? (size_t)(next + 1 - p) : strlen(p);

		ck_assert_uint_lt(n, sizeof(list->entries[i].ascii));
		memcpy(list->entries[i].ascii, p, n);
		list->entries[i].n_ascii = n;
		p += n;
	}
	ck_assert_int_eq(*p, '\0');
}

void recorded_load(const char *name, struct recorded_list *ret_list)
{
	struct reader r;

	memset(ret_list, 0, sizeof(*ret_list));
	ret_list->ascii = load(name, "ascii_runtime_measurements", &ret_list->n_ascii);
	ret_list->binary = load(name, "binary_runtime_measurements", &ret_list->n_binary);
	ret_list->n_violations = load_number(name, "violations");
	r = (struct reader){(const uint8_t *)ret_list->binary, ret_list->n_binary};
	while (r.n) {
		ck_assert_uint_lt(ret_list->n, RECORDED_MAX);
		parse_entry(&r, &ret_list->entries[ret_list->n++]);
	}
	ck_assert_uint_eq(ret_list->n, load_number(name, "runtime_measurements_count"));
	cut_ascii(ret_list);
}

void recorded_done(struct recorded_list *list)
{
	free(list->ascii);
	free(list->binary);
}

void recorded_pcr10(const char *name, enum ima_hash hash, uint8_t *ret_value)
{
	char file[32];
	size_t n;
	_cleanup_free_ char *bytes = NULL;
	const char *line;

	snprintf(file, sizeof(file), "pcrs-%s", ima_hash_name(hash));
	bytes = load(name, file, &n);
	line = strstr(bytes, "PCR-10: ");
	ck_assert_ptr_nonnull(line);
	line += strlen("PCR-10: ");
	for (size_t i = 0; i < ima_hash_size(hash); i++)
		ck_assert_int_eq(sscanf(line + 2 * i, "%2hhx", &ret_value[i]), 1);
}
