# make demo    set everything up and audit the examples
# make test    set everything up and run the tests
# make check   format, lint, types, generated documents, tests
# make fuzz    coverage-guided fuzzing of the readers and the suppression grammar
PYTHON ?= python3
BIN := .venv/bin
# How long, in libFuzzer's words; CI has it shorter.
FUZZ ?= -max_total_time=150

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
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[fuzz]' || \
	    { echo "make fuzz: atheris cannot be installed here, see https://pypi.org/project/atheris/" >&2; exit 1; }
	$(BIN)/python -m tests.fuzz.guided nginx $(FUZZ)
	$(BIN)/python -m tests.fuzz.guided haproxy $(FUZZ)
	$(BIN)/python -m tests.fuzz.guided suppressions $(FUZZ)

clean:
	rm -rf .venv dist build .mypy_cache .pytest_cache .ruff_cache .hypothesis .fuzz
