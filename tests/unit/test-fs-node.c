/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Node ids on both faces, directories, attributes and contents over views made here. */
#include "fs/node.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "fs/content.h"
#include "fs/server.h"
#include "test-fs-image.h"
#include "unit.h"

#define N_VIEWS 3

static struct image images[N_VIEWS];
static struct session sessions[1 + N_VIEWS], *by_serial[1 + N_VIEWS];
static struct server server;

/* The host face, views 4 (id 1000), 5 (not bound yet) and 9 (id 900). */
static void setup(void)
{
	static const uint32_t serials[] = {4, 5, 9};
	static const uint64_t ids[] = {1000, 0, 900};

	server = (struct server){.sessions = by_serial, .n_sessions = 1 + N_VIEWS, .since = 77};
	server_lsm(server.lsm, "lockdown,yama");
	for (size_t i = 0; i < 1 + N_VIEWS; i++) {
		sessions[i] = (struct session){.server = &server,
			.serial = i ? serials[i - 1] : 0,
			.face = i ? FACE_CONTAINER : FACE_HOST,
			.view.fd = -1};
		by_serial[i] = &sessions[i];
		if (!i)
			continue;
		image_init(&images[i - 1], serials[i - 1]);
		image_head(&images[i - 1])->id = ids[i - 1];
		ck_assert_int_eq(
			view_init(&sessions[i].view, dup(images[i - 1].fd), serials[i - 1]), 0);
	}
}

static void teardown(void)
{
	for (size_t i = 0; i < N_VIEWS; i++) {
		view_done(&sessions[i + 1].view);
		image_done(&images[i]);
	}
}

static struct session *const host = &sessions[0], *const view4 = &sessions[1],
			     *const view5 = &sessions[2];

/* Follows a path from the root of a session's superblock. */
static int walk(struct session *session, const char *path, struct node *ret_node)
{
	_cleanup_free_ char *copy = strdup(path);
	char *rest = copy, *name;
	int r = node_get(session, 1, ret_node);

	while (r == 0 && (name = strsep(&rest, "/"))) {
		struct node directory = *ret_node;

		r = *name ? node_lookup(&directory, name, ret_node) : 0;
	}
	return r;
}

static const struct {
	int session; /* index */
	const char *path;
	uint64_t ino;
	int r;
} paths[] = {
	{1, "", 1, 0},
	{1, "lsm", KIND_LSM, 0},
	{1, "integrity/ima/policy", KIND_POLICY, 0},
	{1, "vsecfs/id", KIND_ID, 0},
	{1, "metrics", 0, -ENOENT},
	{1, "ns", 0, -ENOENT},
	{0, "", 1, 0},
	{0, "metrics", KIND_HOST_METRICS, 0},
	{0, "lsm", 0, -ENOENT},
	{0, "ns", KIND_HOST_NS, 0},
	{0, "ns/1000", NODE(4, KIND_ROOT), 0},
	{0, "ns/900/integrity/ima/violations", NODE(9, KIND_VIOLATIONS), 0},
	{0, "ima/900", NODE(9, KIND_HOST_IMA_ID), 0},
	{0, "ns/0", 0, -ENOENT}, /* the one that is not bound has no name */
	{0, "ns/4", 0, -ENOENT},
	{0, "ns/01000", 0, -ENOENT},
	{0, "ns/+1000", 0, -ENOENT},
	{0, "ns/ 1000", 0, -ENOENT},
	{0, "ns/1000x", 0, -ENOENT},
	{0, "ns/18446744073709552616", 0, -ENOENT}, /* 1000 modulo 2^64 */
	{0, "ns/policy", 0, -ENOENT},
};

START_TEST(test_paths)
{
	struct session *session = &sessions[paths[_i].session];
	struct node node, again;

	ck_assert_int_eq(walk(session, paths[_i].path, &node), paths[_i].r);
	if (paths[_i].r < 0)
		return;
	ck_assert_uint_eq(node.ino, paths[_i].ino);
	/* A successor knows the number only. */
	ck_assert_int_eq(node_get(session, node.ino, &again), 0);
	ck_assert(again.row == node.row && again.owner == node.owner);
}
END_TEST

START_TEST(test_names_of_256_bytes_are_too_long)
{
	char name[257];
	struct node node, found;

	memset(name, 'a', 256);
	name[256] = '\0';
	ck_assert_int_eq(node_get(view4, 1, &node), 0);
	ck_assert_int_eq(node_lookup(&node, name, &found), -ENAMETOOLONG);
	name[255] = '\0';
	ck_assert_int_eq(node_lookup(&node, name, &found), -ENOENT);
}
END_TEST

static const struct {
	int session;
	uint64_t ino;
} stale[] = {
	{1, 0},
	{1, KIND_MAX},
	{1, NODE(4, KIND_ROOT)}, /* its own serial, but not in its own superblock */
	{1, NODE(9, KIND_POLICY)},
	{1, KIND_HOST_NS},
	{1, KIND_HOST_ROOT},
	{1, 1ull << 48 | KIND_ROOT},
	{0, 0},
	{0, KIND_LSM},
	{0, KIND_POLICY},
	{0, KIND_HOST_IMA_ID},
	{0, KIND_HOST_ROOT},
	{0, NODE(4, KIND_HOST_NS)},
	{0, NODE(4, KIND_HOST_METRICS)},
	{0, NODE(4, KIND_HOST_ROOT)},
	{0, NODE(6, KIND_ROOT)},
	{0, NODE(4, 0x7000)},
	{0, 1ull << 48 | NODE(4, KIND_ROOT)},
};

START_TEST(test_numbers_that_stand_for_nothing)
{
	struct node node;

	ck_assert_int_eq(node_get(&sessions[stale[_i].session], stale[_i].ino, &node), -ESTALE);
}
END_TEST

/* The names from offset `after` on, each followed by a blank; checks that every number is right. */
static void list_names(struct session *session, const char *path, uint64_t after, char *dest)
{
	struct node directory, node, found;
	char name[NODE_NAME_MAX];
	uint64_t offset = after;

	*dest = '\0';
	ck_assert_int_eq(walk(session, path, &directory), 0);
	while (node_next(&directory, after, &node, name, &offset) > 0) {
		ck_assert_uint_gt(offset, after);
		after = offset;
		dest += sprintf(dest, "%s ", name);
		if (name[0] == '.')
			continue;
		ck_assert_int_eq(node_lookup(&directory, name, &found), 0);
		ck_assert_uint_eq(found.ino, node.ino);
	}
}

static const struct {
	int session;
	const char *path, *names;
} directories[] = {
	{1, "", ". .. lsm integrity ima vsecfs "},
	{1, "integrity", ". .. ima "},
	{1, "vsecfs", ". .. id name last_error "},
	{0, "", ". .. ima ns metrics "},
	{0, "ns", ". .. 1000 900 "},
	{0, "ima", ". .. 1000 900 "},
	{0, "ns/900", ". .. lsm integrity ima vsecfs "},
};

START_TEST(test_directories_from_every_offset)
{
	char names[512], rest[512], name[NODE_NAME_MAX];
	const char *at = directories[_i].names;
	struct session *session = &sessions[directories[_i].session];
	struct node directory, node;
	uint64_t after = 0;

	list_names(session, directories[_i].path, 0, names);
	ck_assert_str_eq(names, directories[_i].names);
	ck_assert_int_eq(walk(session, directories[_i].path, &directory), 0);
	while (node_next(&directory, after, &node, name, &after) > 0) {
		at = strchr(at, ' ') + 1;
		list_names(session, directories[_i].path, after, rest);
		ck_assert_str_eq(rest, at);
	}
	ck_assert_int_eq(node_next(&directory, UINT64_MAX, &node, name, &after), 0);
	ck_assert_int_eq(node_next(&directory, 2 + (uint64_t)UINT32_MAX, &node, name, &after), 0);
}
END_TEST

/* A view that goes while its directory is read neither repeats nor hides another one. */
START_TEST(test_listing_while_views_go)
{
	struct node directory, node;
	char name[NODE_NAME_MAX];
	uint64_t after = 2;

	ck_assert_int_eq(walk(host, "ns", &directory), 0);
	ck_assert_int_eq(node_next(&directory, after, &node, name, &after), 1);
	ck_assert_str_eq(name, "1000");
	by_serial[1] = by_serial[3];
	server.n_sessions = 2;
	ck_assert_int_eq(node_next(&directory, after, &node, name, &after), 1);
	ck_assert_str_eq(name, "900");
	ck_assert_int_eq(node_next(&directory, after, &node, name, &after), 0);
	ck_assert_int_eq(node_get(host, NODE(4, KIND_ROOT), &node), -ESTALE);
}
END_TEST

START_TEST(test_dot_dot_of_a_view_on_the_host_face)
{
	struct node directory, node;
	char name[NODE_NAME_MAX];
	uint64_t after;

	ck_assert_int_eq(walk(host, "ns/900", &directory), 0);
	ck_assert_int_eq(node_next(&directory, 1, &node, name, &after), 1);
	ck_assert_uint_eq(node.ino, KIND_HOST_NS);
	ck_assert_int_eq(walk(host, "ns/900/integrity/ima", &directory), 0);
	ck_assert_int_eq(node_next(&directory, 1, &node, name, &after), 1);
	ck_assert_uint_eq(node.ino, NODE(9, KIND_INTEGRITY));
	ck_assert_int_eq(walk(host, "ima", &directory), 0);
	ck_assert_int_eq(node_next(&directory, 1, &node, name, &after), 1);
	ck_assert_uint_eq(node.ino, 1);
}
END_TEST

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
	{0, "ns/1000", 0, 0, 4, 0},
	{0, "ns/1000/integrity/ima/policy", 0, 0, 1, 22},
	{0, "ima/1000", 0, 0, 1, 24},
};

START_TEST(test_attributes)
{
	struct node node;
	struct stat st;

	image_head(&images[0])->policy_size_inside = 11;
	image_head(&images[0])->policy_size_host = 22;
	image_head(&images[0])->last_error_size = 33;
	ck_assert_int_eq(walk(&sessions[attributes[_i].session], attributes[_i].path, &node), 0);
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
	ck_assert_int_eq(walk(view4, texts[_i].path, &node), 0);
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
	ck_assert_int_eq(walk(view5, "vsecfs/id", &node), 0);
	ck_assert_int_eq(node.row->read(&node, 0, buffer, sizeof(buffer)), 2);
	ck_assert_mem_eq(buffer, "0\n", 2);
	ck_assert_int_eq(walk(view5, "integrity/ima/active", &node), 0);
	ck_assert_int_eq(node.row->read(&node, 0, buffer, sizeof(buffer)), 2);
	ck_assert_mem_eq(buffer, "0\n", 2);
	/* What may still change is not kept by the kernel. */
	ck_assert(node_attr_timeout(&node) == 0);
	ck_assert_int_eq(walk(view5, "lsm", &node), 0);
	ck_assert(node_attr_timeout(&node) == 0);
	image_head(&images[1])->id = 4711;
	ck_assert(node_attr_timeout(&node) > 0);
}
END_TEST

START_TEST(test_names_are_kept_only_where_the_tree_is_fixed)
{
	struct node node;

	ck_assert_int_eq(walk(view4, "integrity/ima", &node), 0);
	ck_assert(node_entry_timeout(&node) > 0);
	ck_assert_int_eq(walk(host, "ns/1000/integrity/ima", &node), 0);
	ck_assert(node_entry_timeout(&node) == 0);
	ck_assert_int_eq(walk(host, "ns", &node), 0);
	ck_assert(node_entry_timeout(&node) == 0 && node_attr_timeout(&node) == 0);
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
	ck_assert_int_eq(walk(view4, "integrity/ima/pcrs_sha1", &node), 0);
	ck_assert_int_eq(node.row->text(&node, text, sizeof(text)), 24 * 49);
	ck_assert_mem_eq(text + 10 * 49, "PCR-10: AB0000", 14);
	image_add(&images[0], 10, 5, 5);
	ck_assert_int_eq(node.row->text(&node, text, sizeof(text)), 24 * 49);
	ck_assert_mem_eq(text, "PCR-00: 0000000000000000000000000000000000000000\nPCR-01: ", 57);
	ck_assert_mem_eq(text + 10 * 49, "PCR-10: CD0000", 14);
	ck_assert_int_eq(walk(view4, "integrity/ima/pcrs_sha256", &node), 0);
	ck_assert_int_eq(node.row->text(&node, text, sizeof(text)), 24 * 73);
	ck_assert_mem_eq(text + 24 * 73 - 3, "0F\n", 3);
}
END_TEST

START_TEST(test_symlinks)
{
	char target[NODE_TARGET_MAX];
	struct node node;

	ck_assert_int_eq(walk(view4, "ima", &node), 0);
	ck_assert_int_eq(node_target(&node, target, sizeof(target)), 13);
	ck_assert_str_eq(target, "integrity/ima");
	ck_assert_int_eq(walk(host, "ima/900", &node), 0);
	ck_assert_int_gt(node_target(&node, target, sizeof(target)), 0);
	ck_assert_str_eq(target, "../ns/900/integrity/ima");
	ck_assert_int_eq(walk(view4, "lsm", &node), 0);
	ck_assert_int_eq(node_target(&node, target, sizeof(target)), -EINVAL);
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
	Suite *suite = suite_create("fs-node");
	TCase *tc = tcase_create("node");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, test_paths, 0, ARRAY_SIZE(paths));
	tcase_add_test(tc, test_names_of_256_bytes_are_too_long);
	tcase_add_loop_test(tc, test_numbers_that_stand_for_nothing, 0, ARRAY_SIZE(stale));
	tcase_add_loop_test(tc, test_directories_from_every_offset, 0, ARRAY_SIZE(directories));
	tcase_add_test(tc, test_listing_while_views_go);
	tcase_add_test(tc, test_dot_dot_of_a_view_on_the_host_face);
	tcase_add_loop_test(tc, test_attributes, 0, ARRAY_SIZE(attributes));
	tcase_add_test(tc, test_sizes_are_exact_while_the_list_grows);
	tcase_add_loop_test(tc, test_texts, 0, ARRAY_SIZE(texts));
	tcase_add_test(tc, test_texts_of_a_young_view);
	tcase_add_test(tc, test_names_are_kept_only_where_the_tree_is_fixed);
	tcase_add_test(tc, test_pcrs);
	tcase_add_test(tc, test_symlinks);
	tcase_add_loop_test(tc, test_lsm, 0, ARRAY_SIZE(lsms));
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
