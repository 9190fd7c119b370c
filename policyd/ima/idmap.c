/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "vsecfs/ima.h"

#define EXTENTS_MAX 340 /* UID_GID_MAP_MAX_EXTENTS */

/* Reads blanks and one decimal number of 32 bits; *text moves behind it. */
static int take_u32(const char **text, const char *end, uint32_t *ret_value)
{
	const char *p = *text;
	uint64_t value = 0;
	const char *digits;

	while (p < end && *p == ' ')
		p++;
	for (digits = p; p < end && *p >= '0' && *p <= '9'; p++) {
		value = value * 10 + (uint64_t)(*p - '0');
		if (value > UINT32_MAX)
			return -EINVAL;
	}
	if (p == digits)
		return -EINVAL;
	*text = p;
	*ret_value = (uint32_t)value;
	return 0;
}

static int take_extent(const char **text, const char *end, struct ima_idmap_extent *ret_extent)
{
	struct ima_idmap_extent e;

	if (take_u32(text, end, &e.inside) < 0 || take_u32(text, end, &e.outside) < 0 ||
		take_u32(text, end, &e.count) < 0)
		return -EINVAL;
	if (*text < end && *(*text)++ != '\n')
		return -EINVAL;
	if (!e.count || (uint64_t)e.inside + e.count > UINT32_MAX ||
		(uint64_t)e.outside + e.count > UINT32_MAX)
		return -EINVAL;
	*ret_extent = e;
	return 0;
}

int ima_idmap_parse(const char *text, size_t n, struct ima_idmap **ret_map)
{
	const char *end = text + n;
	_cleanup_free_ struct ima_idmap *map =
		calloc(1, sizeof(*map) + EXTENTS_MAX * sizeof(map->extents[0]));
	struct ima_idmap *fit;

	if (!map)
		return -ENOMEM;
	while (text < end) {
		if (map->n == EXTENTS_MAX || take_extent(&text, end, &map->extents[map->n]) < 0)
			return -EINVAL;
		map->n++;
	}
	fit = realloc(map, sizeof(*map) + map->n * sizeof(map->extents[0]));
	if (!fit)
		return -ENOMEM;
	map = NULL;
	*ret_map = fit;
	return 0;
}

bool ima_id_to_host(const struct ima_idmap *map, uint32_t inside, uint32_t *ret_host)
{
	if (inside == UINT32_MAX) /* the kernel's INVALID_UID, never an id */
		return false;
	if (!map) {
		*ret_host = inside;
		return true;
	}
	for (size_t i = 0; i < map->n; i++) {
		const struct ima_idmap_extent *e = &map->extents[i];

		if (inside >= e->inside && inside - e->inside < e->count) {
			*ret_host = e->outside + (inside - e->inside);
			return *ret_host != UINT32_MAX;
		}
	}
	return false;
}

bool ima_id_from_host(const struct ima_idmap *map, uint32_t host, uint32_t *ret_inside)
{
	if (host == UINT32_MAX)
		return false;
	if (!map) {
		*ret_inside = host;
		return true;
	}
	for (size_t i = 0; i < map->n; i++) {
		const struct ima_idmap_extent *e = &map->extents[i];

		if (host >= e->outside && host - e->outside < e->count) {
			*ret_inside = e->inside + (host - e->outside);
			return *ret_inside != UINT32_MAX;
		}
	}
	return false;
}
