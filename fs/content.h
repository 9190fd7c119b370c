/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* What files say that are answered without asking policyd; handlers of the rows in file-table.c,
 * with the parameters and results that struct file_row gives. Texts are byte for byte what the
 * kernel's file of that name holds (security/integrity/ima/ima_fs.c). */
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct node;

#define CONTENT_TEXT_MAX 2048 /* the longest: pcrs_sha256, 24 lines of 73 bytes */

/* Through the row's text handler. */
uint64_t content_text_size(const struct node *node);
ssize_t content_text_read(const struct node *node, uint64_t offset, char *buffer, size_t n);
/* Through the row's variant. */
uint64_t content_list_size(const struct node *node);
ssize_t content_list_read(const struct node *node, uint64_t offset, char *buffer, size_t n);

int content_lsm(const struct node *node, char *text, size_t n);
int content_active(const struct node *node, char *text, size_t n);
int content_hash(const struct node *node, char *text, size_t n);
int content_template_name(const struct node *node, char *text, size_t n);
int content_count(const struct node *node, char *text, size_t n);
int content_violations(const struct node *node, char *text, size_t n);
int content_pcrs(const struct node *node, char *text, size_t n);
int content_id(const struct node *node, char *text, size_t n);
int content_name(const struct node *node, char *text, size_t n);

/* Of files whose bytes come from policyd. */
uint64_t content_policy_size(const struct node *node);
uint64_t content_last_error_size(const struct node *node);
/* An estimate above the true length, in whole pages: what cannot be known before the open must not
 * cut off sendfile(2). */
uint64_t content_metrics_size(const struct node *node);
