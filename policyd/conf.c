/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf.h"

#include <errno.h>
#include <ini.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "common/cleanup.h"

/* Puts a value into its field. 0, -EINVAL, -ENOMEM. */
typedef int (*conf_parse_fn)(const char *value, void *field);

static int parse_text(const char *value, void *field)
{
	char *copy = strdup(value);

	if (!copy)
		return -ENOMEM;
	free(*(char **)field);
	*(char **)field = copy;
	return 0;
}

static int parse_path(const char *value, void *field)
{
	return value[0] == '/' ? parse_text(value, field) : -EINVAL;
}

static int parse_level(const char *value, void *field)
{
	static const struct {
		const char *name;
		int level;
	} levels[] = {{"error", LOG_ERR}, {"warning", LOG_WARNING}, {"notice", LOG_NOTICE},
		{"info", LOG_INFO}, {"debug", LOG_DEBUG}};

	for (size_t i = 0; i < ARRAY_SIZE(levels); i++) {
		if (!strcmp(value, levels[i].name)) {
			*(int *)field = levels[i].level;
			return 0;
		}
	}
	return -EINVAL;
}

static int parse_hash(const char *value, void *field)
{
	int hash = ima_hash_parse(value, strlen(value));

	if (hash < 0)
		return hash;
	*(enum ima_hash *)field = (enum ima_hash)hash;
	return 0;
}

static int parse_template(const char *value, void *field)
{
	int template = ima_template_parse(value, strlen(value));

	if (template <0)
		return template;
	*(enum ima_template *)field = (enum ima_template) template;
	return 0;
}

static const struct conf_key {
	const char *section, *name;
	size_t field;
	conf_parse_fn parse;
	const char *expected;
} keys[] = {
	{"policyd", "user", offsetof(struct conf, user), parse_text, "a user's name"},
	{"policyd", "vsecfs", offsetof(struct conf, vsecfs), parse_path, "an absolute path"},
	{"policyd", "log-level", offsetof(struct conf, log_level), parse_level,
		"error, warning, notice, info or debug"},
	{"ima", "hash", offsetof(struct conf, hash), parse_hash, "sha1, sha256, sha384 or sha512"},
	{"ima", "template", offsetof(struct conf, template), parse_template,
		"ima, ima-ng or ima-sig"},
};

struct conf_parser {
	FILE *file;
	struct conf *conf;
	bool given[ARRAY_SIZE(keys)];
	int line;   /* of the last line read */
	int broken; /* of the first line that cannot be passed on, and why */
	const char *why;
	int error_line;
	char *error;
	size_t n_error;
};

/* Ends the reading at a line that the library would misread. */
static char *break_off(struct conf_parser *parser, const char *why)
{
	parser->broken = parser->line;
	parser->why = why;
	return NULL;
}

/* Lines are counted here because the library tells its handler no number. */
static char *read_line(char *buffer, int size, void *stream)
{
	struct conf_parser *parser = stream;
	char line[CONF_LINE_MAX];
	size_t n;

	/* Shows where the bytes end, if one of them is a NUL. */
	memset(line, '\n', sizeof(line));
	if (!fgets(line, sizeof(line), parser->file))
		return NULL;
	parser->line++;
	n = strlen(line);
	if (n + 1 < sizeof(line) && line[n + 1] != '\n')
		return break_off(parser, "has a NUL");
	/* The library would take the rest of a long line for a line of its own. */
	if (n >= (size_t)size || (!strchr(line, '\n') && !feof(parser->file)))
		return break_off(parser, "too long");
	memcpy(buffer, line, n + 1);
	return buffer;
}

/* Keeps the first complaint; 0 is the library's word for an error. */
static int refuse(struct conf_parser *parser, const char *what, const char *name, const char *hint)
{
	if (!parser->error_line) {
		parser->error_line = parser->line;
		snprintf(parser->error, parser->n_error, "line %d: %s '%.64s'%s%s", parser->line,
			what, name, hint[0] ? ": " : "", hint);
	}
	return 0;
}

static int on_key(void *userdata, const char *section, const char *name, const char *value)
{
	struct conf_parser *parser = userdata;
	bool section_known = false;

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		if (strcmp(section, keys[i].section))
			continue;
		section_known = true;
		if (strcmp(name, keys[i].name))
			continue;
		if (parser->given[i])
			return refuse(parser, "given twice:", name, "");
		parser->given[i] = true;
		if (!value[0] || keys[i].parse(value, (char *)parser->conf + keys[i].field) < 0)
			return refuse(parser, "bad value of", name, keys[i].expected);
		return 1;
	}
	if (!section_known)
		return refuse(parser, "unknown section", section, "there are [policyd] and [ima]");
	return refuse(parser, "unknown key", name, "see policyd.conf(5)");
}

static int conf_defaults(struct conf *conf)
{
	*conf = (struct conf){
		.log_level = LOG_INFO, .hash = IMA_SHA256, .template = IMA_TEMPLATE_NG};
	conf->user = strdup("vsecfs");
	return conf->user ? 0 : -ENOMEM;
}

int conf_load(const char *path, struct conf *ret_conf, char *ret_error, size_t n_error)
{
	struct conf_parser parser = {.conf = ret_conf, .error = ret_error, .n_error = n_error};
	int r;

	r = conf_defaults(ret_conf);
	if (r < 0)
		return r;
	parser.file = fopen(path, "re");
	if (!parser.file) {
		r = -errno;
		snprintf(ret_error, n_error, "%s", strerror(-r));
		return r;
	}
	r = ini_parse_stream(read_line, &parser, on_key, &parser);
	if (ferror(parser.file)) {
		snprintf(ret_error, n_error, "cannot be read");
		r = -EIO;
	} else if (r > 0 && r != parser.error_line) {
		snprintf(ret_error, n_error, "line %d: neither [section] nor key = value", r);
		r = -EINVAL;
	} else if (r > 0) {
		r = -EINVAL; /* on_key() has said why */
	} else if (parser.broken) {
		snprintf(ret_error, n_error, "line %d: %s", parser.broken, parser.why);
		r = -EINVAL;
	} else if (r < 0) {
		snprintf(ret_error, n_error, "out of memory");
		r = -ENOMEM;
	}
	fclose(parser.file);
	return r;
}

void conf_done(struct conf *conf)
{
	free(conf->user);
	free(conf->vsecfs);
	*conf = (struct conf){0};
}
