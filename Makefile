# Every target does its own set-up: a machine with Python >= 3.11 is enough.
PYTHON ?= python3
BIN    := .venv/bin
export PYTHON

.PHONY: setup check test test-server soak bench pictures docs run demo

setup: .venv/.ready dashboards/assets/build/charts.js   ## virtual environment and front-end assets

.venv/.ready: requirements/dev.lock pyproject.toml .ci/setup
	.ci/setup python
	touch $@

dashboards/assets/build/charts.js: $(wildcard dashboards/web/*.*) | .venv/.ready
	.ci/setup web
	touch $@

check: setup          ## format, lint, types, imports, spelling
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell

test: setup           ## the whole suite, small figures, with Debian's Chromium for the pages
	.ci/setup chromium
	$(BIN)/python -m pytest -n 2 --dist loadfile

test-server: setup    ## the store's suite over HTTP: against the peer, or the server THROUGHLINE_TEST_DSN names
	THROUGHLINE_TEST_DSN=$${THROUGHLINE_TEST_DSN:-peer} $(BIN)/python -m pytest tests/process_model/test_store.py tests/process_model/test_migrate.py

soak: setup           ## the long figures: 200 kills and what else takes minutes; writes docs/evidence.md
	.ci/setup chromium
	$(BIN)/python -m pytest -m soak

bench: setup          ## how fast it is here, beside its peers, as one report; writes docs/evidence.md
	.ci/setup peers
	$(BIN)/python -m pytest -m bench

docs: setup           ## the user guide as one site, in site/; asks nobody outside
	$(BIN)/mkdocs build --strict

pictures: setup       ## the README's pictures, from the demo that runs
	.ci/setup chromium
	$(BIN)/python -m tests.pictures

run: setup            ## serve: doors on 4317 and 4318, pages on 8050
	$(BIN)/throughline serve

demo: setup           ## send six months of an estate through the real doors, then go on in real time
	$(BIN)/throughline demo
