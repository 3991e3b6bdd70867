# `make demo` tries out the portal and `make test` runs all tests. Both install what they need.
SHELL := /bin/bash
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
export PYTHONWARNINGS := ignore::RuntimeWarning:platformdirs

.PHONY: help demo test check lock upgrade-dump docs chaos lint format fuzz fuzz-readers audit openapi screenshots chromium clean

help: ## List all targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 24

PIP := $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps

# What the portal runs on, and nothing else. Debian ships Python without ensurepip; the package that adds it can only be
# installed as root.
.venv/runtime: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is required."; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo "Installing Python's venv module"; apt-get update -q && apt-get install -qy python3-venv; }
	@echo "Installing the portal's packages into .venv"
	@$(PYTHON) -m venv .venv
	@$(PIP) -r requirements.txt
	@touch $@

# What tests and linters need beside that.
.venv/installed: .venv/runtime requirements-dev.txt tests/clients/package-lock.json
	$(PIP) -r requirements-dev.txt
	PATH="$$PWD/$(BIN):$$PATH" npm ci --prefix tests/clients --silent --no-audit --no-fund
	@touch $@

demo: .venv/runtime ## Set everything up, run one export over REST, keep running until Ctrl-C (PORT=8000)
	@PORT=$(PORT) $(BIN)/python scripts/demo.py

# The browser for the page tests. Its package can only be installed as root. It is not downloaded from anywhere else.
chromium:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || { [ "$$(id -u)" = 0 ] \
		&& echo "Installing Chromium" && apt-get update -q && apt-get install -qy --no-install-recommends chromium; } \
		|| { echo "The page tests need Chromium: apt-get install chromium"; exit 1; }

test: .venv/installed chromium lint ## Run the linters, then all tests on SQLite and on PostgreSQL
	$(BIN)/python scripts/run_tests.py

check: .venv/installed lint ## Run the linters and the tests that start no process of their own, on SQLite, in a minute
	DATA_DIR=$$(mktemp -d) $(BIN)/pytest --create-db -q -n 2 --dist load -m "not processes"

lock: ## Pin the packages again, with hashes, after a change of a requirements*.in
	$(PYTHON) -m venv build/lock
	build/lock/bin/pip install --quiet --disable-pip-version-check pip-tools==7.6.2
	for set in requirements requirements-dev benchmarks/requirements tests/fuzz/requirements; do \
		CUSTOM_COMPILE_COMMAND="make lock" build/lock/bin/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe \
			--no-emit-index-url --no-emit-trusted-host --no-emit-find-links $$set.in --output-file $$set.txt || exit 1; \
	done

audit: ## Look for known vulnerabilities of the packages; needs a package index that knows them, such as pypi.org
	$(PYTHON) -m venv build/audit
	build/audit/bin/pip install --quiet --disable-pip-version-check pip-audit==2.10.1
	@for set in requirements requirements-dev benchmarks/requirements tests/fuzz/requirements; do \
		build/audit/bin/pip-audit --strict --disable-pip --require-hashes --progress-spinner off -r $$set.txt \
			|| { echo "$$set.txt: a package is vulnerable, or the index has no list of vulnerabilities (see above)."; exit 1; }; \
	done

upgrade-dump: .venv/installed ## Keep a database of this release in tests/upgrade, from which later releases must upgrade
	env -u DATABASE_URL $(BIN)/python scripts/dump_release.py
	$(BIN)/python scripts/with_postgresql.py $(BIN)/python scripts/dump_release.py

docs: .venv/installed ## Build the documentation as a site in build/site; fails at any warning
	$(BIN)/python scripts/generate_docs.py
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet

chaos: .venv/installed ## Inject at least 600 faults into real processes; update the table in docs/reliability.md (20 minutes)
	$(BIN)/python -m tests.chaos.table

lint: .venv/installed ## Check style, types, layers, templates, secrets, migrations and deployment settings
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(BIN)/djade --check $$(find templates -name '*.html' -o -name '*.txt' | sort)
	$(BIN)/python scripts/find_secrets.py
	$(BIN)/python manage.py makemigrations --check --dry-run
	PORTAL_URL=https://archive.example.com DATA_DIR=$$(mktemp -d) $(BIN)/python manage.py check --deploy --fail-level WARNING

screenshots: .venv/installed chromium ## Save pictures for the documentation in docs/images, and of every page in every state in build/screenshots
	$(BIN)/python scripts/screenshots.py

format: .venv/installed ## Format the code and fix what the linters can fix
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(BIN)/djade $$(find templates -name '*.html' -o -name '*.txt' | sort)

fuzz: .venv/installed ## Send over 5,000 unusual requests generated from the OpenAPI description, with each kind of credential
	FUZZ_EXAMPLES=$${FUZZ_EXAMPLES:-250} $(BIN)/pytest --create-db -s tests/fuzz

.venv/fuzzing: .venv/installed tests/fuzz/requirements.txt
	$(PIP) -r tests/fuzz/requirements.txt
	@touch $@

fuzz-readers: .venv/fuzzing ## Feed filters, CSV, JSON, ranges and uploads with what atheris makes up, ten minutes each (FUZZ_SECONDS=600)
	$(BIN)/python scripts/fuzz_readers.py

openapi: .venv/installed ## Regenerate docs/openapi.json
	DATA_DIR=$$(mktemp -d) $(BIN)/python manage.py spectacular --format openapi-json --file docs/openapi.json

.PHONY: bench bench-api bench-audit bench-browsing bench-faults bench-growth bench-hostile bench-import bench-includes bench-pages bench-profile bench-timing bench-web
.venv/benchmarks: .venv/installed benchmarks/requirements.txt
	$(PIP) -r benchmarks/requirements.txt
	@for tool in psql sqlite3; do command -v $$tool >/dev/null || apt-get install -qy postgresql-client sqlite3; done
	@touch $@

bench: .venv/benchmarks ## Compare exports with psql, sqlite3 and other libraries (BENCH_ISSUES=1000000; 50000 takes a minute)
	$(BIN)/python scripts/with_postgresql.py $(BIN)/python benchmarks/bench_export.py
	$(BIN)/python benchmarks/report.py

bench-api: .venv/installed ## Measure the cost of one REST request (BENCH_ISSUES=1000000)
	$(BIN)/python scripts/with_postgresql.py $(BIN)/python benchmarks/bench_api.py

bench-growth: .venv/benchmarks ## Measure filters and exports with up to ten times BENCH_ISSUES in the archive (20 GB of disk)
	$(BIN)/python scripts/with_postgresql.py sh -c "$(BIN)/python benchmarks/bench_filters.py && $(BIN)/python benchmarks/bench_growth.py"
	$(BIN)/python benchmarks/report.py

bench-includes: .venv/benchmarks ## Measure what comments, custom fields and other details add to an export (BENCH_ISSUES=1000000)
	$(BIN)/python scripts/with_postgresql.py $(BIN)/python benchmarks/bench_includes.py

bench-pages: .venv/benchmarks ## Measure the server time of every page on PostgreSQL and SQLite (BENCH_ISSUES=1000000)
	DATA_DIR=$$(mktemp -d) $(BIN)/python scripts/with_postgresql.py $(BIN)/python benchmarks/bench_pages.py
	DATA_DIR=$$(mktemp -d) $(BIN)/python benchmarks/bench_pages.py
	$(BIN)/python benchmarks/report.py

bench-import: .venv/benchmarks ## Compare imports with raw COPY on PostgreSQL and SQLite (BENCH_ISSUES=1000000)
	$(BIN)/python scripts/with_postgresql.py $(BIN)/python benchmarks/bench_import.py
	DATA_DIR=$$(mktemp -d) $(BIN)/python benchmarks/bench_import.py
	$(BIN)/python benchmarks/report.py

bench-hostile: .venv/installed ## Measure memory and time that hostile and damaged files take to be refused (15 minutes, 4 GB of disk)
	$(BIN)/python benchmarks/bench_hostile.py

bench-audit: .venv/benchmarks ## Measure the audit trail with BENCH_EVENTS=1000000 events on PostgreSQL and SQLite
	DATA_DIR=$$(mktemp -d) $(BIN)/python scripts/with_postgresql.py $(BIN)/python benchmarks/bench_audit.py
	DATA_DIR=$$(mktemp -d) $(BIN)/python benchmarks/bench_audit.py

bench-timing: .venv/benchmarks ## Compare the times of refusals, from which a stranger could learn who has an account (20 minutes)
	$(BIN)/python benchmarks/bench_timing.py

bench-web: .venv/benchmarks ## Compare the web server's worker with gunicorn's own
	$(BIN)/python benchmarks/bench_web.py

bench-browsing: .venv/benchmarks ## Measure page times while an export runs (BENCH_ISSUES=1000000)
	$(BIN)/python scripts/with_postgresql.py $(BIN)/python benchmarks/bench_browsing.py
	$(BIN)/python benchmarks/report.py

bench-profile: .venv/benchmarks ## Profile an export (BENCH_ISSUES=1000000; needs permission to trace processes)
	$(BIN)/python scripts/with_postgresql.py $(BIN)/python benchmarks/profile_export.py
	$(BIN)/python benchmarks/report.py

bench-faults: .venv/installed ## Measure how fast an export is cancelled and recovers after a kill (BENCH_ISSUES=1000000)
	$(BIN)/python scripts/with_postgresql.py $(BIN)/python benchmarks/bench_faults.py

clean: ## Remove the virtual environment and all data
	rm -rf .venv var .mypy_cache .ruff_cache .pytest_cache
