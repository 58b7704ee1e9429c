"""Patterns are compiled when they are first used; a wrong one must not wait for a user."""

import ast
import importlib
import pathlib
import re

import pytest

import lbcheck
from lbcheck.regex import regex

PACKAGE = pathlib.Path(lbcheck.__file__).parent
MODULES = sorted(p for p in PACKAGE.rglob("*.py") if "regex(" in p.read_text())

EVERY_RUN = sorted(
    path
    for place in ("*.py", "cli/*.py", "reporters/*.py", "sources/nginx*.py", "sources/haproxy*.py")
    for path in PACKAGE.glob(place)
)


def test_a_pattern_behaves_as_one_that_was_compiled_at_once() -> None:
    digits = regex(r"(?P<number>[0-9]++)")
    found = digits.search("port 8080")
    assert found is not None
    assert found["number"] == "8080"
    assert digits.sub("x", "a1b22") == "axbx"
    assert digits.groups == 1


def test_nothing_is_compiled_before_the_first_use() -> None:
    broken = regex("(")
    with pytest.raises(re.error):
        broken.match("")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_every_pattern_of_a_module_compiles(path: pathlib.Path) -> None:
    name = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
    module = importlib.import_module(name)
    for value in vars(module).values():
        for pattern in value.values() if isinstance(value, dict) else [value]:
            if type(pattern).__module__ == "lbcheck.regex":
                assert re.compile(pattern.pattern)


@pytest.mark.parametrize("path", EVERY_RUN, ids=lambda path: path.stem)
def test_what_every_run_imports_compiles_no_pattern_then(path: pathlib.Path) -> None:
    statements = [s for s in ast.parse(path.read_text()).body if isinstance(s, ast.Assign)]
    assert [ast.unparse(s) for s in statements if "re.compile(" in ast.unparse(s)] == []
