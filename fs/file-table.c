/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "file-table.h"

#include <string.h>

#include "common/cleanup.h"
#include "content.h"

#define DIRECTORY(k, p, n) .kind = k, .parent = p, .name = n, .mode = S_IFDIR | 0755
#define SYMLINK(k, p, n)   .kind = k, .parent = p, .name = n, .mode = S_IFLNK | 0444
#define REGULAR(k, p, n, permissions)                                                              \
	.kind = k, .parent = p, .name = n, .mode = S_IFREG | (permissions)
#define TEXT(f) .size = content_text_size, .read = content_text_read, .text = f

/* One measurement list; nobody but the namespace's root and the host's may read it. */
#define LIST(k, n, is_binary, h)                                                                   \
	[k] = {REGULAR(k, KIND_IMA, n, 0440), .open = OPEN_READER,                                 \
		.flags = ROW_NEEDS_ACTIVE | ROW_CHANGES | ROW_SEQ, .size = content_list_size,      \
		.read = content_list_read, .variant = {.binary = is_binary, .hash = h}}
/* A short text about the list. */
#define TOTAL(k, n, f)                                                                             \
	[k] = {REGULAR(k, KIND_IMA, n, 0440), .open = OPEN_READER,                                 \
		.flags = ROW_NEEDS_ACTIVE | ROW_CHANGES, TEXT(f)}
/* A setting that is read here and written at policyd. */
#define SETTING(k, n, f)                                                                           \
	[k] = {REGULAR(k, KIND_IMA, n, 0640), .open = OPEN_WRITER, .flags = ROW_CHANGES, TEXT(f)}

static const struct file_row rows[KIND_MAX + 1] = {
	[KIND_ROOT] = {DIRECTORY(KIND_ROOT, KIND_NONE, NULL)},
	[KIND_LSM] = {REGULAR(KIND_LSM, KIND_ROOT, "lsm", 0444), .open = OPEN_ANYONE,
		TEXT(content_lsm)},
	[KIND_INTEGRITY] = {DIRECTORY(KIND_INTEGRITY, KIND_ROOT, "integrity")},
	[KIND_IMA] = {DIRECTORY(KIND_IMA, KIND_INTEGRITY, "ima")},
	[KIND_IMA_LINK] = {SYMLINK(KIND_IMA_LINK, KIND_ROOT, "ima"), .target = "integrity/ima"},
	SETTING(KIND_ACTIVE, "active", content_active),
	[KIND_POLICY] = {REGULAR(KIND_POLICY, KIND_IMA, "policy", 0600), .open = OPEN_ASK,
		.flags = ROW_NEEDS_ACTIVE | ROW_CHANGES, .size = content_policy_size},
	LIST(KIND_ASCII, "ascii_runtime_measurements", false, IMA_SHA1),
	LIST(KIND_ASCII_SHA1, "ascii_runtime_measurements_sha1", false, IMA_SHA1),
	LIST(KIND_ASCII_SHA256, "ascii_runtime_measurements_sha256", false, IMA_SHA256),
	LIST(KIND_ASCII_SHA384, "ascii_runtime_measurements_sha384", false, IMA_SHA384),
	LIST(KIND_ASCII_SHA512, "ascii_runtime_measurements_sha512", false, IMA_SHA512),
	LIST(KIND_BINARY, "binary_runtime_measurements", true, IMA_SHA1),
	LIST(KIND_BINARY_SHA1, "binary_runtime_measurements_sha1", true, IMA_SHA1),
	LIST(KIND_BINARY_SHA256, "binary_runtime_measurements_sha256", true, IMA_SHA256),
	LIST(KIND_BINARY_SHA384, "binary_runtime_measurements_sha384", true, IMA_SHA384),
	LIST(KIND_BINARY_SHA512, "binary_runtime_measurements_sha512", true, IMA_SHA512),
	TOTAL(KIND_COUNT, "runtime_measurements_count", content_count),
	TOTAL(KIND_VIOLATIONS, "violations", content_violations),
	SETTING(KIND_HASH, "hash", content_hash),
	SETTING(KIND_TEMPLATE_NAME, "template_name", content_template_name),
	[KIND_PCRS_SHA1] = {REGULAR(KIND_PCRS_SHA1, KIND_IMA, "pcrs_sha1", 0440),
		.open = OPEN_READER, .flags = ROW_NEEDS_ACTIVE | ROW_CHANGES, TEXT(content_pcrs),
		.pcr_bank = IMA_SHA1},
	[KIND_PCRS_SHA256] = {REGULAR(KIND_PCRS_SHA256, KIND_IMA, "pcrs_sha256", 0440),
		.open = OPEN_READER, .flags = ROW_NEEDS_ACTIVE | ROW_CHANGES, TEXT(content_pcrs),
		.pcr_bank = IMA_SHA256},
	[KIND_VSECFS] = {DIRECTORY(KIND_VSECFS, KIND_ROOT, "vsecfs")},
	[KIND_ID] = {REGULAR(KIND_ID, KIND_VSECFS, "id", 0444), .open = OPEN_ANYONE,
		.flags = ROW_CHANGES, TEXT(content_id)},
	[KIND_NAME] = {REGULAR(KIND_NAME, KIND_VSECFS, "name", 0444), .open = OPEN_ANYONE,
		.flags = ROW_CHANGES, TEXT(content_name)},
	[KIND_LAST_ERROR] = {REGULAR(KIND_LAST_ERROR, KIND_VSECFS, "last_error", 0440),
		.open = OPEN_ASK, .flags = ROW_CHANGES, .size = content_last_error_size},

	[KIND_HOST_ROOT] = {DIRECTORY(KIND_HOST_ROOT, KIND_NONE, NULL)},
	[KIND_HOST_IMA] = {DIRECTORY(KIND_HOST_IMA, KIND_HOST_ROOT, "ima"), .flags = ROW_CHANGES,
		.per_view = KIND_HOST_IMA_ID},
	[KIND_HOST_NS] = {DIRECTORY(KIND_HOST_NS, KIND_HOST_ROOT, "ns"), .flags = ROW_CHANGES,
		.per_view = KIND_ROOT},
	[KIND_HOST_IMA_ID] = {SYMLINK(KIND_HOST_IMA_ID, KIND_HOST_IMA, NULL)},
	[KIND_HOST_METRICS] = {REGULAR(KIND_HOST_METRICS, KIND_HOST_ROOT, "metrics", 0444),
		.open = OPEN_ASK, .flags = ROW_CHANGES, .size = content_metrics_size},
};

const struct file_row *table_row(enum file_kind kind)
{
	if ((unsigned)kind >= ARRAY_SIZE(rows) || rows[kind].kind == KIND_NONE)
		return NULL;
	return &rows[kind];
}

const struct file_row *table_next(enum file_kind parent, enum file_kind after)
{
	for (unsigned kind = (unsigned)after + 1; kind < ARRAY_SIZE(rows); kind++) {
		if (rows[kind].kind != KIND_NONE && rows[kind].parent == parent && rows[kind].name)
			return &rows[kind];
	}
	return NULL;
}

const struct file_row *table_lookup(enum file_kind parent, const char *name)
{
	const struct file_row *row = NULL;

	do
		row = table_next(parent, row ? row->kind : KIND_NONE);
	while (row && strcmp(row->name, name) != 0);
	return row;
}

unsigned table_n_subdirs(enum file_kind parent)
{
	const struct file_row *row = NULL;
	unsigned n = 0;

	while ((row = table_next(parent, row ? row->kind : KIND_NONE)))
		n += S_ISDIR(row->mode);
	return n;
}
