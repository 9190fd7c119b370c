/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A rule that reads back is a rule in force: what an observer outside of the kernel cannot decide,
 * or what is not built, is refused when it is loaded and never silently ignored. */
#include "rule.h"

#include <errno.h>
#include <string.h>

#define PCRS 24

/* Why a func cannot be asked for; NULL: it can. */
static const char *const func_reasons[IMA_N_FUNCS] = {
	[IMA_MODULE_CHECK] = "a container loads no kernel modules",
	[IMA_FIRMWARE_CHECK] = "a container loads no firmware",
	[IMA_KEXEC_KERNEL_CHECK] = "a container boots no kernel",
	[IMA_KEXEC_INITRAMFS_CHECK] = "a container boots no kernel",
	[IMA_KEXEC_CMDLINE] = "a container boots no kernel",
	[IMA_POLICY_CHECK] = "policies are read by the host's policyd, not by this kernel hook",
	[IMA_KEY_CHECK] =
		"keys are loaded into keyrings of the host's kernel, which no container sees",
	[IMA_CRITICAL_DATA] = "critical data is the host kernel's own",
	[IMA_SETXATTR_CHECK] = "appraisal is not built yet",
};

/* File systems that fanotify reports no permission events for, or whose files have no lasting
 * content to measure. Leaving them out (dont_measure) is what every tcb policy does. */
static const struct {
	uint64_t magic;
	const char *name;
} pseudo[] = {
	{0x9fa0, "proc"},
	{0x62656572, "sysfs"},
	{0x27e0eb, "cgroup"},
	{0x63677270, "cgroup2"},
	{0x1cd1, "devpts"},
	{0x64626720, "debugfs"},
	{0x74726163, "tracefs"},
	{0xcafe4a11, "bpf"},
	{0x6e736673, "nsfs"},
	{0x42494e4d, "binfmt_misc"},
	{0x6165676c, "pstore"},
	{0xde5e81e4, "efivarfs"},
	{0xf97cff8c, "selinuxfs"},
	{0x43415d53, "smackfs"},
	{0x19800202, "mqueue"},
	{0x62656570, "configfs"},
};

static const char *action_name(enum ima_action action)
{
	for (size_t i = 0; i < N_RULE_ACTIONS; i++) {
		if (rule_actions[i].action == action)
			return rule_actions[i].name;
	}
	return "";
}

static int check_file_system(const struct ima_rule *rule, struct ima_reason *ret_reason)
{
	if (rule->action != IMA_MEASURE)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(pseudo); i++) {
		if ((rule->flags & RULE_FSMAGIC && rule->fsmagic == pseudo[i].magic) ||
			(rule->flags & RULE_FSNAME && !strcmp(rule->fsname, pseudo[i].name)))
			return rule_refuse(ret_reason, -EINVAL, pseudo[i].name,
				"accesses to this pseudo file system cannot be observed from outside of the kernel, so it cannot be measured here; dont_measure is fine");
	}
	return 0;
}

static int check_labels(const struct ima_rule *rule, struct ima_reason *ret_reason)
{
	for (size_t i = 0; i < N_LSM; i++) {
		if (rule->lsm[i])
			return rule_refuse(ret_reason, -EINVAL, rule_lsm_names[i],
				"labels of a security module cannot be compared from outside of the kernel");
	}
	return 0;
}

int ima_rule_enforceable(const struct ima_rule *rule, struct ima_reason *ret_reason)
{
	int r;

	if (!(rule->action & (IMA_MEASURE | IMA_DONT_MEASURE)))
		return rule_refuse(ret_reason, -EINVAL, action_name(rule->action),
			"this action is not built yet; measure and dont_measure are");
	if (func_reasons[rule->func])
		return rule_refuse(
			ret_reason, -EINVAL, rule_func_name(rule->func), func_reasons[rule->func]);
	if (rule->flags & RULE_VERITY)
		return rule_refuse(ret_reason, -EINVAL, "digest_type=verity",
			"measuring by fs-verity digest is not built yet");
	if (rule->flags & RULE_PCR && rule->pcr >= PCRS)
		return rule_refuse(ret_reason, -EINVAL, "pcr=", "a namespace has the PCRs 0 to 23");
	if (rule->template && rule_template_index(rule->template) < 0)
		return rule_refuse(ret_reason, -EINVAL, rule->template->name,
			"the templates built here are ima, ima-ng and ima-sig");
	r = check_labels(rule, ret_reason);
	if (r < 0)
		return r;
	return check_file_system(rule, ret_reason);
}
