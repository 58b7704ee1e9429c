"""Configurations as the projects' own documentation recommends them are not complained about.

What lbcheck still says of one stands in expected.toml, with the reason why it is right to say it.
A site is read as it is deployed: through a distribution's nginx.conf.
"""

import pathlib
import re
import tomllib
from typing import Any

import pytest

from lbcheck.finding import Finding
from lbcheck.run import Options, run
from tests import binaries
from tests.certificates import self_signed

HERE = pathlib.Path(__file__).parent
FILES = sorted(HERE.glob("nginx/*.conf")) + sorted(HERE.glob("haproxy/*.cfg"))
EXPECTED: dict[str, Any] = tomllib.loads((HERE / "expected.toml").read_text())
BASE = "nginx.conf"
ALIKE = "likewise here"


def name_of(path: pathlib.Path) -> str:
    return f"{path.parent.name}/{path.name}"


def is_site(path: pathlib.Path) -> bool:
    return path.parent.name == "nginx" and not re.search(r"(?m)^events\b", path.read_text())


def audited(path: pathlib.Path, folder: pathlib.Path, profile: str) -> tuple[Finding, ...]:
    target = folder / path.name
    if is_site(path):
        (folder / "sites").mkdir()
        (folder / BASE).write_text((HERE / BASE).read_text())
        target = folder / "sites" / path.name
    target.write_text(path.read_text())
    report = run([str(folder)], Options(profiles=(profile,), today="2026-11-23"))
    assert report.complete, [(s.name, [t.message for t in s.troubles]) for s in report.sources]
    assert [source.kind for source in report.sources] == [path.parent.name] * len(report.sources)
    return report.findings


def told(finding: Finding) -> tuple[str, str, list[int | None]]:
    """Severity, code and every line of the file that is named for the same default."""
    alike = [each.location.line for each in finding.related if each.message == ALIKE]
    return finding.severity.value, finding.code, [finding.location.line, *alike]


def wanted(entries: list[dict[str, Any]]) -> list[tuple[str, str, list[int]]]:
    return [(entry["severity"], entry["code"], entry["at"]) for entry in entries]


def entries() -> list[tuple[str, dict[str, Any]]]:
    """Every expectation with the name of its file."""
    found = dict(EXPECTED["default"])
    for name, stack in EXPECTED["stack"].items():
        found[name] = found.get(name, []) + stack["findings"]
    return [(name, entry) for name, those in found.items() for entry in those]


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_only_what_has_a_reason_is_said(path: pathlib.Path, tmp_path: pathlib.Path) -> None:
    found = audited(path, tmp_path, "default")
    here = [each for each in found if pathlib.Path(each.location.path).name == path.name]
    assert [told(each) for each in here] == wanted(EXPECTED["default"].get(name_of(path), []))
    above = [told(each) for each in found if each not in here]
    sockets = is_site(path) and name_of(path) not in EXPECTED["no_websockets"]
    assert above == (wanted(EXPECTED["distribution"]) if sockets else [])


@pytest.mark.parametrize("name", EXPECTED["stack"])
def test_the_profile_of_its_stack_answers_the_questions(name: str, tmp_path: pathlib.Path) -> None:
    stack = EXPECTED["stack"][name]
    found = audited(HERE / name, tmp_path, stack["profile"])
    assert [told(f) for f in found if not f.location.path.endswith(f"/{BASE}")] == wanted(
        stack["findings"]
    )


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_file_by_itself_is_not_said_to_have_more(
    path: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    """What an http block may still set is not known, so fewer defaults are judged."""
    (tmp_path / path.name).write_text(path.read_text())
    report = run([str(tmp_path)], Options(today="2026-11-23"))
    known = wanted(EXPECTED["default"].get(name_of(path), []))
    assert [told(each) for each in report.findings if told(each) not in known] == []


def test_nothing_is_an_error_and_every_reason_is_given() -> None:
    for name, entry in entries():
        assert (HERE / name).is_file()
        assert entry["severity"] in ("warning", "info"), name
        assert len(entry["because"]) > 20, name
    for name in EXPECTED["no_websockets"]:
        assert (HERE / name).is_file()
        assert name not in EXPECTED["default"]


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_the_real_proxy_accepts_it(path: pathlib.Path, tmp_path: pathlib.Path) -> None:
    certificate = self_signed("site.example.org")
    for suffix in ("pem", "key"):
        (tmp_path / f"site.{suffix}").write_bytes(certificate)
    (tmp_path / "logs").mkdir()
    text = re.sub(r"/etc/(nginx|haproxy)/tls/", f"{tmp_path}/", path.read_text())
    if path.parent.name == "haproxy":
        assert binaries.haproxy()[0].refusal(text, tmp_path) is None
    else:
        text = re.sub(r"(?m)^( *listen (?:\[::\]:)?)(80|443)\b", _unprivileged, text)
        assert binaries.nginx()[0].refusal(text, tmp_path) is None


def _unprivileged(listen: re.Match[str]) -> str:
    return f"{listen[1]}{int(listen[2]) + 20000}"
