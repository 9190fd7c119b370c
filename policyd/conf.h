/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* policyd's configuration file, policyd.conf(5). Read once, at start. Library code: never logs. */
#include <stdbool.h>
#include <stddef.h>

#include "vsecfs/ima.h"

#define CONF_PATH     SYSCONFDIR "/vsecfs/policyd.conf"
#define CONF_LINE_MAX 1024

struct conf {
	char *user;                 /* whom vsecfs runs as */
	char *vsecfs;               /* its binary; NULL: the installed one */
	int log_level;              /* LOG_ERR ... LOG_DEBUG */
	enum ima_hash hash;         /* of a new view */
	enum ima_template template; /* of a new view */
};

/* Reads the file at path over the defaults. 0; -ENOENT: there is no such file, and *ret_conf holds
 * the defaults; otherwise -errno, with ret_error (n_error bytes) saying which line is wrong and
 * why; -EINVAL for an unknown section or key, a bad value, one given twice. */
int conf_load(const char *path, struct conf *ret_conf, char *ret_error, size_t n_error);
/* Frees what it holds. Harmless on a zeroed one. */
void conf_done(struct conf *conf);
