/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The loop delivers what came, and nothing to a source that was removed. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>

#include "common/cleanup.h"
#include "common/loop.h"
#include "unit.h"

#define N 3

/* Sources that are all ready at once; each callback counts and may do something to another one. */
struct fixture {
	struct loop *loop;
	struct loop_source *sources[N];
	int fds[N];
	unsigned n_calls[N];
	int victim; /* removed and freed by the first callback, whoever is called first; -1: none */
	int result; /* of callbacks */
};

static unsigned index_of(const struct fixture *f, const struct loop_source *source)
{
	unsigned i = 0;

	while (f->sources[i] != source)
		i++;
	return i;
}

static void drop(struct fixture *f, unsigned i)
{
	loop_remove(f->sources[i]);
	free(f->sources[i]); /* ASan tells if the batch still knows it */
	f->sources[i] = NULL;
}

static int on_ready(struct loop_source *source, uint32_t events, void *userdata)
{
	struct fixture *f = userdata;
	unsigned i = index_of(f, source);
	uint64_t value;

	ck_assert(events & EPOLLIN);
	ck_assert_int_eq(read(source->fd, &value, sizeof(value)), sizeof(value));
	f->n_calls[i]++;
	if (f->victim >= 0) {
		drop(f, (i + (unsigned)f->victim) % N);
		f->victim = -1;
	}
	return f->result;
}

static void setup(struct fixture *f, int victim, int result)
{
	memset(f, 0, sizeof(*f));
	f->victim = victim;
	f->result = result;
	ck_assert_int_eq(loop_new(&f->loop), 0);
	for (unsigned i = 0; i < N; i++) {
		f->fds[i] = eventfd(1, EFD_CLOEXEC);
		f->sources[i] = malloc(sizeof(*f->sources[i]));
		ck_assert_int_eq(
			loop_add(f->loop, f->sources[i], f->fds[i], EPOLLIN, on_ready, f), 0);
	}
}

static void done(struct fixture *f)
{
	for (unsigned i = 0; i < N; i++) {
		if (f->sources[i])
			drop(f, i);
		close(f->fds[i]);
	}
	loop_free(f->loop);
}

static unsigned total(const struct fixture *f)
{
	return f->n_calls[0] + f->n_calls[1] + f->n_calls[2];
}

START_TEST(test_every_ready_source_is_called)
{
	struct fixture f;

	setup(&f, -1, 0);
	ck_assert_int_eq(loop_step(f.loop, 0), 0);
	for (unsigned i = 0; i < N; i++)
		ck_assert_uint_eq(f.n_calls[i], 1);
	ck_assert_int_eq(loop_step(f.loop, 0), 0); /* nothing is ready any more */
	ck_assert_uint_eq(total(&f), N);
	done(&f);
}
END_TEST

/* _i: 0 removes the source that is called, 1 and 2 one whose event waits in the same batch. */
START_TEST(test_removed_source_is_not_called)
{
	struct fixture f;

	setup(&f, _i, 0);
	ck_assert_int_eq(loop_step(f.loop, 0), 0);
	ck_assert_uint_eq(total(&f), _i ? N - 1 : N);
	done(&f);
}
END_TEST

START_TEST(test_remove_twice_is_harmless)
{
	struct loop_source source = {.fd = -1};
	struct fixture f;

	loop_remove(&source);
	setup(&f, -1, 0);
	loop_remove(f.sources[1]);
	loop_remove(f.sources[1]);
	ck_assert_int_eq(f.sources[1]->fd, -1);
	ck_assert_int_eq(loop_step(f.loop, 0), 0);
	ck_assert_uint_eq(f.n_calls[1], 0);
	ck_assert_uint_eq(total(&f), N - 1);
	done(&f);
}
END_TEST

START_TEST(test_modify_changes_what_is_watched)
{
	struct fixture f;

	setup(&f, -1, 0);
	ck_assert_int_eq(loop_modify(f.sources[0], 0), 0);
	ck_assert_int_eq(loop_step(f.loop, 0), 0);
	ck_assert_uint_eq(f.n_calls[0], 0);
	ck_assert_int_eq(loop_modify(f.sources[0], EPOLLIN), 0);
	ck_assert_int_eq(loop_step(f.loop, 0), 0);
	ck_assert_uint_eq(f.n_calls[0], 1);
	done(&f);
}
END_TEST

START_TEST(test_failure_of_a_callback_ends_the_loop)
{
	struct fixture f;

	setup(&f, -1, -EPROTO);
	ck_assert_int_eq(loop_run(f.loop), -EPROTO);
	ck_assert_uint_eq(total(&f), 1);
	done(&f);
}
END_TEST

static int on_signal(int number, void *userdata)
{
	struct fixture *f = userdata;

	f->result = number;
	loop_exit(f->loop, 7);
	return 0;
}

START_TEST(test_signal_arrives_in_the_loop)
{
	static const int signals[] = {SIGUSR1, SIGTERM};
	struct fixture f = {0};

	ck_assert_int_eq(loop_new(&f.loop), 0);
	ck_assert_int_eq(loop_add_signals(f.loop, signals, ARRAY_SIZE(signals), on_signal, &f), 0);
	ck_assert_int_eq(raise(SIGTERM), 0);
	ck_assert_int_eq(loop_run(f.loop), 7);
	ck_assert_int_eq(f.result, SIGTERM);
	loop_free(f.loop);
}
END_TEST

START_TEST(test_add_forwards_the_errno)
{
	struct loop_source source;
	struct loop *loop;

	ck_assert_int_eq(loop_new(&loop), 0);
	ck_assert_int_eq(loop_add(loop, &source, -1, EPOLLIN, on_ready, NULL), -EBADF);
	loop_remove(&source); /* half-built: must know that it is in no loop */
	loop_free(loop);
	loop_free(NULL);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("loop");
	TCase *tcase = tcase_create("loop");

	tcase_add_test(tcase, test_every_ready_source_is_called);
	tcase_add_loop_test(tcase, test_removed_source_is_not_called, 0, N);
	tcase_add_test(tcase, test_remove_twice_is_harmless);
	tcase_add_test(tcase, test_modify_changes_what_is_watched);
	tcase_add_test(tcase, test_failure_of_a_callback_ends_the_loop);
	tcase_add_test(tcase, test_signal_arrives_in_the_loop);
	tcase_add_test(tcase, test_add_forwards_the_errno);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
