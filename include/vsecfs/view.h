/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* The state file of one view: what policyd publishes and vsecfs serves without asking.
 *
 * A memory-backed file under the runtime directory, written by policyd alone, mapped read-only by
 * vsecfs and by the namespace's measurer. It starts with struct view_head; from VIEW_HEAD_SIZE on
 * follow the entries of the measurement list, each 8-aligned, only ever appended. `last` publishes:
 * a reader loads it (acquire) and believes nothing beyond the record it names. Every variant of the
 * list (ascii or binary, one template digest or another) is made of the same records, so a variant
 * costs no memory and all of them agree at any moment.
 *
 * Owner: policyd. Limits: VIEW_FILE_MAX bytes. A change of layout changes VIEW_VERSION. */
#include <stdatomic.h>
#include <stdint.h>

#include "vsecfs/ima.h"

#define VIEW_MAGIC     0x57565345u /* "ESVW" */
#define VIEW_VERSION   1u
#define VIEW_HEAD_SIZE 8192u
#define VIEW_FILE_MAX  (1ull << 30)
#define VIEW_NAME_MAX  64
#define VIEW_PCRS      24

/* Flags of view_head.flags. */
#define VIEW_ACTIVE                                                                                \
	1u /* `active` reads 1: hash and template are fixed, every file can be opened              \
	    */
#define VIEW_FLUSHED                                                                               \
	2u /* a good policy set was flushed and is not yet released: a measurer asks before it     \
	      decides */

/* The virtual PCRs; [n & 1] is valid after entry n, the other half is being written. */
struct view_pcrs {
	uint8_t sha1[VIEW_PCRS][20];
	uint8_t sha256[VIEW_PCRS][32];
};

struct view_head {
	uint32_t magic, version;
	uint32_t serial; /* this view's number in this life of policyd, never reused */
	uint32_t reserved;
	_Atomic uint64_t last; /* offset of the newest record; 0: the list is empty */
	_Atomic uint32_t flags;
	_Atomic uint32_t policy_generation;  /* counts commits */
	_Atomic uint32_t hash;               /* enum ima_hash */
	_Atomic uint32_t template;           /* enum ima_template */
	_Atomic uint32_t policy_size_inside; /* bytes of `policy` as the namespace reads it */
	_Atomic uint32_t policy_size_host;   /* bytes of `policy` as the host reads it */
	_Atomic uint32_t last_error_size;    /* bytes of `vsecfs/last_error` */
	uint32_t root_uid, root_gid; /* the owner of every file, in the initial user namespace */
	_Atomic uint64_t
		id; /* mount-namespace inode number; 0 while the view waits for its namespace */
	_Atomic uint64_t id64; /* 64-bit mount-namespace id; 0 where the kernel has none */
	char name[VIEW_NAME_MAX];
	struct view_pcrs pcrs[2];
};

/* One entry of the list. The ascii line is `"%2d " pcr`, the hex of a template digest, and the
 * ascii tail (from the space before the template's name to the newline); the binary entry is u32
 * pcr, a template digest and the binary tail. The ends count from the start of the file in the sha1
 * variant; a variant with another digest is longer by a fixed amount an entry. */
struct view_record {
	uint32_t size; /* of the whole record, a multiple of 8; the next one begins there */
	uint32_t pcr;
	uint64_t number;     /* of this entry, from 1 */
	uint64_t violations; /* in the list up to and with this entry */
	uint64_t ascii_end;  /* bytes of the ascii list with sha1 digests, up to and with this entry
			      */
	uint64_t binary_end; /* the same of the binary list */
	uint32_t n_ascii_tail, n_binary_tail;
	struct ima_template_digests digests;
	uint8_t tails[]; /* ascii tail, binary tail */
};
