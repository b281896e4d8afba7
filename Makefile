# Every target makes the environment it needs; VENV and PYTHON choose another one.
VENV ?= .venv
PYTHON ?= python3
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.runtime-installed
DEV := $(VENV)/.dev-installed

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-print-directory
# Every process of the tests would compile them anew.
unexport PYTHONDONTWRITEBYTECODE
.DEFAULT_GOAL := help
.PHONY: help run test soak check format schema bench lock clean

help: ## List these targets
	@sed -nE 's/^([a-z]+):.*## (.*)/\1\t\2/p' $(MAKEFILE_LIST) | while IFS=$$'\t' read -r target does; do printf '  make %-8s %s\n' "$$target" "$$does"; done

run: $(RUNTIME) ## Serve on http://127.0.0.1:8000, with the article loaded
	@$(BIN)/communique run

test: $(DEV) ## Run every test
	@$(BIN)/pytest -n 4 --dist worksteal

soak: $(DEV) ## Run every test, what is random or breaks for much longer, and the API on PostgreSQL, too
	@SOAK=1 $(BIN)/pytest -n 4 --dist worksteal --timeout 3600

check: $(DEV) ## Formatting, lint, types, import rules, committed schema
	@$(BIN)/ruff format --check
	@$(BIN)/ruff check
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/communique schema | diff -u api/schema.graphql - || { echo "api/schema.graphql is not the schema of the code: run 'make schema'"; exit 1; }

format: $(DEV) ## Format the code and mend what can be mended
	@$(BIN)/ruff check --fix-only
	@$(BIN)/ruff format

schema: $(DEV) ## Write api/schema.graphql and docs/errors.md
	@$(BIN)/communique schema >$(VENV)/schema.graphql
	@mv $(VENV)/schema.graphql api/schema.graphql
	@$(BIN)/python -m api.codes >$(VENV)/errors.md
	@mv $(VENV)/errors.md docs/errors.md

bench: $(DEV) ## Run the benchmarks
	@$(BIN)/python -m benchmarks

# Without index URLs: which index to ask is the business of the machine that installs.
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header $(UPGRADE) pyproject.toml
lock: $(DEV) ## Lock the dependencies; UPGRADE=--upgrade takes the newest
	@$(COMPILE) --group build --output-file requirements.txt
	@$(COMPILE) --extra otel --group dev --constraints requirements.txt --output-file requirements-dev.txt

clean: ## Remove environments, caches and builds; the data in var/ stay
	rm -rf $(VENV) .ci/venv .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

define install # (requirements file)
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || { \
	  $(PYTHON) -c 'import sys; sys.version_info < (3, 11) and sys.exit("Python 3.11 or newer is needed: choose one with make PYTHON=python3.12")'; \
	  echo "Making $(VENV), once"; \
	  $(PYTHON) -m venv --clear $(VENV); }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(1)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q api events projections seeds
endef

$(RUNTIME): requirements.txt pyproject.toml
	$(call install,requirements.txt)
	@touch $@

$(DEV): requirements-dev.txt pyproject.toml
	$(call install,requirements-dev.txt)
	@touch $@ $(RUNTIME)
