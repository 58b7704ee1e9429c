"""The configuration file: where it is found, what it says, and what is wrong with it."""

import os
import pathlib
import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lbcheck import config
from lbcheck.config import Config
from lbcheck.document import Mistakes
from lbcheck.errors import DocumentErrors, UsageError
from lbcheck.toml_table import parse_table
from tests.growth import linear_in

ROOT = pathlib.Path(__file__).parent.parent


@pytest.fixture
def repo(tmp_path, monkeypatch):
    """A repository's root with an empty folder below it, which is the working directory."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "edge").mkdir()
    monkeypatch.chdir(tmp_path / "edge")
    return tmp_path


def mistakes(text, path, formats=()) -> list[str]:
    path.write_text(text)
    with pytest.raises(DocumentErrors) as caught:
        config.load(str(path.parent), str(path), formats)
    return [f"{one.line}:{one.column}: {one.message}" for one in caught.value.mistakes]


def test_without_a_file_it_says_nothing(repo):
    assert config.load(".") == Config()
    assert Config().defaults() == {}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (".lbcheck.yaml", "fail-on: never\n"),
        (".lbcheck.yml", "fail-on: never\n"),
        ("pyproject.toml", "[tool.lbcheck]\nfail-on = 'never'\n"),
    ],
)
def test_it_is_searched_upwards(repo, name, text):
    (repo / name).write_text(text)
    (repo / "edge" / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    assert config.load(".") == Config(fail_on="never")


def test_the_nearest_file_counts_and_in_one_folder_the_yaml_file(repo):
    (repo / ".lbcheck.yaml").write_text("quiet: true\n")
    (repo / "edge" / "pyproject.toml").write_text("[tool.lbcheck]\nfail-on = 'info'\n")
    assert config.load(".") == Config(fail_on="info")
    (repo / "edge" / ".lbcheck.yaml").write_text("fail-on: warning\n")
    assert config.load(".") == Config(fail_on="warning")


def test_the_search_ends_at_the_repositorys_root(repo):
    (repo / ".lbcheck.yaml").write_text("quiet: true\n")
    (repo / "edge" / ".git").write_text("gitdir: elsewhere\n")
    assert config.load(".") == Config()


def test_everything_it_can_say_by_the_names_of_the_options(repo):
    (repo / "edge" / ".lbcheck.yaml").write_text(
        "profile: socketio-v4\n"
        "params: {heartbeat.interval_s: 2m, nginx.version: 1.10, websocket: {paths: [/a, /b]}}\n"
        "select: [LB3, drain-too-short]\n"
        "ignore: LB307\n"
        "min-severity: warning\nmin-confidence: possible\nfail-on: never\n"
        "format: json\noutput: [sarif=out/a.sarif]\n"
        "paths: [sites]\nexclude: ['*.bak']\nmax-file-size: 1000000\n"
        "show-suppressed: true\nquiet: false\n"
    )
    said = config.load(".", formats=("text", "json"))
    assert said.defaults() == {
        "profile": ("socketio-v4",),
        "param": ("heartbeat.interval_s=2m", "nginx.version=1.10", "websocket.paths=/a,/b"),
        "select": ("LB3", "drain-too-short"),
        "ignore": ("LB307",),
        "min_severity": "warning",
        "min_confidence": "possible",
        "fail_on": "never",
        "format": "json",
        "output": ("sarif=out/a.sarif",),
        "paths": ("sites",),
        "exclude": ("*.bak",),
        "max_file_size": "1000000",
        "show_suppressed": True,
        "quiet": False,
    }


def test_toml_says_the_same(repo):
    (repo / "edge" / "pyproject.toml").write_text(
        "[tool.lbcheck]\nprofile = 'socketio-v4'\nquiet = true\nmax-file-size = '5M'\n"
        "[tool.lbcheck.params]\nheartbeat.interval_s = 20\n"
        "'nginx.version' = 1.10\n'handshake.checks_origin' = true\n"
    )
    assert config.load(".").defaults() == {
        "profile": ("socketio-v4",),
        "param": (
            "heartbeat.interval_s=20", "nginx.version=1.10", "handshake.checks_origin=true",
        ),
        "quiet": True,
        "max_file_size": "5M",
    }  # fmt: skip


def test_paths_are_relative_to_the_files_own_folder(repo):
    (repo / ".lbcheck.yaml").write_text(
        "profile: [strict, deploy/our.yaml]\npaths: [sites]\nexclude: ['*.bak', sites/old/*]\n"
        "output: [json=out.json]\n"
    )
    said = config.load(".")
    assert said.profile == ("strict", "../deploy/our.yaml")
    assert said.paths == ("../sites",)
    assert said.exclude == ("*.bak", "../sites/old/*")
    assert said.output == ("json=../out.json",)


def test_all_mistakes_of_a_yaml_file_are_said_with_their_places(tmp_path):
    text = (
        "profil: strict\n"
        "profile: [socketio]\n"
        "fail_on: error\n"
        "min-severity: warn\n"
        "select: [LB3, LB3O1]\n"
        "ignore: [idle-timeout-below-hartbeat]\n"
        "format: jsn\n"
        "output: [json, json=/etc/passwd, json=../x]\n"
        "max-file-size: 50 MB\n"
        "quiet: yes\n"
        "params:\n"
        "  heartbeat.intervall_s: 3\n"
        "  idle.max_s: 1 hour\n"
    )
    below = "a report that is asked for here stays below this file's folder"
    assert mistakes(text, tmp_path / "x.yaml", ("text", "json")) == [
        "1:1: unknown key `profil`; did you mean `profile`?",
        "2:11: no profile is called `socketio`; did you mean `socketio-v4`?",
        "3:1: unknown key `fail_on`; did you mean `fail-on`?",
        "4:15: `min-severity` must be one of error, info, warning, not `warn`",
        "5:15: no rule is called `LB3O1`; did you mean `LB301`?",
        "6:10: no rule is called `idle-timeout-below-hartbeat`; "
        "did you mean `idle-timeout-below-heartbeat`?",
        "7:9: no format is called `jsn`; did you mean `json`?",
        "8:10: `output` must be FORMAT=PATH, not `json`",
        f"8:16: {below}",
        f"8:34: {below}",
        "9:16: `max-file-size` must be a size such as 50M, not `50 MB`",
        "10:8: `quiet` must be true or false, not `yes`: "
        "in YAML 1.2 that is a word, the boolean is true",
        "12:26: unknown key; did you mean `heartbeat.interval_s`?",
        "13:15: `max_s` must be a number of seconds (25) or a duration such as 500ms, 25s, 2m, 1h, "
        "not `1 hour`",
    ]


def test_all_mistakes_of_a_toml_file_are_said_with_their_places(tmp_path):
    text = (
        "[project]\nname = 'a'\n\n"
        "[tool.lbcheck]\n"
        "profil = 'strict'\n"
        "  fail-on = 'nevr'\n"
        "select = [\n  'LB3O1',\n]\n"
        "quiet = 'yes'\n"
        "[tool.lbcheck.params]\n"
        "'idle.max_s' = '1 hour'\n"
    )
    assert mistakes(text, tmp_path / "pyproject.toml") == [
        "5:1: unknown key `profil`; did you mean `profile`?",
        '6:13: `fail-on` must be one of error, info, never, warning, not the text "nevr"',
        "7:10: no rule is called `LB3O1`; did you mean `LB301`?",
        '10:9: `quiet` must be true or false, not the text "yes"',
        "12:16: `max_s` must be a number of seconds (25) or a duration such as 500ms, 25s, 2m, 1h, "
        'not the text "1 hour"',
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[tool.lbcheck]\nquiet = yes\n", "2:9: TOML: Invalid value"),
        ("[tool.lbcheck]\nx = " + "[" * 5_000, "1:1: TOML: nested too deep"),
        ("[tool.lbcheck]\nx" + ".x" * 5_000 + " = 1\n", "1:1: TOML: nested too deep"),
    ],
    ids=["syntax", "brackets", "dots"],
)
def test_toml_that_cannot_be_read_is_said(tmp_path, text, told):
    assert mistakes(text, tmp_path / "pyproject.toml") == [told]


def test_an_explicit_file_must_be_there_and_speak_of_lbcheck(repo):
    (repo / "pyproject.toml").write_text("[project]\nname = 'a'\n")
    for path, told in [
        ("gone.yaml", "gone.yaml: cannot be read: No such file or directory"),
        ("../pyproject.toml", "../pyproject.toml: has no table [tool.lbcheck]"),
    ]:
        with pytest.raises(UsageError) as caught:
            config.load(".", path)
        assert str(caught.value) == told


def test_a_pyproject_that_only_mentions_the_table_says_nothing(repo):
    (repo / "pyproject.toml").write_text("# [tool.lbcheck] is not used here\n")
    assert config.load(".") == Config()


def test_the_file_is_named_as_it_is_seen_from_the_working_directory(repo):
    (repo / ".lbcheck.yaml").write_text("x: 1\n")
    with pytest.raises(DocumentErrors) as caught:
        config.load(".")
    assert str(caught.value).startswith("../.lbcheck.yaml:1:1: unknown key `x`; there are profile,")


def test_the_template_says_nothing_and_with_its_marks_removed_it_is_right(tmp_path):
    path = tmp_path / ".lbcheck.yaml"
    path.write_text(config.TEMPLATE)
    assert config.load(str(tmp_path)) == Config()
    path.write_text(re.sub(r"(?m)^# (?=[a-z-]+: |params:|  )", "", config.TEMPLATE))
    said = config.load(str(tmp_path))
    assert [name for name in Config.__struct_fields__ if getattr(said, name) is None] == []
    assert said.params == {"heartbeat.interval_s": "25", "nginx.version": "1.26.1"}
    assert said.fail_on == "error"


def test_without_a_file_neither_yaml_nor_toml_is_imported(tmp_path):
    script = (
        "import sys; from lbcheck import config\n"
        f"config.load({str(tmp_path)!r})\n"
        "print([m for m in ('yaml', 'tomllib', 'lbcheck.document') if m in sys.modules])"
    )
    (tmp_path / ".git").mkdir()
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT)
    assert (done.stdout, done.stderr) == ("[]\n", "")


PIECES = "[tool.lbcheck]|\n|profile|=|'a'|\"|[|]|params|.|1|1.10|true|{|}|,|#| |'''|2026-01-01|\t"


@given(
    st.text(st.characters(codec="utf-8"))
    | st.lists(st.sampled_from(PIECES.split("|"))).map("".join)
)
def test_no_toml_makes_it_crash(text):
    found = Mistakes("x")
    parse_table(f"[tool.lbcheck]\n{text}", ("tool", "lbcheck"), found)
    assert all(one.line > 0 and one.column > 0 for one in found.found)


@pytest.mark.parametrize(
    "text",
    [
        "x = '''\n[" + " " * 200_000 + "]\n'''\n",
        "x = '''\n" + " " * 200_000 + "a" * 200_000 + "\n'''\n",
        "x = " + "9" * 200_000 + "\n",
        "x = 0x" + "9" * 200_000 + "\n",
        "".join(f"k{number} = 1\n" for number in range(10_000)),
    ],
    ids=["header", "key", "digits", "hexadecimal", "keys"],
)
def test_hostile_toml_takes_linear_time(text):
    assert linear_in(
        lambda text: parse_table(text, ("tool", "lbcheck"), Mistakes("x")),
        f"[tool.lbcheck]\n{text}",
    )


def test_a_configuration_does_not_say_whom_to_ask_with_which_credentials(tmp_path):
    told = mistakes("aws: true\nendpoint-url: http://x\n", tmp_path / "x.yaml")
    assert [line.partition(" `")[0] for line in told] == ["1:1: unknown key", "2:1: unknown key"]
    assert os.listdir(tmp_path) == ["x.yaml"]
