# SPDX-License-Identifier: GPL-2.0-or-later
#
#   make demo     two gateways agree a key and protect a call; the evidence is in out/demo/
#   make check    every test; the last line says how many passed and failed
#
# Both install what is missing from Debian's packages and boot a Debian kernel in QEMU by
# themselves. HOST=1 runs the same on this machine's own kernel (root is needed for that).
# The rest of what can be made: make help

SHELL := /bin/bash
MAKEFLAGS += --no-print-directory
JOBS ?= $(shell nproc)
VERSION := 0.1.0
PREFIX ?= /usr/local
HOST ?=
export HOST FUZZ_SECONDS V

.DEFAULT_GOAL := all
.PHONY: all deps kmod uhelper tests demo check check-% fuzz style install clean help

help:
	@echo 'make all          kernel module and programs'
	@echo 'make demo         the main job, step by step; evidence in out/demo/'
	@echo 'make check        every test (make check-NAME: one suite of selftests/suites)'
	@echo 'make fuzz         each fuzz target for FUZZ_SECONDS (600)'
	@echo 'make style        sparse, W=1, checkpatch, the analyser of clang'
	@echo 'make install      programs, man pages and the module for the running kernel'
	@echo 'HOST=1            kernel work on this machine instead of in QEMU'

deps:
	@scripts/install-packages.sh

# One module for each supported kernel, in out/kmod/KVER/ksrtp.ko.
kmod: deps
	@for k in $$(scripts/kernels.sh $(if $(HOST),host)); do \
		$(MAKE) -C kmod KVER=$$k || exit 1; done

uhelper: deps
	@$(MAKE) -C uhelper -j$(JOBS)

all: kmod uhelper

tests: deps
	@$(MAKE) -C selftests/unit -j$(JOBS)
	@$(MAKE) -C selftests/kmod -j$(JOBS) all fuzz
	@$(MAKE) -C selftests/fuzz -j$(JOBS)
	@netlink_proto/generate.sh --tools >/dev/null

demo: all
	@selftests/demo/demo.sh

check: all tests
	@selftests/run.sh

check-%: all tests
	@selftests/run.sh $*

fuzz: tests
	@FUZZ_SECONDS=$${FUZZ_SECONDS:-600} selftests/run.sh fuzz

style: all
	@selftests/style/style.sh
	@selftests/style/analyse.sh

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/sbin $(DESTDIR)$(PREFIX)/share/man
	install out/uhelper/ibake $(DESTDIR)$(PREFIX)/bin/
	install out/uhelper/ibaked out/uhelper/ibake-kmsd $(DESTDIR)$(PREFIX)/sbin/
	@for m in Documentation/man/*.[1-8]; do \
		d=$(DESTDIR)$(PREFIX)/share/man/man$${m##*.}; install -d $$d; install -m 644 $$m $$d/; done
	install -d $(DESTDIR)$(PREFIX)/share/bash-completion/completions
	install -m 644 uhelper/cli/ibake.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/ibake
	@ko=out/kmod/$$(uname -r)/ksrtp.ko; if [ -e $$ko ]; then \
		d=$(DESTDIR)/lib/modules/$$(uname -r)/updates; install -d $$d; install -m 644 $$ko $$d/; \
		[ -n "$(DESTDIR)" ] || depmod; \
	else echo "no module for the running kernel $$(uname -r): make kmod HOST=1 builds it"; fi

clean:
	rm -rf out
