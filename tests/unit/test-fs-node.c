/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Node ids on both faces, directories and links. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "test-fs-house.h"
#include "unit.h"

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

	ck_assert_int_eq(house_walk(session, paths[_i].path, &node), paths[_i].r);
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
	ck_assert_int_eq(house_walk(session, path, &directory), 0);
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
	ck_assert_int_eq(house_walk(session, directories[_i].path, &directory), 0);
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

	ck_assert_int_eq(house_walk(host, "ns", &directory), 0);
	ck_assert_int_eq(node_next(&directory, after, &node, name, &after), 1);
	ck_assert_str_eq(name, "1000");
	server.sessions[1] = server.sessions[3];
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

	ck_assert_int_eq(house_walk(host, "ns/900", &directory), 0);
	ck_assert_int_eq(node_next(&directory, 1, &node, name, &after), 1);
	ck_assert_uint_eq(node.ino, KIND_HOST_NS);
	ck_assert_int_eq(house_walk(host, "ns/900/integrity/ima", &directory), 0);
	ck_assert_int_eq(node_next(&directory, 1, &node, name, &after), 1);
	ck_assert_uint_eq(node.ino, NODE(9, KIND_INTEGRITY));
	ck_assert_int_eq(house_walk(host, "ima", &directory), 0);
	ck_assert_int_eq(node_next(&directory, 1, &node, name, &after), 1);
	ck_assert_uint_eq(node.ino, 1);
}
END_TEST

START_TEST(test_names_are_kept_only_where_the_tree_is_fixed)
{
	struct node node;

	ck_assert_int_eq(house_walk(view4, "integrity/ima", &node), 0);
	ck_assert(node_entry_timeout(&node) > 0);
	ck_assert_int_eq(house_walk(host, "ns/1000/integrity/ima", &node), 0);
	ck_assert(node_entry_timeout(&node) == 0);
	ck_assert_int_eq(house_walk(host, "ns", &node), 0);
	ck_assert(node_entry_timeout(&node) == 0 && node_attr_timeout(&node) == 0);
}
END_TEST

START_TEST(test_symlinks)
{
	char target[NODE_TARGET_MAX];
	struct node node;

	ck_assert_int_eq(house_walk(view4, "ima", &node), 0);
	ck_assert_int_eq(node_target(&node, target, sizeof(target)), 13);
	ck_assert_str_eq(target, "integrity/ima");
	ck_assert_int_eq(house_walk(host, "ima/900", &node), 0);
	ck_assert_int_gt(node_target(&node, target, sizeof(target)), 0);
	ck_assert_str_eq(target, "../ns/900/integrity/ima");
	ck_assert_int_eq(house_walk(view4, "lsm", &node), 0);
	ck_assert_int_eq(node_target(&node, target, sizeof(target)), -EINVAL);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("fs-node");
	TCase *tc = tcase_create("node");

	tcase_add_checked_fixture(tc, house_setup, house_teardown);
	tcase_add_loop_test(tc, test_paths, 0, ARRAY_SIZE(paths));
	tcase_add_test(tc, test_names_of_256_bytes_are_too_long);
	tcase_add_loop_test(tc, test_numbers_that_stand_for_nothing, 0, ARRAY_SIZE(stale));
	tcase_add_loop_test(tc, test_directories_from_every_offset, 0, ARRAY_SIZE(directories));
	tcase_add_test(tc, test_listing_while_views_go);
	tcase_add_test(tc, test_dot_dot_of_a_view_on_the_host_face);
	tcase_add_test(tc, test_names_are_kept_only_where_the_tree_is_fixed);
	tcase_add_test(tc, test_symlinks);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
