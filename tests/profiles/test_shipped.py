"""The profiles that ship: they load, they agree with the schema, and say where they come from."""

import json
import pathlib
import subprocess
import sys

import jsonschema
import msgspec
import pytest

from lbcheck import profiles
from lbcheck.document import Mistakes, Node, parse
from lbcheck.profile import Profile
from lbcheck.profile_file import read
from lbcheck.rules import BY_CODE

ROOT = pathlib.Path(__file__).parent.parent.parent
STACKS = {
    "generic-ws", "node-ws", "python-websockets", "uvicorn-fastapi", "django-channels",
    "spring-websocket", "spring-stomp", "sockjs", "socketio-v4", "signalr", "phoenix-channels",
    "rails-actioncable", "graphql-ws", "mqtt-ws", "python-websockets-11", "aiohttp", "tornado",
}  # fmt: skip


def text(name: str) -> str:
    return (pathlib.Path(profiles.folder()) / f"{name}.yaml").read_text()


def root(name: str) -> Node:
    mistakes = Mistakes(name)
    node = parse(text(name), mistakes)
    mistakes.check()
    return node


def plain(node: Node):
    if isinstance(node.value, list):
        return [plain(item) for item in node.value]
    if isinstance(node.value, dict):
        return {key: plain(entry.node) for key, entry in node.value.items()}
    return node.value


def test_every_stack_has_a_profile():
    assert set(profiles.available()) == STACKS | {"default", "strict"}
    assert profiles.available() == sorted(profiles.available())


@pytest.mark.parametrize("name", sorted(STACKS))
def test_a_stack_says_where_its_values_come_from(name):
    profile = profiles.load([name])
    assert (profile.id, bool(profile.title)) == (name, True)
    assert profile.verified is not None
    assert profile.verified.date == "2026-11-23"
    assert profile.sources
    assert all(url.startswith("https://") for url in profile.sources)


@pytest.mark.parametrize("name", sorted(STACKS | {"default", "strict"}))
def test_a_profile_agrees_with_the_schema_and_names_it_first(name):
    first, second, *_ = text(name).splitlines()
    assert first == "# yaml-language-server: $schema=../docs/profile.schema.json"
    assert second.startswith("# ")
    jsonschema.Draft202012Validator(profiles.schema()).validate(plain(root(name)))


def test_the_schema_in_docs_is_current():
    """Renew it with `lbcheck profiles schema > docs/profile.schema.json`."""
    kept = (ROOT / "docs" / "profile.schema.json").read_text()
    assert kept == json.dumps(profiles.schema(), indent=2) + "\n"


@pytest.mark.parametrize(
    "document",
    [
        {"heartbeet": {}},
        {"heartbeat": {"sender": "servers"}},
        {"heartbeat": {"interval_s": "25 sec"}},
        {"heartbeat": {"interval_s": 0}},
        {"health": {"expect": [42]}},
        {"websocket": {"paths": ["ws"]}},
        {"verified": {"version": "1"}},
        {"rules": {"LB301": "warn"}},
    ],
)
def test_the_schema_refuses_what_the_loader_refuses(document, tmp_path):
    assert not jsonschema.Draft202012Validator(profiles.schema()).is_valid(document)
    path = tmp_path / "mine.yaml"
    path.write_text(json.dumps(document))
    with pytest.raises(profiles.DocumentErrors):
        profiles.load([str(path)])


def test_the_default_file_writes_down_exactly_what_the_struct_says():
    mistakes = Mistakes("default.yaml")
    values = read(root("default"), mistakes)
    mistakes.check()
    assert msgspec.convert(values, Profile) == Profile() == profiles.load(["default"])
    assert plain(root("default")).keys() == msgspec.to_builtins(Profile()).keys()
    for section, defaults in msgspec.to_builtins(Profile()).items():
        if isinstance(defaults, dict):
            assert plain(root("default"))[section].keys() == defaults.keys()


def test_strict_composes_with_a_stack_and_says_nothing_of_its_own_about_it():
    strict = profiles.load(["strict"])
    both = profiles.load(["socketio-v4", "strict"])
    assert both.heartbeat == profiles.load(["socketio-v4"]).heartbeat
    assert (both.id, both.idle.max_s, both.idle.server_timeout_s) == (
        "socketio-v4+strict", 3600, 45,
    )  # fmt: skip
    assert set(strict.rules) <= set(BY_CODE)
    assert set(strict.rules.values()) == {"error"}
    assert both.rules == strict.rules


@pytest.mark.parametrize(
    ("name", "sender", "interval", "needed"),
    [
        ("generic-ws", "none", None, None),
        ("node-ws", "none", None, None),
        ("python-websockets", "server", 20, 45),
        ("python-websockets-11", "server", 20, 45),
        ("uvicorn-fastapi", "server", 20, 45),
        ("aiohttp", "none", None, None),
        ("tornado", "none", None, None),
        ("django-channels", "server", 20, 55),
        ("spring-websocket", "none", None, None),
        ("spring-stomp", "both", 10, 25),
        ("sockjs", "server", 25, 55),
        ("socketio-v4", "server", 25, 55),
        ("signalr", "both", 15, 50),
        ("phoenix-channels", "client", 30, 65),
        ("rails-actioncable", "server", 3, 14),
        ("graphql-ws", "server", 12, 29),
        ("mqtt-ws", "client", 60, 125),
    ],
)
def test_the_shortest_idle_timeout_of_each_stack(name, sender, interval, needed):
    profile = profiles.load([name])
    beat = profile.heartbeat
    assert (beat.sender, beat.interval_s, profile.min_idle_s) == (sender, interval, needed)


def test_a_child_keeps_its_parents_values_and_its_own_name():
    stomp = profiles.load(["spring-stomp"])
    assert stomp.health.path == "/actuator/health/readiness"
    assert stomp.sources[-1] == "https://stomp.github.io/stomp-specification-1.2.html"
    assert stomp.verified.how == "source"


def test_the_default_profile_needs_no_yaml():
    script = (
        "import sys; from lbcheck import profiles\n"
        "assert profiles.load(['default']).id == profiles.load([]).id == 'default'\n"
        "print([m for m in ('yaml', 'lbcheck.document', 'lbcheck.shape')"
        " if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_in_the_wheel_the_profiles_are_inside_the_package(monkeypatch, tmp_path):
    package = tmp_path / "lbcheck"
    (package / "_profiles").mkdir(parents=True)
    (package / "_profiles" / "default.yaml").write_text("")
    monkeypatch.setattr(profiles, "__file__", str(package / "profiles.py"))
    assert profiles.folder() == str(package / "_profiles")
    assert profiles.available() == ["default"]
