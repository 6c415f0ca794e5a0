# Everything a newcomer needs, on a fresh machine: `make demo`, `make test`.
PYTHON ?= $(firstword $(foreach v,3.11 3.12 3.13 3.14,$(if $(shell command -v python$(v) 2>/dev/null),python$(v))) python3)
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help setup demo test check bench soak audit listen screens

help: ## print this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Toque needs Python 3.11 or newer; set PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

setup: $(READY) ## make .venv with everything pinned

demo: $(READY) ## call 60 simulated people and watch (ARGS="--speed 20")
	@$(BIN)/toque demo $(ARGS)

test: $(READY) ## run every test, on SQLite, PostgreSQL, a Redis-protocol server and in Chromium
	@-$(BIN)/python -m tests.browser.chromium
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n 4 --dist worksteal $(ARGS)

check: $(READY) ## lint, format, types, layers, flows, scripts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/toque flow check
	$(BIN)/toque script check

bench: $(READY) ## measure, one JSON line a figure (ARGS="webhook")
	@$(BIN)/toque bench $(ARGS)

MINUTES ?= 10
soak: $(READY) ## real processes killed, cut off, emptied and lied to for MINUTES=10, then audited (ARGS="--seed 7")
	@$(BIN)/python -m tests.processes --minutes $(MINUTES) $(ARGS)

audit: $(READY) ## live through a month with 10,000 people, then audit it (ARGS="--people 500 --days 5")
	@$(BIN)/python -m tests.audit $(ARGS)

$(VENV)/.listening: $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[listen]'
	@touch $@

listen: $(VENV)/.listening ## let a recogniser write down the prompts (ARGS="--sample 20 --language pt-BR")
	@nice -n 10 $(BIN)/python -m tests.listening $(ARGS)

screens: $(READY) ## take the pictures of the console in docs/screens
	@$(BIN)/python -m tests.browser.screens $(ARGS)
