# krbwhy: why did Kerberos fail?
#
#   make          build/krbwhy                make check      builds, runs all tests
#   make demo     analyses a bundled capture  make sanitize   build/sanitize/krbwhy (ASan + UBSan)
#   make deps     installs what is missing    make lint       format, static analysis
#   make portable  unit tests with 32-bit words and with the other byte order
#   make install  prefix, DESTDIR             make fuzz TIME=60
#   make uninstall                            make pages      man pages and completions in build/share
#   make deb, make tarball  build/packages    make check-packages  tries them in bare systems
#   make deps-browser  Chromium and node modules for the tests of the HTML report
#   make screenshots   pictures of HTML reports in build/screenshots
#   make golden        the reports of fixtures/golden, written anew
#   make docs          what docs/causes.md and docs/causes/ take from the tables

prefix     ?= /usr/local
CC         ?= cc
CFLAGS     ?= -O2 -g
PYTHON     ?= /usr/bin/python3
PKG_CONFIG ?= pkg-config
TIME       ?= 60
JOBS       ?= $(shell nproc)
V          ?=

VERSION      := 0.1.0
VERSION_DATE := 2026-11-24
PACKAGES := libpcap krb5 libcares zlib libmd expat libzstd liblz4 liblzma libseccomp json-c

# Which Debian packages hold what is needed to build and to test.
DEPS := gcc make pkg-config libc6-dev libpcap-dev libkrb5-dev libc-ares-dev zlib1g-dev libmd-dev libexpat1-dev libjson-c-dev \
        libzstd-dev liblz4-dev liblzma-dev libseccomp-dev \
        python3 python3-jsonschema

WARNINGS := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wformat=2 -Wvla
ifdef CI
WARNINGS += -Werror
endif
# glibc warns of _FORTIFY_SOURCE without optimisation.
HARDEN   := -fstack-protector-strong -fPIE $(if $(filter -O0,$(CFLAGS)),,-D_FORTIFY_SOURCE=2)
# gcc optimises across files in the release build: 8 % on the read loop. clang would need a linker plugin.
ifeq (,$(findstring clang,$(shell $(CC) --version 2>/dev/null)))
LTO := -flto=auto
endif
HARDEN_L := -pie -Wl,-z,relro,-z,now,-z,noexecstack
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

# Library headers are not ours to warn about.
PKG_CFLAGS = $(patsubst -I%,-isystem %,$(shell $(PKG_CONFIG) --cflags $(PACKAGES)))
PKG_LIBS   = $(shell $(PKG_CONFIG) --libs $(PACKAGES)) -lk5crypto -lcom_err
BASE_FLAGS = -std=c11 -D_GNU_SOURCE -DKRBWHY_VERSION='"$(VERSION)"' -Isrc -I. $(PKG_CFLAGS) $(WARNINGS) -MMD -MP

SRC      := $(sort $(wildcard asn1/*.c src/*/*.c))
LIB_SRC  := $(filter-out src/cli/main.c,$(SRC))
UNIT     := $(sort $(wildcard tests/unit/test_*.c))
LOWERED  := $(sort $(wildcard tests/lowered/test_*.c))
FUZZ     := $(sort $(wildcard tests/fuzz/fuzz_*.c))
TOOLS    := $(sort $(wildcard tests/tools/*.c))

R := build/release
S := build/sanitize
F := build/fuzz

SAY = $(if $(V),,@printf '  %-7s %s\n' $(1) $@;)

.PHONY: all sanitize demo check bench soak deps lint analyze portable coverage install uninstall fuzz clean format run-tests

all: build/krbwhy

build/krbwhy: $R/src/cli/main.o $R/libkrbwhy.a
	$(call SAY,LINK)$(CC) $(CFLAGS) $(LTO) $(HARDEN_L) $(LDFLAGS) -o $@ $^ $(PKG_LIBS) $(LDLIBS)

sanitize: $S/krbwhy

$S/krbwhy: $S/src/cli/main.o $S/libkrbwhy.a
	$(call SAY,LINK)$(CC) $(SANITIZE) $(LDFLAGS) -o $@ $^ $(PKG_LIBS) $(LDLIBS)

$R/libkrbwhy.a: $(LIB_SRC:%.c=$R/%.o)
	$(call SAY,AR)rm -f $@ && ar rcs $@ $^

$S/libkrbwhy.a: $(LIB_SRC:%.c=$S/%.o)
	$(call SAY,AR)rm -f $@ && ar rcs $@ $^

# Helpers that tests share stand in tests/ itself.
HELPERS := $(sort $(wildcard tests/*.c))

$S/tests/unit/%: $S/tests/unit/%.o $(HELPERS:%.c=$S/%.o) $S/libkrbwhy.a
	$(call SAY,LINK)$(CC) $(SANITIZE) $(LDFLAGS) -o $@ $^ $(PKG_LIBS) $(LDLIBS)

$S/tests/tools/%: $S/tests/tools/%.o $S/libkrbwhy.a
	$(call SAY,LINK)$(CC) $(SANITIZE) $(LDFLAGS) -o $@ $^ $(PKG_LIBS) $(LDLIBS)

# The program and its library with lower bounds (tests/lower_limits.h), where the true ones would take too long to meet.
# Only what names a bound is compiled a second time.
L := $S/lowered
WITH_LIMITS := $(sort $(shell grep -l '"base/limits.h"' $(SRC)))
OTHERS      := $(filter-out $(WITH_LIMITS),$(LIB_SRC))

$L/libkrbwhy.a: $(patsubst %.c,$L/%.o,$(filter-out src/cli/main.c,$(WITH_LIMITS))) $(OTHERS:%.c=$S/%.o)
	$(call SAY,AR)rm -f $@ && ar rcs $@ $^

$L/krbwhy: $L/src/cli/main.o $L/libkrbwhy.a
	$(call SAY,LINK)$(CC) $(SANITIZE) $(LDFLAGS) -o $@ $^ $(PKG_LIBS) $(LDLIBS)

$L/tests/lowered/%: $L/tests/lowered/%.o $(HELPERS:%.c=$S/%.o) $L/libkrbwhy.a
	$(call SAY,LINK)$(CC) $(SANITIZE) $(LDFLAGS) -o $@ $^ $(PKG_LIBS) $(LDLIBS)

$L/%.o: %.c | dependencies
	@mkdir -p $(@D)
	$(call SAY,CC)$(CC) $(BASE_FLAGS) -O1 -g $(SANITIZE) -Itests '-DKRBWHY_LIMITS="lower_limits.h"' $(CPPFLAGS) -c -o $@ $<

# The same harnesses without libFuzzer: seeds and some thousand mutations, for make check.
$S/tests/fuzz/%: $S/tests/fuzz/%.o $S/tests/fuzz/driver.o $S/libkrbwhy.a
	$(call SAY,LINK)$(CC) $(SANITIZE) $(LDFLAGS) -o $@ $^ $(PKG_LIBS) $(LDLIBS)

$F/libkrbwhy.a: $(LIB_SRC:%.c=$F/%.o)
	$(call SAY,AR)rm -f $@ && ar rcs $@ $^

$F/tests/fuzz/%: $F/tests/fuzz/%.o $F/libkrbwhy.a
	$(call SAY,LINK)clang -fsanitize=fuzzer,address,undefined $(LDFLAGS) -o $@ $^ $(PKG_LIBS) $(LDLIBS)

$R/%.o: %.c | dependencies
	@mkdir -p $(@D)
	$(call SAY,CC)$(CC) $(BASE_FLAGS) $(HARDEN) $(LTO) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

$S/%.o: %.c | dependencies
	@mkdir -p $(@D)
	$(call SAY,CC)$(CC) $(BASE_FLAGS) -O1 -g $(SANITIZE) -Itests $(CPPFLAGS) -c -o $@ $<

$F/%.o: %.c | dependencies
	@mkdir -p $(@D)
	$(call SAY,CC)clang $(BASE_FLAGS) -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -Itests $(CPPFLAGS) -c -o $@ $<

# It defines what compilers believe to know.
%/src/base/allocator.o: CPPFLAGS += -fno-builtin -fno-lto

# Installs what is missing when a build tool or library is not there; otherwise does nothing.
.PHONY: dependencies
dependencies:
	@command -v $(PKG_CONFIG) >/dev/null && command -v $(CC) >/dev/null && $(PKG_CONFIG) --exists $(PACKAGES) || $(MAKE) --no-print-directory deps

deps:
	@tests/deps.sh $(DEPS)

# For tests of the HTML report in a real browser; without them these are skipped.
.PHONY: deps-browser screenshots
deps-browser:
	@command -v node >/dev/null && command -v npm >/dev/null || tests/deps.sh nodejs npm
	@command -v chromium >/dev/null || tests/deps.sh chromium fonts-dejavu-core
	@mkdir -p build/browser
	@[ -d build/browser/node_modules/puppeteer-core ] && [ -d build/browser/node_modules/axe-core ] || \
	    npm install --silent --no-audit --no-fund --no-package-lock --prefix build/browser puppeteer-core@24 axe-core@4

screenshots: $S/krbwhy $S/tests/tools/made_report deps-browser
	@SCREENSHOTS=$(CURDIR)/build/screenshots $(PYTHON) tests/e2e/test_html.py

# The reports of fixtures/golden, written anew: review what git diff shows.
.PHONY: golden docs
golden: $S/krbwhy
	@$(PYTHON) tests/e2e/test_golden.py --write

# What docs/causes.md and docs/causes/ take from the program's tables.
docs: $S/tests/tools/causes_markdown
	@$(PYTHON) tests/causes_pages.py

demo: build/krbwhy
	@build/krbwhy fixtures/reference-case/reference-case.pcap; test $$? -eq 1

check: dependencies
	@$(MAKE) --no-print-directory -j$(JOBS) build/krbwhy pages $S/krbwhy $(UNIT:%.c=$S/%) $(FUZZ:%.c=$S/%) $(TOOLS:%.c=$S/%) \
	    $L/krbwhy $(LOWERED:%.c=$L/%)
	@$(PYTHON) -c 'import jsonschema' 2>/dev/null || $(MAKE) --no-print-directory deps
	@$(PYTHON) tests/run.py

# Slurm, GNU parallel and kill -9, for real: SECONDS of killing (at most 1500), from SEED.
SECONDS ?= 300
SEED ?= 1
soak: build/krbwhy
	@$(PYTHON) tests/soak/soak.py $(SECONDS) $(SEED)

# Generated captures with known incidents, against other programs; SCALE=0.1 for a quick look, BASE=old.json to compare.
SCALE ?= 1
bench: build/krbwhy build/bench/make_capture build/bench/bare_loop
	@$(PYTHON) tests/bench/bench.py build/bench build/bench/result.json $(SCALE) $(BASE)

build/bench/%: tests/bench/%.c | dependencies
	@mkdir -p $(@D)
	$(call SAY,CC)$(CC) -std=c11 -D_GNU_SOURCE -O2 $(WARNINGS) $(CPPFLAGS) -o $@ $< $(shell $(PKG_CONFIG) --libs libpcap)

# Every harness in turn, TIME seconds each; HARNESS="file dns" for some. The table is in build/fuzz/table.txt.
HARNESS ?=
fuzz: $(FUZZ:%.c=$F/%)
	@$(PYTHON) tests/fuzz/campaign.py $F $(TIME) $(HARNESS)

# Formatting, clang-tidy and cppcheck; gcc's own analysis. A file is read again when it, a header of it or the rules have
# changed: the whole tree takes some 20 minutes of CPU, a file a few seconds. gcc analyses without optimisation: with it,
# what is undefined is gone before the analysis sees it. What stays has its reason in tests/lint.exceptions.
LINTED := $(SRC) $(wildcard share/pages/*.c)
LINTS  := build/lint
LINT    = $(PYTHON) tests/lint.py

lint: dependencies
	@tests/deps.sh clang-format clang-tidy cppcheck
	@clang-format --dry-run --Werror asn1/*.[ch] src/*/*.[ch] tests/*.[ch] tests/*/*.[ch] share/pages/*.[ch]
	@$(MAKE) --no-print-directory -k -j$(JOBS) lint-files
	@$(LINT) judge $(LINTED:%.c=$(LINTS)/%.tidy) $(LINTED:%.c=$(LINTS)/%.cppcheck)

analyze: dependencies
	@$(MAKE) --no-print-directory -k -j$(JOBS) analyze-files
	@$(LINT) judge $(LINTED:%.c=$(LINTS)/%.gcc)

.PHONY: lint-files analyze-files
lint-files: $(LINTED:%.c=$(LINTS)/%.tidy) $(LINTED:%.c=$(LINTS)/%.cppcheck)
	@:
analyze-files: $(LINTED:%.c=$(LINTS)/%.gcc)
	@:

LINT_FLAGS  = $(filter-out -MMD -MP,$(BASE_FLAGS)) -DKRBWHY_DATE='"0"'
LINT_DEPEND = mkdir -p $(@D) && gcc $(LINT_FLAGS) -MM -MP -MT $@ -MF $@.d $<

$(LINTS)/%.tidy: %.c .clang-tidy
	@$(LINT_DEPEND)
	$(call SAY,TIDY)$(LINT) run $@ -- clang-tidy --quiet $< -- $(LINT_FLAGS)

# cppcheck needs no headers of the system: it knows the functions of C and POSIX.
$(LINTS)/%.cppcheck: %.c
	@$(LINT_DEPEND)
	$(call SAY,CPPCHECK)$(LINT) run $@ -- cppcheck --quiet --std=c11 --enable=warning,performance,portability --error-exitcode=1 \
	    --template='{file}:{line}:{column}: {severity}: {message} [{id}]' --suppress=missingIncludeSystem \
	    -D_GNU_SOURCE -DKRBWHY_VERSION='"0"' -DKRBWHY_DATE='"0"' -Isrc -I. $<

$(LINTS)/%.gcc: %.c
	@$(LINT_DEPEND)
	$(call SAY,ANALYZE)$(LINT) run $@ -- gcc $(LINT_FLAGS) -O0 -fanalyzer -fdiagnostics-plain-output -c -o /dev/null $<

# Every compiler and optimisation without a warning, and the unit tests as each of them builds them.
COMPILERS := gcc-O0 gcc-O2 gcc-O3 clang-O0 clang-O2
COMPILED  := src/cli/main.o $(UNIT:%.c=%)

.PHONY: compilers
compilers: $(COMPILERS:%=compilers-%)

compilers-%: dependencies
	@$(MAKE) --no-print-directory -j$(JOBS) CC=$(firstword $(subst -, ,$*)) S=build/compilers/$* \
	    CFLAGS=-$(lastword $(subst -, ,$*)) SANITIZE='-Werror $$(HARDEN) $$(CFLAGS)' \
	    $(COMPILED:%=build/compilers/$*/%)
	@$(PYTHON) tests/run.py --unit build/compilers/$*

# The unit tests with 32-bit words, and with the other byte order in an emulator.
portable:
	@PACKAGES="$(filter lib%-dev zlib1g-dev,$(filter-out libc6-dev,$(DEPS)))" tests/portable.sh

# Line coverage per layer by the unit tests, the seeds of the fuzz harnesses, and, right of the workers, the
# end-to-end tests that need nothing but fixtures.
coverage:
	@$(MAKE) --no-print-directory -j$(JOBS) S=build/coverage SANITIZE=--coverage build/coverage/krbwhy \
	    $(UNIT:%.c=build/coverage/%) $(FUZZ:%.c=build/coverage/%)
	@$(PYTHON) tests/coverage.py build/coverage

format:
	clang-format -i asn1/*.[ch] src/*/*.[ch] tests/*.[ch] tests/*/*.[ch] share/pages/*.[ch]

# Where a distribution wants it elsewhere: zshdir, fishdir, bashdir, mandir, docdir.
datadir ?= $(prefix)/share
mandir  ?= $(datadir)/man
docdir  ?= $(datadir)/doc/krbwhy
bashdir ?= $(datadir)/bash-completion/completions
zshdir  ?= $(datadir)/zsh/site-functions
fishdir ?= $(datadir)/fish/vendor_completions.d

# What is installed, a line each: mode, file, where it goes. Texts have the prefix filled in.
define INSTALLED
755 build/krbwhy $(prefix)/bin/krbwhy
644 build/share/krbwhy.1 $(mandir)/man1/krbwhy.1
644 build/share/krbwhy-json.5 $(mandir)/man5/krbwhy-json.5
644 build/share/krbwhy.bash $(bashdir)/krbwhy
644 build/share/_krbwhy $(zshdir)/_krbwhy
644 build/share/krbwhy.fish $(fishdir)/krbwhy.fish
$(foreach f,$(wildcard share/cluster/*),755 $f $(datadir)/krbwhy/$(notdir $f)$(NEWLINE))
$(foreach f,$(wildcard share/wireshark/*),644 $f $(datadir)/krbwhy/wireshark/$(notdir $f)$(NEWLINE))
$(foreach f,README.md COPYING $(wildcard docs/*.md docs/*/*.md docs/*.json),644 $f $(docdir)/$(f:docs/%=%)$(NEWLINE))
endef
define NEWLINE


endef

install: build/krbwhy pages
	@printf '%s\n' '$(subst $(NEWLINE),' ',$(INSTALLED))' | share/install.sh install '$(DESTDIR)' '$(prefix)'

uninstall:
	@printf '%s\n' '$(subst $(NEWLINE),' ',$(INSTALLED))' | share/install.sh uninstall '$(DESTDIR)' '$(prefix)'

clean:
	rm -rf build

.SECONDARY:
-include $(shell find build -name '*.d' -type f 2>/dev/null)

# ---- what is made from the tables: manual pages and completions, in build/share ----

PAGES   := build/share/krbwhy.1 build/share/krbwhy-json.5 build/share/krbwhy.bash build/share/_krbwhy build/share/krbwhy.fish
PAGES_C := $(sort $(wildcard share/pages/*.c))

.PHONY: pages
pages: $(PAGES)

$(PAGES_C:%.c=$R/%.o): CPPFLAGS += -DKRBWHY_DATE='"$(VERSION_DATE)"'

build/pages: $(PAGES_C:%.c=$R/%.o) $R/libkrbwhy.a
	$(call SAY,LINK)$(CC) $(CFLAGS) $(LTO) $(HARDEN_L) $(LDFLAGS) -o $@ $^ $(PKG_LIBS) $(LDLIBS)

build/share/krbwhy.1: PAGE = man
build/share/krbwhy-json.5: PAGE = json docs/krbwhy-1.schema.json
build/share/krbwhy-json.5: docs/krbwhy-1.schema.json
build/share/krbwhy.bash: PAGE = bash
build/share/_krbwhy: PAGE = zsh
build/share/krbwhy.fish: PAGE = fish

$(PAGES): build/pages
	@mkdir -p $(@D)
	$(call SAY,MAKE)build/pages $(PAGE) > $@.new && mv $@.new $@

# ---- packages, in build/packages ----

.PHONY: deb check-packages
SOURCES := Makefile README.md COPYING asn1 src share docs tests/deps.sh fixtures/reference-case

# DEB_BUILD_OPTIONS=noopt: quicker, for the tests; PACKED: where packages go.
PACKED ?= build/packages
DEB    := $(PACKED)/deb

deb:
	@command -v dh >/dev/null || tests/deps.sh debhelper
	@rm -rf $(DEB) && mkdir -p $(DEB)/krbwhy-$(VERSION)
	@cp -a --parents $(SOURCES) $(DEB)/krbwhy-$(VERSION)
	@cp -a share/debian $(DEB)/krbwhy-$(VERSION)/debian
	@cd $(DEB)/krbwhy-$(VERSION) && MAKEFLAGS= dpkg-buildpackage -b -us -uc -j$(JOBS) >../build.log 2>&1 || { tail -30 ../build.log; exit 1; }
	@rm -f $(PACKED)/*.deb && mv $(DEB)/*.deb $(PACKED)/ && rm -rf $(DEB)/krbwhy-$(VERSION)
	@ls $(PACKED)/krbwhy_*.deb

# A tree that runs anywhere, with its libraries: see docs/decisions.md.
.PHONY: tarball
TARBALL := krbwhy-$(VERSION)-linux-$(shell uname -m)
tarball: build/krbwhy pages
	@rm -rf build/tarball && mkdir -p build/tarball $(PACKED)
	@$(MAKE) -s install DESTDIR=$(CURDIR)/build/tarball/ prefix=PREFIX >/dev/null
	@mv build/tarball/PREFIX build/tarball/$(TARBALL)
	@SOURCE_DATE_EPOCH=$${SOURCE_DATE_EPOCH:-$$(date -u -d $(VERSION_DATE) +%s)} share/tarball.sh build/tarball $(TARBALL) $(PACKED)/$(TARBALL).tar.gz
	@rm -rf build/tarball
	@ls $(PACKED)/$(TARBALL).tar.gz

# Packages in bare systems of other releases: some minutes and some hundred MB in build/chroot.
check-packages: deb tarball
	@PACKAGES=1 $(PYTHON) tests/run.py -v test_packages
