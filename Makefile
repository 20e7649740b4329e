# make nightly   run a night: of LANDING=<folder> [AS_OF=<instant>], else of the built-in sample world
# make test      lint, types, build, tests: what a change must pass
# make test-page, make test-disturbed, make test-duckdb2, make test-python    what CI runs besides: the page in a browser;
#                nights that are killed, starved or read meanwhile, and the wheel; the other DuckDB; another Python
# make test-lake    nights on DuckLake, for whoever touches them; CI runs its two nights of the sample
# make faults    the long run of the fault kit: kills, full disks, a million bad rows, readers, splits

# The first Python that fits, asked only when an environment is made. Each is run: a name may stand for a version that is
# not there (pyenv), or lack what makes an environment (Debian).
FITS := import ensurepip, sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))
PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11; do \
	"$$name" -c '$(FITS)' 2>/dev/null && echo $$name && break; done)
VENV := .venv
# What is installed: each lock over the one before.
LOCKS := requirements.lock
BIN := $(VENV)/bin
SAMPLE := build/sample
CI := build/ci

.PHONY: nightly test lint build docs pytest test-page test-disturbed test-duckdb2 test-python lake test-lake bench honesty faults lock clean
.DEFAULT_GOAL := test

INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

$(VENV)/.installed: $(LOCKS) pyproject.toml setup.py python/learning_loop/__init__.py
	@python="$(PYTHON)"; "$$python" -c '$(FITS)' 2>/dev/null || { \
		echo "make needs Python 3.11, 3.12 or 3.13 with venv, as python3 or under its version's name: install one, or name it with PYTHON=/path/to/python." >&2; \
		exit 1; }; "$$python" -m venv $(VENV)
	$(INSTALL) --require-hashes -r $(firstword $(LOCKS))
	$(foreach lock,$(wordlist 2,9,$(LOCKS)),$(INSTALL) --no-deps --require-hashes -r $(lock) &&) true
	$(INSTALL) --no-deps --no-build-isolation -e .
	touch $@

ifdef LANDING
nightly: $(VENV)/.installed
	$(BIN)/learning-loop nightly --landing "$(LANDING)" $(if $(AS_OF),--as-of "$(AS_OF)")
else ifdef LEARNING_LOOP_LANDING
nightly: $(VENV)/.installed
	$(BIN)/learning-loop nightly $(if $(AS_OF),--as-of "$(AS_OF)")
else
nightly: $(SAMPLE)/truth.json
	$(BIN)/learning-loop nightly --landing $(SAMPLE) --ahead --as-of "$$($(BIN)/python -c 'import json; print(json.load(open("$(SAMPLE)/truth.json"))["as_of"])')"
endif

$(SAMPLE)/truth.json: $(VENV)/.installed
	rm -rf $(SAMPLE)
	$(BIN)/learning-loop sample --out $(SAMPLE) --seed 7

# Side by side: the build is one core's work, and so is the end of pytest.
test: $(SAMPLE)/truth.json
	$(MAKE) -j 2 lint pytest

# After the build: sqlfluff compiles the models against its tables, which each process opens read-only.
lint: build
	$(BIN)/ruff check .
	$(BIN)/ruff format --check python tests
	$(BIN)/mypy
	LEARNING_LOOP_WAREHOUSE=$(CI)/learning_loop.duckdb LEARNING_LOOP_LANDING=$(SAMPLE) LEARNING_LOOP_LINT=1 \
		$(BIN)/sqlfluff lint models tests --processes 2
	LEARNING_LOOP_BUILD=$(CI)/learning_loop.duckdb DBT_PROFILES_DIR=profiles \
		$(BIN)/mf validate-configs > $(CI)/metrics.log || { cat $(CI)/metrics.log; exit 1; }

# The whole project from nothing: models, contracts, data tests and unit tests, on the sample world.
build: $(SAMPLE)/truth.json
	rm -rf $(CI) && mkdir -p $(CI)
	LEARNING_LOOP_BUILD=$(CI)/learning_loop.duckdb LEARNING_LOOP_LANDING=$(SAMPLE) \
		$(BIN)/dbt --quiet build --profiles-dir profiles --vars '{as_of: "2026-02-16T02:00:00Z"}'

# The reference of every table and column, with its lineage: one page without a server, target/static_index.html.
docs: $(SAMPLE)/truth.json
	@test -f $(CI)/learning_loop.duckdb || $(MAKE) build
	LEARNING_LOOP_BUILD=$(CI)/learning_loop.duckdb LEARNING_LOOP_LANDING=$(SAMPLE) \
		$(BIN)/dbt --quiet docs generate --static --profiles-dir profiles --vars '{as_of: "2026-02-16T02:00:00Z"}'
	@echo "Wrote target/static_index.html"

# What takes as long as a job of its own: the page in a browser; kills, full disks, readers, a wheel's night.
PAGE := tests/python/report
DISTURBED := $(addprefix tests/python/,faults/test_kills.py faults/test_readers.py faults/test_surroundings.py \
	faults/test_fuzz.py faults/test_every_split.py package/test_wheel.py)

# A night is one core's work: two files of tests at a time, and a thread each. What takes long in few tests begins: at the end it
# would leave a core without work.
LONG := tests/python/upgrade tests/python/clusters_and_calibration/test_splits.py
pytest: $(VENV)/.installed
	LEARNING_LOOP_THREADS=1 $(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder $(LONG) tests/python \
		$(addprefix --ignore=,$(PAGE) $(DISTURBED))

test-page: $(VENV)/.installed
	$(BIN)/pytest -n 2 --dist loadfile $(PAGE)

test-disturbed: $(VENV)/.installed
	$(BIN)/pytest -n 2 --dist loadfile $(DISTURBED)

# The other DuckDB: the build with all data and unit tests; files that go from one version to the other and back; how landing
# files are read, in nights within pytest's process; and the backlog's compiled SQL beside an oracle. The rest of pytest is left out for
# its time: an empty build of the editorial models alone is a minute.
DUCKDB2 := VENV=.venv-duckdb2 LOCKS="requirements.lock requirements-duckdb-2.lock" SAMPLE=build/sample-duckdb2 CI=build/ci-duckdb2
test-duckdb2: $(VENV)/.installed
	$(MAKE) $(DUCKDB2) build
	LEARNING_LOOP_OTHER_PYTHON=$(abspath $(BIN)/python) .venv-duckdb2/bin/pytest -n 2 --dist loadfile tests/python/engine \
		tests/python/landing/test_forms.py tests/python/landing/test_gate.py tests/python/landing/test_inventory.py \
		tests/python/landing/test_marks.py tests/python/backlog/test_keys.py tests/python/backlog/test_fold_against_oracle.py

# Another Python, e.g. make test-python PYTHON=python3.13: two nights, and the tests of what is written in Python.
test-python:
	$(MAKE) PYTHON="$(PYTHON)" VENV=.venv-python .venv-python/.installed
	rm -rf build/python && .venv-python/bin/learning-loop sample --out build/python/landing
	for day in 16 17; do .venv-python/bin/learning-loop nightly --landing build/python/landing \
		--warehouse build/python/learning_loop.duckdb --as-of 2026-02-$${day}T02:00:00Z || exit 1; done
	.venv-python/bin/pytest -n 2 --dist loadfile tests/python/upgrade tests/python/package/test_version.py \
		tests/python/experiments/test_gate.py tests/python/experiments/test_statistics.py tests/python/sample/test_world.py \
		tests/python/erasure/test_files.py tests/python/stage_b/test_uplift.py tests/python/report/test_curve.py

# The warehouse on DuckLake: a PostgreSQL and a server of S3 on loopback, started by the tests. LAKE_ROWS makes it shorter.
# Nothing of it is skipped: what is missing is said in a line, and the target fails. CI runs LAKE_TESTS alone: two nights of the
# sample by two processes, which are the file's.
LAKE_TESTS := tests/python/lake
LAKE := VENV=.venv-lake LOCKS="requirements.lock requirements-lake.lock"
lake:
	@$(MAKE) $(LAKE) PYTHON="$(PYTHON)" .venv-lake/.installed || { \
		echo "make test-lake cannot run here: the packages of requirements-lake.lock were not installed (see above)." >&2; exit 1; }
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || { \
		echo "make test-lake cannot run here: it starts a PostgreSQL; install Debian's package postgresql." >&2; exit 1; }

test-lake: lake
	.venv-lake/bin/pytest -m lake -n 2 --dist loadfile $(LAKE_TESTS)

# What was promised beside what is, and what a night costs beside its bare SQL, hand-written SQL, Polars and plain Python: writes
# docs/benchmarks.md, in about an hour. EVENTS=100000000 for more, which takes 70 GB of disk.
EVENTS ?= 1000000 5000000
bench: $(VENV)/.installed
	$(BIN)/python benchmarks/night.py $(foreach n,$(EVENTS),--events $(n)) --out docs/benchmarks.md
	@test -f warehouse/learning_loop.duckdb || $(MAKE) nightly
	$(BIN)/python benchmarks/commands.py
	@test -f $(CI)/learning_loop.duckdb || $(MAKE) build
	$(BIN)/python benchmarks/scoring.py $(CI)/learning_loop.duckdb
	$(BIN)/python benchmarks/stage_b_credit.py
	$(BIN)/python benchmarks/stage_b_credit.py 5000000 2000

# What is claimed of chance, beside how often it is true: writes docs/honesty.md, section by section.
honesty: $(VENV)/.installed
	for part in gate fixes alarms credit duplicates sources suggestions; do $(BIN)/python benchmarks/$$part.py || exit 1; done

# What takes too long for every change, about an hour on 2 cores; ends with a log of what was done.
# FAULTS_KILLS, FAULTS_ROWS, FAULTS_ENTRIES, FAULTS_CASES, FAULTS_PUBLISHES, FAULTS_SPLITS and FAULTS_LAND_ROWS make it shorter.
faults: export FAULTS_LAND_ROWS ?= 1000000
faults: export FAULTS_SPLITS ?= 20
faults: $(VENV)/.installed
	$(BIN)/pytest -m "faults or not faults" -n 2 --dist loadfile -rs tests/python/faults tests/python/night \
		tests/python/backlog/test_rebuild.py tests/python/editorial/test_duplicates.py tests/python/erasure tests/python/feeds \
		tests/python/operational_db tests/python/stage_b tests/python/clusters_and_calibration

clean:
	rm -rf build target

# After a change of dependencies. The lock holds hashes and no address of an index.
lock:
	$(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --no-strip-extras --no-header --no-emit-index-url \
		--no-emit-trusted-host --no-emit-find-links --extra dev --output-file requirements.lock pyproject.toml
	echo "duckdb==$$(sed -n 's/^duckdb==\([^ ]*\).*/\1/p' requirements-duckdb-2.lock)" | $(BIN)/pip-compile --quiet --generate-hashes --no-header \
		--no-annotate --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --output-file requirements-duckdb-2.lock -
	sed -n 's/^    "\(duckdb-extension-[^"]*\)",/\1/p' pyproject.toml | cat - tests/python/lake/requirements.in | $(BIN)/pip-compile --quiet \
		--generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-trusted-host --no-emit-find-links \
		--constraint requirements.lock --output-file requirements-lake.lock -
