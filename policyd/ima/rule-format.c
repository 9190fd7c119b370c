/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ima_policy_show(), token for token, but for three places where what the kernel shows cannot be
 * loaded again: it shows ids of 2^31 and more as negative numbers, cuts fsname= to 63 bytes, and
 * puts appraise_type=sigv3 before the digest_type= that it demands to be first. */
#include "rule.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void show_id(FILE *f, const struct ima_rule *rule, const struct rule_id_word *word,
	const struct ima_ids *reader)
{
	const struct rule_id *id = (const struct rule_id *)((const char *)rule + word->offset);
	const struct ima_idmap *map = NULL;
	uint32_t shown;

	if (reader)
		map = word->group ? reader->gids : reader->uids;
	if (!ima_id_from_host(map, id->id, &shown))
		shown = UINT32_MAX;
	fprintf(f, "%s%c%" PRIu32 " ", word->name, id->op, shown);
}

static void show_uuid(FILE *f, const uint8_t *uuid)
{
	fputs("fsuuid=", f);
	for (size_t i = 0; i < 16; i++)
		fprintf(f, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", uuid[i]);
	fputc(' ', f);
}

static void show_algos(FILE *f, uint32_t algos)
{
	const char *separator = "appraise_algos=";

	for (unsigned i = 0; rule_algo_name(i); i++) {
		if (!(algos & UINT32_C(1) << i))
			continue;
		fprintf(f, "%s%s", separator, rule_algo_name(i));
		separator = ",";
	}
	fputc(' ', f);
}

static void show_access(FILE *f, const struct ima_rule *rule)
{
	for (size_t i = 0; i < N_RULE_ACTIONS; i++) {
		if (rule->action == rule_actions[i].action)
			fprintf(f, "%s ", rule_actions[i].name);
	}
	if (rule->flags & RULE_FUNC)
		fprintf(f, "func=%s ", rule_func_name(rule->func));
	if (rule->flags & (RULE_MASK | RULE_INMASK))
		fprintf(f, "mask=%s%s ", rule->flags & RULE_INMASK ? "^" : "",
			rule_mask_name(rule->mask));
}

static void show_conditions(FILE *f, const struct ima_rule *rule, const struct ima_ids *reader)
{
	if (rule->flags & RULE_FSMAGIC)
		fprintf(f, "fsmagic=0x%" PRIx64 " ", rule->fsmagic);
	if (rule->flags & RULE_FSNAME)
		fprintf(f, "fsname=%s ", rule->fsname);
	if (rule->flags & RULE_KEYRINGS)
		fprintf(f, "keyrings=%s ", rule->keyrings);
	if (rule->flags & RULE_LABEL)
		fprintf(f, "label=%s ", rule->label);
	if (rule->flags & RULE_PCR)
		fprintf(f, "pcr=%d ", rule->pcr);
	if (rule->flags & RULE_FSUUID)
		show_uuid(f, rule->fsuuid);
	for (size_t i = 0; i < N_ID_WORDS; i++) {
		if (rule->flags & rule_id_words[i].flag)
			show_id(f, rule, &rule_id_words[i], reader);
	}
	if (rule->flags & RULE_ALGOS)
		show_algos(f, rule->algos);
	for (size_t i = 0; i < N_LSM; i++) {
		if (rule->lsm[i])
			fprintf(f, "%s=%s ", rule_lsm_names[i], rule->lsm[i]);
	}
}

static void show_options(FILE *f, const struct ima_rule *rule)
{
	if (rule->template)
		fprintf(f, "template=%s ", rule->template->name);
	if (rule->flags & RULE_VERITY)
		fputs("digest_type=verity ", f);
	if (rule->flags & RULE_DIGSIG)
		fprintf(f, "appraise_type=%s ", rule->flags & RULE_VERITY ? "sigv3" : "imasig");
	if (rule->flags & RULE_PERMIT_DIRECTIO)
		fputs("permit_directio ", f);
	fputc('\n', f);
}

int ima_rule_format(
	const struct ima_rule *rule, const struct ima_ids *reader, char **text, size_t *n)
{
	_cleanup_free_ char *line = NULL;
	size_t n_line;
	FILE *f = open_memstream(&line, &n_line);
	char *longer;

	if (!f)
		return -ENOMEM;
	show_access(f, rule);
	show_conditions(f, rule, reader);
	show_options(f, rule);
	if (fclose(f) != 0)
		return -ENOMEM;
	longer = realloc(*text, *n + n_line + 1);
	if (!longer)
		return -ENOMEM;
	memcpy(longer + *n, line, n_line + 1);
	*text = longer;
	*n += n_line;
	return 0;
}
