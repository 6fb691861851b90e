# Everything a person or a machine runs here. `make` alone lists the targets.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# The interpreter of the set-up: the first of these that runs and is new enough, or `make PYTHON=…`.
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; exit; }; done; echo python3)
PORT ?= 8080
# `all` adds the heavy and optional parts: real kills, a real browser, the extras named in HEAVY.
WITH ?=
# Optional extras of pyproject.toml that WITH=all installs; each has its own requirements/<extra>.lock.
HEAVY ?=
# Handed to pytest as they are: make test ARGS='-k journey -x'
ARGS ?=

BIN := .venv/bin
# What comes as source is built by the locked setuptools, not by one fetched for the occasion.
INSTALL := $(BIN)/python -m pip --disable-pip-version-check --no-input install -q --use-pep517 --no-build-isolation
LOCKED := $(INSTALL) --require-hashes
LIGHT := -m "not browser and not faults"
UV_VERSION := 0.13.9
COMPILE := .venv-lock/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

ifneq ($(filter-out all,$(WITH)),)
$(error WITH=$(WITH) means nothing here; leave it out, or say WITH=all)
endif

.PHONY: help
help: ## List what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "  PYTHON=python3.12  PORT=8080  WITH=all  ARGS='-k words'"

.PHONY: demo
demo: .venv/.stamp var/demo/models/intents.npz ## Set up, then run everything on one machine: product, simulator, example shop (PORT=8080)
	@exec $(BIN)/xiaoer demo --port $(PORT)

var/demo/models/intents.npz: .venv/.stamp
	@$(BIN)/xiaoer demo --prepare

.PHONY: run
run: .venv/.stamp ## Set up, then serve and work in one process, from xiaoer.toml
	@exec $(BIN)/xiaoer run

.PHONY: test
test: .venv/.stamp $(if $(WITH),heavy) ## Set up, then test; WITH=all adds the heavy optional parts
	@XIAOER_TEST_WITH="$(WITH)" $(BIN)/pytest $(if $(WITH),,$(LIGHT)) $(ARGS)

.PHONY: check
check: lint test ## What must pass before a commit: format, lint, types, imports, container files, tests

.PHONY: bench
bench: .venv/.stamp ## Measure, beside the named peers; writes benchmarks/results/*.json
	@$(BIN)/xiaoer bench

.PHONY: browser
browser: .venv/.stamp chromium ## Only the tests that drive headless Chromium
	@XIAOER_TEST_WITH=all $(BIN)/pytest -m browser $(ARGS)

# The structure of compose.yaml is checked by tests/test_ground.py, which `make test` runs.
.PHONY: lint
lint: .venv/.stamp
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/hadolint Dockerfile
	@$(BIN)/check-jsonschema -q --builtin-schema vendor.compose-spec compose.yaml

.PHONY: heavy
heavy: .venv/.stamp chromium
	@for extra in $(HEAVY); do $(LOCKED) -r "requirements/$$extra.lock" </dev/null; done

# Browser tests skip themselves where there is no Chromium; root on Debian can have one.
.PHONY: chromium
chromium:
	@for name in chromium chromium-browser google-chrome; do command -v $$name >/dev/null && exit 0; done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		export DEBIAN_FRONTEND=noninteractive; \
		{ apt-get update -qq && apt-get install -qq -y --no-install-recommends chromium; } </dev/null >/dev/null \
		|| echo "chromium could not be installed: the browser tests will skip themselves"; \
	else echo "no chromium here: the browser tests will skip themselves"; fi

.venv/.stamp: requirements/build.lock requirements/dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "xiaoer needs Python 3.11 or newer, and '$(PYTHON)' is $$($(PYTHON) -V 2>&1 | tail -n 1 || true)." >&2; \
		echo "Install one, or name it: make PYTHON=/path/to/python3.11 …" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || { rm -rf .venv; \
		echo "'$(PYTHON) -m venv' failed; on Debian: apt-get install python3-venv" >&2; exit 1; }
	@echo "setting up .venv from requirements/dev.lock (once; about a minute)"
	@$(LOCKED) -r requirements/build.lock </dev/null
	@$(LOCKED) -r requirements/dev.lock </dev/null
	@$(INSTALL) --no-deps -e . </dev/null
	@touch $@

.PHONY: lock
lock: .venv-lock/bin/uv ## Lock the dependencies anew, with hashes, for every platform
	@$(COMPILE) requirements/build.in -o requirements/build.lock
	@$(COMPILE) pyproject.toml --extra dev --extra bench -c requirements/build.lock -o requirements/dev.lock
	@$(COMPILE) pyproject.toml -c requirements/dev.lock -o requirements/runtime.lock
	@for extra in $(HEAVY); do \
		$(COMPILE) pyproject.toml --extra "$$extra" -c requirements/dev.lock -o "requirements/$$extra.lock"; done

.venv-lock/bin/uv:
	@$(PYTHON) -m venv .venv-lock
	@echo '*' > .venv-lock/.gitignore
	@.venv-lock/bin/pip install -q --disable-pip-version-check --no-input "uv==$(UV_VERSION)" </dev/null

.PHONY: clean
clean: ## Remove what can be made again (never var/: that is your data)
	@rm -rf .venv .venv-lock build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis \
		.import_linter_cache .coverage htmlcov
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
