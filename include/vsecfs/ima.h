/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* IMA in user space: rule grammar, matching, templates, virtual PCRs. Pure: bytes in, verdict out;
 * no descriptor, no log, no clock. Follows security/integrity/ima of Linux (ima_policy.c,
 * ima_template*.c, ima_queue.c). Shared by policyd (commit, append), its measurers (match) and
 * vsecctl (policy check). */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- digests ---- */

enum ima_hash { IMA_SHA1, IMA_SHA256, IMA_SHA384, IMA_SHA512, IMA_N_HASHES };

#define IMA_DIGEST_MAX 64

/* "sha1", ...; NULL for others. Sizes in bytes. */
const char *ima_hash_name(enum ima_hash hash);
size_t ima_hash_size(enum ima_hash hash);
/* The hash called by the n bytes of name, or -EINVAL. */
int ima_hash_parse(const char *name, size_t n);

/* The four template digests of one entry; all zeros for a violation. */
struct ima_template_digests {
	uint8_t sha1[20], sha256[32], sha384[48], sha512[64];
	uint8_t pad[4];
};
/* The digest of one bank: ima_hash_size(hash) bytes. */
const uint8_t *ima_template_digest(const struct ima_template_digests *digests, enum ima_hash hash);

/* ---- ids ---- */

/* uid_map or gid_map of a user namespace: ids inside and in the initial namespace. NULL stands for
 * the identity. */
struct ima_idmap {
	size_t n;
	struct ima_idmap_extent {
		uint32_t inside, outside, count;
	} extents[]; /* at most 340, as the kernel */
};
/* Parses the text of /proc/PID/uid_map. 0, -EINVAL, -ENOMEM; an empty map has n = 0 and maps
 * nothing. */
int ima_idmap_parse(const char *text, size_t n, struct ima_idmap **ret_map);
/* Both return whether the id is mapped. */
bool ima_id_to_host(const struct ima_idmap *map, uint32_t inside, uint32_t *ret_host);
bool ima_id_from_host(const struct ima_idmap *map, uint32_t host, uint32_t *ret_inside);

/* The two maps of one user namespace. */
struct ima_ids {
	const struct ima_idmap *uids, *gids;
};

/* ---- rules ---- */

/* Bits of ima_rule.action: as in the kernel each "do" has its "dont" one bit up. */
enum ima_action {
	IMA_MEASURE = 0x01,
	IMA_DONT_MEASURE = 0x02,
	IMA_APPRAISE = 0x04,
	IMA_DONT_APPRAISE = 0x08,
	IMA_AUDIT = 0x40,
	IMA_HASH = 0x100,
	IMA_DONT_HASH = 0x200,
};

enum ima_func {
	IMA_FUNC_NONE,
	IMA_FILE_CHECK,
	IMA_MODULE_CHECK,
	IMA_FIRMWARE_CHECK,
	IMA_MMAP_CHECK,
	IMA_BPRM_CHECK,
	IMA_CREDS_CHECK,
	IMA_KEXEC_KERNEL_CHECK,
	IMA_KEXEC_INITRAMFS_CHECK,
	IMA_POLICY_CHECK,
	IMA_KEXEC_CMDLINE,
	IMA_KEY_CHECK,
	IMA_CRITICAL_DATA,
	IMA_SETXATTR_CHECK,
	IMA_N_FUNCS,
};

/* Bits of an access, as the kernel's. */
#define IMA_MAY_EXEC   1u
#define IMA_MAY_WRITE  2u
#define IMA_MAY_READ   4u
#define IMA_MAY_APPEND 8u

enum ima_template { IMA_TEMPLATE_IMA, IMA_TEMPLATE_NG, IMA_TEMPLATE_SIG, IMA_N_TEMPLATES };
/* "ima", "ima-ng", "ima-sig"; NULL for others. */
const char *ima_template_name(enum ima_template template);
int ima_template_parse(const char *name, size_t n); /* or -EINVAL */

#define IMA_RULE_LINE_MAX 4095 /* the kernel's page less its NUL */
#define IMA_RULES_MAX     1024 /* a namespace's; more are accepted, dropped and counted */

/* Why a rule is refused, for last_error and for vsecctl. */
struct ima_reason {
	char token[64]; /* the offending word, printable, cut; may be empty */
	char text[160]; /* one sentence without a full stop */
};

struct ima_rule; /* opaque; ids inside are the initial namespace's */

/* Parses one rule (n bytes, no newline, no NUL) as the kernel would; ids of the text are read in
 * ids. 0: a rule. 1: blank or a comment, *ret_rule untouched. -EINVAL, -ERANGE: refused as the
 * kernel refuses it, and ret_reason says why. -ENOMEM. */
int ima_rule_parse(const char *line, size_t n, const struct ima_ids *ids,
	struct ima_rule **ret_rule, struct ima_reason *ret_reason);
void ima_rule_free(struct ima_rule *rule);

/* What the kernel does with one write(2) of n bytes to its policy file: only what stands before the
 * first newline or NUL counts, cut at IMA_RULE_LINE_MAX. 0 accepted (*ret_used: bytes taken of n),
 * or the errno. Bytes that start with '/' are the caller's matter: -ENOTSUP. */
int ima_grammar_write(const char *bytes, size_t n, const struct ima_ids *ids, size_t *ret_used,
	struct ima_reason *ret_reason);
/* What the kernel makes of a policy file of n bytes whose name was written (ima_read_policy()):
 * every line counts, none is cut, and lines must make up the whole size. 0, or the errno: -EINVAL
 * also for an empty file, a last line without newline and bytes behind a NUL. */
int ima_grammar_file(
	const char *bytes, size_t n, const struct ima_ids *ids, struct ima_reason *ret_reason);

/* Is the rule one that this build can enforce in a namespace? 0; -EINVAL with the reason if not. */
int ima_rule_enforceable(const struct ima_rule *rule, struct ima_reason *ret_reason);

/* Canonical form as the kernel's ima_policy_show(): each token followed by a blank, then a newline;
 * ids as the reader sees them (one without a mapping reads as 4294967295). Appends to *text
 * (malloc'd, may start NULL), updating *n. 0 or -ENOMEM. */
int ima_rule_format(
	const struct ima_rule *rule, const struct ima_ids *reader, char **text, size_t *n);

/* ---- a namespace's policy ---- */

struct ima_policy; /* an append-only list of rules, in order */

int ima_policy_new(struct ima_policy **ret_policy); /* 0, -ENOMEM */
void ima_policy_free(struct ima_policy *policy);
/* Takes the rule, also on failure. 0, -ENOMEM; -ENOSPC at IMA_RULES_MAX. */
int ima_policy_add(struct ima_policy *policy, struct ima_rule *rule);
size_t ima_policy_n_rules(const struct ima_policy *policy);
/* The whole policy in canonical form; *ret_text is malloc'd. 0 or -ENOMEM. */
int ima_policy_format(const struct ima_policy *policy, const struct ima_ids *reader,
	char **ret_text, size_t *ret_n);
/* Parses canonical text (identity ids), as ima_policy_format(policy, NULL ids) wrote it. 0,
 * -EINVAL, -ENOMEM. */
int ima_policy_parse(const char *text, size_t n, struct ima_policy **ret_policy);

/* One access, as far as the caller knows it. Ids are the initial namespace's. */
struct ima_access {
	enum ima_func func;
	unsigned mask; /* IMA_MAY_*: compared whole by mask=X, by bits by mask=^X */
	uint32_t uid, euid, suid, gid, egid, sgid;
	bool cap_setuid,
		cap_setgid; /* euid= and egid= then match any of the three (ima_match_rules()) */
	uint32_t fowner, fgroup;
	uint64_t fsmagic;
	uint8_t fsuuid[16];
	const char *fsname; /* the file system type's name */
};

struct ima_decision {
	bool measure;
	unsigned pcr;
	int template; /* enum ima_template, or -1: the namespace's own */
};

/* First match per action class, as ima_match_policy(). */
void ima_policy_match(const struct ima_policy *policy, const struct ima_access *access,
	struct ima_decision *ret_decision);

/* What a policy could need, so that a measurer asks the kernel no more than that. */
struct ima_needs {
	uint32_t funcs; /* bit 1 << func of each func that some rule could measure */
	bool creds;     /* some rule looks at uid, euid, gid or egid */
	bool fsuuid, fsname;
	uint64_t pcrs; /* bit of each PCR that some rule could extend */
};
void ima_policy_needs(const struct ima_policy *policy, struct ima_needs *ret_needs);

/* ---- templates ---- */

#define IMA_PATH_MAX     4096
#define IMA_SIG_MAX      4096
#define IMA_IMA_NAME_MAX 255 /* template ima: longer names are cut to the file's own name */

/* A measured file, as a measurer found it. */
struct ima_event {
	enum ima_template template;
	enum ima_hash hash; /* of digest; sha1 for template ima */
	unsigned pcr;
	bool violation; /* digest is ignored: zeros in the list, 0xff extended */
	uint8_t digest[IMA_DIGEST_MAX];
	const char *path; /* any bytes but NUL */
	size_t n_path;
	const uint8_t *signature; /* security.ima, for ima-sig */
	size_t n_signature;
};

/* What the list and the PCRs keep of it. */
struct ima_entry {
	unsigned pcr;
	bool violation;
	struct ima_template_digests digests; /* of the template data */
	char *ascii_tail;                    /* " ima-ng sha256:... /path\n" */
	size_t n_ascii_tail;
	uint8_t *binary_tail; /* u32 length, name, data */
	size_t n_binary_tail;
};
/* 0, -EINVAL (a hash that the template cannot carry, a path over IMA_PATH_MAX), -ENOMEM. */
int ima_entry_make(const struct ima_event *event, struct ima_entry *ret_entry);
void ima_entry_done(struct ima_entry *entry);

/* Extends one bank's PCR value in place: value = H(value || digest), the digest 0xff for a
 * violation. 0 or -ENOMEM. hash is IMA_SHA1 or IMA_SHA256. */
int ima_pcr_extend(enum ima_hash hash, uint8_t *value, const struct ima_entry *entry);
