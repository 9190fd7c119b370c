/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The measurement list: any piece of any variant is the same bytes as the list rendered whole. */
#include "fs/list-read.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "common/cleanup.h"
#include "test-fs-image.h"
#include "unit.h"

static const struct list_variant variants[] = {
	{false, IMA_SHA1},
	{false, IMA_SHA256},
	{false, IMA_SHA384},
	{false, IMA_SHA512},
	{true, IMA_SHA1},
	{true, IMA_SHA256},
	{true, IMA_SHA384},
	{true, IMA_SHA512},
};

static struct image image;

static void setup(void)
{
	image_init(&image, 1);
}

static void teardown(void)
{
	image_done(&image);
}

static void add(unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		image_add(&image, i % 4 ? 10 : i % 24, 1 + i * 7 % 90, i * 5 % 70);
}

static struct list open_list(void)
{
	struct list list;

	ck_assert_int_eq(list_open(image.bytes, image.end, image_head(&image)->last, &list), 0);
	return list;
}

static void check_piece(const struct list *list, struct list_index *index,
	struct list_variant variant, const char *whole, size_t n_whole, uint64_t offset, size_t n)
{
	_cleanup_free_ char *piece = malloc(n + 1);
	size_t want = offset < n_whole ? MIN(n, n_whole - offset) : 0;
	ssize_t got;

	piece[n] = 'x';
	got = list_read(list, index, variant, offset, piece, n);
	ck_assert_int_ge(got, 0);
	ck_assert_bytes(piece, (size_t)got, whole + (want ? offset : 0), want);
	ck_assert_int_eq(piece[n], 'x');
}

START_TEST(test_every_offset_and_size)
{
	struct list_index index = {0};
	_cleanup_free_ char *whole = NULL;
	struct list list;
	size_t n;

	add(9);
	list = open_list();
	whole = image_render(&image, variants[_i], &n);
	ck_assert_uint_eq(list_size(&list, variants[_i]), n);
	ck_assert_uint_eq(list_count(&list), 9);
	for (uint64_t offset = 0; offset <= n + 2; offset++) {
		for (size_t size = 0; size <= n + 2; size += size < 140 ? 1 : 97)
			check_piece(&list, &index, variants[_i], whole, n, offset, size);
	}
	list_index_done(&index);
}
END_TEST

/* Across many index steps, with an index that knows nothing, something, or all. */
START_TEST(test_every_offset_of_a_long_list)
{
	struct list_index warm = {0};
	_cleanup_free_ char *whole = NULL;
	struct list list;
	size_t n;

	add(5 * LIST_INDEX_STEP + 3);
	list = open_list();
	whole = image_render(&image, variants[_i], &n);
	for (uint64_t offset = n + 1; offset-- > 0;) {
		struct list_index cold = {0};

		check_piece(&list, &warm, variants[_i], whole, n, offset, 300);
		if (offset % 61)
			continue;
		check_piece(&list, &cold, variants[_i], whole, n, offset, 5000);
		check_piece(&list, &cold, variants[_i], whole, n, 0, n);
		list_index_done(&cold);
	}
	list_index_done(&warm);
}
END_TEST

/* One index serves all variants, whichever read taught it. */
START_TEST(test_index_is_shared_by_variants)
{
	struct list_index index = {0};
	struct list list;

	add(3 * LIST_INDEX_STEP);
	list = open_list();
	for (size_t i = 0; i < ARRAY_SIZE(variants); i++) {
		_cleanup_free_ char *whole = NULL;
		size_t n;

		whole = image_render(&image, variants[i], &n);
		check_piece(&list, &index, variants[i], whole, n, n / 2 + i, n);
		check_piece(&list, &index, variants[i], whole, n, n - 1, 10);
	}
	list_index_done(&index);
}
END_TEST

/* A list opened earlier keeps its end; what follows in a newer one never changes a byte before. */
START_TEST(test_growing_list)
{
	struct list_index index = {0};
	_cleanup_free_ char *before = NULL;
	struct list old = {0};
	size_t n_before = 0;

	for (unsigned step = 0; step < 40; step++) {
		_cleanup_free_ char *whole = NULL;
		struct list list;
		size_t n;

		add(step % 2 ? 1 : 2 * step);
		list = open_list();
		whole = image_render(&image, variants[_i], &n);
		ck_assert_uint_ge(n, n_before);
		if (before) {
			ck_assert_int_eq(memcmp(whole, before, n_before), 0);
			check_piece(&list, &index, variants[_i], whole, n, n_before, n);
			check_piece(&old, &index, variants[_i], before, n_before, n_before / 3, n);
			check_piece(&old, &index, variants[_i], before, n_before, n_before, n);
		}
		check_piece(&list, &index, variants[_i], whole, n, 0, n + 10);
		free(before);
		before = take_ptr(whole);
		n_before = n;
		old = list;
	}
	list_index_done(&index);
}
END_TEST

START_TEST(test_empty_list)
{
	struct list_index index = {0};
	struct list list = open_list();
	char c = 'x';

	ck_assert_uint_eq(list_count(&list), 0);
	ck_assert_uint_eq(list_size(&list, variants[_i]), 0);
	ck_assert_int_eq(list_read(&list, &index, variants[_i], 0, &c, 1), 0);
	ck_assert_int_eq(list_read(&list, &index, variants[_i], 1000, &c, 1), 0);
	ck_assert_int_eq(c, 'x');
}
END_TEST

START_TEST(test_last_beyond_what_is_mapped_asks_for_more)
{
	uint64_t last;
	struct list list;

	add(3);
	last = image_head(&image)->last;
	for (uint64_t n = VIEW_HEAD_SIZE; n < image.end; n++)
		ck_assert_int_eq(list_open(image.bytes, n, last, &list), -EAGAIN);
	ck_assert_int_eq(list_open(image.bytes, image.end, last, &list), 0);
}
END_TEST

static const struct {
	uint64_t last;
	int want;
} torn[] = {
	{VIEW_HEAD_SIZE + 4, -EIO}, {VIEW_HEAD_SIZE - 8, -EIO}, {8, -EIO}, {UINT64_MAX, -EIO},
	{UINT64_MAX - 7, -EIO}, {VIEW_FILE_MAX + 8, -EIO},
	{VIEW_FILE_MAX, -EAGAIN}, /* aligned and allowed: perhaps not mapped yet */
};

START_TEST(test_last_where_no_record_can_be)
{
	struct list list;

	add(3);
	ck_assert_int_eq(list_open(image.bytes, image.end, torn[_i].last, &list), torn[_i].want);
}
END_TEST

/* A wrong record ends the read with EIO; with the mapping ending right behind the last byte, a read
 * beyond would be a crash. */
START_TEST(test_wrong_records_are_never_followed)
{
	size_t n = (image.end + 3 * 4096) / 4096 * 4096;
	uint8_t *guarded;

	add(4);
	guarded = mmap(NULL, n + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(guarded, MAP_FAILED);
	ck_assert_int_eq(mprotect(guarded + n, 4096, PROT_NONE), 0);
	for (size_t byte = VIEW_HEAD_SIZE; byte < image.end; byte++) {
		struct list_index index = {0};
		uint8_t *base = guarded + n - image.end;
		char buffer[4096];
		struct list list;
		ssize_t r;

		base -= (uintptr_t)base % 8;
		memcpy(base, image.bytes, image.end);
		base[byte] ^= 0x80;
		if (list_open(base, image.end, image_head(&image)->last, &list) < 0)
			continue;
		r = list_read(&list, &index, variants[_i], 0, buffer, sizeof(buffer));
		ck_assert(r == -EIO || (r >= 0 && r <= (ssize_t)sizeof(buffer)));
		list_index_done(&index);
	}
	munmap(guarded, n + 4096);
}
END_TEST

static const struct {
	const char *what;
	size_t field;
	uint64_t value;
} lies[] = {
	{"no size", offsetof(struct view_record, size), 0},
	{"a size that is too small", offsetof(struct view_record, size), 8},
	{"a size beyond the list", offsetof(struct view_record, size), 1 << 20},
	{"a tail beyond the record", offsetof(struct view_record, n_ascii_tail), 100000},
	{"a tail that wraps around", offsetof(struct view_record, n_binary_tail), UINT32_MAX - 8},
	{"an end that does not fit the tail", offsetof(struct view_record, n_ascii_tail), 1},
	{"a PCR of three digits", offsetof(struct view_record, pcr), 100},
};

START_TEST(test_a_lying_record_is_an_error)
{
	struct list_index index = {0};
	struct view_record *record;
	uint32_t value = (uint32_t)lies[_i].value;
	char buffer[4096];
	struct list list;

	add(1);
	record = image_add(&image, 10, 30, 30);
	add(2);
	list = open_list();
	memcpy((uint8_t *)record + lies[_i].field, &value, sizeof(value));
	ck_assert_msg(list_read(&list, &index, variants[0], 0, buffer, sizeof(buffer)) == -EIO,
		"%s was believed", lies[_i].what);
	list_index_done(&index);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("fs-list-read");
	TCase *tc = tcase_create("list-read");
	int n = ARRAY_SIZE(variants);

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, test_every_offset_and_size, 0, n);
	tcase_add_loop_test(tc, test_every_offset_of_a_long_list, 0, n);
	tcase_add_test(tc, test_index_is_shared_by_variants);
	tcase_add_loop_test(tc, test_growing_list, 0, n);
	tcase_add_loop_test(tc, test_empty_list, 0, n);
	tcase_add_test(tc, test_last_beyond_what_is_mapped_asks_for_more);
	tcase_add_loop_test(tc, test_last_where_no_record_can_be, 0, ARRAY_SIZE(torn));
	tcase_add_loop_test(tc, test_wrong_records_are_never_followed, 0, n);
	tcase_add_loop_test(tc, test_a_lying_record_is_an_error, 0, ARRAY_SIZE(lies));
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
