/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Attributes and contents of the files of views. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "fs/content.h"
#include "test-fs-house.h"
#include "unit.h"

static const struct {
	int session;
	const char *path;
	uid_t uid;
	gid_t gid;
	nlink_t nlink;
	off_t size;
} attributes[] = {
	{1, "", 100000, 200000, 4, 0},
	{1, "integrity/ima", 100000, 200000, 2, 0},
	{1, "integrity/ima/active", 100000, 200000, 1, 2},
	{1, "integrity/ima/pcrs_sha1", 100000, 200000, 1, 24 * 49},
	{1, "integrity/ima/pcrs_sha256", 100000, 200000, 1, 24 * 73},
	{1, "integrity/ima/policy", 100000, 200000, 1, 11},
	{1, "vsecfs/last_error", 100000, 200000, 1, 33},
	{1, "ima", 100000, 200000, 1, 13},
	{0, "", 0, 0, 4, 0},
	{0, "ns", 0, 0, 4, 0},
	{0, "ima", 0, 0, 2, 0},
	{0, "ns/1000", 100000, 200000, 4, 0},
	{0, "ns/1000/integrity/ima/policy", 100000, 200000, 1, 22},
	{0, "ima/1000", 0, 0, 1, 24},
};

START_TEST(test_attributes)
{
	struct node node;
	struct stat st;

	image_head(&images[0])->policy_size_inside = 11;
	image_head(&images[0])->policy_size_host = 22;
	image_head(&images[0])->last_error_size = 33;
	ck_assert_int_eq(
		house_walk(&sessions[attributes[_i].session], attributes[_i].path, &node), 0);
	ck_assert_int_eq(node_stat(&node, &st), 0);
	ck_assert_uint_eq(st.st_ino, node.ino);
	ck_assert_uint_eq(st.st_uid, attributes[_i].uid);
	ck_assert_uint_eq(st.st_gid, attributes[_i].gid);
	ck_assert_uint_eq(st.st_nlink, attributes[_i].nlink);
	ck_assert_int_eq(st.st_size, attributes[_i].size);
}
END_TEST

/* Whatever a file holds, its size says so, and its mtime moves when it does. */
START_TEST(test_sizes_are_exact_while_the_list_grows)
{
	struct timespec last = {0};

	for (unsigned i = 0; i < 30; i++) {
		for (unsigned kind = KIND_ASCII; kind <= KIND_NAME; kind++) {
			static char buffer[1 << 16];
			struct node node;
			struct stat st;

			ck_assert_int_eq(node_get(view4, kind, &node), 0);
			if (!S_ISREG(node.row->mode))
				continue;
			ck_assert_int_eq(node_stat(&node, &st), 0);
			ck_assert_int_eq(
				node.row->read(&node, 0, buffer, sizeof(buffer)), st.st_size);
			ck_assert_int_eq(node.row->read(&node, (uint64_t)st.st_size, buffer, 1), 0);
			if (kind != KIND_ASCII)
				continue;
			ck_assert_int_eq(st.st_mtim.tv_sec, 77);
			ck_assert(i == 0 || st.st_mtim.tv_nsec > last.tv_nsec);
			last = st.st_mtim;
		}
		image_add(&images[0], i % 3 ? 10 : 11, i * 13 % 80 + 1, i * 7 % 60);
	}
}
END_TEST

static const struct {
	const char *path, *text;
} texts[] = {
	{"lsm", "lockdown,yama,ima"},
	{"integrity/ima/active", "1\n"},
	{"integrity/ima/hash", "sha256\n"},
	{"integrity/ima/template_name", "ima-ng\n"},
	{"integrity/ima/runtime_measurements_count", "3\n"},
	{"integrity/ima/violations", "2\n"},
	{"vsecfs/id", "1000\n"},
	{"vsecfs/name", "demo\n"},
};

START_TEST(test_texts)
{
	const char *text = texts[_i].text;
	struct node node;
	char buffer[64];
	ssize_t n;

	image_add(&images[0], 11, 10, 10);
	image_add(&images[0], 10, 10, 10);
	image_add(&images[0], 11, 10, 10);
	ck_assert_int_eq(house_walk(view4, texts[_i].path, &node), 0);
	for (size_t offset = 0; offset <= strlen(text) + 1; offset++) {
		size_t rest = offset < strlen(text) ? strlen(text) - offset : 0;

		n = node.row->read(&node, offset, buffer, sizeof(buffer));
		ck_assert_int_ge(n, 0);
		ck_assert_bytes(buffer, (size_t)n, text + MIN(offset, strlen(text)), rest);
		n = node.row->read(&node, offset, buffer, 1);
		ck_assert_int_eq(n, rest ? 1 : 0);
	}
}
END_TEST

START_TEST(test_texts_of_a_young_view)
{
	struct node node;
	char buffer[64];

	image_head(&images[1])->flags = 0;
	ck_assert_int_eq(house_walk(view5, "vsecfs/id", &node), 0);
	ck_assert_int_eq(node.row->read(&node, 0, buffer, sizeof(buffer)), 2);
	ck_assert_mem_eq(buffer, "0\n", 2);
	ck_assert_int_eq(house_walk(view5, "integrity/ima/active", &node), 0);
	ck_assert_int_eq(node.row->read(&node, 0, buffer, sizeof(buffer)), 2);
	ck_assert_mem_eq(buffer, "0\n", 2);
	/* What may still change is not kept by the kernel. */
	ck_assert(node_attr_timeout(&node) == 0);
	ck_assert_int_eq(house_walk(view5, "lsm", &node), 0);
	ck_assert(node_attr_timeout(&node) == 0);
	image_head(&images[1])->id = 4711;
	ck_assert(node_attr_timeout(&node) > 0);
}
END_TEST

START_TEST(test_pcrs)
{
	struct view_head *head = image_head(&images[0]);
	char text[CONTENT_TEXT_MAX];
	struct node node;

	head->pcrs[0].sha1[10][0] = 0xab; /* after no entry, and after the second */
	head->pcrs[1].sha1[10][0] = 0xcd; /* after the first */
	head->pcrs[1].sha256[23][31] = 0x0f;
	ck_assert_int_eq(house_walk(view4, "integrity/ima/pcrs_sha1", &node), 0);
	ck_assert_int_eq(node.row->text(&node, text, sizeof(text)), 24 * 49);
	ck_assert_mem_eq(text + 10 * 49, "PCR-10: AB0000", 14);
	image_add(&images[0], 10, 5, 5);
	ck_assert_int_eq(node.row->text(&node, text, sizeof(text)), 24 * 49);
	ck_assert_mem_eq(text, "PCR-00: 0000000000000000000000000000000000000000\nPCR-01: ", 57);
	ck_assert_mem_eq(text + 10 * 49, "PCR-10: CD0000", 14);
	ck_assert_int_eq(house_walk(view4, "integrity/ima/pcrs_sha256", &node), 0);
	ck_assert_int_eq(node.row->text(&node, text, sizeof(text)), 24 * 73);
	ck_assert_mem_eq(text + 24 * 73 - 3, "0F\n", 3);
}
END_TEST

static const struct {
	const char *host, *want;
} lsms[] = {
	{NULL, "capability,ima"},
	{"", "capability,ima"},
	{"lockdown,yama,apparmor", "lockdown,yama,apparmor,ima"},
	{"capability,ima,evm", "capability,ima,evm"},
	{"lockdown,integrity", "lockdown,integrity"},
	{"yama,imaginary,xima", "yama,imaginary,xima,ima"},
	{"yama\n", "capability,ima"},
	{"ya ma", "capability,ima"},
	{"../x", "capability,ima"},
};

START_TEST(test_lsm)
{
	char text[LSM_TEXT_MAX], longest[LSM_TEXT_MAX + 1];

	server_lsm(text, lsms[_i].host);
	ck_assert_str_eq(text, lsms[_i].want);
	memset(longest, 'a', sizeof(longest));
	longest[LSM_TEXT_MAX] = '\0';
	server_lsm(text, longest);
	ck_assert_str_eq(text, "capability,ima");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("fs-content");
	TCase *tc = tcase_create("content");

	tcase_add_checked_fixture(tc, house_setup, house_teardown);
	tcase_add_loop_test(tc, test_attributes, 0, ARRAY_SIZE(attributes));
	tcase_add_test(tc, test_sizes_are_exact_while_the_list_grows);
	tcase_add_loop_test(tc, test_texts, 0, ARRAY_SIZE(texts));
	tcase_add_test(tc, test_texts_of_a_young_view);
	tcase_add_test(tc, test_pcrs);
	tcase_add_loop_test(tc, test_lsm, 0, ARRAY_SIZE(lsms));
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
