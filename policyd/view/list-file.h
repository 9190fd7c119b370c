/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* The state file of one view, from its writer's side: <runtime-dir>/<serial>/state, as
 * include/vsecfs/view.h lays it out. Records are written with pwrite(2), never through a mapping: a
 * full tmpfs is then an error and not a SIGBUS. Owner: policyd's loop, the only writer. Limits:
 * VIEW_FILE_MAX bytes. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vsecfs/view.h"

struct list_file;

/* Creates the file; what a dead policyd left under this serial is removed. The directory's
 * descriptor is borrowed for good. The head is zero but for magic, version and serial. 0; -errno of
 * creating it; -ENOMEM. */
int list_file_new(int runtime_dir_fd, uint32_t serial, struct list_file **ret_list);
/* Removes file and directory, and closes; who mapped it keeps what was there. Accepts NULL. */
void list_file_free(struct list_file *list);

/* The mapped head, writable, as long as the list lives. */
struct view_head *list_file_head(const struct list_file *list);
/* The read-only descriptor for vsecfs and measurers: opened as such, so no holder can write through
 * it. Borrowed. */
int list_file_reader(const struct list_file *list);

/* Enters an entry: record first, PCRs second, then it is published. 0: in the list. 1: an equal
 * digest was there already for this PCR, nothing was added (a violation is always added). -ENOSPC:
 * full; -ENOMEM; -EIO or another errno of pwrite(2): not entered, and the access that it stands for
 * must not be let through unrecorded. */
int list_file_append(struct list_file *list, const struct ima_entry *entry);

/* Sets what the PCRs are before the first entry (the host's boot measurements). -EBUSY once there
 * is one. */
int list_file_start_pcrs(struct list_file *list, const struct view_pcrs *pcrs);

uint64_t list_file_n_entries(const struct list_file *list);
uint64_t list_file_n_violations(const struct list_file *list);
/* Bytes of the file, for quotas and metrics. */
uint64_t list_file_size(const struct list_file *list);
