# Everything that one does in a checkout. Needs git, make and Python 3.11 with venv and pip; nothing else.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet --no-input
ARGS ?=

BASE := $(VENV)/.base
TOOLS := $(VENV)/.tools
ASSETS := static/vendor/fonts.css fonts/regular.ttf
WORDS := $(patsubst %.po,%.mo,$(wildcard translations/*/LC_MESSAGES/messages.po))
READY := $(BASE) $(ASSETS) $(WORDS)

.PHONY: help demo test check lint types templates words wheel lock assets bench screenshots

help: ## Say what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1 \t/' | expand -t 22

demo: $(READY) ## Run the portal with a sample world (PORT=8000, FRESH=1 starts over)
	@PORT="$(PORT)" FRESH="$(FRESH)" exec $(BIN)/portal demo

test: $(TOOLS) $(READY) ## Run the tests (ARGS="-k tickets" for some of them)
	$(BIN)/pytest --numprocesses auto $(ARGS)

# One after the other and the tests last, so that a run ends with their summary.
check: ## Run all that a change must pass: lint, types, templates, words, the wheel, the tests
	@for part in lint types templates words wheel test; do $(MAKE) --no-print-directory $$part; done

lint: $(TOOLS)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(TOOLS)
	$(BIN)/mypy

templates: $(TOOLS)
	$(BIN)/djlint --lint --quiet templates

words: $(TOOLS)
	$(BIN)/python -m portal.translate check

wheel: $(TOOLS) $(READY) ## Build the wheel and try it in an empty environment
	rm -rf build dist
	$(BIN)/python -m build --wheel --no-isolation --outdir dist . >/dev/null
	$(BIN)/python -m venv --without-pip build/empty
	$(BIN)/uv pip install --quiet --python build/empty --require-hashes --requirements requirements.lock
	$(BIN)/uv pip install --quiet --python build/empty --no-deps --no-index dist/*.whl
	cd build && empty/bin/python -I ../.ci/try_wheel.py

bench: $(TOOLS) $(READY) ## Measure the pages on both databases, beside the floor
	$(BIN)/python -m tests.bench $(ARGS)

screenshots: $(TOOLS) $(READY) ## Take a picture of every page in every language
	$(BIN)/python -m tests.screenshots $(ARGS)

assets: $(BASE) ## Fetch the front-end files again and compile the words
	$(BIN)/python -m portal.assets
	$(BIN)/python -m portal.translate compile

LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --custom-compile-command "make lock" $(if $(UPGRADE),--upgrade)

lock: $(TOOLS) ## Write the lock files anew (UPGRADE=1 takes newer versions)
	$(LOCK) pyproject.toml --output-file requirements.lock
	$(LOCK) --group build --constraints requirements.lock --output-file requirements-build.lock
	$(LOCK) pyproject.toml --group dev --constraints requirements.lock --constraints requirements-build.lock \
		--output-file requirements-dev.lock
	$(BIN)/python -m portal.assets lock

$(BASE): requirements.lock requirements-build.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	@echo "Installing what requirements.lock names …"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) install --require-hashes --requirement requirements.lock --requirement requirements-build.lock
	@$(PIP) install --no-deps --no-index --no-build-isolation --editable .
	@touch $@

$(TOOLS): $(BASE) requirements-dev.lock
	@echo "Installing what requirements-dev.lock names …"
	@$(PIP) install --require-hashes --requirement requirements-dev.lock
	@touch $@

$(ASSETS) &: package-lock.json portal/assets.py | $(BASE)
	@echo "Fetching the front-end files that package-lock.json names …"
	@$(BIN)/python -m portal.assets

$(WORDS) &: $(WORDS:.mo=.po) | $(BASE)
	@$(BIN)/python -m portal.translate compile
