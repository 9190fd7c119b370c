/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fault.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int fault_set(struct fault *fault, int error, const char *format, ...)
{
	size_t n;
	va_list ap;

	va_start(ap, format);
	vsnprintf(fault->text, sizeof(fault->text), format, ap);
	va_end(ap);
	n = strlen(fault->text);
	snprintf(fault->text + n, sizeof(fault->text) - n, ": %s", strerror(-error));
	return error;
}

int fault_say(struct fault *fault, int error, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(fault->text, sizeof(fault->text), format, ap);
	va_end(ap);
	return error;
}
