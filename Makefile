# SPDX-License-Identifier: MIT
# The front door: a few words for what people do most. Meson does the work.

BUILD ?= build
PREFIX ?= /usr/local
LIBDIR ?= lib
DESTDIR ?=
FUZZ_SECONDS ?= 60

# Debian's Meson runs on Debian's Python; another one in PATH may be a wrapper
# that has no Meson behind it.
MESON := $(firstword $(wildcard /usr/bin/meson) meson)

.DEFAULT_GOAL := all
.PHONY: all demo test test-full hw hw-full oracle bench install clean help

all: ## build all but the tests into build/ (command: build/uiommu)
	@tools/setup build
	@test -f $(BUILD)/build.ninja || \
		$(MESON) setup -Dtests=disabled -Dwerror=false $(BUILD)
	@ninja -C $(BUILD)

demo: all ## show an ordinary program doing DMA where there is no IOMMU
	@demo/demo $(BUILD)

test: ## all suites: gcc and clang, plain and with sanitizers
	@tools/setup test
	@tools/test

test-full: ## the same, with thread sanitizer and static analysis
	@tools/setup full
	@tools/test --full

hw: ## the drivers against emulated IOMMUs
	@tools/setup test
	@tools/test --config gcc hw

hw-full: ## the same with a newer QEMU, which is unpacked beside the system's
	@tools/setup test
	@tools/test --config gcc hw-full

oracle: ## what Linux itself says to the rules of the user API, where it differs
	@tools/setup oracle
	@tools/oracle

bench: all ## the benchmarks
	@$(MESON) test -C $(BUILD) --benchmark --verbose --num-processes 1

fuzz: ## look for inputs that break image readers or engine, for FUZZ_SECONDS (60) each
	@tools/setup test
	@test -f build-fuzz/build.ninja || CC=clang $(MESON) setup -Dfuzz=true \
		-Dtests=enabled -Db_sanitize=address,undefined \
		-Db_lundef=false -Ddebug=false build-fuzz
	@ninja -C build-fuzz tests/cli/fuzz-image tests/iommufd/fuzz-iommufd
	@mkdir -p build-fuzz/corpus-image build-fuzz/corpus-iommufd
	@build-fuzz/tests/cli/fuzz-image -max_total_time=$(FUZZ_SECONDS) \
		build-fuzz/corpus-image tests/cli/corpus
	@build-fuzz/tests/iommufd/fuzz-iommufd -max_len=2048 \
		-max_total_time=$(FUZZ_SECONDS) build-fuzz/corpus-iommufd \
		tests/iommufd/corpus

install: all ## install under PREFIX (default /usr/local), DESTDIR before it
	@$(MESON) configure $(BUILD) -Dprefix=$(PREFIX) -Dlibdir=$(LIBDIR)
	@DESTDIR='$(DESTDIR)' $(MESON) install -C $(BUILD)

clean: ## remove what was built
	rm -rf $(BUILD) build-test build-fuzz

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1	/p' $(MAKEFILE_LIST) | expand -t 20
