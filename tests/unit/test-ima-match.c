/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which rule decides an access: ima_match_policy() and ima_match_rules(). */
#include <string.h>

#include "common/cleanup.h"
#include "unit.h"
#include "vsecfs/ima.h"

#define UUID "8bcbe394-4f13-4144-be8e-5aa9ea2ce2f6"

static const uint8_t uuid[16] = {0x8b, 0xcb, 0xe3, 0x94, 0x4f, 0x13, 0x41, 0x44, 0xbe, 0x8e, 0x5a,
	0xa9, 0xea, 0x2c, 0xe2, 0xf6};

static struct ima_policy *policy_of(const char *text)
{
	struct ima_policy *policy = NULL;

	ck_assert_msg(ima_policy_parse(text, strlen(text), &policy) == 0, "%s", text);
	return policy;
}

/* An execution by uid 1000 of root's file on ext4; each case changes what it is about. */
/* (a case may set a field of EXEC again; the last one counts) */
#pragma GCC diagnostic ignored "-Woverride-init"
#define EXEC                                                                                       \
	.func = IMA_BPRM_CHECK, .mask = IMA_MAY_EXEC, .uid = 1000, .euid = 1000, .suid = 1000,     \
	.gid = 1000, .egid = 1000, .sgid = 1000, .fsmagic = 0xef53, .fsname = "ext4"

static const struct {
	const char *policy;
	struct ima_access access;
	bool measure;
} cases[] = {
	{"", {EXEC}, false},
	{"measure\n", {EXEC}, true},
	{"dont_measure\n", {EXEC}, false},
	/* the first match decides, whichever it is */
	{"dont_measure uid=1000\nmeasure\n", {EXEC}, false},
	{"measure\ndont_measure uid=1000\n", {EXEC}, true},
	{"dont_measure uid=0\nmeasure\n", {EXEC}, true},
	/* other classes of actions decide nothing here */
	{"audit\nhash\nappraise\ndont_appraise\n", {EXEC}, false},
	{"dont_appraise\ndont_hash\nmeasure\n", {EXEC}, true},
	/* func */
	{"measure func=BPRM_CHECK\n", {EXEC}, true},
	{"measure func=FILE_CHECK\n", {EXEC}, false},
	{"measure func=MMAP_CHECK\n", {EXEC}, false},
	{"measure func=CREDS_CHECK\n", {EXEC}, false},
	{"measure func=CREDS_CHECK\n", {EXEC, .func = IMA_CREDS_CHECK}, true},
	{"measure func=BPRM_CHECK\n", {EXEC, .func = IMA_CREDS_CHECK}, false},
	{"measure\n", {EXEC, .func = IMA_MMAP_CHECK}, true},
	/* mask: whole, or by bits */
	{"measure mask=MAY_EXEC\n", {EXEC}, true},
	{"measure mask=MAY_READ\n", {EXEC}, false},
	{"measure mask=MAY_READ\n", {EXEC, .mask = IMA_MAY_READ}, true},
	{"measure mask=MAY_READ\n", {EXEC, .mask = IMA_MAY_READ | IMA_MAY_WRITE}, false},
	{"measure mask=^MAY_READ\n", {EXEC, .mask = IMA_MAY_READ | IMA_MAY_WRITE}, true},
	{"measure mask=^MAY_WRITE\n", {EXEC, .mask = IMA_MAY_READ | IMA_MAY_WRITE}, true},
	{"measure mask=^MAY_APPEND\n", {EXEC, .mask = IMA_MAY_READ | IMA_MAY_WRITE}, false},
	/* file systems */
	{"measure fsmagic=ef53\n", {EXEC}, true},
	{"measure fsmagic=ef54\n", {EXEC}, false},
	{"measure fsname=ext4\n", {EXEC}, true},
	{"measure fsname=ext\n", {EXEC}, false},
	{"measure fsname=ext4\n", {EXEC, .fsname = NULL}, false},
	{"measure fsuuid=" UUID "\n", {EXEC}, false},
	/* ids */
	{"measure uid=1000\n", {EXEC}, true},
	{"measure uid=1001\n", {EXEC}, false},
	{"measure uid<1000\n", {EXEC}, false},
	{"measure uid<1001\n", {EXEC}, true},
	{"measure uid>1000\n", {EXEC}, false},
	{"measure uid>999\n", {EXEC}, true},
	{"measure uid=0\n", {EXEC, .euid = 0}, false},
	{"measure uid>2147483647\n", {EXEC, .uid = 4294967294}, true},
	{"measure gid=1000\n", {EXEC}, true},
	{"measure gid=0\n", {EXEC, .egid = 0}, false},
	{"measure fowner=0\n", {EXEC}, true},
	{"measure fowner=1000\n", {EXEC}, false},
	{"measure fgroup=0\n", {EXEC}, true},
	{"measure fgroup>0\n", {EXEC}, false},
	/* effective ids: with the capability, any of the three */
	{"measure euid=0\n", {EXEC, .euid = 0}, true},
	{"measure euid=0\n", {EXEC, .uid = 0, .suid = 0}, false},
	{"measure euid=0\n", {EXEC, .uid = 0, .cap_setuid = true}, true},
	{"measure euid=0\n", {EXEC, .suid = 0, .cap_setuid = true}, true},
	{"measure euid=0\n", {EXEC, .suid = 0, .cap_setgid = true}, false},
	{"measure euid=0\n", {EXEC, .cap_setuid = true}, false},
	{"measure uid=0\n", {EXEC, .suid = 0, .cap_setuid = true}, false},
	{"measure egid=0\n", {EXEC, .egid = 0}, true},
	{"measure egid=0\n", {EXEC, .gid = 0, .sgid = 0}, false},
	{"measure egid=0\n", {EXEC, .gid = 0, .cap_setgid = true}, true},
	{"measure egid=0\n", {EXEC, .sgid = 0, .cap_setgid = true}, true},
	{"measure egid=0\n", {EXEC, .sgid = 0, .cap_setuid = true}, false},
	/* every condition must hold */
	{"measure func=BPRM_CHECK mask=MAY_EXEC uid=1000 fowner=0\n", {EXEC}, true},
	{"measure func=BPRM_CHECK mask=MAY_EXEC uid=1000 fowner=1\n", {EXEC}, false},
	/* a label cannot be decided */
	{"measure subj_role=unconfined\n", {EXEC}, false},
};

START_TEST(test_match)
{
	struct ima_policy *policy = policy_of(cases[_i].policy);
	struct ima_decision decision;

	ima_policy_match(policy, &cases[_i].access, &decision);
	ck_assert_msg(decision.measure == cases[_i].measure, "%s", cases[_i].policy);
	ima_policy_free(policy);
}
END_TEST

START_TEST(test_fsuuid_matches)
{
	struct ima_policy *policy = policy_of("measure fsuuid=" UUID "\n");
	struct ima_access access = {EXEC};
	struct ima_decision decision;

	memcpy(access.fsuuid, uuid, sizeof(uuid));
	ima_policy_match(policy, &access, &decision);
	ck_assert(decision.measure);
	access.fsuuid[15] ^= 1;
	ima_policy_match(policy, &access, &decision);
	ck_assert(!decision.measure);
	ima_policy_free(policy);
}
END_TEST

static const struct {
	const char *policy;
	unsigned pcr;
	int template;
} options[] = {
	{"measure\n", 10, -1}, {"measure pcr=11\n", 11, -1},
	{"measure template=ima\n", 10, IMA_TEMPLATE_IMA},
	{"measure template=d-ng|n-ng pcr=0\n", 0, IMA_TEMPLATE_NG},
	{"measure template=ima-sig pcr=23\n", 23, IMA_TEMPLATE_SIG},
	{"measure uid=0 pcr=1 template=ima\nmeasure pcr=2\n", 2, -1}, /* of the match alone */
};

START_TEST(test_match_carries_pcr_and_template)
{
	struct ima_policy *policy = policy_of(options[_i].policy);
	struct ima_access access = {EXEC};
	struct ima_decision decision;

	ima_policy_match(policy, &access, &decision);
	ck_assert(decision.measure);
	ck_assert_uint_eq(decision.pcr, options[_i].pcr);
	ck_assert_int_eq(decision.template, options[_i].template);
	ima_policy_free(policy);
}
END_TEST

#define BIT(n) (UINT64_C(1) << (n))
#define ALL_FUNCS                                                                                  \
	(BIT(IMA_FILE_CHECK) | BIT(IMA_MMAP_CHECK) | BIT(IMA_BPRM_CHECK) | BIT(IMA_CREDS_CHECK))

static const struct {
	const char *policy;
	struct ima_needs needs;
} needs[] = {
	{"", {0}},
	{"dont_measure\n", {0}},
	{"audit uid=0 fsname=x\n", {0}},
	{"measure func=BPRM_CHECK\n", {.funcs = BIT(IMA_BPRM_CHECK), .pcrs = BIT(10)}},
	{"measure\n", {.funcs = ALL_FUNCS, .pcrs = BIT(10)}},
	{"dont_measure fsname=proc\nmeasure func=FILE_CHECK pcr=23\n",
		{.funcs = BIT(IMA_FILE_CHECK), .fsname = true, .pcrs = BIT(23)}},
	{"dont_measure egid=5\nmeasure func=FILE_CHECK\nmeasure func=CREDS_CHECK pcr=1\n",
		{.funcs = BIT(IMA_FILE_CHECK) | BIT(IMA_CREDS_CHECK),
			.creds = true,
			.pcrs = BIT(10) | BIT(1)}},
	{"measure func=MMAP_CHECK fsuuid=" UUID " fowner=0\n",
		{.funcs = BIT(IMA_MMAP_CHECK), .fsuuid = true, .pcrs = BIT(10)}},
	{"measure func=MMAP_CHECK uid=0\n",
		{.funcs = BIT(IMA_MMAP_CHECK), .creds = true, .pcrs = BIT(10)}},
	{"measure func=MMAP_CHECK euid=0\n",
		{.funcs = BIT(IMA_MMAP_CHECK), .creds = true, .pcrs = BIT(10)}},
	{"measure func=MMAP_CHECK gid=0\n",
		{.funcs = BIT(IMA_MMAP_CHECK), .creds = true, .pcrs = BIT(10)}},
};

START_TEST(test_needs)
{
	struct ima_policy *policy = policy_of(needs[_i].policy);
	struct ima_needs got;

	ima_policy_needs(policy, &got);
	ck_assert_uint_eq(got.funcs, needs[_i].needs.funcs);
	ck_assert_int_eq(got.creds, needs[_i].needs.creds);
	ck_assert_int_eq(got.fsuuid, needs[_i].needs.fsuuid);
	ck_assert_int_eq(got.fsname, needs[_i].needs.fsname);
	ck_assert_uint_eq(got.pcrs, needs[_i].needs.pcrs);
	ima_policy_free(policy);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ima-match");
	TCase *tcase = tcase_create("match");

	tcase_add_loop_test(tcase, test_match, 0, (int)ARRAY_SIZE(cases));
	tcase_add_test(tcase, test_fsuuid_matches);
	tcase_add_loop_test(
		tcase, test_match_carries_pcr_and_template, 0, (int)ARRAY_SIZE(options));
	tcase_add_loop_test(tcase, test_needs, 0, (int)ARRAY_SIZE(needs));
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
