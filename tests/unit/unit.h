/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* What every unit test's main() is: runs one suite. Each test runs in a process of its own, unless
 * CK_FORK=no says otherwise; meson reads the exit status. */
#include <check.h>
#include <stdlib.h>

static inline int unit_run(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	int n_failed;

	srunner_run_all(runner, CK_ENV);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* Both strings of n bytes are the same; shows them if not. */
#define ck_assert_bytes(got, n_got, want, n_want)                                                  \
	do {                                                                                       \
		ck_assert_msg((n_got) == (n_want) && !memcmp(got, want, n_want),                   \
			"got %zu bytes '%.*s', want %zu bytes '%.*s'", (size_t)(n_got),            \
			(int)(n_got), (const char *)(got), (size_t)(n_want), (int)(n_want),        \
			(const char *)(want));                                                     \
	} while (0)
