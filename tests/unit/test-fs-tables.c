/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* State files, cookies and snapshots: what policyd passes is checked, what containers cause is
 * bounded. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "fs/known-readers.h"
#include "fs/pending.h"
#include "fs/session.h"
#include "fs/snapshots.h"
#include "fs/view.h"
#include "test-fs-image.h"
#include "unit.h"
#include "vsecfs/proto.h"

static const struct {
	uint32_t magic, version, serial;
	off_t size;
} bad_files[] = {
	{VIEW_MAGIC + 1, VIEW_VERSION, 7, VIEW_HEAD_SIZE},
	{VIEW_MAGIC, VIEW_VERSION + 1, 7, VIEW_HEAD_SIZE},
	{VIEW_MAGIC, 0, 7, VIEW_HEAD_SIZE},
	{VIEW_MAGIC, VIEW_VERSION, 8, VIEW_HEAD_SIZE},
	{VIEW_MAGIC, VIEW_VERSION, 7, VIEW_HEAD_SIZE - 1},
	{VIEW_MAGIC, VIEW_VERSION, 7, 0},
	{VIEW_MAGIC, VIEW_VERSION, 7, (off_t)VIEW_FILE_MAX + 1},
};

START_TEST(test_what_is_no_state_file)
{
	struct view view = {.fd = -1};
	struct image image;

	image_init(&image, 7);
	image_head(&image)->magic = bad_files[_i].magic;
	image_head(&image)->version = bad_files[_i].version;
	image_head(&image)->serial = bad_files[_i].serial;
	ck_assert_int_eq(ftruncate(image.fd, bad_files[_i].size), 0);
	ck_assert_int_eq(view_init(&view, image.fd, 7), -EPROTO);
	ck_assert_int_eq(view.fd, -1);
	image_done(&image);
}
END_TEST

START_TEST(test_a_socket_is_no_state_file)
{
	_cleanup_close_ int a = -1, b = -1;
	struct view view = {.fd = -1};
	int pipe_fds[2];

	ck_assert_int_eq(pipe(pipe_fds), 0);
	a = pipe_fds[0];
	b = pipe_fds[1];
	ck_assert_int_eq(view_init(&view, a, 7), -EPROTO);
}
END_TEST

/* Each entry is seen the moment that `last` names it, however far the mapping reached before. */
START_TEST(test_a_growing_file_is_mapped_further)
{
	struct view view = {.fd = -1};
	struct image image;
	struct list list;

	image_init(&image, 7);
	ck_assert_int_eq(view_init(&view, dup(image.fd), 7), 0);
	ck_assert_int_eq(view_list(&view, &list), 0);
	ck_assert_uint_eq(list_count(&list), 0);
	for (unsigned i = 1; i <= 1500; i++) {
		image_add(&image, 10, 100, 100);
		ck_assert_int_eq(view_list(&view, &list), 0);
		ck_assert_uint_eq(list_count(&list), i);
	}
	view_done(&view);
	view_done(&view);
	image_done(&image);
}
END_TEST

START_TEST(test_last_beyond_the_file_is_an_error)
{
	struct view view = {.fd = -1};
	struct image image;
	struct list list;
	uint64_t last;

	image_init(&image, 7);
	image_add(&image, 10, 100, 100);
	last = image_head(&image)->last;
	ck_assert_int_eq(view_init(&view, dup(image.fd), 7), 0);
	image_head(&image)->last = image.end; /* where the next one would be */
	ck_assert_int_eq(view_list(&view, &list), -EIO);
	image_head(&image)->last = 1 << 24;
	ck_assert_int_eq(view_list(&view, &list), -EIO);
	image_head(&image)->last = last;
	ck_assert_int_eq(view_list(&view, &list), 0);
	view_done(&view);
	image_done(&image);
}
END_TEST

START_TEST(test_an_id_is_learnt_once)
{
	struct view view = {.fd = -1};
	struct image image;

	image_init(&image, 7);
	ck_assert_int_eq(view_init(&view, dup(image.fd), 7), 0);
	ck_assert_uint_eq(view_id(&view), 0);
	image_head(&image)->id = 12;
	ck_assert_uint_eq(view_id(&view), 12);
	image_head(&image)->id = 13;
	ck_assert_uint_eq(view_id(&view), 12);
	view_done(&view);
	image_done(&image);
}
END_TEST

START_TEST(test_cookies_are_good_once)
{
	struct pending_table table = {0};
	struct session session = {0};
	struct pending what = {.session = &session, .op = PROTO_WRITE}, taken;
	uint64_t cookies[100], again;

	for (unsigned i = 0; i < ARRAY_SIZE(cookies); i++) {
		what.count = i;
		ck_assert_int_eq(pending_add(&table, &what, &cookies[i]), 0);
		ck_assert_uint_ne(cookies[i], 0);
	}
	for (unsigned i = ARRAY_SIZE(cookies); i-- > 0;) {
		ck_assert_int_eq(pending_take(&table, cookies[i], &taken), 0);
		ck_assert_uint_eq(taken.count, i);
		ck_assert_int_eq(pending_take(&table, cookies[i], &taken), -ENOENT);
	}
	ck_assert_uint_eq(session.n_pending, 0);
	/* The same place is used again under another cookie. */
	ck_assert_int_eq(pending_add(&table, &what, &again), 0);
	for (unsigned i = 0; i < ARRAY_SIZE(cookies); i++)
		ck_assert_int_eq(pending_take(&table, cookies[i], &taken), -ENOENT);
	ck_assert_int_eq(pending_take(&table, again, &taken), 0);
	pending_done(&table);
}
END_TEST

START_TEST(test_cookies_that_nobody_gave)
{
	static const uint64_t made_up[] = {
		0, 1, 1ull << 32, 2ull << 32, UINT64_MAX, 1ull << 32 | 5};
	struct pending_table table = {0};
	struct session session = {0};
	struct pending what = {.session = &session}, taken;
	uint64_t cookie;

	ck_assert_int_eq(pending_take(&table, made_up[_i], &taken), -ENOENT);
	ck_assert_int_eq(pending_add(&table, &what, &cookie), 0);
	if (cookie != made_up[_i])
		ck_assert_int_eq(pending_take(&table, made_up[_i], &taken), -ENOENT);
	ck_assert_int_eq(pending_take(&table, cookie, &taken), 0);
	pending_done(&table);
}
END_TEST

START_TEST(test_one_session_cannot_fill_the_table)
{
	struct pending_table table = {0};
	struct session greedy = {0}, other = {0};
	struct pending what = {.session = &greedy}, taken;
	uint64_t cookie, last = 0;

	for (unsigned i = 0; i < PENDING_SESSION_MAX; i++)
		ck_assert_int_eq(pending_add(&table, &what, &last), 0);
	ck_assert_int_eq(pending_add(&table, &what, &cookie), -ENOBUFS);
	what.session = &other;
	ck_assert_int_eq(pending_add(&table, &what, &cookie), 0);
	ck_assert_int_eq(pending_take(&table, last, &taken), 0);
	what.session = &greedy;
	ck_assert_int_eq(pending_add(&table, &what, &cookie), 0);
	pending_done(&table);
}
END_TEST

START_TEST(test_known_readers)
{
	const struct reader reader = {.serial = 1, .tid = 77, .uid = 100000, .gid = 100000};
	struct known_readers known = {0};
	struct reader other;

	ck_assert(!known_readers_has(&known, &(struct reader){0}, 0));
	known_readers_add(&known, &reader, 5000);
	ck_assert(known_readers_has(&known, &reader, 5000));
	ck_assert(known_readers_has(&known, &reader, 5000 + KNOWN_READERS_MS - 1));
	ck_assert(!known_readers_has(&known, &reader, 5000 + KNOWN_READERS_MS));
	other = reader;
	other.serial = 2; /* on the host face: another view's list */
	ck_assert(!known_readers_has(&known, &other, 5000));
	other = reader;
	other.tid += KNOWN_READERS_MAX;
	ck_assert(!known_readers_has(&known, &other, 5000));
	other = reader;
	other.uid = 0;
	ck_assert(!known_readers_has(&known, &other, 5000));
	other = reader;
	other.gid = 0;
	ck_assert(!known_readers_has(&known, &other, 5000));
}
END_TEST

START_TEST(test_snapshots_by_handle)
{
	struct snapshot_table *table = calloc(1, sizeof(*table));
	struct session one = {0}, two = {0};
	int fds[8];

	ck_assert_ptr_nonnull(table);
	for (unsigned i = 0; i < ARRAY_SIZE(fds); i++) {
		fds[i] = memfd_create("snapshot", MFD_CLOEXEC);
		ck_assert_int_ge(fds[i], 0);
		/* All in one bucket. */
		ck_assert_int_eq(snapshots_add(table, i % 2 ? &one : &two,
					 1 + (uint64_t)i * SNAPSHOTS_BUCKETS, fds[i]),
			0);
	}
	ck_assert_uint_eq(one.n_snapshots, 4);
	ck_assert_int_eq(snapshots_find(table, 1 + 3 * SNAPSHOTS_BUCKETS), fds[3]);
	ck_assert_int_eq(snapshots_find(table, 2), -1);
	snapshots_remove(table, 1 + 3 * SNAPSHOTS_BUCKETS);
	snapshots_remove(table, 1 + 3 * SNAPSHOTS_BUCKETS);
	ck_assert_int_eq(snapshots_find(table, 1 + 3 * SNAPSHOTS_BUCKETS), -1);
	ck_assert_int_eq(fcntl(fds[3], F_GETFD), -1);
	snapshots_remove_session(table, &one);
	ck_assert_uint_eq(one.n_snapshots, 0);
	ck_assert_uint_eq(two.n_snapshots, 4);
	ck_assert_int_eq(fcntl(fds[1], F_GETFD), -1);
	ck_assert_int_eq(snapshots_find(table, 1), fds[0]);
	snapshots_remove_session(table, NULL);
	ck_assert_int_eq(fcntl(fds[0], F_GETFD), -1);
	free(table);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("fs-tables");
	TCase *tc = tcase_create("tables");

	tcase_add_loop_test(tc, test_what_is_no_state_file, 0, ARRAY_SIZE(bad_files));
	tcase_add_test(tc, test_a_socket_is_no_state_file);
	tcase_add_test(tc, test_a_growing_file_is_mapped_further);
	tcase_add_test(tc, test_last_beyond_the_file_is_an_error);
	tcase_add_test(tc, test_an_id_is_learnt_once);
	tcase_add_test(tc, test_cookies_are_good_once);
	tcase_add_loop_test(tc, test_cookies_that_nobody_gave, 0, 6);
	tcase_add_test(tc, test_one_session_cannot_fill_the_table);
	tcase_add_test(tc, test_known_readers);
	tcase_add_test(tc, test_snapshots_by_handle);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
