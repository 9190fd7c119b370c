/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ima_match_policy() and ima_match_rules(). */
#include "policy.h"

#include <string.h>

#define MEASURE_PCR 10 /* CONFIG_IMA_MEASURE_PCR_IDX */

#define FILE_FUNCS                                                                                 \
	(1u << IMA_FILE_CHECK | 1u << IMA_MMAP_CHECK | 1u << IMA_BPRM_CHECK | 1u << IMA_CREDS_CHECK)

static bool compare(const struct rule_id *rule, uint32_t id)
{
	switch (rule->op) {
	case '<':
		return id < rule->id;
	case '>':
		return id > rule->id;
	default:
		return id == rule->id;
	}
}

/* A process that may change its ids is judged by every one that it could take. */
static bool compare_effective(
	const struct rule_id *rule, bool capable, uint32_t effective, uint32_t saved, uint32_t real)
{
	if (compare(rule, effective))
		return true;
	return capable && (compare(rule, saved) || compare(rule, real));
}

static bool match_ids(const struct ima_rule *rule, const struct ima_access *a)
{
	if (rule->flags & RULE_UID && !compare(&rule->uid, a->uid))
		return false;
	if (rule->flags & RULE_EUID &&
		!compare_effective(&rule->uid, a->cap_setuid, a->euid, a->suid, a->uid))
		return false;
	if (rule->flags & RULE_GID && !compare(&rule->gid, a->gid))
		return false;
	if (rule->flags & RULE_EGID &&
		!compare_effective(&rule->gid, a->cap_setgid, a->egid, a->sgid, a->gid))
		return false;
	if (rule->flags & RULE_FOWNER && !compare(&rule->fowner, a->fowner))
		return false;
	return !(rule->flags & RULE_FGROUP) || compare(&rule->fgroup, a->fgroup);
}

static bool match_file_system(const struct ima_rule *rule, const struct ima_access *a)
{
	if (rule->flags & RULE_FSMAGIC && rule->fsmagic != a->fsmagic)
		return false;
	if (rule->flags & RULE_FSNAME && (!a->fsname || strcmp(rule->fsname, a->fsname) != 0))
		return false;
	return !(rule->flags & RULE_FSUUID) || !memcmp(rule->fsuuid, a->fsuuid, 16);
}

static bool match_rule(const struct ima_rule *rule, const struct ima_access *a)
{
	if (rule->flags & RULE_FUNC && rule->func != a->func)
		return false;
	if (rule->flags & RULE_MASK && rule->mask != a->mask)
		return false;
	if (rule->flags & RULE_INMASK && !(rule->mask & a->mask))
		return false;
	/* Nothing here can decide a label; such rules are not enforceable and not loaded. */
	return match_file_system(rule, a) && match_ids(rule, a) && !rule_has_lsm(rule);
}

void ima_policy_match(const struct ima_policy *policy, const struct ima_access *access,
	struct ima_decision *ret_decision)
{
	*ret_decision = (struct ima_decision){.pcr = MEASURE_PCR, .template = -1};
	/* The one class of actions that is decided here: measure and dont_measure. */
	for (size_t i = 0; i < policy->n; i++) {
		const struct ima_rule *rule = policy->rules[i];

		if (!(rule->action & (IMA_MEASURE | IMA_DONT_MEASURE)) || !match_rule(rule, access))
			continue;
		ret_decision->measure = rule->action == IMA_MEASURE;
		if (rule->flags & RULE_PCR)
			ret_decision->pcr = (unsigned)rule->pcr;
		ret_decision->template = rule_template_index(rule->template);
		return;
	}
}

void ima_policy_needs(const struct ima_policy *policy, struct ima_needs *ret_needs)
{
	struct ima_needs needs = {0};

	for (size_t i = 0; i < policy->n; i++) {
		const struct ima_rule *rule = policy->rules[i];

		/* A dont_measure rule decides too, so what it looks at is needed. */
		if (!(rule->action & (IMA_MEASURE | IMA_DONT_MEASURE)))
			continue;
		needs.creds |= !!(rule->flags & (RULE_UID | RULE_EUID | RULE_GID | RULE_EGID));
		needs.fsuuid |= !!(rule->flags & RULE_FSUUID);
		needs.fsname |= !!(rule->flags & RULE_FSNAME);
		if (rule->action != IMA_MEASURE)
			continue;
		needs.funcs |= rule->flags & RULE_FUNC ? 1u << rule->func : FILE_FUNCS;
		needs.pcrs |= UINT64_C(1) << (rule->flags & RULE_PCR ? rule->pcr : MEASURE_PCR);
	}
	*ret_needs = needs;
}
