/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "content.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "node.h"
#include "server.h"

uint64_t content_text_size(const struct node *node)
{
	char text[CONTENT_TEXT_MAX];

	return (uint64_t)MAX(node->row->text(node, text, sizeof(text)), 0);
}

ssize_t content_text_read(const struct node *node, uint64_t offset, char *buffer, size_t n)
{
	char text[CONTENT_TEXT_MAX];
	int length = node->row->text(node, text, sizeof(text));

	if (length < 0)
		return length;
	if (offset >= (uint64_t)length)
		return 0;
	n = MIN(n, (size_t)length - (size_t)offset);
	memcpy(buffer, text + offset, n);
	return (ssize_t)n;
}

uint64_t content_list_size(const struct node *node)
{
	struct list list;

	if (view_list(&node->owner->view, &list) < 0)
		return 0;
	return list_size(&list, node->row->variant);
}

ssize_t content_list_read(const struct node *node, uint64_t offset, char *buffer, size_t n)
{
	struct view *view = &node->owner->view;
	struct list list;
	int r;

	r = view_list(view, &list);
	if (r < 0)
		return r;
	return list_read(&list, &view->index, node->row->variant, offset, buffer, n);
}

int content_lsm(const struct node *node, char *text, size_t n)
{
	return snprintf(text, n, "%s", node->session->server->lsm);
}

int content_active(const struct node *node, char *text, size_t n)
{
	const struct view_head *head = view_head(&node->owner->view);

	if (!head)
		return -EIO;
	return snprintf(text, n, "%d\n", !!(atomic_load(&head->flags) & VIEW_ACTIVE));
}

int content_hash(const struct node *node, char *text, size_t n)
{
	const struct view_head *head = view_head(&node->owner->view);
	const char *name = head ? ima_hash_name(atomic_load(&head->hash)) : NULL;

	return name ? snprintf(text, n, "%s\n", name) : -EIO;
}

int content_template_name(const struct node *node, char *text, size_t n)
{
	const struct view_head *head = view_head(&node->owner->view);
	const char *name = head ? ima_template_name(atomic_load(&head->template)) : NULL;

	return name ? snprintf(text, n, "%s\n", name) : -EIO;
}

int content_count(const struct node *node, char *text, size_t n)
{
	struct list list;
	int r;

	r = view_list(&node->owner->view, &list);
	return r < 0 ? r : snprintf(text, n, "%" PRIu64 "\n", list_count(&list));
}

int content_violations(const struct node *node, char *text, size_t n)
{
	struct list list;
	int r;

	r = view_list(&node->owner->view, &list);
	if (r < 0)
		return r;
	return snprintf(text, n, "%" PRIu64 "\n", list.newest ? list.newest->violations : 0);
}

int content_pcrs(const struct node *node, char *text, size_t n)
{
	static const char digits[] = "0123456789ABCDEF";
	size_t size = ima_hash_size((enum ima_hash)node->row->pcr_bank);
	struct view_pcrs pcrs;
	size_t o = 0;
	int r;

	r = view_pcrs(&node->owner->view, &pcrs);
	if (r < 0)
		return r;
	for (unsigned i = 0; i < VIEW_PCRS; i++) {
		const uint8_t *value =
			node->row->pcr_bank == IMA_SHA1 ? pcrs.sha1[i] : pcrs.sha256[i];

		o += (size_t)snprintf(text + o, n - o, "PCR-%02u: ", i);
		for (size_t j = 0; j < size; j++) {
			text[o++] = digits[value[j] >> 4];
			text[o++] = digits[value[j] & 15];
		}
		text[o++] = '\n';
	}
	return (int)o;
}

_Static_assert(VIEW_PCRS * 73 < CONTENT_TEXT_MAX, "pcrs_sha256 must fit");

int content_id(const struct node *node, char *text, size_t n)
{
	return snprintf(text, n, "%" PRIu64 "\n", view_id(&node->owner->view));
}

int content_name(const struct node *node, char *text, size_t n)
{
	const struct view_head *head = view_head(&node->owner->view);

	if (!head)
		return -EIO;
	return snprintf(text, n, "%.*s\n", (int)strnlen(head->name, VIEW_NAME_MAX), head->name);
}

uint64_t content_policy_size(const struct node *node)
{
	const struct view_head *head = view_head(&node->owner->view);

	if (!head)
		return 0;
	return node->session->face == FACE_HOST ? atomic_load(&head->policy_size_host)
						: atomic_load(&head->policy_size_inside);
}

uint64_t content_last_error_size(const struct node *node)
{
	const struct view_head *head = view_head(&node->owner->view);

	return head ? atomic_load(&head->last_error_size) : 0;
}

uint64_t content_metrics_size(const struct node *node)
{
	return (node->session->server->metrics_size / 4096 + 2) * 4096;
}
