#!/bin/sh
# SPDX-License-Identifier: MIT
# life.sh FILE - a process that outlives the first one of the run, and
# writes what it sees to FILE.
(
	trap '' HUP
	sleep 0.4
	if test -c /dev/vfio/devices/vfio0; then
		echo served
	else
		echo alone
	fi
) >"$1" 2>&1 &
exit 5
