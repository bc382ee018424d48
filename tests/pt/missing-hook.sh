#!/bin/sh
# SPDX-License-Identifier: MIT
#
# missing-hook.sh SOURCE-ROOT - a format that lacks something it must have does
# not compile, and the compiler says what is missing.
set -u
cd "$1" || exit 1
cc=${CC:-cc}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -R src include "$work"
cp -R tests/pt "$work/laws"
unit=$work/src/pt/fmt/vtdss

# compile FLAGS - the unit as it stands in the copy.
compile() {
	# shellcheck disable=SC2086
	$cc $1 -std=gnu11 -fsyntax-only -I"$work/include" -I"$work/src" \
		-I"$work/laws" "$unit.c" >"$work/log" 2>&1
}

number=0
status=0
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

# without NAME FILE FLAGS - compile with the #define of NAME gone from FILE.
without() {
	cp "$2" "$work/saved"
	sed "/^#define $1[ (	]/d" "$work/saved" >"$2"
	if cmp -s "$2" "$work/saved" || compile "$3"; then
		false
	else
		grep -q "error.* defines no $1" "$work/log"
	fi
	report "a format without $1 is refused" $?
	cp "$work/saved" "$2"
}

compile "-Wall"
report "the whole format compiles" $?
for hook in $(sed -n 's/^#error "the format defines no \(pt_[a-z0-9_]*\)"/\1/p' \
	src/pt/pt_fmt_defaults.h); do
	without "$hook" "$unit.h" ""
done
without pt_test_cfgs "$unit.h" "-DPT_TEST"
without PT_FMT "$unit.c" ""
without PT_SUPPORTED_FEATURES "$unit.c" ""

# A hook of the wrong type does not compile either.
sed -i 's/^pt_inline bool vtdss_can_have_leaf/pt_inline uint64_t vtdss_can_have_leaf/' \
	"$unit.h"
! compile ""
report "a hook of the wrong type is refused" $?

[ "$number" -gt 12 ] || { echo "not ok - too few hooks were tried"; status=1; }
echo "1..$number"
exit $status
