/* SPDX-License-Identifier: MIT */
/* Linked into the guest whose format is compiled with torn.h. */
#include "walker.h"

bool walker_torn = true;
