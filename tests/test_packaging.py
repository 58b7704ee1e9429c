"""What is shipped: the wheel runs on its own, with profiles and types."""

import ast
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterable
from importlib.metadata import packages_distributions

import pytest

import lbcheck

ROOT = pathlib.Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    for name in ("lbcheck", "profiles"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md"):
        shutil.copy(ROOT / name, source)
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", folder, source]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_the_profiles_the_types_and_the_licence(wheel: pathlib.Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    profiles = {f"lbcheck/_profiles/{path.name}" for path in (ROOT / "profiles").glob("*.yaml")}
    assert profiles <= names
    assert "lbcheck/py.typed" in names
    assert {"lbcheck/reporters/html/page.jinja", "lbcheck/reporters/html/style.css"} <= names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert {name.split("/")[0] for name in names} == {
        "lbcheck",
        f"lbcheck-{lbcheck.__version__}.dist-info",
    }


def test_the_wheel_runs_without_the_checkout(wheel: pathlib.Path, tmp_path: pathlib.Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    environment = dict(os.environ, PYTHONPATH=str(tmp_path / "site"))
    listed = subprocess.run(
        [sys.executable, "-P", "-m", "lbcheck", "profiles", "list"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=environment,
    )
    assert listed.returncode == 0, listed.stderr
    for path in (ROOT / "profiles").glob("*.yaml"):
        assert re.search(rf"(?m)^{re.escape(path.stem)}\b", listed.stdout)
    where = "import lbcheck.profiles as p; print(p.__file__); print(p.find('strict', '.'))"
    said = subprocess.run(
        [sys.executable, "-P", "-c", where],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=environment,
    ).stdout
    assert str(tmp_path / "site/lbcheck/profiles.py") in said
    assert str(tmp_path / "site/lbcheck/_profiles/strict.yaml") in said


def test_the_changelog_tells_of_this_version() -> None:
    newest = re.search(r"(?m)^## (\S+)", (ROOT / "CHANGELOG.md").read_text())[1]
    assert newest == lbcheck.__version__


SAID = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def named(requirements: Iterable[str]) -> set[str]:
    """The projects of requirements."""
    return {normal(re.match(r"[\w.-]+", line)[0]) for line in requirements}


def normal(name: str) -> str:
    """One spelling for each project, as pip compares them."""
    return name.lower().replace("_", "-")


def imported(folder: pathlib.Path) -> set[str]:
    """The projects whose modules a folder imports, wherever in a file."""
    modules = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                modules |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                modules.add(node.module.partition(".")[0])
    projects = packages_distributions()
    installed = {module: projects.get(module, []) for module in modules - {"lbcheck", "tests"}}
    return {normal(name) for names in installed.values() for name in names}


def test_every_package_that_is_imported_is_declared_and_every_declared_one_imported() -> None:
    optional = SAID["optional-dependencies"]["notify"]
    assert imported(ROOT / "lbcheck") == named([*SAID["dependencies"], *optional])


def test_every_package_that_the_tests_import_is_declared() -> None:
    extras = [line for lines in SAID["optional-dependencies"].values() for line in lines]
    servers = imported(ROOT / "tests/interop/servers")  # each has requirements of its own
    assert imported(ROOT / "tests") - servers <= named([*SAID["dependencies"], *extras])
