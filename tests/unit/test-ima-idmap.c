/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* uid_map and gid_map: what they map, and what no map may be. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "unit.h"
#include "vsecfs/ima.h"

static const struct {
	const char *text;
	int n; /* of extents, or -EINVAL */
} maps[] = {
	{"", 0},
	{"         0          0 4294967295\n", 1},
	{"0 100000 65536\n65536 1000 1\n", 2},
	{"0 1 2", 1},
	{"0 1 0\n", -EINVAL},
	{"0 1\n", -EINVAL},
	{"0 1 2 3\n", -EINVAL},
	{"0 1 -1\n", -EINVAL},
	{"0 1 4294967296\n", -EINVAL},
	{"1 0 4294967295\n", -EINVAL}, /* would wrap around */
	{"0 1 4294967295\n", -EINVAL},
	{"x\n", -EINVAL},
	{"\n", -EINVAL},
};

START_TEST(test_idmap_parse)
{
	_cleanup_free_ struct ima_idmap *map = NULL;
	int r = ima_idmap_parse(maps[_i].text, strlen(maps[_i].text), &map);

	ck_assert_int_eq(r, MIN(maps[_i].n, 0));
	if (r == 0)
		ck_assert_uint_eq(map->n, (size_t)maps[_i].n);
}
END_TEST

START_TEST(test_idmap_has_at_most_340_extents)
{
	_cleanup_free_ struct ima_idmap *map = NULL;
	char text[341 * 8];
	size_t n = 0;

	for (int i = 0; i < 341; i++)
		n += (size_t)sprintf(text + n, "%d %d 1\n", i % 10, i % 10);
	ck_assert_int_eq(ima_idmap_parse(text, n, &map), -EINVAL);
	ck_assert_int_eq(ima_idmap_parse(text, n - strlen("0 0 1\n"), &map), 0);
	ck_assert_uint_eq(map->n, 340);
}
END_TEST

static const struct {
	const char *map; /* NULL: the identity */
	uint32_t inside, host;
	bool mapped;
} translations[] = {
	{NULL, 0, 0, true},
	{NULL, UINT32_MAX - 1, UINT32_MAX - 1, true},
	{NULL, UINT32_MAX, 0, false},
	{"0 100000 65536\n70000 5 1\n", 0, 100000, true},
	{"0 100000 65536\n70000 5 1\n", 65535, 165535, true},
	{"0 100000 65536\n70000 5 1\n", 65536, 0, false},
	{"0 100000 65536\n70000 5 1\n", 70000, 5, true},
	{"0 100000 65536\n70000 5 1\n", 70001, 0, false},
	{"0 0 4294967295\n", UINT32_MAX - 1, UINT32_MAX - 1, true},
	{"0 0 4294967295\n", UINT32_MAX, 0, false},
	{"", 0, 0, false},
};

START_TEST(test_ids_translate_both_ways)
{
	_cleanup_free_ struct ima_idmap *map = NULL;
	uint32_t host, inside;

	if (translations[_i].map)
		ck_assert_int_eq(
			ima_idmap_parse(translations[_i].map, strlen(translations[_i].map), &map),
			0);
	ck_assert_int_eq(
		ima_id_to_host(map, translations[_i].inside, &host), translations[_i].mapped);
	if (!translations[_i].mapped)
		return;
	ck_assert_uint_eq(host, translations[_i].host);
	ck_assert(ima_id_from_host(map, host, &inside));
	ck_assert_uint_eq(inside, translations[_i].inside);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ima-idmap");
	TCase *tcase = tcase_create("idmap");

	tcase_add_loop_test(tcase, test_idmap_parse, 0, (int)ARRAY_SIZE(maps));
	tcase_add_test(tcase, test_idmap_has_at_most_340_extents);
	tcase_add_loop_test(tcase, test_ids_translate_both_ways, 0, (int)ARRAY_SIZE(translations));
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
