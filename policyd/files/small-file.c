/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "small-file.h"

#include <errno.h>

static int write_active(struct view *view, const char *value, size_t n)
{
	if (n != 1 || value[0] != '1')
		return -EINVAL;
	return view_activate(view);
}

/* Which hash the template ima can carry is fixed by its format: 20 bytes. */
static int set_both(struct view *view, int hash, int template)
{
	if (hash < 0 || template <0 || (template == IMA_TEMPLATE_IMA && hash != IMA_SHA1))
		return -EINVAL;
	if (atomic_load(&view->head->flags) & VIEW_ACTIVE)
		return -EPERM;
	atomic_store(&view->head->hash, (uint32_t)hash);
	atomic_store(&view->head->template, (uint32_t) template);
	return 0;
}

int small_file_write(
	struct view *view, enum file_kind kind, uint64_t offset, const char *bytes, size_t n)
{
	if (offset != 0 || n == 0)
		return -EINVAL;
	if (bytes[n - 1] == '\n')
		n--;
	switch (kind) {
	case KIND_ACTIVE:
		return write_active(view, bytes, n);
	case KIND_HASH:
		return set_both(
			view, ima_hash_parse(bytes, n), (int)atomic_load(&view->head->template));
	case KIND_TEMPLATE_NAME:
		return set_both(
			view, (int)atomic_load(&view->head->hash), ima_template_parse(bytes, n));
	default:
		return -EINVAL;
	}
}
