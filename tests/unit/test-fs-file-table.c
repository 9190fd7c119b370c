/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The table of file kinds: a tree, with the names and modes that the ABI gives. */
#include "fs/file-table.h"

#include <string.h>

#include "common/cleanup.h"
#include "unit.h"

static const struct {
	enum file_kind parent;
	const char *name;
	mode_t mode;
} entries[] = {
	{KIND_ROOT, "lsm", S_IFREG | 0444},
	{KIND_ROOT, "integrity", S_IFDIR | 0755},
	{KIND_ROOT, "ima", S_IFLNK | 0444},
	{KIND_ROOT, "vsecfs", S_IFDIR | 0755},
	{KIND_INTEGRITY, "ima", S_IFDIR | 0755},
	{KIND_IMA, "active", S_IFREG | 0640},
	{KIND_IMA, "policy", S_IFREG | 0600},
	{KIND_IMA, "ascii_runtime_measurements", S_IFREG | 0440},
	{KIND_IMA, "ascii_runtime_measurements_sha1", S_IFREG | 0440},
	{KIND_IMA, "ascii_runtime_measurements_sha256", S_IFREG | 0440},
	{KIND_IMA, "ascii_runtime_measurements_sha384", S_IFREG | 0440},
	{KIND_IMA, "ascii_runtime_measurements_sha512", S_IFREG | 0440},
	{KIND_IMA, "binary_runtime_measurements", S_IFREG | 0440},
	{KIND_IMA, "binary_runtime_measurements_sha1", S_IFREG | 0440},
	{KIND_IMA, "binary_runtime_measurements_sha256", S_IFREG | 0440},
	{KIND_IMA, "binary_runtime_measurements_sha384", S_IFREG | 0440},
	{KIND_IMA, "binary_runtime_measurements_sha512", S_IFREG | 0440},
	{KIND_IMA, "runtime_measurements_count", S_IFREG | 0440},
	{KIND_IMA, "violations", S_IFREG | 0440},
	{KIND_IMA, "hash", S_IFREG | 0640},
	{KIND_IMA, "template_name", S_IFREG | 0640},
	{KIND_IMA, "pcrs_sha1", S_IFREG | 0440},
	{KIND_IMA, "pcrs_sha256", S_IFREG | 0440},
	{KIND_VSECFS, "id", S_IFREG | 0444},
	{KIND_VSECFS, "name", S_IFREG | 0444},
	{KIND_VSECFS, "last_error", S_IFREG | 0440},
	{KIND_HOST_ROOT, "ima", S_IFDIR | 0755},
	{KIND_HOST_ROOT, "ns", S_IFDIR | 0755},
	{KIND_HOST_ROOT, "metrics", S_IFREG | 0444},
};

START_TEST(test_entries_are_the_abi)
{
	const struct file_row *row = table_lookup(entries[_i].parent, entries[_i].name);

	ck_assert_ptr_nonnull(row);
	ck_assert_str_eq(row->name, entries[_i].name);
	ck_assert_uint_eq(row->mode, entries[_i].mode);
	ck_assert_ptr_eq(row, table_row(row->kind));
}
END_TEST

/* Nothing but what the list above has: a file that nobody decided upon is a way in. */
START_TEST(test_there_is_nothing_else)
{
	size_t n = 0;

	for (unsigned kind = 1; kind <= KIND_MAX; kind++) {
		const struct file_row *row = table_row((enum file_kind)kind);

		n += row && row->name;
	}
	ck_assert_uint_eq(n, ARRAY_SIZE(entries));
}
END_TEST

START_TEST(test_rows_make_a_tree)
{
	const struct file_row *row = table_row((enum file_kind)_i), *parent;
	const struct file_row *other = NULL;
	bool met = false;

	if (!row)
		return;
	ck_assert_int_eq(row->kind, _i);
	for (unsigned depth = 0; row->parent != KIND_NONE; row = parent) {
		parent = table_row(row->parent);
		ck_assert_ptr_nonnull(parent);
		ck_assert(S_ISDIR(parent->mode));
		ck_assert_uint_lt(++depth, 8);
	}
	ck_assert(row->kind == KIND_ROOT || row->kind == KIND_HOST_ROOT);

	row = table_row((enum file_kind)_i);
	if (!row->name)
		return;
	while ((other = table_next(row->parent, other ? other->kind : KIND_NONE))) {
		met |= other == row;
		ck_assert(other == row || strcmp(other->name, row->name) != 0);
	}
	ck_assert(met);
}
END_TEST

START_TEST(test_rows_have_their_handlers)
{
	const struct file_row *row = table_row((enum file_kind)_i);

	if (!row)
		return;
	if (S_ISREG(row->mode)) {
		ck_assert_ptr_nonnull(row->size);
		ck_assert(row->read || row->open == OPEN_ASK);
	} else {
		ck_assert(!row->size && !row->read);
	}
	ck_assert_int_eq(!!row->text,
		row->read && row->size && row->open != OPEN_ASK && !(row->flags & ROW_SEQ));
	if (row->per_view)
		ck_assert_ptr_null(table_row(row->per_view)->name);
	/* Whoever is not root of the namespace is let in by a mode of others, or judged. */
	if (S_ISREG(row->mode) && row->open == OPEN_ANYONE)
		ck_assert_uint_eq(row->mode & 0777, 0444);
}
END_TEST

START_TEST(test_entries_come_in_rising_order)
{
	const struct file_row *row = NULL;
	enum file_kind last = KIND_NONE;
	unsigned n = 0;

	while ((row = table_next(KIND_IMA, last))) {
		ck_assert_int_gt(row->kind, last);
		last = row->kind;
		n++;
	}
	ck_assert_uint_eq(n, 18);
	ck_assert_ptr_null(table_next(KIND_LSM, KIND_NONE));
	ck_assert_ptr_null(table_next(KIND_ROOT, KIND_MAX));
}
END_TEST

static const struct {
	enum file_kind parent;
	const char *name;
} missing[] = {
	{KIND_ROOT, ""},
	{KIND_ROOT, "."},
	{KIND_ROOT, ".."},
	{KIND_ROOT, "LSM"},
	{KIND_ROOT, "lsm "},
	{KIND_ROOT, "policy"},
	{KIND_ROOT, "metrics"},
	{KIND_HOST_ROOT, "lsm"},
	{KIND_HOST_NS, "integrity"},
	{KIND_IMA, "polic"},
	{KIND_LSM, "lsm"},
	{KIND_NONE, "lsm"},
};

START_TEST(test_names_that_are_not_there)
{
	ck_assert_ptr_null(table_lookup(missing[_i].parent, missing[_i].name));
}
END_TEST

START_TEST(test_subdirectories_are_counted)
{
	ck_assert_uint_eq(table_n_subdirs(KIND_ROOT), 2);
	ck_assert_uint_eq(table_n_subdirs(KIND_INTEGRITY), 1);
	ck_assert_uint_eq(table_n_subdirs(KIND_IMA), 0);
	ck_assert_uint_eq(table_n_subdirs(KIND_HOST_ROOT), 2);
}
END_TEST

START_TEST(test_kinds_beyond_the_table)
{
	ck_assert_ptr_null(table_row(KIND_NONE));
	ck_assert_ptr_null(table_row((enum file_kind)(KIND_MAX + 1)));
	ck_assert_ptr_null(table_row((enum file_kind)0xffff));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("fs-file-table");
	TCase *tc = tcase_create("file-table");

	tcase_add_loop_test(tc, test_entries_are_the_abi, 0, ARRAY_SIZE(entries));
	tcase_add_test(tc, test_there_is_nothing_else);
	tcase_add_loop_test(tc, test_rows_make_a_tree, 1, KIND_MAX + 1);
	tcase_add_loop_test(tc, test_rows_have_their_handlers, 1, KIND_MAX + 1);
	tcase_add_test(tc, test_entries_come_in_rising_order);
	tcase_add_loop_test(tc, test_names_that_are_not_there, 0, ARRAY_SIZE(missing));
	tcase_add_test(tc, test_subdirectories_are_counted);
	tcase_add_test(tc, test_kinds_beyond_the_table);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
