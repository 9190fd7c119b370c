/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Entries of a measurement list are the kernel's, byte for byte: every recorded entry is taken
 * apart and made again. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "recorded-list.h"
#include "unit.h"

static const char *const recordings[] = {"ima-sha1", "ng-sha1", "sig-sha256"};

#define BLANK_NAME   "/root/name with space"
#define NEWLINE_NAME "/root/new\nline"

static bool named(const struct ima_event *event, const char *name)
{
	return event->n_path == strlen(name) && !memcmp(event->path, name, event->n_path);
}

/* What the recorded machine really had on disk, where the list does not show it. */
static void undo_names(struct ima_event *event, const char *long_name)
{
	if (named(event, "/root/name_with_space"))
		event->path = BLANK_NAME;
	if (named(event, "longname")) {
		event->path = long_name;
		event->n_path = strlen(long_name);
	}
}

static void check_entry(const struct recorded_entry *recorded, const struct ima_entry *made)
{
	char ascii[8192];
	int n = snprintf(ascii, sizeof(ascii), "%2d ", made->pcr);

	for (size_t i = 0; i < 20; i++)
		n += snprintf(ascii + n, sizeof(ascii) - (size_t)n, "%02x",
			ima_template_digest(&made->digests, IMA_SHA1)[i]);
	memcpy(ascii + n, made->ascii_tail, made->n_ascii_tail);
	ck_assert_bytes(ascii, (size_t)n + made->n_ascii_tail, recorded->ascii, recorded->n_ascii);
	ck_assert_mem_eq(made->digests.sha1, recorded->sha1, 20);
	ck_assert_bytes(made->binary_tail, made->n_binary_tail, recorded->tail, recorded->n_tail);
	ck_assert_int_eq(made->violation, recorded->event.violation);
}

/* The one deliberate difference: the kernel copies the newline and so breaks its own ascii list. */
static void check_newline_entry(const struct recorded_entry *recorded, const struct ima_entry *made)
{
	ck_assert_ptr_nonnull(
		memmem(recorded->ascii, recorded->n_ascii, NEWLINE_NAME, strlen(NEWLINE_NAME)));
	ck_assert_ptr_nonnull(memmem(made->ascii_tail, made->n_ascii_tail, " /root/new_line", 15));
	ck_assert_ptr_eq(memchr(made->ascii_tail, '\n', made->n_ascii_tail),
		made->ascii_tail + made->n_ascii_tail - 1);
	ck_assert_uint_eq(made->n_binary_tail, recorded->n_tail);
	ck_assert_mem_ne(made->binary_tail, recorded->tail, recorded->n_tail);
	ck_assert_mem_ne(made->digests.sha1, recorded->sha1, 20);
}

START_TEST(test_recorded_lists)
{
	static struct recorded_list list;
	unsigned n_newlines = 0, n_blanks = 0, n_violations = 0;
	char long_name[512];

	/* Two directories of 200 digits each, then `longname`. */
	snprintf(long_name, sizeof(long_name), "/root/%0200d/%0200d/longname", 0, 1);
	recorded_load(recordings[_i], &list);
	for (unsigned i = 0; i < list.n; i++) {
		struct recorded_entry *recorded = &list.entries[i];
		struct ima_entry made;

		undo_names(&recorded->event, long_name);
		ck_assert_int_eq(ima_entry_make(&recorded->event, &made), 0);
		if (named(&recorded->event, NEWLINE_NAME)) {
			check_newline_entry(recorded, &made);
			n_newlines++;
		} else {
			check_entry(recorded, &made);
		}
		n_blanks += named(&recorded->event, BLANK_NAME);
		n_violations += made.violation;
		ima_entry_done(&made);
	}
	ck_assert_uint_eq(n_newlines, 1);
	ck_assert_uint_eq(n_blanks, 1);
	ck_assert_uint_eq(n_violations, list.n_violations);
	recorded_done(&list);
}
END_TEST

static const struct {
	enum ima_template template;
	enum ima_hash hash;
	const char *path, *ascii_tail;
} names[] = {
	{IMA_TEMPLATE_NG, IMA_SHA1, "a b",
		" ima-ng sha1:0101010101010101010101010101010101010101 a_b\n"},
	{IMA_TEMPLATE_NG, IMA_SHA1, "\t\n\r\x01\x1f\x7f\xff",
		" ima-ng sha1:0101010101010101010101010101010101010101 _____\x7f\xff\n"},
	{IMA_TEMPLATE_IMA, IMA_SHA1, "x (deleted)\n",
		" ima 0101010101010101010101010101010101010101 x_(deleted)_\n"},
	{IMA_TEMPLATE_SIG, IMA_SHA256, "/f",
		" ima-sig sha256:"
		"0101010101010101010101010101010101010101010101010101010101010101 /f \n"},
	{IMA_TEMPLATE_NG, IMA_SHA384, "/f",
		" ima-ng sha384:"
		"010101010101010101010101010101010101010101010101"
		"010101010101010101010101010101010101010101010101 /f\n"},
	{IMA_TEMPLATE_NG, IMA_SHA512, "/f",
		" ima-ng sha512:"
		"0101010101010101010101010101010101010101010101010101010101010101"
		"0101010101010101010101010101010101010101010101010101010101010101 /f\n"},
};

START_TEST(test_no_name_breaks_the_ascii_list)
{
	struct ima_event event = {.template = names[_i].template,
		.hash = names[_i].hash,
		.pcr = 10,
		.path = names[_i].path,
		.n_path = strlen(names[_i].path)};
	struct ima_entry entry;

	memset(event.digest, 1, sizeof(event.digest));
	ck_assert_int_eq(ima_entry_make(&event, &entry), 0);
	ck_assert_bytes(entry.ascii_tail, entry.n_ascii_tail, names[_i].ascii_tail,
		strlen(names[_i].ascii_tail));
	ima_entry_done(&entry);
}
END_TEST

static const struct {
	const char *before; /* of n times x */
	size_t n, n_shown;
} lengths[] = {
	{"/a/", 252, 255}, /* fits as it is */
	{"/a/", 253, 253}, /* the file's own name */
	{"/a/", 300, 255}, /* which is cut as well */
	{"", 300, 255},
};

START_TEST(test_template_ima_has_room_for_255_bytes)
{
	char path[512];
	struct ima_event event = {.template = IMA_TEMPLATE_IMA, .hash = IMA_SHA1, .path = path};
	struct ima_entry entry;
	size_t n = strlen(lengths[_i].before);

	memcpy(path, lengths[_i].before, n);
	memset(path + n, 'x', lengths[_i].n);
	event.n_path = n + lengths[_i].n;
	ck_assert_int_eq(ima_entry_make(&event, &entry), 0);
	ck_assert_uint_eq(entry.n_ascii_tail, strlen(" ima ") + 40 + 1 + lengths[_i].n_shown + 1);
	ck_assert_uint_eq(entry.n_binary_tail, 4 + 3 + 20 + 4 + lengths[_i].n_shown);
	ima_entry_done(&entry);
}
END_TEST

static uint8_t big[IMA_PATH_MAX + 1];

static const struct {
	struct ima_event event;
	int result;
} limits[] = {
	{{.template = IMA_TEMPLATE_IMA, .hash = IMA_SHA256}, -EINVAL},
	{{.template = IMA_N_TEMPLATES, .hash = IMA_SHA256}, -EINVAL},
	{{.template = IMA_TEMPLATE_NG, .hash = IMA_N_HASHES}, -EINVAL},
	{{.template = IMA_TEMPLATE_NG, .hash = IMA_SHA256, .path = "a\0b", .n_path = 3}, -EINVAL},
	{{.template = IMA_TEMPLATE_SIG,
		 .hash = IMA_SHA512,
		 .path = (const char *)big,
		 .n_path = IMA_PATH_MAX,
		 .signature = big,
		 .n_signature = IMA_SIG_MAX},
		0},
	{{.template = IMA_TEMPLATE_NG,
		 .hash = IMA_SHA256,
		 .path = (const char *)big,
		 .n_path = IMA_PATH_MAX + 1},
		-EINVAL},
	{{.template = IMA_TEMPLATE_SIG,
		 .hash = IMA_SHA256,
		 .signature = big,
		 .n_signature = IMA_SIG_MAX + 1},
		-EINVAL},
};

START_TEST(test_limits)
{
	struct ima_entry entry = {0};

	memset(big, 'x', sizeof(big));
	ck_assert_int_eq(ima_entry_make(&limits[_i].event, &entry), limits[_i].result);
	ima_entry_done(&entry);
}
END_TEST

START_TEST(test_hash_and_template_names)
{
	static const char *const hashes[] = {"sha1", "sha256", "sha384", "sha512"};
	static const size_t sizes[] = {20, 32, 48, 64};
	static const char *const templates[] = {"ima", "ima-ng", "ima-sig"};

	for (int i = 0; i < IMA_N_HASHES; i++) {
		ck_assert_str_eq(ima_hash_name((enum ima_hash)i), hashes[i]);
		ck_assert_uint_eq(ima_hash_size((enum ima_hash)i), sizes[i]);
		ck_assert_int_eq(ima_hash_parse(hashes[i], strlen(hashes[i])), i);
	}
	for (int i = 0; i < IMA_N_TEMPLATES; i++) {
		ck_assert_str_eq(ima_template_name((enum ima_template)i), templates[i]);
		ck_assert_int_eq(ima_template_parse(templates[i], strlen(templates[i])), i);
	}
	ck_assert_ptr_null(ima_hash_name(IMA_N_HASHES));
	ck_assert_ptr_null(ima_template_name(IMA_N_TEMPLATES));
	ck_assert_int_eq(ima_hash_parse("sha1", 3), -EINVAL);
	ck_assert_int_eq(ima_hash_parse("sha11", 5), -EINVAL);
	ck_assert_int_eq(ima_template_parse("ima-ngx", 7), -EINVAL);
	ck_assert_int_eq(ima_template_parse("ima-buf", 7), -EINVAL);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ima-template");
	TCase *tcase = tcase_create("template");

	tcase_add_loop_test(tcase, test_recorded_lists, 0, (int)ARRAY_SIZE(recordings));
	tcase_add_loop_test(tcase, test_no_name_breaks_the_ascii_list, 0, (int)ARRAY_SIZE(names));
	tcase_add_loop_test(
		tcase, test_template_ima_has_room_for_255_bytes, 0, (int)ARRAY_SIZE(lengths));
	tcase_add_loop_test(tcase, test_limits, 0, (int)ARRAY_SIZE(limits));
	tcase_add_test(tcase, test_hash_and_template_names);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
