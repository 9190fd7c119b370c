/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is believed of an inode, and when no longer. */
#include <string.h>

#include "common/cleanup.h"
#include "policyd/measure/cache.h"
#include "unit.h"

static struct cache_stamp stamp_new(void)
{
	return (struct cache_stamp){.size = 10,
		.mtime = {.tv_sec = 100, .tv_nsec = 1},
		.ctime = {.tv_sec = 100, .tv_nsec = 2},
		.btime = {.tv_sec = 50, .tv_nsec = 3}};
}

START_TEST(test_find)
{
	struct cache_entry *entries[1000];
	struct cache *cache;
	bool flushed;

	ck_assert_int_eq(cache_new(1000, 42, &cache), 0);
	ck_assert_ptr_null(cache_find(cache, 1, 1));
	for (uint64_t i = 0; i < ARRAY_SIZE(entries); i++) {
		entries[i] = cache_add(cache, i % 7, i, &flushed);
		ck_assert_ptr_nonnull(entries[i]);
		ck_assert(!flushed);
	}
	for (uint64_t i = 0; i < ARRAY_SIZE(entries); i++) {
		ck_assert_ptr_eq(cache_find(cache, i % 7, i), entries[i]);
		ck_assert_ptr_null(cache_find(cache, i % 7 + 7, i));
	}
	/* The same inode again is no new one, even when the cache is full. */
	ck_assert_ptr_eq(cache_add(cache, 0, 0, &flushed), entries[0]);
	ck_assert(!flushed);
	cache_free(cache);
}
END_TEST

START_TEST(test_bound)
{
	struct cache_entry *entry;
	struct cache *cache;
	bool flushed;

	ck_assert_int_eq(cache_new(3, 0, &cache), 0);
	for (uint64_t i = 0; i < 3; i++) {
		entry = cache_add(cache, 1, i, &flushed);
		entry->valid = true;
		ck_assert(!flushed);
	}
	entry = cache_add(cache, 1, 3, &flushed);
	ck_assert(flushed);
	ck_assert(!entry->valid);
	for (uint64_t i = 0; i < 3; i++)
		ck_assert_ptr_null(cache_find(cache, 1, i));
	ck_assert_ptr_eq(cache_find(cache, 1, 3), entry);
	cache_free(cache);
	cache_free(NULL);
}
END_TEST

START_TEST(test_same)
{
	struct cache_stamp a = stamp_new(), b = a;

	ck_assert(cache_stamp_same(&a, &b));
	b.size++;
	ck_assert(!cache_stamp_same(&a, &b) && !cache_stamp_same_inode(&a, &b));
	b = a;
	b.mtime.tv_nsec++;
	ck_assert(!cache_stamp_same(&a, &b) && !cache_stamp_same_inode(&a, &b));
	b = a;
	b.ctime.tv_nsec++; /* a hard link, a chmod: another look at the same file */
	ck_assert(!cache_stamp_same(&a, &b) && cache_stamp_same_inode(&a, &b));
	b = a;
	b.btime.tv_sec++; /* the number of a file that is gone */
	ck_assert(!cache_stamp_same(&a, &b) && !cache_stamp_same_inode(&a, &b));
	/* Without a time of birth a file is only itself while nothing has changed. */
	a.btime = b.btime = (struct timespec){0};
	ck_assert(cache_stamp_same_inode(&a, &b));
	b.ctime.tv_nsec++;
	ck_assert(!cache_stamp_same_inode(&a, &b));
}
END_TEST

static const struct {
	struct timespec ctime, now;
	bool fresh;
} ages[] = {
	{{100, 5}, {100, 6}, false},
	{{100, 5}, {100, 5}, true}, /* a write in this tick leaves the ctime as it is */
	{{100, 5}, {100, 4}, true},
	{{100, 5}, {101, 0}, false},
	{{101, 5}, {100, 9}, true},
	{{100, 0}, {102, 9}, true}, /* maybe whole seconds, or FAT's two */
	{{100, 0}, {103, 0}, false},
};

START_TEST(test_fresh)
{
	struct cache_stamp stamp = {.ctime = ages[_i].ctime};

	ck_assert_int_eq(cache_stamp_fresh(&stamp, &ages[_i].now), ages[_i].fresh);
}
END_TEST

START_TEST(test_settled)
{
	struct cache_entry entry = {0};

	ck_assert(!cache_settled_exec(&entry, 1, TASK_PROGRAM));
	cache_settle_exec(&entry, 1, TASK_INTERPRETER);
	ck_assert(cache_settled_exec(&entry, 1, TASK_INTERPRETER));
	ck_assert(!cache_settled_exec(&entry, 1, TASK_PROGRAM));
	ck_assert(!cache_settled_exec(&entry, 1, TASK_EITHER));
	cache_settle_exec(&entry, 1, TASK_PROGRAM);
	ck_assert(cache_settled_exec(&entry, 1, TASK_EITHER));
	cache_settle_open(&entry, 1, IMA_MAY_READ);
	ck_assert(cache_settled_open(&entry, 1, IMA_MAY_READ));
	ck_assert(!cache_settled_open(&entry, 1, IMA_MAY_READ | IMA_MAY_WRITE));
	/* Another policy may want anything. */
	ck_assert(!cache_settled_exec(&entry, 2, TASK_PROGRAM));
	ck_assert(!cache_settled_open(&entry, 2, IMA_MAY_READ));
	cache_settle_open(&entry, 2, IMA_MAY_WRITE);
	ck_assert(!cache_settled_open(&entry, 2, IMA_MAY_READ));
	ck_assert(!cache_settled_exec(&entry, 2, TASK_INTERPRETER));
}
END_TEST

START_TEST(test_digest)
{
	struct cache_stamp stamp = stamp_new(), later = stamp;
	struct cache_entry entry = {0};
	uint8_t digest[32] = {1};

	cache_set_digest(&entry, IMA_SHA256, digest, &stamp);
	ck_assert(entry.digest_current);
	entry.measured = 1u << 10;
	/* Looked at again, and still the same: nothing to enter. */
	later.ctime.tv_sec++;
	entry.digest_current = false;
	cache_set_digest(&entry, IMA_SHA256, digest, &later);
	ck_assert(entry.digest_current);
	ck_assert_uint_eq(entry.measured, 1u << 10);
	/* The same bytes, but written anew. */
	later.mtime.tv_sec++;
	cache_set_digest(&entry, IMA_SHA256, digest, &later);
	ck_assert_uint_eq(entry.measured, 0);
	entry.measured = 1u << 10;
	digest[31] = 1;
	cache_set_digest(&entry, IMA_SHA256, digest, &later);
	ck_assert_uint_eq(entry.measured, 0);
	entry.measured = 1u << 10;
	cache_set_digest(&entry, IMA_SHA1, digest, &later);
	ck_assert_uint_eq(entry.measured, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("measure-cache");
	TCase *tc = tcase_create("cache");

	tcase_add_test(tc, test_find);
	tcase_add_test(tc, test_bound);
	tcase_add_test(tc, test_same);
	tcase_add_loop_test(tc, test_fresh, 0, ARRAY_SIZE(ages));
	tcase_add_test(tc, test_settled);
	tcase_add_test(tc, test_digest);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
