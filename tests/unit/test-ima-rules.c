/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What reads back of a rule, which rules are in force here, and whose ids they name. */
#include <errno.h>
#include <string.h>

#include "common/cleanup.h"
#include "oracle.h"
#include "policyd/ima/rule.h"
#include "unit.h"

static struct ima_rule *parse(const char *line, const struct ima_ids *ids)
{
	struct ima_reason reason = {0};
	struct ima_rule *rule = NULL;
	int r = ima_rule_parse(line, strlen(line), ids, &rule, &reason);

	ck_assert_msg(r == 0, "'%s': %d, %s: %s", line, r, reason.token, reason.text);
	return rule;
}

/* ---- canonical form ---- */

static const struct {
	const char *rule, *canonical;
} canonical[] = {
	{"measure", "measure \n"},
	{"  dont_measure\tfsmagic=9FA0 ", "dont_measure fsmagic=0x9fa0 \n"},
	{"uid=0 mask=MAY_EXEC func=BPRM_CHECK measure",
		"measure func=BPRM_CHECK mask=MAY_EXEC uid=0 \n"},
	{"measure func=FILE_MMAP mask=^MAY_EXEC", "measure func=MMAP_CHECK mask=^MAY_EXEC \n"},
	{"measure func=PATH_CHECK mask=MAY_READ", "measure func=FILE_CHECK mask=MAY_READ \n"},
	{"measure mask=^MAY_APPEND", "measure mask=^MAY_APPEND \n"},
	{"measure mask=MAY_WRITE", "measure mask=MAY_WRITE \n"},
	{"measure euid>5 egid<7 fowner=1 fgroup>2", "measure euid>5 egid<7 fowner=1 fgroup>2 \n"},
	{"measure gid=+010", "measure gid=10 \n"},
	{"measure uid=4294967294", "measure uid=4294967294 \n"},
	{"measure fsuuid=8BCBE394-4F13-4144-BE8E-5AA9EA2CE2F6x",
		"measure fsuuid=8bcbe394-4f13-4144-be8e-5aa9ea2ce2f6 \n"},
	{"measure fsname=xfs fsname=ext4 pcr=1 pcr=11", "measure fsname=ext4 pcr=11 \n"},
	{"measure template=d-ng|n-ng|sig permit_directio permit_directio",
		"measure template=ima-sig permit_directio \n"},
	{"measure fgroup=1 uid=2 pcr=3 fsname=x fsmagic=4 mask=MAY_READ func=FILE_CHECK "
	 "template=ima-ng fsuuid=00000000-0000-0000-0000-000000000001",
		"measure func=FILE_CHECK mask=MAY_READ fsmagic=0x4 fsname=x pcr=3 "
		"fsuuid=00000000-0000-0000-0000-000000000001 uid=2 fgroup=1 template=ima-ng \n"},
	{"measure func=KEY_CHECK keyrings=.ima|.evm",
		"measure func=KEY_CHECK keyrings=.ima|.evm \n"},
	{"measure label=a|b func=CRITICAL_DATA", "measure func=CRITICAL_DATA label=a|b \n"},
	{"appraise appraise_algos=sha512,sha256,sha512 appraise_type=imasig",
		"appraise appraise_algos=sha256,sha512 appraise_type=imasig \n"},
	{"appraise digest_type=verity appraise_type=sigv3",
		"appraise digest_type=verity appraise_type=sigv3 \n"},
	{"audit subj_role=unconfined func=BPRM_CHECK",
		"audit func=BPRM_CHECK subj_role=unconfined \n"},
};

START_TEST(test_canonical)
{
	_cleanup_(cleanup_rule) struct ima_rule *rule = parse(canonical[_i].rule, NULL);
	_cleanup_free_ char *text = NULL;
	size_t n = 0;

	ck_assert_int_eq(ima_rule_format(rule, NULL, &text, &n), 0);
	ck_assert_str_eq(text, canonical[_i].canonical);
	ck_assert_uint_eq(n, strlen(text));
}
END_TEST

static bool same_string(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static bool same_id(const struct rule_id *a, const struct rule_id *b)
{
	return a->id == b->id && (a->id == UINT32_MAX || a->op == b->op);
}

static bool same_rule(const struct ima_rule *a, const struct ima_rule *b)
{
	for (size_t i = 0; i < N_LSM; i++) {
		if (!same_string(a->lsm[i], b->lsm[i]))
			return false;
	}
	return a->action == b->action && a->func == b->func && a->flags == b->flags &&
	       a->mask == b->mask && a->fsmagic == b->fsmagic &&
	       !memcmp(a->fsuuid, b->fsuuid, 16) && same_string(a->fsname, b->fsname) &&
	       same_id(&a->uid, &b->uid) && same_id(&a->gid, &b->gid) &&
	       same_id(&a->fowner, &b->fowner) && same_id(&a->fgroup, &b->fgroup) &&
	       a->pcr == b->pcr && a->template == b->template && a->algos == b->algos &&
	       same_string(a->keyrings, b->keyrings) && same_string(a->label, b->label);
}

/* The rule of an accepted line, read back and parsed again, is the same rule. */
static void check_round_trip(const struct oracle_line *line, void *userdata)
{
	_cleanup_(cleanup_rule) struct ima_rule *rule = NULL, *again = NULL;
	_cleanup_free_ char *text = NULL;
	unsigned *n_rules = userdata;
	size_t n_line = 0, n = 0;

	while (n_line < MIN(line->n, (size_t)IMA_RULE_LINE_MAX) && line->bytes[n_line] != '\n' &&
		line->bytes[n_line])
		n_line++;
	if (line->error || ima_rule_parse(line->bytes, n_line, NULL, &rule, NULL) != 0)
		return;
	ck_assert_int_eq(ima_rule_format(rule, NULL, &text, &n), 0);
	ck_assert_int_eq(text[n - 1], '\n');
	ck_assert_msg(ima_rule_parse(text, n - 1, NULL, &again, NULL) == 0,
		"line %u reads back as '%s', which is refused", line->number, text);
	ck_assert_msg(same_rule(rule, again), "line %u reads back as another rule: '%s'",
		line->number, text);
	(*n_rules)++;
}

START_TEST(test_read_back_is_the_same_rule)
{
	unsigned n_rules = 0;

	ck_assert_int_eq(oracle_each(check_round_trip, &n_rules), ORACLE_LINES);
	ck_assert_uint_gt(n_rules, 400);
}
END_TEST

/* ---- what is in force ---- */

static const struct {
	const char *rule;
	const char *token; /* of the refusal; NULL: enforceable */
} enforced[] = {
	{"measure", NULL},
	{"dont_measure", NULL},
	{"measure func=FILE_CHECK mask=^MAY_READ euid=0", NULL},
	{"measure func=MMAP_CHECK mask=MAY_EXEC", NULL},
	{"measure func=BPRM_CHECK uid>5 egid<3 fowner=1 fgroup=2", NULL},
	{"measure func=CREDS_CHECK fsname=ext4 fsmagic=0xef53", NULL},
	{"measure fsuuid=8bcbe394-4f13-4144-be8e-5aa9ea2ce2f6 permit_directio", NULL},
	{"measure pcr=0 template=ima", NULL},
	{"measure pcr=23 template=ima-sig", NULL},
	{"measure template=d|n", NULL},
	{"measure template=d-ng|n-ng", NULL},
	{"measure template=d-ng|n-ng|sig", NULL},
	{"measure fsmagic=0x73636673", NULL}, /* securityfs: our own mount */
	{"dont_measure fsmagic=0x9fa0", NULL},
	{"dont_measure fsname=sysfs", NULL},
	{"measure fsmagic=0x9fa0", "proc"},
	{"measure fsmagic=0x62656572", "sysfs"},
	{"measure fsmagic=0x27e0eb", "cgroup"},
	{"measure fsmagic=0x63677270", "cgroup2"},
	{"measure fsmagic=0x1cd1", "devpts"},
	{"measure fsmagic=0x64626720", "debugfs"},
	{"measure fsmagic=0x74726163", "tracefs"},
	{"measure fsmagic=0xcafe4a11", "bpf"},
	{"measure fsmagic=0x6e736673", "nsfs"},
	{"measure fsmagic=0x42494e4d", "binfmt_misc"},
	{"measure fsmagic=0x6165676c", "pstore"},
	{"measure fsmagic=0xde5e81e4", "efivarfs"},
	{"measure fsmagic=0xf97cff8c", "selinuxfs"},
	{"measure fsmagic=0x43415d53", "smackfs"},
	{"measure fsmagic=0x19800202", "mqueue"},
	{"measure fsmagic=0x62656570", "configfs"},
	{"measure fsname=proc func=FILE_CHECK", "proc"},
	{"measure fsname=binfmt_misc", "binfmt_misc"},
	{"appraise", "appraise"},
	{"dont_appraise fsmagic=0x9fa0", "dont_appraise"},
	{"audit func=BPRM_CHECK", "audit"},
	{"hash", "hash"},
	{"dont_hash", "dont_hash"},
	{"appraise func=SETXATTR_CHECK appraise_algos=sha256", "appraise"},
	{"measure func=MODULE_CHECK", "MODULE_CHECK"},
	{"measure func=FIRMWARE_CHECK", "FIRMWARE_CHECK"},
	{"measure func=KEXEC_KERNEL_CHECK", "KEXEC_KERNEL_CHECK"},
	{"measure func=KEXEC_INITRAMFS_CHECK", "KEXEC_INITRAMFS_CHECK"},
	{"measure func=KEXEC_CMDLINE", "KEXEC_CMDLINE"},
	{"dont_measure func=POLICY_CHECK", "POLICY_CHECK"},
	{"measure func=KEY_CHECK keyrings=.ima", "KEY_CHECK"},
	{"measure func=CRITICAL_DATA label=selinux", "CRITICAL_DATA"},
	{"measure digest_type=verity", "digest_type=verity"},
	{"measure pcr=24", "pcr="},
	{"measure pcr=63", "pcr="},
	{"measure template=ima-modsig", "ima-modsig"},
	{"measure template=ima-ngv2", "ima-ngv2"},
	{"measure template=ima-buf", "ima-buf"},
	{"measure subj_role=unconfined", "subj_role"},
};

START_TEST(test_enforceable)
{
	_cleanup_(cleanup_rule) struct ima_rule *rule = parse(enforced[_i].rule, NULL);
	struct ima_reason reason = {0};
	int r = ima_rule_enforceable(rule, &reason);

	if (!enforced[_i].token) {
		ck_assert_msg(r == 0, "%s: %s", reason.token, reason.text);
		return;
	}
	ck_assert_int_eq(r, -EINVAL);
	ck_assert_str_eq(reason.token, enforced[_i].token);
	/* One whole sentence: not empty, not cut by the buffer, no full stop. */
	ck_assert_uint_gt(strlen(reason.text), 10);
	ck_assert_uint_lt(strlen(reason.text), sizeof(reason.text) - 1);
	ck_assert_int_ne(reason.text[strlen(reason.text) - 1], '.');
}
END_TEST

/* ---- reasons ---- */

static const struct {
	const char *rule;
	int error;
	const char *token;
} refused[] = {
	{"measure func=FOO", -EINVAL, "func=FOO"},
	{"measure uid=4294967296", -EINVAL, "uid=4294967296"},
	{"measure uid=18446744073709551616", -ERANGE, "uid=18446744073709551616"},
	{"measure fsmagic=0x10000000000000000z", -ERANGE, "fsmagic=0x10000000000000000z"},
	{"measure \x1b[2Jrm\xff", -EINVAL, "?[2Jrm?"}, /* no terminal codes in last_error */
	{"measure xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
		-EINVAL, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"},
	{"func=FILE_CHECK", -EINVAL, ""},
	{"audit pcr=1", -EINVAL, "pcr="},
	{"measure func=KEY_CHECK euid=0", -EINVAL, "euid="},
	{"measure func=", -EINVAL, "func="},
};

START_TEST(test_refusals_name_the_token)
{
	struct ima_reason reason = {0};
	struct ima_rule *rule = NULL;
	int r = ima_rule_parse(refused[_i].rule, strlen(refused[_i].rule), NULL, &rule, &reason);

	ck_assert_int_eq(r, refused[_i].error);
	ck_assert_str_eq(reason.token, refused[_i].token);
	ck_assert_str_ne(reason.text, "");
	ck_assert_ptr_null(rule);
}
END_TEST

START_TEST(test_blank_lines_and_nul)
{
	static const struct {
		const char *bytes;
		size_t n;
		int result;
	} cases[] = {
		{"", 0, 1},
		{" \t ", 3, 1},
		{"# measure", 9, 1},
		{"measure\0", 8, -EINVAL},
		{"measure\naudit", 13, -EINVAL},
		{"\0", 1, -EINVAL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ima_rule *rule = NULL;

		ck_assert_int_eq(ima_rule_parse(cases[i].bytes, cases[i].n, NULL, &rule, NULL),
			cases[i].result);
		ck_assert_ptr_null(rule);
	}
}
END_TEST

/* ---- ids ---- */

static struct ima_idmap *map_of(const char *text)
{
	struct ima_idmap *map = NULL;

	ck_assert_int_eq(ima_idmap_parse(text, strlen(text), &map), 0);
	return map;
}

START_TEST(test_rule_names_ids_of_the_namespace)
{
	_cleanup_free_ struct ima_idmap *uids = map_of("0 100000 1000\n"),
					*gids = map_of("0 200000 1000\n"), *none = map_of("");
	struct ima_ids inside = {uids, gids}, nobody = {none, none};
	_cleanup_(cleanup_rule) struct ima_rule *rule =
		parse("measure euid=1 gid<2 fowner>3 fgroup=4", &inside);
	const struct {
		const struct ima_ids *reader;
		const char *text;
	} cases[] = {
		{&inside, "measure euid=1 gid<2 fowner>3 fgroup=4 \n"},
		{NULL, "measure euid=100001 gid<200002 fowner>100003 fgroup=200004 \n"},
		{&nobody, "measure euid=4294967295 gid<4294967295 fowner>4294967295 "
			  "fgroup=4294967295 \n"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *text = NULL;
		size_t n = 0;

		ck_assert_int_eq(ima_rule_format(rule, cases[i].reader, &text, &n), 0);
		ck_assert_str_eq(text, cases[i].text);
	}
}
END_TEST

START_TEST(test_unmapped_id_is_refused)
{
	static const char *const rules[] = {"measure uid=1000", "measure fowner=4294967294",
		"measure egid=1000", "measure fgroup>65534"};
	_cleanup_free_ struct ima_idmap *map = map_of("0 100000 1000\n");
	struct ima_ids ids = {map, map};

	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		struct ima_rule *rule = NULL;

		ck_assert_int_eq(
			ima_rule_parse(rules[i], strlen(rules[i]), &ids, &rule, NULL), -EINVAL);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ima-rules");
	TCase *tcase = tcase_create("rules");

	tcase_add_loop_test(tcase, test_canonical, 0, (int)ARRAY_SIZE(canonical));
	tcase_add_test(tcase, test_read_back_is_the_same_rule);
	tcase_add_loop_test(tcase, test_enforceable, 0, (int)ARRAY_SIZE(enforced));
	tcase_add_loop_test(tcase, test_refusals_name_the_token, 0, (int)ARRAY_SIZE(refused));
	tcase_add_test(tcase, test_blank_lines_and_nul);
	tcase_add_test(tcase, test_rule_names_ids_of_the_namespace);
	tcase_add_test(tcase, test_unmapped_id_is_refused);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
