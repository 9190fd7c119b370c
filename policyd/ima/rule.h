/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* What a rule is made of, and the words of the grammar; private to this library and its tests.
 * The source followed is Linux 6.1, security/integrity/ima/ima_policy.c, as Debian configures it:
 * no appended signatures (so `imasig|modsig` and `appraise_flag=` are refused), keys measured.
 * Owner of a rule: whoever parsed it, until a policy takes it. No function here writes a rule but
 * the parser. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/cleanup.h"
#include "vsecfs/ima.h"

/* Which conditions and options a rule has. */
enum rule_flag {
	RULE_FUNC = 1 << 0,
	RULE_MASK = 1 << 1,   /* mask=X */
	RULE_INMASK = 1 << 2, /* mask=^X */
	RULE_FSMAGIC = 1 << 3,
	RULE_FSNAME = 1 << 4,
	RULE_FSUUID = 1 << 5,
	RULE_UID = 1 << 6,
	RULE_EUID = 1 << 7,
	RULE_GID = 1 << 8,
	RULE_EGID = 1 << 9,
	RULE_FOWNER = 1 << 10,
	RULE_FGROUP = 1 << 11,
	RULE_PCR = 1 << 12,
	RULE_PERMIT_DIRECTIO = 1 << 13,
	RULE_DIGSIG = 1 << 14, /* appraise_type=imasig or, with RULE_VERITY, sigv3 */
	RULE_VERITY = 1 << 15, /* digest_type=verity */
	RULE_ALGOS = 1 << 16,
	RULE_KEYRINGS = 1 << 17,
	RULE_LABEL = 1 << 18,
};

enum rule_lsm {
	LSM_OBJ_USER,
	LSM_OBJ_ROLE,
	LSM_OBJ_TYPE,
	LSM_SUBJ_USER,
	LSM_SUBJ_ROLE,
	LSM_SUBJ_TYPE,
	N_LSM
};

/* A condition on an id of the initial namespace; id is UINT32_MAX when unset. */
struct rule_id {
	uint32_t id;
	char op; /* '=', '<', '>' */
};

/* A template as the kernel knows it; the first IMA_N_TEMPLATES of the table are ours. */
struct rule_template {
	const char *name, *format;
};

struct ima_rule {
	enum ima_action action; /* 0: none yet */
	enum ima_func func;
	uint32_t flags; /* enum rule_flag */
	unsigned mask;
	uint64_t fsmagic;
	uint8_t fsuuid[16];
	char *fsname;
	struct rule_id uid, gid, fowner, fgroup; /* uid is that of uid= or euid=, gid likewise */
	int pcr;
	const struct rule_template *template; /* NULL: the namespace's own */
	uint32_t algos;                       /* bits of rule_algo() */
	char *keyrings, *label;               /* words joined by '|', none empty */
	char *lsm[N_LSM];
};

DEFINE_CLEANUP(cleanup_rule, struct ima_rule, ima_rule_free)

/* ---- words and values (rule-token.c) ---- */

struct rule_action {
	const char *name;
	enum ima_action action;
};
#define N_RULE_ACTIONS 7
extern const struct rule_action rule_actions[N_RULE_ACTIONS]; /* in the order of enum ima_action */

/* The six words that compare an id, in the order in which the kernel shows them. */
struct rule_id_word {
	const char *name;
	uint32_t flag;
	size_t offset; /* of its struct rule_id */
	bool group;
};
enum rule_id_index {
	WORD_UID,
	WORD_EUID,
	WORD_GID,
	WORD_EGID,
	WORD_FOWNER,
	WORD_FGROUP,
	N_ID_WORDS
};
extern const struct rule_id_word rule_id_words[N_ID_WORDS];

extern const char *const rule_lsm_names[N_LSM];

/* Words to numbers; -EINVAL for others. PATH_CHECK and FILE_MMAP are the old names. */
int rule_func_parse(const char *word);
int rule_mask_parse(const char *word);
int rule_algo_parse(const char *word, size_t n);
const struct rule_template *rule_template_find(const char *word); /* by name or format, or NULL */
int rule_template_index(const struct rule_template *template);    /* enum ima_template, or -1 */

/* Numbers to words; NULL for others. */
const char *rule_func_name(enum ima_func func);
const char *rule_mask_name(unsigned mask);
const char *rule_algo_name(unsigned index); /* NULL behind the last */

/* kstrtoul(): a plus sign is fine, 0x before base 16, nothing behind. 0, -ERANGE, -EINVAL. */
int rule_number(const char *word, unsigned base, uint64_t *ret_value);
/* uuid_parse(): what follows the 36 characters is ignored, as the kernel does. 0 or -EINVAL. */
int rule_uuid(const char *word, uint8_t ret_uuid[16]);
/* ima_alloc_rule_opt_list(): words between '|', none of them empty. */
bool rule_list_valid(const char *word);

/* Fills the reason, which may be NULL, and returns error. The token is made printable: it is the
 * adversary's, and last_error and terminals show it. */
int rule_refuse(struct ima_reason *reason, int error, const char *token, const char *text);

/* ---- the whole rule (rule-check.c) ---- */

/* ima_validate_rule(): do action, func and conditions go together? 0 or -EINVAL with the reason. */
int rule_check(const struct ima_rule *rule, struct ima_reason *ret_reason);
/* Is there a condition on an LSM's label? */
bool rule_has_lsm(const struct ima_rule *rule);
