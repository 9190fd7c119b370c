/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *log_name = "vsecfs";
static int log_max = LOG_INFO;
static int log_to_journal;

/* The journal names its stream in JOURNAL_STREAM=device:inode (systemd.exec(5)); a redirected
 * stderr differs. */
static int stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long dev, ino;
	struct stat st;

	if (!stream || sscanf(stream, "%llu:%llu", &dev, &ino) != 2 ||
		fstat(STDERR_FILENO, &st) < 0)
		return 0;
	return st.st_dev == dev && st.st_ino == ino;
}

void log_open(const char *name)
{
	log_name = name;
	log_to_journal = stderr_is_journal();
}

void log_set_max(int priority)
{
	log_max = priority;
}

void log_msg(int priority, const char *format, ...)
{
	char line[2048];
	int saved = errno, n = 0;
	va_list ap;

	if (priority > log_max)
		return;
	if (log_to_journal)
		n = snprintf(line, sizeof(line), "<%d>", priority);
	n += snprintf(line + n, sizeof(line) - n, "%s: ", log_name);
	va_start(ap, format);
	errno = saved;
	n += vsnprintf(line + n, sizeof(line) - n, format, ap);
	va_end(ap);
	n = MIN(n, (int)sizeof(line) - 2);
	line[n++] = '\n';
	/* One write: lines of several processes on one pipe do not mix. */
	if (write(STDERR_FILENO, line, n) < 0)
		log_max = -1; /* nobody listens any more */
	errno = saved;
}

const char *log_quote(char *dest, size_t n_dest, const void *bytes, size_t n)
{
	const unsigned char *b = bytes;
	size_t o = 0;

	for (size_t i = 0; i < n; i++) {
		int plain = b[i] >= 0x20 && b[i] < 0x7f && b[i] != '\\';

		if (o + (plain ? 1 : 4) >= n_dest)
			break;
		o += snprintf(dest + o, n_dest - o, plain ? "%c" : "\\x%02x", b[i]);
	}
	if (n_dest)
		dest[MIN(o, n_dest - 1)] = '\0';
	return dest;
}

bool log_rate_allows(struct log_rate *rate, unsigned *ret_lost)
{
	struct timespec now;
	time_t passed;

	clock_gettime(CLOCK_MONOTONIC, &now);
	passed = now.tv_sec - rate->second;
	rate->second = now.tv_sec;
	rate->used -= passed < rate->used ? (unsigned)passed : rate->used;
	if (rate->used >= LOG_RATE_BURST) {
		rate->lost++;
		return false;
	}
	rate->used++;
	*ret_lost = rate->lost;
	rate->lost = 0;
	return true;
}
