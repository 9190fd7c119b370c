/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mountinfo.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

/* \040 and its like (mangle() in fs/proc_namespace.c), in place; anything else stays. */
static void unescape(char *s)
{
	char *out = s;

	while (*s) {
		if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && is_octal(s[2]) &&
			is_octal(s[3])) {
			char c = (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 | (s[3] - '0'));

			if (c) { /* a NUL would end the name early */
				*out++ = c;
				s += 4;
				continue;
			}
		}
		*out++ = *s++;
	}
	*out = '\0';
}

/* The next word of the line, or NULL. */
static char *next_word(char **line)
{
	char *word = *line, *end;

	if (!word || !*word)
		return NULL;
	end = strchr(word, ' ');
	if (end) {
		*end = '\0';
		*line = end + 1;
	} else {
		*line = NULL;
	}
	return *word ? word : NULL;
}

static int parse_number(const char *word, char stop, uint64_t *ret_value, const char **ret_end)
{
	char *end;

	if (!word || *word < '0' || *word > '9')
		return -EINVAL;
	errno = 0;
	*ret_value = strtoull(word, &end, 10);
	if (errno || *end != stop)
		return -EINVAL;
	if (ret_end)
		*ret_end = end + 1;
	return 0;
}

static int parse_dev(const char *word, uint64_t *ret_dev)
{
	uint64_t major, minor;
	const char *rest;

	if (parse_number(word, ':', &major, &rest) < 0 ||
		parse_number(rest, '\0', &minor, NULL) < 0)
		return -EINVAL;
	if (major > 0xfff || minor > 0xfffff)
		return -EINVAL;
	*ret_dev = major << 20 | minor;
	return 0;
}

static bool has_option(const char *options, const char *name)
{
	size_t n = strlen(name);

	while (*options) {
		size_t word = strcspn(options, ",");

		if (word == n && !strncmp(options, name, n))
			return true;
		options += word + (options[word] == ',');
	}
	return false;
}

static int parse_line(char *text, struct mountinfo *mount)
{
	char *options, *word;

	if (parse_number(next_word(&text), '\0', &mount->id, NULL) < 0 ||
		parse_number(next_word(&text), '\0', &mount->parent, NULL) < 0 ||
		parse_dev(next_word(&text), &mount->dev) < 0)
		return -EINVAL;
	mount->root = next_word(&text);
	mount->point = next_word(&text);
	options = next_word(&text);
	if (!mount->root || !mount->point || !options)
		return -EINVAL;
	while ((word = next_word(&text)) && strcmp(word, "-") != 0) { /* optional fields */
		if (!strncmp(word, "shared:", strlen("shared:")) &&
			parse_number(word + strlen("shared:"), '\0', &mount->peers, NULL) < 0)
			return -EINVAL;
	}
	mount->type = next_word(&text);
	if (!word || !mount->type)
		return -EINVAL;
	mount->nosuid = has_option(options, "nosuid");
	unescape(mount->root);
	unescape(mount->point);
	unescape(mount->type);
	return 0;
}

int mountinfo_next(char **cursor, struct mountinfo *ret_mount)
{
	struct mountinfo mount = {0};
	char *text = *cursor, *end;

	if (!*text)
		return 0;
	end = strchr(text, '\n');
	if (end) {
		*end = '\0';
		*cursor = end + 1;
	} else {
		*cursor = text + strlen(text);
	}
	if (parse_line(text, &mount) < 0)
		return -EINVAL;
	*ret_mount = mount;
	return 1;
}

bool mountinfo_is_view(const struct mountinfo *mount)
{
	return !strcmp(mount->type, "fuse.securityfs");
}

void mountinfo_cut_subtype(char *type)
{
	type[strcspn(type, ".")] = '\0';
}

bool mountinfo_is_pseudo(const struct mountinfo *mount, uint64_t view_dev)
{
	static const char *const types[] = {"proc", "sysfs", "cgroup", "cgroup2", "devpts",
		"devtmpfs", "securityfs", "debugfs", "tracefs", "mqueue", "bpf", "nsfs",
		"binfmt_misc", "configfs", "efivarfs", "pstore", "selinuxfs", "autofs", "hugetlbfs",
		"rpc_pipefs", "fusectl"};

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		if (!strcmp(mount->type, types[i]))
			return true;
	}
	/* A container may mount a FUSE file system of its own under any subtype: where the view's
	 * superblock is known, its name proves nothing. */
	if (view_dev)
		return mount->dev == view_dev;
	return mountinfo_is_view(mount);
}
