# The commands of this repository. `make audit` and `make test` do their own set-up on a machine that has a Swift
# toolchain and apt; everything they need is installed by `make setup`.
.DEFAULT_GOAL := help
SHELL := /bin/bash

BUILD    := .build
FIXTURES := $(BUILD)/fixtures
RELEASE  := swift build -c release --product firn --static-swift-stdlib
FIRN     := $(BUILD)/release/firn
EXAMPLE  ?= current-d-insecure
PROFILE  ?= standard

.PHONY: help
help: ## Lists the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | column -t -s "$$(printf '\t')"

# What the build and the tests need beside Swift. nixpkgs has all of it too.
TOOLS_BUILD := xz-utils libsqlite3-dev libaudit-dev
TOOLS_TEST  := openssh-server openssh-client nftables iptables iproute2 systemd procps util-linux libxml2-utils nix-bin \
  python3-venv
# The oracles: the real tools that tests compare with.
TOOLS_TEST  += auditd
TOOLS_TEST  += sudo opendoas
TOOLS_TEST  += pamtester libpam-modules libpam-pwquality libpam0g-dev
TOOLS_TEST  += kmod
TOOLS_TEST  += nginx-light
# The judges of report formats that are no Python packages.
TOOLS_TEST  += openscap-scanner openscap-common
TOOLS_TEST  += prometheus
TOOLS_TEST  += tidy chromium fonts-dejavu-core
# The judges of manual pages and completions.
TOOLS_TEST  += mandoc zsh fish
# Keys in PEM form.
TOOLS_TEST  += openssl
# The scripts of a release and of the ISO builder, and their judge.
TOOLS_TEST  += jq zstd shellcheck
# The statements of the history database also run on PostgreSQL.
TOOLS_TEST  += postgresql

.PHONY: setup
setup: ## Installs what the build and the tests need (apt, and PyPI validators into .build/validators)
	@scripts/setup $(TOOLS_BUILD) $(TOOLS_TEST)

.PHONY: setup-build
setup-build:
	@scripts/setup --no-validators $(TOOLS_BUILD)

$(BUILD)/fixtures.stamp: $(wildcard Tests/Fixtures/nixos/*.tar.xz)
	@rm -rf $(FIXTURES) && mkdir -p $(FIXTURES)
	@for archive in Tests/Fixtures/nixos/*.tar.xz; do tar -xf $$archive -C $(FIXTURES) --no-same-owner; done
	@touch $@

.PHONY: fixtures
fixtures: $(BUILD)/fixtures.stamp ## Unpacks the real generated NixOS systems

.PHONY: build
build: ## Builds firn (release)
	@$(RELEASE)

.PHONY: audit
audit: setup-build fixtures build ## Audits a real generated NixOS system (EXAMPLE=current-d-insecure PROFILE=standard)
	@echo
	@$(FIRN) check $(FIXTURES)/$(EXAMPLE)/config.json $(FIXTURES)/$(EXAMPLE)/system --profile $(PROFILE) || { code=$$?; \
	  echo; echo "firn check ended with exit code $$code (1 = findings, 3 = something could not be told), as it should for this system."; \
	  [ $$code = 1 ] || [ $$code = 3 ]; }

.PHONY: test
test: setup fixtures lint ## Runs all tests: unit, fixtures, comparisons with the real tools
	@swift test

.PHONY: lint
lint: ## Checks the format of the Swift sources
	@swift format lint --strict --recursive Package.swift Sources Tests Fuzz

.PHONY: format
format: ## Formats the Swift sources
	@swift format --in-place --recursive Package.swift Sources Tests Fuzz

.PHONY: catalogue
catalogue: ## Compiles profiles/ into Sources/CCatalogue (catalogue.c, benchmarks.c), docs/rules and docs/hardening-levels.md
	@swift run firn-catalogue profiles Sources/CCatalogue/catalogue.c docs/rules

.PHONY: manual
manual: ## Writes the manual pages, the completions and the embedded exporter anew
	@scripts/embed-nix
	@swift run firn-manual docs/man completions

.PHONY: coverage
coverage: fixtures ## Writes docs/coverage.md anew: which source answers which rule; review the difference
	@RECORD_COVERAGE=1 swift test --filter CoverageTests

.PHONY: examples
examples: fixtures ## Writes reports/examples/ anew: a bundle of a fixture; review the difference
	@RECORD_EXAMPLES=1 swift test --filter BundleExampleTests || true
	@git status --short reports/examples

.PHONY: nix-test
nix-test: ## Tests nix/, the container builder and the workflows; set NIXPKGS to a nixpkgs tree to evaluate NixOS
	@swift test --filter NixSideTests

.PHONY: bench
bench: setup fixtures build ## Measures firn beside its peers in one run
	@Benchmarks/run
	@swift build -c release --product firn-units --static-swift-stdlib
	@Benchmarks/units
	@Benchmarks/nar
	@swift build -c release --product firn-reports --static-swift-stdlib
	@Benchmarks/reports

.PHONY: fuzz
fuzz: ## Fuzzes the parsers (PARSER=sshd SECONDS=60; all parsers without PARSER)
	@Fuzz/run "$(PARSER)" "$(or $(SECONDS),60)"

# The ISO builder in a container (docs/iso.md). What is given to make (ENGINE=, PLATFORM=, CONFIGURATION=, ISO_DIR=) reaches
# the scripts through the environment.
.PHONY: iso
iso: ## Builds the ISO in a container and gates it (ENGINE=docker|podman PLATFORM=linux/amd64|linux/arm64)
	@scripts/iso/build

.PHONY: rebuild
rebuild: ## Makes the container image and the container of the ISO builder anew, without cache
	@scripts/iso/rebuild

.PHONY: clean-cache
clean-cache: ## Empties the evaluation cache of the ISO builder (volume nix-eval-cache)
	@scripts/iso/clean cache

.PHONY: clean-container
clean-container: ## Removes the container of the ISO builder with its store
	@scripts/iso/clean container

.PHONY: clean-all
clean-all: ## Removes container, cache and container images of the ISO builder
	@scripts/iso/clean all

.PHONY: clean-iso
clean-iso: ## Removes the ISO files that were copied out, with checksums and verdicts
	@scripts/iso/clean iso

.PHONY: clean
clean: ## Removes what was built
	@rm -rf $(BUILD)
