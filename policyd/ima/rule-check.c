/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ima_validate_rule() as tables. */
#include "rule.h"

#include <errno.h>

#define MEASURES (IMA_MEASURE | IMA_DONT_MEASURE)
#define IDS      (RULE_UID | RULE_EUID | RULE_GID | RULE_EGID | RULE_FOWNER | RULE_FGROUP)
#define KEXEC    (RULE_FUNC | RULE_FSMAGIC | RULE_FSNAME | RULE_FSUUID | RULE_PCR | IDS)
#define READ     (KEXEC | RULE_MASK | RULE_INMASK | RULE_DIGSIG | RULE_PERMIT_DIRECTIO | RULE_ALGOS)
#define FILES    (READ | RULE_VERITY)
#define DATA     (RULE_FUNC | RULE_UID | RULE_GID | RULE_PCR)

/* Which actions (0: any) and which conditions a func goes with. */
static const struct {
	unsigned actions;
	uint32_t flags;
	bool no_lsm;
} funcs[IMA_N_FUNCS] = {
	[IMA_FUNC_NONE] = {0, FILES, false},
	[IMA_FILE_CHECK] = {0, FILES, false},
	[IMA_MMAP_CHECK] = {0, FILES, false},
	[IMA_BPRM_CHECK] = {0, FILES, false},
	[IMA_CREDS_CHECK] = {0, FILES, false},
	[IMA_FIRMWARE_CHECK] = {0, FILES, false},
	[IMA_POLICY_CHECK] = {0, FILES, false},
	[IMA_MODULE_CHECK] = {0, READ, false},
	[IMA_KEXEC_KERNEL_CHECK] = {0, READ, false},
	[IMA_KEXEC_INITRAMFS_CHECK] = {0, READ, false},
	[IMA_KEXEC_CMDLINE] = {MEASURES, KEXEC, false},
	[IMA_KEY_CHECK] = {MEASURES, DATA | RULE_KEYRINGS, true},
	[IMA_CRITICAL_DATA] = {MEASURES, DATA | RULE_LABEL, true},
	[IMA_SETXATTR_CHECK] = {IMA_APPRAISE, RULE_FUNC | RULE_ALGOS, false},
};

/* The words of the flags that a func can refuse. */
static const struct {
	uint32_t flags;
	const char *name;
} flag_words[] = {
	{RULE_MASK | RULE_INMASK, "mask="},
	{RULE_FSMAGIC, "fsmagic="},
	{RULE_FSNAME, "fsname="},
	{RULE_FSUUID, "fsuuid="},
	{RULE_UID, "uid="},
	{RULE_EUID, "euid="},
	{RULE_GID, "gid="},
	{RULE_EGID, "egid="},
	{RULE_FOWNER, "fowner="},
	{RULE_FGROUP, "fgroup="},
	{RULE_PCR, "pcr="},
	{RULE_PERMIT_DIRECTIO, "permit_directio"},
	{RULE_DIGSIG, "appraise_type="},
	{RULE_VERITY, "digest_type="},
	{RULE_ALGOS, "appraise_algos="},
	{RULE_KEYRINGS, "keyrings="},
	{RULE_LABEL, "label="},
};

static const char *flag_word(uint32_t flags)
{
	for (size_t i = 0; i < ARRAY_SIZE(flag_words); i++) {
		if (flag_words[i].flags & flags)
			return flag_words[i].name;
	}
	return "";
}

bool rule_has_lsm(const struct ima_rule *rule)
{
	for (size_t i = 0; i < N_LSM; i++) {
		if (rule->lsm[i])
			return true;
	}
	return false;
}

int rule_check(const struct ima_rule *rule, struct ima_reason *ret_reason)
{
	const char *func = rule->func ? rule_func_name(rule->func) : "";
	uint32_t surplus = rule->flags & ~funcs[rule->func].flags;

	if (!rule->action)
		return rule_refuse(ret_reason, -EINVAL, "", "the rule has no action");
	if (rule->action != IMA_MEASURE && rule->flags & RULE_PCR)
		return rule_refuse(ret_reason, -EINVAL, "pcr=", "only measure rules have a PCR");
	if (rule->action != IMA_APPRAISE && rule->flags & (RULE_DIGSIG | RULE_ALGOS))
		return rule_refuse(ret_reason, -EINVAL,
			flag_word(rule->flags & (RULE_DIGSIG | RULE_ALGOS)),
			"only appraise rules have it");
	if (funcs[rule->func].actions && !(funcs[rule->func].actions & rule->action))
		return rule_refuse(
			ret_reason, -EINVAL, func, "this func does not go with the action");
	if (surplus)
		return rule_refuse(ret_reason, -EINVAL, flag_word(surplus),
			"this condition does not go with the func");
	if (funcs[rule->func].no_lsm && rule_has_lsm(rule))
		return rule_refuse(ret_reason, -EINVAL, func, "this func has no label to compare");
	if (rule->func == IMA_SETXATTR_CHECK && !(rule->flags & RULE_ALGOS))
		return rule_refuse(ret_reason, -EINVAL, func, "this func needs appraise_algos=");
	/* A verity digest is appraised by signature alone: a bare hash in the xattr proves nothing.
	 */
	if (rule->action == IMA_APPRAISE && rule->flags & RULE_VERITY &&
		!(rule->flags & RULE_DIGSIG))
		return rule_refuse(ret_reason, -EINVAL, "digest_type=verity",
			"appraising a verity digest needs appraise_type=sigv3");
	return 0;
}
