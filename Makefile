# Yanta: every habit in one place. `make run` and `make test` need Python 3.11 and make, nothing else.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

# What failed among nine thousand others on busy cores is asked once more, alone: failing twice is failing. What passes
# then was named above with its traceback; it is unsteady, and to be mended.
AGAIN = $(BIN)/python -m pytest --last-failed --last-failed-no-failures none

PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/.stamps
FRONT := src/yanta/kernel/portal/static/yanta/manifest.json
FRONT_SOURCES := $(wildcard frontend/*.js) $(wildcard frontend/*.json) \
    $(shell find frontend/src frontend/build frontend/public -type f 2>/dev/null) \
    $(shell find src -name '*.html' -o -name resources.py -o -name apps.py -o -name cards.py)  # they name icons and classes
CATALOGUES := $(shell find src -name '*.po' 2>/dev/null)

# The system's Node where it is new enough for vite, else the one from the virtual environment.
NODE_PATH := $(shell node -e 'const [a, b] = process.versions.node.split(".").map(Number); \
    process.exit(a > 22 || (a === 22 && b >= 12) || (a === 20 && b >= 19) ? 0 : 1)' 2>/dev/null \
    && dirname "$$(command -v node)" || echo "$(CURDIR)/$(BIN)")

.PHONY: help setup run test check bench spark peers docs show new-system messages schema clean

help: ## What there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

setup: $(STAMPS)/installed $(STAMPS)/messages $(FRONT) ## Environment, front end, messages; the second time nothing

run: setup ## The product with its demo school: http://127.0.0.1:8000 (YANTA_PORT)
	@exec $(BIN)/yanta run

test: setup ## Every test, browser journeys included where there is a Chromium
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder || { [ $$? -eq 1 ] && $(AGAIN); }

check: setup ## What must hold before a push
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/lint-imports --no-cache | tail -n 3
	@$(BIN)/yanta check
	@$(BIN)/python -m pytest -q --no-header tests/architecture
	@$(BIN)/mypy

bench: setup ## The figures of docs/reference/performance.md, all of them
	@$(BIN)/yanta bench all

spark: setup ## The engine for clusters (YANTA_HUB_ENGINE=spark); needs Java 17
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-spark.lock

peers: setup ## What `yanta bench import-peers` compares with, in an environment of its own
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python var/peers
	@$(BIN)/uv pip install --quiet --python var/peers/bin/python --require-hashes -r requirements-peers.lock

docs: setup ## Reference pages from the declarations
	@$(BIN)/yanta show --all --into docs/reference/systems

show: setup ## What is derived from a system's declarations: make show system=leave
	@$(BIN)/yanta show $(system)

new-system: setup ## The starting files of a system: make new-system name=lockers
	@$(BIN)/yanta new-system $(name)

messages: $(STAMPS)/installed ## Collect the texts for translation
	@$(BIN)/yanta messages

schema: setup ## Renew the schema template that first runs and tests restore
	@$(BIN)/yanta schema write

clean: ## Remove what setup made; data in var/ stay
	@rm -rf $(VENV) frontend/node_modules src/yanta/kernel/portal/static/yanta

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is needed (set PYTHON=…)"; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(STAMPS)/uv: requirements.lock | $(BIN)/python
	@mkdir -p $(STAMPS)
	@awk '/^uv==/ {on = 1} on {print} on && !/\\$$/ {exit}' requirements.lock > $(STAMPS)/uv.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r $(STAMPS)/uv.txt
	@touch $@

$(STAMPS)/installed: requirements.lock pyproject.toml | $(STAMPS)/uv
	@echo "Installing Python packages"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

frontend/node_modules/.package-lock.json: frontend/package-lock.json | $(STAMPS)/installed
	@echo "Installing front-end packages"
	@cd frontend && PATH="$(NODE_PATH):$$PATH" npm ci --no-audit --no-fund --silent
	@touch $@

$(FRONT): frontend/node_modules/.package-lock.json $(FRONT_SOURCES)
	@echo "Building the front end"
	@cd frontend && PATH="$(NODE_PATH):$$PATH" npm run --silent build -- --logLevel warn
	@touch $@

$(STAMPS)/messages: $(CATALOGUES) | $(STAMPS)/installed
	@$(BIN)/yanta messages --compile
	@touch $@
