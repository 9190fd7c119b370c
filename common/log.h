/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* One line a message to stderr, with a syslog priority prefix when stderr is the journal
 * (sd-daemon(3)). Only main functions and request handlers log; libraries return errors. Bytes that
 * a container chose go through log_quote() first: a newline in a path must not forge a line. */
#include <stdbool.h>
#include <stddef.h>
#include <time.h>
#include <syslog.h>
#include "cleanup.h"

/* Sets the program's name in front of each line and finds out whether stderr is the journal. */
void log_open(const char *name);

/* Writes one message of priority LOG_ERR, LOG_WARNING, LOG_NOTICE, LOG_INFO or LOG_DEBUG. errno is
 * kept. */
void log_msg(int priority, const char *format, ...) _printf_(2, 3);

/* Messages above this priority are dropped (default LOG_INFO). */
void log_set_max(int priority);

/* Copies n bytes to dest as printable ASCII, others as \xHH, cut to what fits. Returns dest. */
const char *log_quote(char *dest, size_t n_dest, const void *bytes, size_t n);

/* How often something may be logged that a container can bring about: LOG_RATE_BURST messages at
 * once and one a second after that. Zeroed at first. */
#define LOG_RATE_BURST 20
struct log_rate {
	time_t second;       /* CLOCK_MONOTONIC of the last message let through or refused */
	unsigned used, lost; /* of the burst; since the last one let through */
};
/* May one more be logged? If so *ret_lost is how many were not, since the last one. */
bool log_rate_allows(struct log_rate *rate, unsigned *ret_lost);

#define log_error(...)   log_msg(LOG_ERR, __VA_ARGS__)
#define log_warning(...) log_msg(LOG_WARNING, __VA_ARGS__)
#define log_notice(...)  log_msg(LOG_NOTICE, __VA_ARGS__)
#define log_info(...)    log_msg(LOG_INFO, __VA_ARGS__)
#define log_debug(...)   log_msg(LOG_DEBUG, __VA_ARGS__)
