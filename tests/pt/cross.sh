#!/bin/sh
# SPDX-License-Identifier: MIT
#
# cross.sh SOURCE-ROOT FORMAT... - the laws of every format on other machines,
# under qemu-user: words of 32 bits, other alignments, other atomics, other vectors.
set -u
cd "$1" || exit 1
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
number=0
status=0

report() { # NAME RC LOG
	number=$((number + 1))
	if [ "$2" = 0 ]; then
		echo "ok $number - $1"
	else
		tail -20 "$3" | sed 's/^/# /'
		echo "not ok $number - $1"
		status=1
	fi
}

# machine NAME COMPILER EMULATOR FORMAT... - one line for each format.
machine() {
	name=$1 cc=$2 qemu=$3
	shift 3
	for tool in "$cc" "$qemu"; do
		command -v "$tool" >/dev/null && continue
		number=$((number + 1))
		echo "ok $number - $name # SKIP $tool is not installed"
		return
	done
	flags="-std=gnu11 -O2 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 \
		-Wall -Wextra -Werror -Wno-unused-parameter -Itests/pt/cross \
		-Iinclude -Isrc -Itests/pt -fvisibility=hidden"
	objects=
	for source in tests/pt/ref.c src/port/*.c src/soft/*.c src/soft/fmt/*.c; do
		object=$work/$name-$(echo "$source" | tr / _).o
		objects="$objects $object"
		# shellcheck disable=SC2086
		if ! "$cc" $flags -c "$source" -o "$object" \
				>"$work/log" 2>&1; then
			report "$name: $source compiles" 1 "$work/log"
			return
		fi
	done
	for format in "$@"; do
		# shellcheck disable=SC2086
		"$cc" $flags -c "src/pt/fmt/$format.c" -o "$work/$name-fmt.o" \
			>"$work/log" 2>&1 &&
			"$cc" $flags -DPT_TEST -Wno-unused-function -static \
			-o "$work/$name-laws" "src/pt/fmt/$format.c" \
			"$work/$name-fmt.o" $objects -lpthread \
			>"$work/log" 2>&1 &&
			"$qemu" "$work/$name-laws" >"$work/log" 2>&1
		rc=$?
		grep '^not ok' -B3 "$work/log" >"$work/failed"
		[ -s "$work/failed" ] || cp "$work/log" "$work/failed"
		report "$name: $format" $rc "$work/failed"
	done
	# shellcheck disable=SC2086
	"$cc" $flags -static -o "$work/$name-run" tests/pt/test_run.c \
		$objects -lpthread >"$work/log" 2>&1 &&
		"$qemu" "$work/$name-run" >"$work/log" 2>&1
	report "$name: runs of entries" $? "$work/log"
}

# The emulator of qemu-user or of qemu-user-static
emulator() {
	command -v "qemu-$1" || echo "qemu-$1-static"
}

machine aarch64 aarch64-linux-gnu-gcc "$(emulator aarch64)" "$@"
machine riscv64 riscv64-linux-gnu-gcc "$(emulator riscv64)" "$@"
machine armhf arm-linux-gnueabihf-gcc "$(emulator arm)" "$@"
machine i386 i686-linux-gnu-gcc "$(emulator i386)" "$@"
echo "1..$number"
exit $status
