"""The command lines in what ships for schedulers and pipelines: lbcheck takes each of them."""

import pathlib
import re
import shlex

import click
import pytest

from lbcheck.cli import commands

DEPLOY = pathlib.Path(__file__).parent.parent.parent / "docs" / "deploy"
VERBS = "audit|report|merge"


def written(text: str) -> list[str]:
    """Commands of a shell script, a unit, a crontab: `lbcheck` and what stands behind it."""
    lines = re.sub(r"\\\n\s*", " ", text).splitlines()
    found = [re.search(rf"\blbcheck ((?:{VERBS})\b.*)", line) for line in lines]
    return [match[1] for match in found if match and not match.string.lstrip().startswith("#")]


def listed(text: str) -> list[str]:
    """Commands of a container: `args`, one word an item, in a line or below each other."""
    flow = [match.replace(", ", " ") for match in re.findall(r"args: \[(.+)\]", text)]
    block = [
        " ".join(re.findall(r"- (\S+)", items))
        for items in re.findall(r"args:\n((?: +- \S+\n)+)", text)
    ]
    return flow + block


def every_command() -> list[object]:
    files = sorted(DEPLOY.iterdir())
    return [
        pytest.param(command, id=f"{file.name}-{number}")
        for file in files
        for number, command in enumerate(
            [*written(file.read_text()), *listed(file.read_text())], start=1
        )
    ]


def test_every_file_has_a_command() -> None:
    silent = {
        file.name
        for file in DEPLOY.iterdir()
        if not [*written(file.read_text()), *listed(file.read_text())]
    }
    assert silent == {"lbcheck-report.timer"}


@pytest.mark.parametrize("command", every_command())
def test_lbcheck_takes_the_command(
    command: str, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JOB_COMPLETION_INDEX", "3")
    monkeypatch.setenv("LBCHECK_SHARDS", "20")
    verb, *words = shlex.split(re.split(r" (?:\|\||&&|;|#) ", command)[0])
    found = commands.get_command(click.Context(commands), verb)
    assert found is not None
    here = {"$(JOB_COMPLETION_INDEX)": "3", "/shards/": f"{tmp_path}/"}
    for written, meant in here.items():
        words = [word.replace(written, meant) for word in words]
    found.make_context(verb, words)
