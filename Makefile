# Every target does its own set-up: a machine with Python >= 3.11 is enough.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: setup check test test-server run migrate

setup: $(VENV)/.ready

$(VENV)/.ready: requirements/dev.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Throughline needs Python 3.11 or newer; name one with make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing: on Debian, apt-get install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements/dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

check: setup          ## format, lint, types, imports, spelling
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell

test: setup           ## the whole suite, small figures
	$(BIN)/python -m pytest

test-server: setup    ## the store's suite over HTTP: against the peer, or the server THROUGHLINE_TEST_DSN names
	THROUGHLINE_TEST_DSN=$${THROUGHLINE_TEST_DSN:-peer} $(BIN)/python -m pytest tests/process_model/test_store.py tests/process_model/test_migrate.py

run: setup            ## serve: doors on 4317 and 4318, pages on 8050
	$(BIN)/throughline serve
