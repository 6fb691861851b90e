# Everything a person or a machine runs here. `make` alone lists the targets.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
# Where it is set, every process of the tests would compile all modules and every migration anew.
export PYTHONDONTWRITEBYTECODE :=

# The interpreter of the set-up: the first of these that runs and is new enough, or `make PYTHON=…`.
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; exit; }; done; echo python3)
PORT ?= 8080
# `all` adds the heavy and optional parts: real kills, a real browser, sentence-transformers, a real Rasa server.
WITH ?=
# Handed to pytest as they are: make test ARGS='-k journey -x'
ARGS ?=

BIN := .venv/bin
UV := $(BIN)/uv
# pip brings uv, and torch, whose build is this machine's business; for all the rest uv takes a third of its time.
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input install -q
# uv does not read pip's settings, where a mirror is named.
MIRROR = UV_DEFAULT_INDEX="$${UV_DEFAULT_INDEX:-$${PIP_INDEX_URL:-$$($(BIN)/pip config get global.index-url 2>/dev/null || true)}}"
# What comes as source is built by the locked setuptools, not by one fetched for the occasion.
INSTALL = $(MIRROR) $(UV) pip install -q --no-build-isolation --python
LOCKED := --require-hashes -r requirements
# The tests make every warning an error; what compiling the packages of others warns of is not theirs to find.
COMPILED := --compile-bytecode
LIGHT := -m "not browser and not faults"
# Several processes at once, one more than there are cores, for many tests wait; ARGS='-n 0' is one, which is faster
# for a file or two.
SPREAD := -n $(shell echo $$(( $$(getconf _NPROCESSORS_ONLN) + 1 ))) --maxprocesses 4 --dist worksteal
COMPILE = $(MIRROR) $(UV) pip compile -q --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

# Rasa runs on Python 3.10 and lives in an environment of its own; RASA_PYTHON=… names the interpreter.
RASA_PYTHON ?= $(shell for p in python3.10 "$$(pyenv root 2>/dev/null)"/versions/3.10*/bin/python3.10; do \
	"$$p" -c 'import ssl' 2>/dev/null && { echo "$$p"; exit; }; done)
RASA := sh peers/rasa/rasa.sh .venv-rasa/bin/python peers/rasa/config.yml build/rasa/data build/rasa/models

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
	@XIAOER_TEST_WITH="$(WITH)" $(BIN)/pytest $(SPREAD) $(if $(WITH),,$(LIGHT)) $(ARGS)

.PHONY: check
check: lint test ## What must pass before a commit: format, lint, types, imports, container files, tests

.PHONY: bench
bench: .venv/.stamp ## Measure, beside the named peers; writes benchmarks/results/*.json
	@$(BIN)/xiaoer bench

.PHONY: browser
browser: .venv/.stamp chromium ## Only the tests that drive headless Chromium
	@XIAOER_TEST_WITH=all $(BIN)/pytest -m browser $(ARGS)

# Takes the pictures of docs/console.md anew, from the example shop.
.PHONY: pictures
pictures: .venv/.stamp chromium
	@$(BIN)/python -m tests.browser.pictures

.PHONY: rasa
rasa: rasa-data ## Set up a Rasa 3.6 server, train it on the example shop, serve it on port 5005
	@exec $(RASA) serve

.PHONY: rasa-model
rasa-model: rasa-data
	@$(RASA) train

.PHONY: rasa-data
rasa-data: .venv/.stamp .venv-rasa/.stamp
	@$(BIN)/xiaoer nlu export build/rasa/data --pack examples/cosmetics

.venv-rasa/.stamp: requirements/build.lock requirements/rasa.lock | .venv-rasa/bin/python
	@echo "setting up .venv-rasa from requirements/rasa.lock (once; 2.5 GB, one to three minutes)"
	@$(INSTALL) .venv-rasa $(LOCKED)/build.lock </dev/null
	@$(INSTALL) .venv-rasa $(LOCKED)/rasa.lock </dev/null
	@touch $@

# An interpreter that is here, else one that uv fetches.
.venv-rasa/bin/python: | $(UV)
	@python='$(RASA_PYTHON)'; \
	if [ -z "$$python" ]; then $(UV) python install -q 3.10 2>/dev/null </dev/null || { \
		echo "Rasa needs Python 3.10, which is not here and could not be fetched: make rasa RASA_PYTHON=…" >&2; exit 1; }; \
		python=$$($(UV) python find --managed-python 3.10); fi; \
	$(UV) venv -q --clear --no-python-downloads -p "$$python" .venv-rasa </dev/null

# The structure of compose.yaml is checked by tests/test_ground.py, which `make test` runs.
.PHONY: lint
lint: .venv/.stamp
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/hadolint Dockerfile Dockerfile.rasa
	@$(BIN)/check-jsonschema -q --builtin-schema vendor.compose-spec compose.yaml

# Rasa first: beside the others, where make may do several at a time, it takes longest.
.PHONY: heavy
heavy: rasa-if-possible .venv/.sentence-transformers chromium

.PHONY: rasa-if-possible
rasa-if-possible: .venv/.stamp
	@if $(MAKE) .venv-rasa/bin/python; then $(MAKE) rasa-model; else \
		echo "the tests of the Rasa server will skip themselves"; fi

# torch comes last and without its hash: which build it is, is this machine's business (requirements/torch.in).
.venv/.sentence-transformers: .venv/.stamp requirements/sentence-transformers.lock requirements/torch.in
	@echo "adding sentence-transformers and torch (once; a minute, 1 GB)"
	@$(INSTALL) .venv $(COMPILED) --no-deps $(LOCKED)/sentence-transformers.lock </dev/null
	@$(PIP) -r requirements/torch.in </dev/null
	@touch $@

# Browser tests skip themselves where there is no Chromium; root on Debian can have one.
.PHONY: chromium
chromium:
	@for name in chromium chromium-browser google-chrome; do command -v $$name >/dev/null && exit 0; done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		export DEBIAN_FRONTEND=noninteractive; \
		{ apt-get update -qq && apt-get install -qq -y --no-install-recommends chromium; } </dev/null >/dev/null \
		|| echo "chromium could not be installed: the browser tests will skip themselves"; \
	else echo "no chromium here: the browser tests will skip themselves"; fi

.venv/.stamp: requirements/build.lock requirements/dev.lock pyproject.toml | .venv/bin/uv
	@echo "setting up .venv from requirements/dev.lock (once; half a minute)"
	@$(INSTALL) .venv $(LOCKED)/build.lock </dev/null
	@$(INSTALL) .venv $(COMPILED) $(LOCKED)/dev.lock </dev/null
	@$(INSTALL) .venv --no-deps -e . </dev/null
	@touch $@

.venv/bin/uv: requirements/uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "xiaoer needs Python 3.11 or newer, and '$(PYTHON)' is $$($(PYTHON) -V 2>&1 | tail -n 1 || true)." >&2; \
		echo "Install one, or name it: make PYTHON=/path/to/python3.11 …" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || { rm -rf .venv; \
		echo "'$(PYTHON) -m venv' failed; on Debian: apt-get install python3-venv" >&2; exit 1; }
	@$(PIP) $(LOCKED)/uv.lock </dev/null
	@touch $@

.PHONY: lock
lock: .venv/bin/uv ## Lock the dependencies anew, with hashes, for every platform
	@$(COMPILE) requirements/uv.in -o requirements/uv.lock
	@$(COMPILE) requirements/build.in -o requirements/build.lock
	@$(COMPILE) pyproject.toml --extra dev --extra bench -c requirements/build.lock -o requirements/dev.lock
	@$(COMPILE) pyproject.toml -c requirements/dev.lock -o requirements/runtime.lock
	@$(subst 3.11,3.10,$(COMPILE)) peers/rasa/requirements.in -o requirements/rasa.lock
	@mkdir -p build
	@$(COMPILE) pyproject.toml --extra sentence-transformers -c requirements/build.lock -c requirements/dev.lock \
		-c requirements/torch.in -o build/sentence-transformers.lock
	@awk '/^[^ #]/ { cut = /^(torch|triton|nvidia-|cuda-)/ } !cut' build/sentence-transformers.lock \
		> requirements/sentence-transformers.lock

.PHONY: clean
clean: ## Remove what can be made again (never var/: that is your data)
	@rm -rf .venv .venv-rasa build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis \
		.import_linter_cache .coverage htmlcov
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
