# make demo    set everything up and audit the examples
# make test    set everything up and run the tests
# make check   format, lint, types, generated documents, tests
# make sarif   Microsoft's SARIF Multitool judges our logs with GitHub's rules (needs npm)
# make interop real servers of eight WebSocket stacks beside their profiles: needs Node.js and a JDK
# make fuzz    coverage-guided fuzzing of the readers and the suppression grammar
PYTHON ?= python3
BIN := .venv/bin
# `--check` only tells what has changed.
INTEROP ?=
# How long, in libFuzzer's words; CI has it shorter.
FUZZ ?= -max_total_time=150

SARIF := .npm/sarif
MULTITOOL := $(SARIF)/node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool

.PHONY: demo test check coverage lint docs bench sarif interop fuzz clean
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

$(MULTITOOL):
	@npm install --prefix $(SARIF) --ignore-scripts --no-audit --no-fund --loglevel=error \
	    @microsoft/sarif-multitool-linux@5.7.0
	@chmod u+x $@ && touch $@

sarif: .venv/tests $(MULTITOOL)
	$(BIN)/python -m tests.reporters.multitool $(CURDIR)/$(MULTITOOL)

interop: .venv/tests
	$(BIN)/python -m tests.interop $(INTEROP)

fuzz: .venv/tests
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[fuzz]' || \
	    { echo "make fuzz: atheris cannot be installed here, see https://pypi.org/project/atheris/" >&2; exit 1; }
	$(BIN)/python -m tests.fuzz.guided nginx $(FUZZ)
	$(BIN)/python -m tests.fuzz.guided haproxy $(FUZZ)
	$(BIN)/python -m tests.fuzz.guided suppressions $(FUZZ)

clean:
	rm -rf .venv dist build .mypy_cache .pytest_cache .ruff_cache .hypothesis .fuzz .npm .interop
