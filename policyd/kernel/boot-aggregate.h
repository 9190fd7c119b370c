/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* The first entry of a list: the host's boot, as its TPM recorded it. Follows
 * ima_add_boot_aggregate() and ima_calc_boot_aggregate() of Linux. */
#include "vsecfs/view.h"

struct boot_aggregate {
	enum ima_hash hash; /* of digest; not the one asked for where the TPM has no such bank */
	uint8_t digest[IMA_DIGEST_MAX];
	struct view_pcrs pcrs; /* PCRs 0 to 9 as the host's, zeros where there is no TPM or bank */
};

/* Reads class/tpm/tpm0/pcr-BANK/N below sysfs_fd (/sys). Preference as the kernel: the bank of
 * hash, else sha256, else sha1; without any, and for template ima without sha1: zeros. 0; -EIO: a
 * register that cannot be read or is no digest; -ENOMEM. */
int boot_aggregate_read(int sysfs_fd, enum ima_hash hash, enum ima_template template,
	struct boot_aggregate *ret_aggregate);
