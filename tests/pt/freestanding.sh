#!/bin/sh
# SPDX-License-Identifier: MIT
#
# freestanding.sh SOURCE-ROOT [all] - compile the freestanding layers against an
# empty libc and see what they need: nothing but what port.h documents. Every build
# takes a compiler half a minute: the first compiler does those that differ most, and
# the second one as kernels are built; "all" has both do all.
set -u
all=${2-}
cd "$1" || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# What compilers emit on their own, and the hooks of <uiommu/port.h>.
cat >"$work/allowed" <<END
memcmp
memcpy
memmove
memset
port_default_runtime
port_lock
port_unlock
port_warn
END
# Where 64-bit entries are wider than the word.
cat >"$work/allowed32" <<END
port_and64
port_cas64
port_load64
port_store64
END

number=0
status=0

# report NAME RC - one TAP line, with what the log says if it failed.
report() {
	number=$((number + 1))
	if [ "$2" = 0 ]; then
		echo "ok $number - $1"
	else
		sed 's/^/# /' "$work/log"
		echo "not ok $number - $1"
		status=1
	fi
}

# The compiler's own headers; that of clang stands elsewhere than gcc says.
own_headers() {
	case $1 in
	*clang*) echo "$("$1" -print-resource-dir)/include" ;;
	*) "$1" -print-file-name=include ;;
	esac
}

# build CC FLAGS - compile and link all; what is left undefined goes to "needs".
build() {
	flags="-std=gnu11 -ffreestanding -nostdlib -nostdinc -Wall -Wextra \
		-Wconversion -Wvla -Wmissing-prototypes -Wno-unused-parameter \
		-Werror -Iinclude -Isrc $2"
	objects=
	for source in src/pt/fmt/*.c src/iommu/*.c src/drivers/*.c \
			src/drivers/amd/*.c src/drivers/intel/*.c \
			src/drivers/riscv/*.c src/drivers/smmuv3/*.c; do
		object=$work/$(echo "$source" | tr / _).o
		objects="$objects $object"
		# shellcheck disable=SC2086
		"$1" $flags -isystem "$(own_headers "$1")" -c "$source" \
			-o "$object" >>"$work/log" 2>&1 || return 1
	done
	# shellcheck disable=SC2086
	"$1" -nostdlib -r $2 -o "$work/all.o" $objects \
		>>"$work/log" 2>&1 || return 1
	nm -u "$work/all.o" | awk '{ print $NF }' | sort -u >"$work/needs"
}

# check CC FLAGS - and compare it with what is allowed, if CC knows FLAGS.
check() {
	: >"$work/log"
	# shellcheck disable=SC2086
	if ! "$1" $2 -Werror -ffreestanding -x c -c /dev/null \
			-o /dev/null 2>/dev/null; then
		number=$((number + 1))
		echo "ok $number - $1 $2 # SKIP $1 does not know $2"
		return
	fi
	build "$1" "$2"
	report "$1 $2: compiles and links without a libc" $? || return
	[ -s "$work/needs" ] || return
	cat "$work/allowed" >"$work/fine"
	case $2 in *-m32*) cat "$work/allowed32" >>"$work/fine" ;; esac
	grep -vxF -f "$work/fine" "$work/needs" >"$work/log"
	report "$1 $2: needs nothing but the port" $((! $?))
	rm -f "$work/needs"
}

# run32 CC - the same code at work, where words have 32 bits.
run32() {
	: >"$work/log"
	name="$1: works with 32-bit words"
	flags="-m32 -std=gnu11 -O2 -ffreestanding -nostdlib -nostdinc -static \
		-fno-pic -no-pie -fno-stack-protector -Wall -Wextra -Werror \
		-Wno-unused-parameter -Wno-unused-command-line-argument \
		-Iinclude -Isrc"
	# shellcheck disable=SC2086
	"$1" $flags -isystem "$(own_headers "$1")" -o "$work/word32" \
		tests/pt/word32.c src/pt/fmt/amdv1.c src/pt/fmt/vtdss.c \
		>>"$work/log" 2>&1 || { report "$name" 1; return; }
	"$work/word32" 2>>"$work/log"
	rc=$?
	if [ "$rc" = 126 ]; then
		number=$((number + 1))
		echo "ok $number - $name # SKIP the system does not run i386"
		return
	fi
	echo "check number $rc failed" >>"$work/log"
	report "$name" "$rc"
}

for cc in gcc clang; do
	if ! command -v "$cc" >/dev/null; then
		number=$((number + 1))
		echo "ok $number - $cc # SKIP not installed"
		continue
	fi
	# Registers of a kernel: no floating point, no vectors.
	check "$cc" "-O2 -mgeneral-regs-only"
	[ -z "$all" ] || check "$cc" "-O2"
	[ "$cc$all" = clang ] || check "$cc" "-O2 -m32 -fno-pic"
	case $(uname -m) in x86_64 | i?86) run32 "$cc" ;; esac
done
echo "1..$number"
exit $status
