/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rule.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

const struct rule_action rule_actions[N_RULE_ACTIONS] = {
	{"measure", IMA_MEASURE},
	{"dont_measure", IMA_DONT_MEASURE},
	{"appraise", IMA_APPRAISE},
	{"dont_appraise", IMA_DONT_APPRAISE},
	{"audit", IMA_AUDIT},
	{"hash", IMA_HASH},
	{"dont_hash", IMA_DONT_HASH},
};

const struct rule_id_word rule_id_words[N_ID_WORDS] = {
	[WORD_UID] = {"uid", RULE_UID, offsetof(struct ima_rule, uid), false},
	[WORD_EUID] = {"euid", RULE_EUID, offsetof(struct ima_rule, uid), false},
	[WORD_GID] = {"gid", RULE_GID, offsetof(struct ima_rule, gid), true},
	[WORD_EGID] = {"egid", RULE_EGID, offsetof(struct ima_rule, gid), true},
	[WORD_FOWNER] = {"fowner", RULE_FOWNER, offsetof(struct ima_rule, fowner), false},
	[WORD_FGROUP] = {"fgroup", RULE_FGROUP, offsetof(struct ima_rule, fgroup), true},
};

const char *const rule_lsm_names[N_LSM] = {
	[LSM_OBJ_USER] = "obj_user",
	[LSM_OBJ_ROLE] = "obj_role",
	[LSM_OBJ_TYPE] = "obj_type",
	[LSM_SUBJ_USER] = "subj_user",
	[LSM_SUBJ_ROLE] = "subj_role",
	[LSM_SUBJ_TYPE] = "subj_type",
};

/* The name that reads back stands before the old one. */
static const struct {
	const char *name;
	enum ima_func func;
} funcs[] = {
	{"FILE_CHECK", IMA_FILE_CHECK},
	{"PATH_CHECK", IMA_FILE_CHECK},
	{"MODULE_CHECK", IMA_MODULE_CHECK},
	{"FIRMWARE_CHECK", IMA_FIRMWARE_CHECK},
	{"MMAP_CHECK", IMA_MMAP_CHECK},
	{"FILE_MMAP", IMA_MMAP_CHECK},
	{"BPRM_CHECK", IMA_BPRM_CHECK},
	{"CREDS_CHECK", IMA_CREDS_CHECK},
	{"KEXEC_KERNEL_CHECK", IMA_KEXEC_KERNEL_CHECK},
	{"KEXEC_INITRAMFS_CHECK", IMA_KEXEC_INITRAMFS_CHECK},
	{"POLICY_CHECK", IMA_POLICY_CHECK},
	{"KEXEC_CMDLINE", IMA_KEXEC_CMDLINE},
	{"KEY_CHECK", IMA_KEY_CHECK},
	{"CRITICAL_DATA", IMA_CRITICAL_DATA},
	{"SETXATTR_CHECK", IMA_SETXATTR_CHECK},
};

static const struct {
	const char *name;
	unsigned mask;
} masks[] = {
	{"MAY_EXEC", IMA_MAY_EXEC},
	{"MAY_WRITE", IMA_MAY_WRITE},
	{"MAY_READ", IMA_MAY_READ},
	{"MAY_APPEND", IMA_MAY_APPEND},
};

/* hash_algo_name[] in its order, without those that Debian's 6.1 knows by name only (rmd128, sm3,
 * tgr192, ...) and therefore refuses. */
static const char *const algos[] = {
	"md4",
	"md5",
	"sha1",
	"rmd160",
	"sha256",
	"sha384",
	"sha512",
	"sha224",
	"wp256",
	"wp384",
	"wp512",
	"streebog256",
	"streebog512",
};

/* The templates of ima_template.c; those of enum ima_template first, in its order. */
static const struct rule_template templates[] = {
	[IMA_TEMPLATE_IMA] = {"ima", "d|n"},
	[IMA_TEMPLATE_NG] = {"ima-ng", "d-ng|n-ng"},
	[IMA_TEMPLATE_SIG] = {"ima-sig", "d-ng|n-ng|sig"},
	{"ima-ngv2", "d-ngv2|n-ng"},
	{"ima-sigv2", "d-ngv2|n-ng|sig"},
	{"ima-buf", "d-ng|n-ng|buf"},
	{"ima-modsig", "d-ng|n-ng|sig|d-modsig|modsig"},
	{"evm-sig", "d-ng|n-ng|evmsig|xattrnames|xattrlengths|xattrvalues|iuid|igid|imode"},
};

int rule_func_parse(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(funcs); i++) {
		if (!strcmp(funcs[i].name, word))
			return (int)funcs[i].func;
	}
	return -EINVAL;
}

const char *rule_func_name(enum ima_func func)
{
	for (size_t i = 0; i < ARRAY_SIZE(funcs); i++) {
		if (funcs[i].func == func)
			return funcs[i].name;
	}
	return NULL;
}

int rule_mask_parse(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(masks); i++) {
		if (!strcmp(masks[i].name, word))
			return (int)masks[i].mask;
	}
	return -EINVAL;
}

const char *rule_mask_name(unsigned mask)
{
	for (size_t i = 0; i < ARRAY_SIZE(masks); i++) {
		if (masks[i].mask == mask)
			return masks[i].name;
	}
	return NULL;
}

int rule_algo_parse(const char *word, size_t n)
{
	for (size_t i = 0; i < ARRAY_SIZE(algos); i++) {
		if (strlen(algos[i]) == n && !memcmp(algos[i], word, n))
			return (int)i;
	}
	return -EINVAL;
}

const char *rule_algo_name(unsigned index)
{
	return index < ARRAY_SIZE(algos) ? algos[index] : NULL;
}

const struct rule_template *rule_template_find(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(templates); i++) {
		if (!strcmp(templates[i].name, word) || !strcmp(templates[i].format, word))
			return &templates[i];
	}
	return NULL;
}

int rule_template_index(const struct rule_template *template)
{
	if (!template || template >= templates + IMA_N_TEMPLATES)
		return -1;
	return (int)(template - templates);
}

const char *ima_template_name(enum ima_template template)
{
	return (unsigned)template <IMA_N_TEMPLATES ? templates[template].name : NULL;
}

int ima_template_parse(const char *name, size_t n)
{
	for (int i = 0; i < IMA_N_TEMPLATES; i++) {
		if (strlen(templates[i].name) == n && !memcmp(templates[i].name, name, n))
			return i;
	}
	return -EINVAL;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int rule_number(const char *word, unsigned base, uint64_t *ret_value)
{
	uint64_t value = 0;
	bool overflow = false;
	const char *digits;

	if (*word == '+')
		word++;
	if (base == 16 && word[0] == '0' && (word[1] == 'x' || word[1] == 'X'))
		word += 2;
	for (digits = word;; word++) {
		int digit = hex_value(*word);

		if (digit < 0 || (unsigned)digit >= base)
			break;
		overflow |= __builtin_mul_overflow(value, (uint64_t)base, &value) ||
			    __builtin_add_overflow(value, (uint64_t)digit, &value);
	}
	/* The kernel looks at the range first, then for digits, then at what follows. */
	if (overflow)
		return -ERANGE;
	if (word == digits || *word)
		return -EINVAL;
	*ret_value = value;
	return 0;
}

int rule_uuid(const char *word, uint8_t ret_uuid[16])
{
	uint8_t uuid[16];
	size_t n = 0;

	for (size_t i = 0; i < 36;) { /* a short word ends at its NUL, which is no digit */
		int high, low;

		if (i == 8 || i == 13 || i == 18 || i == 23) {
			if (word[i++] != '-')
				return -EINVAL;
			continue;
		}
		high = hex_value(word[i]);
		low = high < 0 ? -1 : hex_value(word[i + 1]);
		if (low < 0)
			return -EINVAL;
		uuid[n++] = (uint8_t)(high << 4 | low);
		i += 2;
	}
	memcpy(ret_uuid, uuid, sizeof(uuid));
	return 0;
}

bool rule_list_valid(const char *word)
{
	size_t n = strlen(word);

	return n && word[0] != '|' && word[n - 1] != '|' && !strstr(word, "||");
}

int rule_refuse(struct ima_reason *reason, int error, const char *token, const char *text)
{
	size_t n = 0;

	if (!reason)
		return error;
	for (; *token && n < sizeof(reason->token) - 1; token++, n++)
		reason->token[n] = *token > 0x20 && *token < 0x7f ? *token : '?';
	reason->token[n] = '\0';
	snprintf(reason->text, sizeof(reason->text), "%s", text);
	return error;
}
