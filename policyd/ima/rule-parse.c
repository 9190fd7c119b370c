/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ima_parse_rule(): one row a keyword. Every byte comes from the adversary: the line is copied
 * once, cut in place, and nothing is allocated but copies of its own words. */
#include "rule.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct parser {
	struct ima_rule *rule;
	const struct ima_ids *ids;
	struct ima_reason *reason;
	const char *token; /* the whole word, for the reason */
};

struct keyword {
	const char *name;
	const char *ops; /* which characters may follow; NULL: a bare word */
	int (*set)(struct parser *p, int arg, char op, const char *value);
	int arg; /* for set */
};

static int refuse(struct parser *p, int error, const char *text)
{
	return rule_refuse(p->reason, error, p->token, text);
}

static int set_action(struct parser *p, int arg, char op, const char *value)
{
	(void)op;
	(void)value;
	if (p->rule->action)
		return refuse(p, -EINVAL, "a rule has exactly one action");
	p->rule->action = (enum ima_action)arg;
	return 0;
}

static int set_func(struct parser *p, int arg, char op, const char *value)
{
	int func = rule_func_parse(value);

	(void)arg;
	(void)op;
	if (p->rule->func)
		return refuse(p, -EINVAL, "func= is given twice");
	if (func < 0)
		return refuse(p, func, "there is no such func");
	p->rule->func = (enum ima_func)func;
	p->rule->flags |= RULE_FUNC;
	return 0;
}

static int set_mask(struct parser *p, int arg, char op, const char *value)
{
	bool inmask = *value == '^';
	int mask = rule_mask_parse(value + inmask);

	(void)arg;
	(void)op;
	if (p->rule->mask)
		return refuse(p, -EINVAL, "mask= is given twice");
	if (mask < 0)
		return refuse(p, mask,
			"a mask is one of MAY_EXEC MAY_WRITE MAY_READ MAY_APPEND, or ^ and one of "
			"them");
	p->rule->mask = (unsigned)mask;
	p->rule->flags |= inmask ? RULE_INMASK : RULE_MASK;
	return 0;
}

static int set_fsmagic(struct parser *p, int arg, char op, const char *value)
{
	int r;

	(void)arg;
	(void)op;
	if (p->rule->fsmagic) /* a zero may be given again, as in the kernel */
		return refuse(p, -EINVAL, "fsmagic= is given twice");
	r = rule_number(value, 16, &p->rule->fsmagic);
	if (r < 0)
		return refuse(p, r, "fsmagic= wants a hexadecimal number of 64 bits");
	p->rule->flags |= RULE_FSMAGIC;
	return 0;
}

static int set_string(char **dest, const char *value)
{
	char *copy = strdup(value);

	if (!copy)
		return -ENOMEM;
	free(*dest);
	*dest = copy;
	return 0;
}

static int set_fsname(struct parser *p, int arg, char op, const char *value)
{
	(void)arg;
	(void)op;
	p->rule->flags |= RULE_FSNAME;
	return set_string(&p->rule->fsname, value); /* the last one counts, as in the kernel */
}

static int set_fsuuid(struct parser *p, int arg, char op, const char *value)
{
	static const uint8_t null_uuid[16];

	(void)arg;
	(void)op;
	if (memcmp(p->rule->fsuuid, null_uuid, sizeof(null_uuid)) != 0)
		return refuse(p, -EINVAL, "fsuuid= is given twice");
	if (rule_uuid(value, p->rule->fsuuid) < 0)
		return refuse(
			p, -EINVAL, "a UUID has the form xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx");
	p->rule->flags |= RULE_FSUUID;
	return 0;
}

static int set_id(struct parser *p, int arg, char op, const char *value)
{
	const struct rule_id_word *word = &rule_id_words[arg];
	struct rule_id *id = (struct rule_id *)((char *)p->rule + word->offset);
	const struct ima_idmap *map = NULL;
	uint64_t number;
	int r;

	if (id->id != UINT32_MAX)
		return refuse(p, -EINVAL, "this id (effective or real) is compared twice");
	r = rule_number(value, 10, &number);
	if (r < 0)
		return refuse(p, r, "an id is a decimal number");
	if (p->ids)
		map = word->group ? p->ids->gids : p->ids->uids;
	/* A namespace names only ids that are its own, never others of the host. */
	if (number > UINT32_MAX || !ima_id_to_host(map, (uint32_t)number, &id->id)) {
		id->id = UINT32_MAX;
		return refuse(p, -EINVAL, "this id has no mapping in the user namespace");
	}
	id->op = op;
	p->rule->flags |= word->flag;
	return 0;
}

/* Which labels exist is the host's LSM's to say. The choice here is the recorded host, AppArmor
 * without a loaded profile: it knows subj_role alone (aa_audit_rule_init()), and of labels only
 * unconfined and stacks of it. Such rules are grammar only: none of them is enforced. */
static bool label_exists(int lsm, const char *label)
{
	static const char name[] = "unconfined", stack[] = "//&";

	while (lsm == LSM_SUBJ_ROLE && !strncmp(label, name, strlen(name))) {
		label += strlen(name);
		if (!*label)
			return true;
		if (strncmp(label, stack, strlen(stack)) != 0)
			break;
		label += strlen(stack);
	}
	return false;
}

static int set_lsm(struct parser *p, int arg, char op, const char *value)
{
	(void)op;
	if (p->rule->lsm[arg])
		return refuse(p, -EINVAL, "this label is compared twice");
	if (!label_exists(arg, value))
		return refuse(p, -EINVAL, "no security module of the host knows this label");
	return set_string(&p->rule->lsm[arg], value);
}

static int set_digest_type(struct parser *p, int arg, char op, const char *value)
{
	(void)arg;
	(void)op;
	if (p->rule->flags & RULE_DIGSIG)
		return refuse(p, -EINVAL, "digest_type= stands before appraise_type=sigv3");
	if (strcmp(value, "verity") != 0)
		return refuse(p, -EINVAL, "the only digest_type is verity");
	p->rule->flags |= RULE_VERITY;
	return 0;
}

static int set_appraise_type(struct parser *p, int arg, char op, const char *value)
{
	bool verity = p->rule->flags & RULE_VERITY;

	(void)arg;
	(void)op;
	if (strcmp(value, verity ? "sigv3" : "imasig") != 0)
		return refuse(
			p, -EINVAL, "appraise_type is imasig, or sigv3 after digest_type=verity");
	p->rule->flags |= RULE_DIGSIG;
	return 0;
}

static int set_appraise_flag(struct parser *p, int arg, char op, const char *value)
{
	(void)arg;
	(void)op;
	(void)value;
	return refuse(p, -EINVAL, "appraise_flag= needs appended signatures, which are not built");
}

static int set_appraise_algos(struct parser *p, int arg, char op, const char *value)
{
	uint32_t algos = 0;

	(void)arg;
	(void)op;
	if (p->rule->algos)
		return refuse(p, -EINVAL, "appraise_algos= is given twice");
	for (;;) {
		size_t n = strcspn(value, ",");
		int algo = rule_algo_parse(value, n);

		if (algo < 0)
			return refuse(p, -EINVAL, "a hash of the list does not exist");
		algos |= UINT32_C(1) << algo;
		if (!value[n])
			break;
		value += n + 1;
	}
	p->rule->algos = algos;
	p->rule->flags |= RULE_ALGOS;
	return 0;
}

static int set_permit_directio(struct parser *p, int arg, char op, const char *value)
{
	(void)arg;
	(void)op;
	(void)value;
	p->rule->flags |= RULE_PERMIT_DIRECTIO;
	return 0;
}

static int set_pcr(struct parser *p, int arg, char op, const char *value)
{
	uint64_t pcr;

	(void)arg;
	(void)op;
	if (rule_number(value, 10, &pcr) < 0 || pcr > 63)
		return refuse(p, -EINVAL, "a PCR is a decimal number below 64");
	p->rule->pcr = (int)pcr; /* the last one counts, as in the kernel */
	p->rule->flags |= RULE_PCR;
	return 0;
}

static int set_template(struct parser *p, int arg, char op, const char *value)
{
	const struct rule_template *template = rule_template_find(value);

	(void)arg;
	(void)op;
	if (p->rule->action != IMA_MEASURE)
		return refuse(p, -EINVAL, "template= stands behind the action measure");
	if (!template)
		return refuse(p, -EINVAL, "there is no such template");
	if (p->rule->template)
		return refuse(p, -EINVAL, "template= is given twice");
	p->rule->template = template;
	return 0;
}

/* keyrings= and label=; arg is the flag. */
static int set_list(struct parser *p, int arg, char op, const char *value)
{
	char **dest = arg == RULE_KEYRINGS ? &p->rule->keyrings : &p->rule->label;

	(void)op;
	if (*dest)
		return refuse(p, -EINVAL, "this list is given twice");
	if (!rule_list_valid(value))
		return refuse(p, -EINVAL, "the list has an empty word");
	p->rule->flags |= (uint32_t)arg;
	return set_string(dest, value);
}

static const struct keyword keywords[] = {
	{"measure", NULL, set_action, IMA_MEASURE},
	{"dont_measure", NULL, set_action, IMA_DONT_MEASURE},
	{"appraise", NULL, set_action, IMA_APPRAISE},
	{"dont_appraise", NULL, set_action, IMA_DONT_APPRAISE},
	{"audit", NULL, set_action, IMA_AUDIT},
	{"hash", NULL, set_action, IMA_HASH},
	{"dont_hash", NULL, set_action, IMA_DONT_HASH},
	{"obj_user", "=", set_lsm, LSM_OBJ_USER},
	{"obj_role", "=", set_lsm, LSM_OBJ_ROLE},
	{"obj_type", "=", set_lsm, LSM_OBJ_TYPE},
	{"subj_user", "=", set_lsm, LSM_SUBJ_USER},
	{"subj_role", "=", set_lsm, LSM_SUBJ_ROLE},
	{"subj_type", "=", set_lsm, LSM_SUBJ_TYPE},
	{"func", "=", set_func, 0},
	{"mask", "=", set_mask, 0},
	{"fsmagic", "=", set_fsmagic, 0},
	{"fsname", "=", set_fsname, 0},
	{"fsuuid", "=", set_fsuuid, 0},
	{"uid", "=<>", set_id, WORD_UID},
	{"euid", "=<>", set_id, WORD_EUID},
	{"gid", "=<>", set_id, WORD_GID},
	{"egid", "=<>", set_id, WORD_EGID},
	{"fowner", "=<>", set_id, WORD_FOWNER},
	{"fgroup", "=<>", set_id, WORD_FGROUP},
	{"digest_type", "=", set_digest_type, 0},
	{"appraise_type", "=", set_appraise_type, 0},
	{"appraise_flag", "=", set_appraise_flag, 0},
	{"appraise_algos", "=", set_appraise_algos, 0},
	{"permit_directio", NULL, set_permit_directio, 0},
	{"pcr", "=", set_pcr, 0},
	{"template", "=", set_template, 0},
	{"keyrings", "=", set_list, RULE_KEYRINGS},
	{"label", "=", set_list, RULE_LABEL},
};

/* match_token(): the word is a keyword alone, or a keyword, an operator and at least one byte. */
static int parse_token(struct parser *p)
{
	for (size_t i = 0; i < ARRAY_SIZE(keywords); i++) {
		const struct keyword *row = &keywords[i];
		size_t n = strlen(row->name);
		char op;

		if (strncmp(p->token, row->name, n) != 0)
			continue;
		op = p->token[n];
		if (!row->ops && !op)
			return row->set(p, row->arg, 0, NULL);
		if (!row->ops || !op || !strchr(row->ops, op))
			continue;
		if (!p->token[n + 1])
			return refuse(p, -EINVAL, "the value is missing");
		return row->set(p, row->arg, op, p->token + n + 1);
	}
	return refuse(p, -EINVAL, "this is no word of the rule grammar");
}

int ima_rule_parse(const char *line, size_t n, const struct ima_ids *ids,
	struct ima_rule **ret_rule, struct ima_reason *ret_reason)
{
	_cleanup_(cleanup_rule) struct ima_rule *rule = NULL;
	_cleanup_free_ char *copy = NULL;
	struct parser p = {.ids = ids, .reason = ret_reason};
	char *rest;
	int r;

	for (; n && (*line == ' ' || *line == '\t'); line++)
		n--;
	if (!n || *line == '#')
		return 1;
	/* Would hide what follows from the kernel's string functions, and from a reader. */
	if (memchr(line, '\0', n) || memchr(line, '\n', n))
		return rule_refuse(ret_reason, -EINVAL, "", "a rule is one line without NUL");
	copy = malloc(n + 1);
	rule = calloc(1, sizeof(*rule));
	if (!copy || !rule)
		return -ENOMEM;
	memcpy(copy, line, n);
	copy[n] = '\0';
	rule->uid.id = rule->gid.id = rule->fowner.id = rule->fgroup.id = UINT32_MAX;
	p.rule = rule;
	for (rest = copy; (p.token = strsep(&rest, " \t"));) {
		if (!*p.token)
			continue;
		r = parse_token(&p);
		if (r < 0)
			return r;
	}
	r = rule_check(rule, ret_reason);
	if (r < 0)
		return r;
	*ret_rule = take_ptr(rule);
	return 0;
}

void ima_rule_free(struct ima_rule *rule)
{
	if (!rule)
		return;
	for (size_t i = 0; i < N_LSM; i++)
		free(rule->lsm[i]);
	free(rule->fsname);
	free(rule->keyrings);
	free(rule->label);
	free(rule);
}
