# make nightly   run a night: of LANDING=<folder> [AS_OF=<instant>], else of the built-in sample world
# make test      everything CI runs
# make faults    the long run of the fault kit: kills, full disks, a million bad rows, readers, splits

PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
SAMPLE := build/sample

.PHONY: nightly test lint build docs pytest bench faults lock clean
.DEFAULT_GOAL := test

$(VENV)/.installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

ifdef LANDING
nightly: $(VENV)/.installed
	$(BIN)/learning-loop nightly --landing "$(LANDING)" $(if $(AS_OF),--as-of "$(AS_OF)")
else ifdef LEARNING_LOOP_LANDING
nightly: $(VENV)/.installed
	$(BIN)/learning-loop nightly $(if $(AS_OF),--as-of "$(AS_OF)")
else
nightly: $(SAMPLE)/truth.json
	$(BIN)/learning-loop nightly --landing $(SAMPLE) --as-of "$$($(BIN)/python -c 'import json; print(json.load(open("$(SAMPLE)/truth.json"))["as_of"])')"
endif

$(SAMPLE)/truth.json: $(VENV)/.installed
	rm -rf $(SAMPLE)
	$(BIN)/learning-loop sample --out $(SAMPLE) --seed 7

test: build lint pytest

# After the build: sqlfluff compiles the models against its tables, which each process opens read-only.
lint: build
	$(BIN)/ruff check .
	$(BIN)/ruff format --check python tests
	$(BIN)/mypy
	LEARNING_LOOP_WAREHOUSE=build/ci/learning_loop.duckdb LEARNING_LOOP_LANDING=$(SAMPLE) \
		$(BIN)/sqlfluff lint models tests --processes 2
	LEARNING_LOOP_BUILD=build/ci/learning_loop.duckdb DBT_PROFILES_DIR=profiles \
		$(BIN)/mf validate-configs > build/ci/metrics.log || { cat build/ci/metrics.log; exit 1; }

# The whole project from nothing: models, contracts, data tests and unit tests, on the sample world.
build: $(SAMPLE)/truth.json
	rm -rf build/ci && mkdir -p build/ci
	LEARNING_LOOP_BUILD=build/ci/learning_loop.duckdb LEARNING_LOOP_LANDING=$(SAMPLE) \
		$(BIN)/dbt --quiet build --profiles-dir profiles --vars '{as_of: "2026-02-16T02:00:00Z"}'

# The reference of every table and column, with its lineage: one page without a server, target/static_index.html.
docs: $(SAMPLE)/truth.json
	LEARNING_LOOP_BUILD=build/ci/learning_loop.duckdb LEARNING_LOOP_LANDING=$(SAMPLE) \
		$(BIN)/dbt --quiet docs generate --static --profiles-dir profiles --vars '{as_of: "2026-02-16T02:00:00Z"}'
	@echo "Wrote target/static_index.html"

# A night is one core's work: two files of tests at a time.
pytest: $(VENV)/.installed
	$(BIN)/pytest -n 2 --dist loadfile

# What a night costs, beside hand-written SQL, Polars and plain Python: writes docs/benchmarks.md. EVENTS=10000000 for more.
EVENTS ?= 1000000
bench: $(VENV)/.installed
	$(BIN)/python benchmarks/night.py $(foreach n,$(EVENTS),--events $(n)) --out docs/benchmarks.md
	$(BIN)/python benchmarks/stage_b_credit.py

# What takes too long for every change, about an hour on 2 cores; ends with a log of what was done.
# FAULTS_KILLS, FAULTS_ROWS, FAULTS_ENTRIES, FAULTS_CASES, FAULTS_PUBLISHES and FAULTS_LAND_ROWS make it shorter.
faults: export FAULTS_LAND_ROWS ?= 1000000
faults: $(VENV)/.installed
	$(BIN)/pytest -m "faults or not faults" -n 2 --dist loadfile -rs tests/python/faults tests/python/night \
		tests/python/backlog/test_rebuild.py tests/python/operational_db

clean:
	rm -rf build target

# After a change of dependencies. The lock holds hashes and no address of an index.
lock:
	$(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --no-strip-extras --no-header --no-emit-index-url \
		--no-emit-trusted-host --no-emit-find-links --extra dev --output-file requirements.lock pyproject.toml
