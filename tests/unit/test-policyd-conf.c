/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* policyd.conf: defaults, every key, and a clear word with a line number on every mistake. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "policyd/conf.h"
#include "unit.h"

static char path[] = "/tmp/test-policyd-conf-XXXXXX";

/* Loads a file of n bytes of text. */
static int load_bytes(const char *text, size_t n, struct conf *conf, char *error, size_t n_error)
{
	int fd, r;

	strcpy(path + strlen(path) - 6, "XXXXXX");
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, n), (int)n);
	close(fd);
	error[0] = '\0';
	r = conf_load(path, conf, error, n_error);
	unlink(path);
	return r;
}

static int load(const char *text, struct conf *conf, char *error, size_t n_error)
{
	return load_bytes(text, strlen(text), conf, error, n_error);
}

static void check_defaults(const struct conf *conf)
{
	ck_assert_str_eq(conf->user, "vsecfs");
	ck_assert_ptr_null(conf->vsecfs);
	ck_assert_int_eq(conf->log_level, LOG_INFO);
	ck_assert_int_eq(conf->hash, IMA_SHA256);
	ck_assert_int_eq(conf->template, IMA_TEMPLATE_NG);
}

START_TEST(test_defaults)
{
	static const char *const texts[] = {
		"", "\n\n", "# nothing\n; at all\n", "[policyd]\n[ima]\n", "[ima]"};
	char error[256];

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct conf conf;

		ck_assert_int_eq(load(texts[i], &conf, error, sizeof(error)), 0);
		check_defaults(&conf);
		conf_done(&conf);
	}
}
END_TEST

START_TEST(test_absent)
{
	char error[256];
	struct conf conf;

	ck_assert_int_eq(
		conf_load("/nonexistent/policyd.conf", &conf, error, sizeof(error)), -ENOENT);
	check_defaults(&conf);
	conf_done(&conf);
}
END_TEST

START_TEST(test_every_key)
{
	char error[256];
	struct conf conf;

	ck_assert_int_eq(load("[policyd]\nuser = nobody\nvsecfs=/opt/vsecfs\nlog-level=debug\n"
			      "[ima]\nhash = sha512 ; a comment\ntemplate: ima-sig",
				 &conf, error, sizeof(error)),
		0);
	ck_assert_str_eq(conf.user, "nobody");
	ck_assert_str_eq(conf.vsecfs, "/opt/vsecfs");
	ck_assert_int_eq(conf.log_level, LOG_DEBUG);
	ck_assert_int_eq(conf.hash, IMA_SHA512);
	ck_assert_int_eq(conf.template, IMA_TEMPLATE_SIG);
	conf_done(&conf);
}
END_TEST

static const struct {
	const char *text;
	const char *error; /* how it begins */
} mistakes[] = {
	{"user=x\n", "line 1: unknown section ''"},
	{"[polcyd]\nuser=x\n", "line 2: unknown section 'polcyd'"},
	{"[policyd]\n\nusr=x\n", "line 3: unknown key 'usr'"},
	{"[ima]\nuser=x\n", "line 2: unknown key 'user'"},
	{"[policyd]\nuser=\n", "line 2: bad value of 'user'"},
	{"[policyd]\nvsecfs=vsecfs\n", "line 2: bad value of 'vsecfs': an absolute path"},
	{"[policyd]\nlog-level=loud\n", "line 2: bad value of 'log-level': error, warning"},
	{"[ima]\nhash=md5\n", "line 2: bad value of 'hash': sha1"},
	{"[ima]\nhash=sha256x\n", "line 2: bad value of 'hash'"},
	{"[ima]\ntemplate=ima-buf\n", "line 2: bad value of 'template'"},
	{"[ima]\nhash=sha1\nhash=sha1\n", "line 3: given twice: 'hash'"},
	{"[ima]\nhash=sha1\n sha256\n", "line 3: given twice: 'hash'"}, /* a continuation */
	{"[ima\nhash=sha1\n", "line 1: neither"},
	{"[ima]\nhash\n", "line 2: neither"},
	{"[ima]\nhash\nhash=md5\n", "line 2: neither"},
	{"[ima]\nhash=md5\nhash\n", "line 2: bad value"},
};

START_TEST(test_mistake)
{
	char error[256];
	struct conf conf;

	ck_assert_int_eq(load(mistakes[_i].text, &conf, error, sizeof(error)), -EINVAL);
	ck_assert_msg(!strncmp(error, mistakes[_i].error, strlen(mistakes[_i].error)),
		"'%s' instead of '%s'", error, mistakes[_i].error);
	conf_done(&conf);
}
END_TEST

/* A line that is cut would read as two, and its second half as a key. */
START_TEST(test_overlong)
{
	static const size_t lengths[] = {150, 250, CONF_LINE_MAX - 2, CONF_LINE_MAX + 100, 65536};
	char error[256];

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		char *text = malloc(lengths[i] + 64);
		struct conf conf;
		int r;

		ck_assert_ptr_nonnull(text);
		sprintf(text, "[policyd]\nuser=");
		memset(text + 15, 'x', lengths[i]);
		strcpy(text + 15 + lengths[i], "\nlog-level=debug\n");
		r = load(text, &conf, error, sizeof(error));
		if (r == 0) {
			ck_assert_uint_eq(strlen(conf.user), lengths[i]);
			ck_assert_int_eq(conf.log_level, LOG_DEBUG);
		} else {
			ck_assert_int_eq(r, -EINVAL);
			ck_assert_str_eq(error, "line 2: too long");
		}
		/* what fits is taken whole, what does not is refused */
		ck_assert_int_eq(r == 0, lengths[i] == 150);
		conf_done(&conf);
		free(text);
	}
}
END_TEST

/* Bytes behind a NUL would be in force to nobody's eyes. */
START_TEST(test_nul)
{
	static const char text[] = "[ima]\nhash=sha1\0md5\n";
	char error[256];
	struct conf conf;

	ck_assert_int_eq(load_bytes(text, sizeof(text) - 1, &conf, error, sizeof(error)), -EINVAL);
	ck_assert_str_eq(error, "line 2: has a NUL");
	conf_done(&conf);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("policyd-conf");
	TCase *tc = tcase_create("conf");

	tcase_add_test(tc, test_defaults);
	tcase_add_test(tc, test_absent);
	tcase_add_test(tc, test_every_key);
	tcase_add_loop_test(tc, test_mistake, 0, sizeof(mistakes) / sizeof(mistakes[0]));
	tcase_add_test(tc, test_overlong);
	tcase_add_test(tc, test_nul);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
