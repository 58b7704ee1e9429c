"""From paths to sources: folders, named files, what cannot be read, templates."""

import os
import pathlib

import pytest

from lbcheck.errors import SourceError
from lbcheck.finding import Finding
from lbcheck.run import Options, run
from lbcheck.sources import detect

BROKEN = "server {\n    listen 80;\n    location /ws { proxy_pass http://10.0.0.1; }\n}\n"


def sources(folder: pathlib.Path, options: Options = Options()) -> list[tuple[str, str, str]]:  # noqa: B008
    report = run([str(folder)], options)
    return [
        (pathlib.Path(source.name).name, source.kind, source.status.value)
        for source in report.sources
    ]


def unread(findings: tuple[Finding, ...]) -> list[str]:
    return [finding.message for finding in findings if finding.code == "LB901"]


def test_a_folder_mixes_kinds_and_other_things(tmp_path: pathlib.Path) -> None:
    (tmp_path / "site.conf").write_text("server { listen 80; }\n")
    (tmp_path / "haproxy.cfg").write_text("defaults\n  mode http\n")
    (tmp_path / "state.json").write_text('{"schema": "lbcheck-aws/1"}')
    (tmp_path / "setup.cfg").write_text("[metadata]\nname = x\n")
    (tmp_path / "tool").write_bytes(b"\x7fELF\0\0")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git/x.conf").write_text("server { }\n")
    assert sources(tmp_path) == [
        ("site.conf", "nginx", "read"),
        ("haproxy.cfg", "haproxy", "read"),
        ("state.json", "aws", "read"),
    ]


def test_a_folder_that_cannot_be_listed_makes_the_result_incomplete(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "site.conf").write_text("server { listen 80; }\n")
    (tmp_path / "closed").mkdir()
    scandir = os.scandir

    def refusing(path: str) -> object:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    report = run([str(tmp_path)], Options())
    assert (report.complete, report.exit_code) == (False, 3)
    assert unread(report.findings) == [
        "the folder cannot be read: Permission denied; check its permissions, or --exclude it"
    ]


def test_a_text_file_by_name_that_is_none_is_told(tmp_path: pathlib.Path) -> None:
    (tmp_path / "site.conf").write_bytes(b"server {\0}")
    report = run([str(tmp_path)], Options())
    assert unread(report.findings) == ["is not text (it has a NUL byte); leave it out"]
    assert report.exit_code == 3


def test_a_named_file_of_no_known_kind_is_told_but_not_to_a_hook(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "redis.conf"
    path.write_text("maxmemory 1gb\n")
    report = run([str(path)], Options())
    assert (report.exit_code, len(unread(report.findings))) == (3, 1)
    assert run([str(path)], Options(skip_unknown=True)).sources == ()


@pytest.mark.parametrize("text", ["", "\n \n"])
def test_empty_standard_input_is_no_clean_configuration(text: str) -> None:
    with pytest.raises(SourceError, match="standard input is empty"):
        run([], Options(stdin=("nginx.conf", text)))


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("site.conf.j2", "{{ ansible_managed | comment }}\nserver {\n  listen 80;\n}\n", "nginx"),
        ("site.conf.j2", "{% if tls %}\nserver {\n  listen 443 ssl;\n}\n{% endif %}\n", "nginx"),
        ("site.conf.j2", "{# ours #}\nupstream {{ name }} {\n  server a;\n}\n", "nginx"),
        (
            "site.ctmpl",
            'upstream app {\n{{ range service "a" }}  server {{ .Address }};{{ end }}\n}\n',
            "nginx",
        ),
        (
            "haproxy.cfg.j2",
            "{{ ansible_managed }}\ndefaults\n  mode http\nbackend b\n"
            "{% for s in all %}\n  server {{ s }} {{ s }}:80 check\n{% endfor %}\n",
            "haproxy",
        ),
    ],
)
def test_templates_are_told_by_what_stands_around_the_placeholders(
    name: str, text: str, kind: str
) -> None:
    assert detect.kind_of(name, text) == kind
