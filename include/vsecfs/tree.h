/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* The kinds of file that a view and the host face are made of; fs/ has the table with names, modes
 * and handlers, policyd the answers for those that need a judgement. A node id is made of a view's
 * serial and a kind, so it means the same to a successor; a number, once given, stays. */
#include <stdint.h>

enum file_kind {
	KIND_NONE = 0,
	/* a view */
	KIND_ROOT = 1, /* FUSE_ROOT_ID */
	KIND_LSM = 2,
	KIND_INTEGRITY = 3,
	KIND_IMA = 4,
	KIND_IMA_LINK = 5,
	KIND_ACTIVE = 6,
	KIND_POLICY = 7,
	KIND_ASCII = 8, /* ascii_runtime_measurements */
	KIND_ASCII_SHA1 = 9,
	KIND_ASCII_SHA256 = 10,
	KIND_ASCII_SHA384 = 11,
	KIND_ASCII_SHA512 = 12,
	KIND_BINARY = 13,
	KIND_BINARY_SHA1 = 14,
	KIND_BINARY_SHA256 = 15,
	KIND_BINARY_SHA384 = 16,
	KIND_BINARY_SHA512 = 17,
	KIND_COUNT = 18,
	KIND_VIOLATIONS = 19,
	KIND_HASH = 20,
	KIND_TEMPLATE_NAME = 21,
	KIND_PCRS_SHA1 = 22,
	KIND_PCRS_SHA256 = 23,
	KIND_VSECFS = 24,
	KIND_ID = 25,
	KIND_NAME = 26,
	KIND_LAST_ERROR = 27,
	/* the host face */
	KIND_HOST_IMA = 64,
	KIND_HOST_NS = 65,
	KIND_HOST_IMA_ID = 66, /* ima/<id>, one a view */
	KIND_HOST_METRICS = 67,
	KIND_HOST_ROOT = 68, /* never in a node id: KIND_ROOT of serial 0 there */
	KIND_MAX = 127,
};

/* Node ids: 16 bits of kind below the serial. In a view's own superblock the serial part is 0, so
 * that its root is FUSE_ROOT_ID; on the host face ns/<id>/ is KIND_ROOT with that view's serial. */
#define NODE(serial, kind) ((uint64_t)(serial) << 16 | (kind))
#define NODE_SERIAL(node)  ((uint32_t)((node) >> 16))
#define NODE_KIND(node)    ((enum file_kind)((node)&0xffff))
