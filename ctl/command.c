/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command.h"

#include <stdarg.h>
#include <stdio.h>

#include "../common/log.h"

int command_help(const struct command *command)
{
	printf("Usage: vsecctl [--runtime-dir DIR] %s %s\n%s.\n%s", command->name,
		command->arguments, command->summary, command->options);
	return command_done();
}

int command_usage(const struct command *command, const char *problem, ...)
{
	char text[512];
	va_list ap;

	if (problem) {
		va_start(ap, problem);
		vsnprintf(text, sizeof(text), problem, ap);
		va_end(ap);
		log_error("%s: %s", command->name, text);
	}
	log_error("usage: vsecctl %s %s (see 'vsecctl %s --help')", command->name,
		command->arguments, command->name);
	return EXIT_USAGE;
}

int command_failed(const struct fault *fault)
{
	log_error("%s", fault->text);
	return EXIT_REFUSED;
}

int command_done(void)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return 0;
	log_error("cannot write the output: %m");
	return EXIT_REFUSED;
}
