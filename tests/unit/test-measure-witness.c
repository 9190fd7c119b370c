/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which executions that a witness reports were announced by a permission event. */
#include <stdlib.h>

#include "common/cleanup.h"
#include "policyd/measure/witness.h"
#include "unit.h"

static struct announced *announced;

static void setup(void)
{
	announced = calloc(1, sizeof(*announced));
	ck_assert_ptr_nonnull(announced);
}

static void teardown(void)
{
	free(announced);
}

static void add(pid_t tid, uint64_t mount_id, uint64_t time_ns, bool script)
{
	struct announced_file file = {.mount_id = mount_id,
		.dev = 1,
		.ino = time_ns,
		.time_ns = time_ns,
		.script = script};

	announced_add(announced, tid, &file);
}

static enum witness_verdict judge(
	pid_t tid, uint64_t mount_id, uint64_t time_ns, uint64_t since_ns, bool script)
{
	struct announced_for found;

	announced_take(announced, tid, mount_id, time_ns, &found);
	return witness_judge(&found, since_ns, script);
}

START_TEST(test_program)
{
	add(7, 100, 50, false); /* the program */
	add(7, 101, 51, false); /* ld.so, on another mount */
	ck_assert_int_eq(judge(7, 100, 60, 10, false), WITNESS_ANNOUNCED);
	/* One event, one execution. */
	ck_assert_int_eq(judge(7, 100, 70, 10, false), WITNESS_UNANNOUNCED);
}
END_TEST

START_TEST(test_interpreter_alone)
{
	/* The program lay on a mount that nobody watched; its ld.so did not. */
	add(7, 101, 51, false);
	ck_assert_int_eq(judge(7, 100, 60, 0, false), WITNESS_UNANNOUNCED);
	ck_assert_int_eq(judge(8, 100, 60, 0, false), WITNESS_UNANNOUNCED);
	ck_assert_int_eq(judge(0, 100, 60, 0, false), WITNESS_UNANNOUNCED);
}
END_TEST

START_TEST(test_marked_too_late)
{
	/* The mark was set while the execution was under way: no event came for the program. */
	ck_assert_int_eq(judge(7, 100, 60, 55, false), WITNESS_UNANNOUNCED);
	/* A program that failed to execute, then one from a new mount with the old one's number. */
	add(7, 100, 50, false);
	ck_assert_int_eq(judge(7, 100, 60, 55, false), WITNESS_UNANNOUNCED);
	/* The mount has gone since: the event stands. */
	add(7, 100, 50, false);
	ck_assert_int_eq(judge(7, 100, 60, 0, false), WITNESS_ANNOUNCED);
}
END_TEST

START_TEST(test_script)
{
	add(7, 100, 50, true);
	add(7, 100, 51, false);
	ck_assert_int_eq(judge(7, 100, 60, 10, true), WITNESS_ANNOUNCED);
	add(7, 100, 70, false);
	ck_assert_int_eq(judge(7, 100, 80, 10, true), WITNESS_SCRIPT_UNANNOUNCED);
	ck_assert_int_eq(judge(7, 100, 90, 10, true), WITNESS_UNANNOUNCED);
}
END_TEST

START_TEST(test_chain)
{
	/* env(1) executes the next program before the report of its own execution is here. */
	add(7, 100, 50, false);
	add(7, 101, 51, false);
	add(7, 100, 61, false);
	add(7, 101, 62, false);
	ck_assert_int_eq(judge(7, 100, 60, 10, false), WITNESS_ANNOUNCED);
	ck_assert_int_eq(judge(7, 100, 70, 10, false), WITNESS_ANNOUNCED);
	ck_assert_int_eq(judge(7, 100, 80, 10, false), WITNESS_UNANNOUNCED);
}
END_TEST

START_TEST(test_last)
{
	ck_assert_ptr_null(announced_last(announced, 7));
	add(7, 100, 50, false);
	add(7, 101, 51, false);
	ck_assert_uint_eq(announced_last(announced, 7)->ino, 51);
	ck_assert_ptr_null(announced_last(announced, 7 + ANNOUNCED_MAX));
	/* Another thread takes the place: what it did not announce is not its own. */
	add(7 + ANNOUNCED_MAX, 101, 52, false);
	ck_assert_ptr_null(announced_last(announced, 7));
	ck_assert_int_eq(judge(7, 101, 60, 10, false), WITNESS_UNANNOUNCED);
	ck_assert_int_eq(judge(7 + ANNOUNCED_MAX, 100, 60, 10, false), WITNESS_UNANNOUNCED);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("measure-witness");
	TCase *tc = tcase_create("witness");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_program);
	tcase_add_test(tc, test_interpreter_alone);
	tcase_add_test(tc, test_marked_too_late);
	tcase_add_test(tc, test_script);
	tcase_add_test(tc, test_chain);
	tcase_add_test(tc, test_last);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
