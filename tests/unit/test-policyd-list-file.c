/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The state file, read as vsecfs and a measurer do: through its read-only descriptor. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/mount.h>

#include "common/cleanup.h"
#include "policyd/view/list-file.h"
#include "unit.h"

static char dir[] = "/tmp/test-list-file.XXXXXX";
static int dir_fd;
static struct list_file *list;

static void setup(void)
{
	strcpy(dir + strlen(dir) - 6, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ge(dir_fd, 0);
	ck_assert_int_eq(list_file_new(dir_fd, 7, &list), 0);
}

static void teardown(void)
{
	list_file_free(list);
	close(dir_fd);
	/* It fails if the list left anything behind. */
	ck_assert_int_eq(rmdir(dir), 0);
}

static int enter(const char *path, bool violation, unsigned pcr)
{
	struct ima_event event = {.template = IMA_TEMPLATE_NG,
		.hash = IMA_SHA256,
		.pcr = pcr,
		.violation = violation,
		.path = path,
		.n_path = strlen(path)};
	struct ima_entry entry;
	int r;

	ck_assert_int_eq(ima_entry_make(&event, &entry), 0);
	r = list_file_append(list, &entry);
	ima_entry_done(&entry);
	return r;
}

static uint64_t last(void)
{
	return atomic_load_explicit(&list_file_head(list)->last, memory_order_acquire);
}

static struct view_record record_at(uint64_t at)
{
	struct view_record record;

	ck_assert_int_eq(
		pread(list_file_reader(list), &record, sizeof(record), (off_t)at), sizeof(record));
	return record;
}

START_TEST(test_head)
{
	struct view_head head;
	struct stat st;

	ck_assert_int_eq(fstatat(dir_fd, "7/state", &st, 0), 0);
	ck_assert_uint_eq(st.st_mode & 0777 & ~0640, 0);
	ck_assert_uint_eq(st.st_size, VIEW_HEAD_SIZE);
	ck_assert_int_eq(pread(list_file_reader(list), &head, sizeof(head), 0), sizeof(head));
	ck_assert_uint_eq(head.magic, VIEW_MAGIC);
	ck_assert_uint_eq(head.version, VIEW_VERSION);
	ck_assert_uint_eq(head.serial, 7);
	ck_assert_uint_eq(last(), 0);
	/* What goes to vsecfs and to measurers writes nothing, by no way. */
	ck_assert_int_eq(write(list_file_reader(list), "x", 1), -1);
	ck_assert_int_eq(errno, EBADF);
	ck_assert_ptr_eq(
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, list_file_reader(list), 0),
		MAP_FAILED);
}
END_TEST

START_TEST(test_records)
{
	uint64_t at = VIEW_HEAD_SIZE, ascii = 0, binary = 0;
	const char *paths[] = {"boot_aggregate", "/bin/a", "/bin/bb", "/bin/ccc"};
	char tail[128];

	for (unsigned i = 0; i < 4; i++)
		ck_assert_int_eq(enter(paths[i], i == 2, 10), 0);
	for (unsigned i = 0; i < 4; i++) {
		struct view_record record = record_at(at);

		ascii += 3 + 40 + record.n_ascii_tail;
		binary += 24 + record.n_binary_tail;
		ck_assert_uint_eq(record.size % 8, 0);
		ck_assert_uint_eq(record.number, i + 1);
		ck_assert_uint_eq(record.violations, i >= 2);
		ck_assert_uint_eq(record.ascii_end, ascii);
		ck_assert_uint_eq(record.binary_end, binary);
		ck_assert_int_eq(pread(list_file_reader(list), tail, record.n_ascii_tail,
					 (off_t)(at + sizeof(record))),
			record.n_ascii_tail);
		ck_assert_int_eq(tail[0], ' ');
		ck_assert_int_eq(tail[record.n_ascii_tail - 1], '\n');
		ck_assert(memmem(tail, record.n_ascii_tail, paths[i], strlen(paths[i])));
		ck_assert((i == 3) == (at == last()));
		at += record.size;
	}
	ck_assert_uint_eq(at, list_file_size(list));
	ck_assert_uint_eq(list_file_n_entries(list), 4);
	ck_assert_uint_eq(list_file_n_violations(list), 1);
}
END_TEST

/* An equal digest is not repeated, but for another PCR it is; a violation always is. */
START_TEST(test_dedup)
{
	ck_assert_int_eq(enter("/bin/a", false, 10), 0);
	ck_assert_int_eq(enter("/bin/a", false, 10), 1);
	ck_assert_int_eq(enter("/bin/a", false, 11), 0);
	ck_assert_int_eq(enter("/bin/a", true, 10), 0);
	ck_assert_int_eq(enter("/bin/a", true, 10), 0);
	ck_assert_int_eq(enter("/bin/a", false, 10), 1);
	ck_assert_uint_eq(list_file_n_entries(list), 4);
	ck_assert_uint_eq(list_file_n_violations(list), 2);
}
END_TEST

START_TEST(test_dedup_of_many)
{
	char path[32];

	for (int round = 0; round < 2; round++) {
		for (unsigned i = 0; i < 5000; i++) {
			snprintf(path, sizeof(path), "/bin/%u", i);
			ck_assert_int_eq(enter(path, false, 10), round);
		}
	}
	ck_assert_uint_eq(list_file_n_entries(list), 5000);
}
END_TEST

/* The half named by the count is the value after that entry, the other one that before it. */
START_TEST(test_pcrs)
{
	struct view_pcrs expected = {0};
	const struct view_head *head = list_file_head(list);

	for (unsigned i = 1; i <= 5; i++) {
		struct view_pcrs before = expected;
		struct view_record record;
		struct ima_entry entry = {.pcr = 10, .violation = i == 3};
		char path[16];

		snprintf(path, sizeof(path), "/%u", i);
		ck_assert_int_eq(enter(path, entry.violation, 10), 0);
		record = record_at(last());
		entry.digests = record.digests;
		ck_assert_int_eq(ima_pcr_extend(IMA_SHA1, expected.sha1[10], &entry), 0);
		ck_assert_int_eq(ima_pcr_extend(IMA_SHA256, expected.sha256[10], &entry), 0);
		ck_assert_int_eq(memcmp(&head->pcrs[i & 1], &expected, sizeof(expected)), 0);
		ck_assert_int_eq(memcmp(&head->pcrs[~i & 1], &before, sizeof(before)), 0);
	}
	/* A rule may name a register that no TPM has: such an entry is in the list alone. */
	ck_assert_int_eq(enter("/x", false, 63), 0);
	ck_assert_int_eq(memcmp(&head->pcrs[0], &expected, sizeof(expected)), 0);
}
END_TEST

START_TEST(test_start_pcrs)
{
	struct view_pcrs pcrs = {.sha1 = {[9] = {1, 2, 3}}};

	ck_assert_int_eq(list_file_start_pcrs(list, &pcrs), 0);
	ck_assert_int_eq(enter("boot_aggregate", false, 10), 0);
	ck_assert_int_eq(memcmp(list_file_head(list)->pcrs[1].sha1[9], pcrs.sha1[9], 20), 0);
	ck_assert_int_eq(list_file_start_pcrs(list, &pcrs), -EBUSY);
}
END_TEST

/* What a killed policyd left under the number does not stop, nor show in, the new one's file. */
START_TEST(test_left_over)
{
	struct list_file *again = NULL;

	ck_assert_int_eq(enter("/bin/old", false, 10), 0);
	ck_assert_int_eq(list_file_new(dir_fd, 7, &again), 0);
	ck_assert_uint_eq(list_file_n_entries(again), 0);
	ck_assert_uint_eq(atomic_load(&list_file_head(again)->last), 0);
	list_file_free(again);
	/* The old one's holders keep what they had. */
	ck_assert_uint_eq(record_at(last()).number, 1);
}
END_TEST

/* On a full file system the entry is refused, nothing of it shows, and what there was stays. */
START_TEST(test_no_space)
{
	_cleanup_close_ int small_fd = -1;
	struct list_file *small = NULL;
	char path[64];
	uint64_t n, at;
	int r = 0;

	snprintf(path, sizeof(path), "%s/small", dir);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	if (mount("test", path, "tmpfs", 0, "size=64k") < 0) { /* not root */
		rmdir(path);
		return;
	}
	small_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_eq(list_file_new(small_fd, 1, &small), 0);
	for (unsigned i = 0; i < 10000 && r == 0; i++) {
		struct ima_event event = {.template = IMA_TEMPLATE_NG, .hash = IMA_SHA256};
		struct ima_entry entry;
		char name[32];

		snprintf(name, sizeof(name), "/bin/%u", i);
		event.path = name;
		event.n_path = strlen(name);
		event.pcr = 10;
		ck_assert_int_eq(ima_entry_make(&event, &entry), 0);
		n = list_file_n_entries(small);
		at = atomic_load(&list_file_head(small)->last);
		r = list_file_append(small, &entry);
		ima_entry_done(&entry);
	}
	ck_assert_int_eq(r, -ENOSPC);
	ck_assert_uint_gt(n, 100);
	ck_assert_uint_eq(list_file_n_entries(small), n);
	ck_assert_uint_eq(atomic_load(&list_file_head(small)->last), at);
	list_file_free(small);
	close_fd(&small_fd);
	ck_assert_int_eq(umount(path), 0);
	ck_assert_int_eq(rmdir(path), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("policyd-list-file");
	TCase *tc = tcase_create("list");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_head);
	tcase_add_test(tc, test_records);
	tcase_add_test(tc, test_dedup);
	tcase_add_test(tc, test_dedup_of_many);
	tcase_add_test(tc, test_pcrs);
	tcase_add_test(tc, test_start_pcrs);
	tcase_add_test(tc, test_left_over);
	tcase_add_test(tc, test_no_space);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
