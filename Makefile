# Two commands do everything: `make run` and `make test`. `make` alone lists what there is.
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip --disable-pip-version-check install --quiet
SUDO := $(shell [ "$$(id -u)" = 0 ] || command -v sudo)

.DEFAULT_GOAL := help
.PHONY: help run worker test check format train evaluate clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(VENV)/serving ## set up what serving needs, and serve on http://127.0.0.1:7860
	$(BIN)/python app.py

worker: $(VENV)/serving ## analyse scans for a web process elsewhere (same SKIN_DATABASE_URL and store)
	$(BIN)/python -m skin worker

test: check chromium ## set up everything and run the whole test suite, browser included
	$(BIN)/python -m pytest

check: $(VENV)/everything ## style, types and layering
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/everything ## put the code into its one form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

train: $(VENV)/everything ## teach a network from ../shared/data (hours; resumes); DATA=folder for another place
	$(BIN)/python -m skin train $(if $(DATA),--data $(DATA))

evaluate: $(VENV)/everything ## measure the shipped network on a rated set (SET=interfaces, sfhq or london)
	$(BIN)/python -m skin evaluate $(if $(DATA),--data $(DATA)) $(if $(SET),--set $(SET))

clean: ## remove the environment and caches; the data in .skin stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache artifacts

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 13) and "Python 3.11 or 3.12 is needed (MediaPipe has no newer build); set PYTHON=/path/to/python3.11")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/serving: requirements-serve.txt | $(BIN)/python
	@echo "Installing what serving needs (about a minute, once) ..."
	$(PIP) --no-compile --no-deps -r requirements-serve.txt  # half the time; Python compiles what it uses
	@touch $@

# Without the `-r` line, so that pip does not add what the serving lock leaves out.
$(VENV)/everything: requirements.txt requirements-converter.txt $(VENV)/serving
	@echo "Installing torch and the test tools (some minutes, once) ..."
	grep -v '^-r' requirements.txt > $(VENV)/extra.txt
	$(PIP) -c requirements-serve.txt -r $(VENV)/extra.txt
	$(PIP) --no-deps -r requirements-converter.txt
	@touch $@

.PHONY: chromium
chromium:
	@command -v chromium > /dev/null || ($(SUDO) apt-get update -qq && $(SUDO) apt-get install -y -qq chromium)
