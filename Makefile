# make demo    set everything up and audit the examples
# make test    set everything up and run the tests
# make check   what CI runs: format, lint, types, generated documents, tests
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test check coverage lint docs bench fuzz clean
.DELETE_ON_ERROR:

.venv/runs: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("lbcheck needs Python 3.11 or newer, this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

.venv/tests: .venv/runs
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test,check]'
	@touch $@

demo: .venv/runs
	@$(BIN)/lbcheck audit examples || test $$? -eq 1

test: .venv/tests
	$(BIN)/python -m pytest -n auto

lint: .venv/tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python docs/generate.py --check

check: lint test

coverage: .venv/tests
	$(BIN)/python -m pytest -n auto --cov --cov-report=term:skip-covered --cov-fail-under=90

docs: .venv/tests
	$(BIN)/python docs/generate.py

bench: .venv/tests
	$(BIN)/python bench/run.py

fuzz: .venv/tests
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[fuzz]'
	$(BIN)/python -m tests.fuzz.guided nginx -max_total_time=150
	$(BIN)/python -m tests.fuzz.guided haproxy -max_total_time=150

clean:
	rm -rf .venv dist build .mypy_cache .pytest_cache .ruff_cache .hypothesis .fuzz
