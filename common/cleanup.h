/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Scope-bound ownership: variables that release what they hold when they leave scope, and moves out
 * of them. A destructor named in _cleanup_() accepts NULL (or -1) and half-built objects. */
#include <stdlib.h>
#include <unistd.h>

#define _cleanup_(f)      __attribute__((cleanup(f)))
#define _cleanup_free_    _cleanup_(cleanup_free)
#define _cleanup_close_   _cleanup_(cleanup_close)
#define _printf_(fmt, va) __attribute__((format(printf, fmt, va)))

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b)     ((a) < (b) ? (a) : (b))
#define MAX(a, b)     ((a) > (b) ? (a) : (b))

static inline void cleanup_free(void *p)
{
	free(*(void **)p);
}

static inline void cleanup_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

/* Closes *fd if it is set and forgets it, so that a second call is harmless. */
static inline void close_fd(int *fd)
{
	cleanup_close(fd);
	*fd = -1;
}

/* Moves a descriptor out of its variable; the caller owns the result. */
static inline int take_fd(int *fd)
{
	int r = *fd;

	*fd = -1;
	return r;
}

/* Moves a pointer out of its variable; the caller owns the result. */
#define take_ptr(p)                                                                                \
	({                                                                                         \
		__typeof__(p) _r = (p);                                                            \
		(p) = NULL;                                                                        \
		_r;                                                                                \
	})

/* Defines cleanup_x(T **) for _cleanup_(): calls f on what the variable points to. */
#define DEFINE_CLEANUP(name, type, f)                                                              \
	static inline void name(type **p)                                                          \
	{                                                                                          \
		if (*p)                                                                            \
			f(*p);                                                                     \
	}
