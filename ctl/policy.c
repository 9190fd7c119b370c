/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* `policy check`: offline, so it runs without policyd and without privileges. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "../common/log.h"
#include "command.h"
#include "options.h"
#include "verdict.h"

/* Of a file that a line names: what policyd reads; of the kernel's, more than anybody writes. */
#define RULES_FILE_MAX        (1 << 20)
#define KERNEL_RULES_FILE_MAX (64 << 20)

struct check {
	struct verdict_rules rules;
	struct ima_ids ids;
	struct ima_idmap *map; /* of --userns, else NULL */
	bool porcelain;
	unsigned n_rules, n_refused;
};

static void check_done(struct check *check)
{
	free(check->map);
}

static int set_userns(struct check *check, const char *text)
{
	struct id_range range;
	struct ima_idmap *map;

	if (options_range(text, &range) < 0)
		return -EINVAL;
	map = malloc(sizeof(*map) + sizeof(map->extents[0]));
	if (!map)
		return -ENOMEM;
	map->n = 1;
	map->extents[0].inside = 0;
	map->extents[0].outside = range.base;
	map->extents[0].count = range.count;
	free(check->map);
	check->map = map;
	check->ids = (struct ima_ids){.uids = map, .gids = map};
	return 0;
}

/* Reads the file of rules as the kernel's kernel_read_file_from_path() would for this caller. 0,
 * -EINVAL for what is no regular file or empty, -EFBIG, or -errno. */
static int read_rules(const char *path, off_t max, char **ret_bytes, size_t *ret_n)
{
	_cleanup_close_ int fd = -1;
	_cleanup_free_ char *bytes = NULL;
	size_t n = 0;
	struct stat st;

	/* O_NONBLOCK: a FIFO must not hold us up; it is refused below. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_size == 0)
		return -EINVAL;
	if (st.st_size > max)
		return -EFBIG;
	bytes = malloc(st.st_size);
	if (!bytes)
		return -ENOMEM;
	while (n < (size_t)st.st_size) {
		ssize_t r = read(fd, bytes + n, st.st_size - n);

		if (r < 0)
			return -errno;
		if (r == 0)
			break;
		n += r;
	}
	*ret_bytes = take_ptr(bytes);
	*ret_n = n;
	return 0;
}

/* A line that starts with '/': whoever reads the policy reads the file of that name, as the writer
 * sees it. Here the writer is whoever runs this. */
static int check_named_file(const struct check *check, const char *path, struct ima_reason *reason)
{
	_cleanup_free_ char *bytes = NULL;
	size_t n = 0;
	int r;

	r = read_rules(
		path, check->rules.grammar ? KERNEL_RULES_FILE_MAX : RULES_FILE_MAX, &bytes, &n);
	if (r < 0) {
		*reason = (struct ima_reason){0};
		snprintf(reason->text, sizeof(reason->text),
			"the kernel reads the rules from that file: %s",
			r == -EINVAL ? "it is empty or no regular file" : strerror(-r));
		return r;
	}
	return verdict_file(&check->rules, bytes, n, reason);
}

static void print_refusal(unsigned number, int error, const struct ima_reason *reason)
{
	char token[4 * sizeof(reason->token) + 1];

	log_quote(token, sizeof(token), reason->token, strlen(reason->token));
	printf("%u: REFUSE %s %s%s%s\n", number, strerrorname_np(-error), token, *token ? ": " : "",
		reason->text);
}

static int check_line(struct check *check, unsigned number, const char *line, size_t n)
{
	struct ima_reason reason = {0};
	char shown[1024];
	bool named;
	int r;

	r = verdict_line(&check->rules, line, n, &reason);
	named = r == -ENOTSUP;
	if (named)
		r = check_named_file(check, line, &reason);
	if (r == -ENOMEM)
		return r;
	check->n_refused += r < 0;
	check->n_rules += r == 0;
	if (check->porcelain)
		puts(r < 0 ? strerrorname_np(-r) : "ACCEPT");
	else if (r < 0)
		print_refusal(number, r, &reason);
	else
		printf("%u: ACCEPT%s%s%s\n", number, n ? " " : "",
			log_quote(shown, sizeof(shown), line, n),
			named ? " (the kernel reads the rules from that file)" : "");
	return 0;
}

static int check_lines(struct check *check, FILE *in, const char *name, struct fault *fault)
{
	_cleanup_free_ char *line = NULL;
	size_t n_space = 0;
	ssize_t n;
	int r;

	errno = 0;
	for (unsigned number = 1; (n = getline(&line, &n_space, in)) >= 0; number++) {
		if (line[n - 1] == '\n')
			line[--n] = '\0';
		r = check_line(check, number, line, n);
		if (r < 0)
			return fault_set(fault, r, "cannot check line %u", number);
		errno = 0;
	}
	if (ferror(in) || errno)
		return fault_set(fault, errno ? -errno : -EIO, "cannot read %s", name);
	return 0;
}

static int check_file(struct check *check, const char *path)
{
	bool is_stdin = strcmp(path, "-") == 0;
	struct fault fault;
	FILE *in = is_stdin ? stdin : fopen(path, "re");
	int r;

	if (!in) {
		fault_set(&fault, -errno, "cannot open %s", path);
		return command_failed(&fault);
	}
	r = check_lines(check, in, is_stdin ? "standard input" : path, &fault);
	if (!is_stdin)
		fclose(in);
	if (r < 0)
		return command_failed(&fault);
	if (!check->rules.grammar && check->n_rules > IMA_RULES_MAX)
		log_warning("%u rules: a namespace keeps %d, and counts and drops the others",
			check->n_rules, IMA_RULES_MAX);
	r = command_done();
	return r ? r : check->n_refused ? EXIT_REFUSED : 0;
}

static int run(const struct ctl *ctl, int argc, char **argv)
{
	static const struct option options[] = {{"grammar", no_argument, NULL, 'g'},
		{"porcelain", no_argument, NULL, 'p'}, {"userns", required_argument, NULL, 'u'},
		{"help", no_argument, NULL, 'h'}, {0}};
	_cleanup_(check_done) struct check check = {0};
	int option;

	(void)ctl;
	check.rules.ids = &check.ids;
	while ((option = getopt_long(argc, argv, "h", options, NULL)) >= 0) {
		switch (option) {
		case 'g':
			check.rules.grammar = true;
			break;
		case 'p':
			check.porcelain = true;
			break;
		case 'u':
			if (set_userns(&check, optarg) < 0)
				return command_usage(
					&command_policy, "--userns takes BASE:COUNT, BASE not 0");
			break;
		case 'h':
			return command_help(&command_policy);
		default:
			return command_usage(&command_policy, NULL);
		}
	}
	if (argc - optind != 2 || strcmp(argv[optind], "check") != 0)
		return command_usage(&command_policy, "say 'policy check' and name one FILE");
	return check_file(&check, argv[optind + 1]);
}

const struct command command_policy = {
	.name = "policy",
	.arguments = "check [--grammar] [--porcelain] [--userns BASE:COUNT] FILE",
	.summary = "Say of each line of a policy whether it would be accepted, and why not",
	.options = "FILE may be '-' for standard input. Nothing is loaded; policyd need not run.\n"
		   "  --grammar            ask only what the kernel's grammar says, not what is "
		   "enforced here\n"
		   "  --porcelain          one word a line: ACCEPT, or the error's name\n"
		   "  --userns BASE:COUNT  read ids as a container with this map would\n",
	.run = run,
};
