/* SPDX-License-Identifier: MIT */
/* C++ programs include the header too. */
#include "uapi.c"
