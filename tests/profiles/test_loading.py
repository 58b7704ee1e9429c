"""Your own profiles: parents, parameters, and every mistake with its line and column."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lbcheck import profiles
from lbcheck.document import Mistakes, parse, scalar
from lbcheck.errors import DocumentError, DocumentErrors, UsageError
from lbcheck.profile import Heartbeat, Profile
from lbcheck.profile_file import read
from tests.growth import linear_in


@pytest.fixture
def write(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def write(text, name="mine.yaml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
        return name

    return write


def mistakes(path) -> list[str]:
    with pytest.raises(DocumentErrors) as caught:
        profiles.load([path])
    assert str(caught.value).splitlines() == [str(one) for one in caught.value.mistakes]
    return [str(one).removeprefix(f"{path}:") for one in caught.value.mistakes]


def test_all_mistakes_of_a_file_are_said_at_once_in_the_order_of_the_text(write):
    path = write(
        "heartbeet: {}\n"
        "interval_s: 3\n"
        "heartbeat:\n"
        "  sender: servers\n"
        "  interval_s: 25 sec\n"
        "  interval_s: 25s\n"
    )
    assert mistakes(path) == [
        "1:1: unknown key `heartbeet`; did you mean `heartbeat`?",
        "2:1: unknown key `interval_s`; it belongs under `heartbeat`",
        "4:11: `sender` must be one of both, client, none, server, undeclared, not `servers`",
        "5:15: `interval_s` must be a number of seconds above 0 (25) or a duration such as 500ms, "
        "25s, 2m, 1h, not `25 sec`",
        "6:3: `interval_s` is written twice, first on line 5",
    ]


SECONDS = "a number of seconds (25) or a duration such as 500ms, 25s, 2m, 1h"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("idle: {max_s: 12:30:00}", f"1:15: `max_s` must be {SECONDS}, not `12:30:00`"),
        (
            "idle: {max_s: 010}",
            f"1:15: `max_s` must be {SECONDS}, not `010`: "
            "write it without the leading zero, or as 0o10",
        ),
        (
            'idle: {max_s: "25"}',
            f'1:15: `max_s` must be {SECONDS}, not the text "25": write it without quotes',
        ),
        ("idle: {max_s: -1}", f"1:15: `max_s` must be {SECONDS}, not `-1`"),
        ("idle: {max_s: .inf}", f"1:15: `max_s` must be {SECONDS}, not `.inf`"),
        ("idle: {max_s: }", f"1:15: `max_s` must be {SECONDS}, not empty"),
        ("idle: {max_s: [1]}", f"1:15: `max_s` must be {SECONDS}, not a list"),
        (
            "handshake: {checks_origin: yes}",
            "1:28: `checks_origin` must be true or false, not `yes`: "
            "in YAML 1.2 that is a word, the boolean is true",
        ),
        ("title: true", '1:8: `title` must be text, not `true`: write "true" if the word is meant'),
        ("handshake: {plain_get_status: [426, 42]}",
         "1:37: `plain_get_status` must be a whole number from 100 to 599, not `42`"),
        ("drain: {graceful_close: 1001.5}",
         "1:25: `graceful_close` must be a whole number from 1000 to 4999, not `1001.5`"),
        ("websocket: {paths: ws}", "1:20: `paths` must be a path that starts with /, not `ws`"),
        ("websocket: {paths: {a: 1}}",
         "1:20: `paths` must be a list ([] is the empty one), not a section"),
        ("versions: {haproxy: v2.8}",
         "1:21: `haproxy` must be a version such as 1.26.1, not `v2.8`"),
        ("health: /healthz", "1:9: `health` holds `key: value` lines, not `/healthz`"),
        ("- a", "1:1: this file is made of `key: value` lines, not a list"),
        ("verified: {version: 1}", "1:11: `how` is missing in `verified`"),
        ("rules: {LB3O1: off}", "1:9: no rule is called `LB3O1`; did you mean `LB301`?"),
        ("rules: {LB301: warn}",
         "1:16: `LB301` must be one of error, info, off, warning, not `warn`"),
        ("rules: {LB301: off, idle-timeout-below-heartbeat: off}",
         "1:21: `idle-timeout-below-heartbeat` is LB301 once more"),
        ("heartbeat: {sender: server}",
         "1:13: `sender: server` needs an `interval_s`: how often does it ping?"),
        ("heartbeat: {sender: none, interval_s: 5}",
         "1:13: `sender: none` says that nobody pings, `interval_s` says how often"),
        ("<<: {id: a}", "1:1: unknown key `<<`: merge keys are not part of YAML 1.2"),
        ("extends: socketio", "1:10: no profile is called `socketio`; did you mean `socketio-v4`?"),
        ("extends: [node-ws, ./gone.yaml]",
         "1:20: gone.yaml: cannot be read: No such file or directory"),
        ("extends: mine.yaml", "1:10: `mine.yaml` extends this file in turn: break the loop"),
        ("id: [", "2:1: YAML: did not find expected node content"),
        ("id: a\n---\nid: b", "2:1: a second document: one file holds one"),
        ("id: !!python/object/apply:os.getcwd []",
         "1:5: tags such as `tag:yaml.org,2002:python/object/apply:os.getcwd` mean nothing here"),
        ("id: \x07", "1:5: YAML: a control character that text may not have"),
        ("? [a]\n: 1", "1:3: a key must be a word"),
    ],
)  # fmt: skip
def test_a_mistake_has_a_place_and_a_remedy(write, text, told):
    assert mistakes(write(text + "\n"))[0] == told


def test_bytes_that_are_not_text_and_files_that_are_no_profiles_are_said(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "latin.yaml").write_bytes(b"id: a\ntitle: \xe9t\xe9\n")
    (tmp_path / "large.yaml").write_bytes(b"#" * 300_000)
    for name, told in [
        ("latin.yaml", "latin.yaml:2:8: is not UTF-8 text"),
        ("large.yaml", "large.yaml: larger than 256,000 bytes: is this the right file?"),
        ("gone.yaml", "gone.yaml: cannot be read: No such file or directory"),
        ("./", "./: cannot be read: Is a directory"),
        ("socketio", "no profile is called `socketio`; did you mean `socketio-v4`?"),
        ("zzz", "no profile is called `zzz`: see `lbcheck profiles list`, or give a path"),
    ]:
        with pytest.raises(UsageError) as caught:
            profiles.load([name])
        assert str(caught.value) == told


def test_words_stay_words_and_numbers_numbers(write):
    path = write(
        "title: on\nid: 010\nversions: {nginx: 1.10, haproxy: '2.8'}\n"
        "idle: {max_s: 2m, min_s: 1.5}\nhealth: {max_detection_s: 500 ms, expect: 204}\n"
        "rules: {LB301: off}\nsources: [12:30:00, 2026-11-23]\n"
    )
    profile = profiles.load([path])
    assert (profile.title, profile.id, profile.versions.nginx) == ("on", "010", "1.10")
    assert (profile.idle.max_s, profile.idle.min_s) == (120.0, 1.5)
    assert (profile.health.max_detection_s, profile.health.expect) == (0.5, (204,))
    assert profile.rules == {"LB301": "off"}
    assert profile.sources == ("12:30:00", "2026-11-23")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("010", 10), ("0o10", 8), ("0x1F", 31), ("-3", -3), ("1_000", "1_000"), ("1e3", 1000.0),
        (".5", 0.5), ("5.", 5.0), ("yes", "yes"), ("Off", "Off"), ("True", True), ("~", None),
        ("", None), ("12:30", "12:30"), ("2026-11-23", "2026-11-23"), ("+.inf", float("inf")),
        ("1.2.3", "1.2.3"), ("-.INF", float("-inf")), ("tRue", "tRue"),
    ],
)  # fmt: skip
def test_a_plain_scalar_means_what_yaml_1_2_says(text, value):
    assert scalar(text) == value
    assert type(scalar(text)) is type(value)


def test_parents_come_first_later_ones_win_and_lists_are_replaced(write):
    write("health: {path: /up, expect: [200, 204]}\nwebsocket: {paths: [/a]}\n", "base/one.yaml")
    write("health: {expect: [200]}\nextends: one.yaml\n", "base/two.yaml")
    path = write("extends: [socketio-v4, base/two.yaml]\nidle: {min_s: 90}\n", "mine.yml")
    profile = profiles.load([path])
    assert profile.health.path == "/up"
    assert profile.health.expect == (200,)
    assert profile.websocket.paths == ("/a",)
    assert profile.heartbeat.interval_s == 25
    assert profile.min_idle_s == 90


def test_a_name_and_its_proof_are_not_inherited(write):
    profile = profiles.load([write("extends: socketio-v4\n", "chat.yaml")])
    assert (profile.id, profile.title, profile.verified, profile.sources) == ("chat", "", None, ())


def test_null_takes_a_parents_value_away_and_an_empty_section_does_not(write):
    path = write("extends: socketio-v4\nidle: {server_timeout_s: null}\nheartbeat:\n  # nothing\n")
    profile = profiles.load([path])
    assert profile.idle.server_timeout_s is None
    assert profile.heartbeat.interval_s == 25


def test_who_says_that_nobody_pings_ends_the_parents_interval_and_the_reverse(write):
    quiet = profiles.load([write("extends: socketio-v4\nheartbeat: {sender: none}\n")])
    assert quiet.heartbeat == Heartbeat(sender="none", kind="data")
    pinged = profiles.load([write("extends: node-ws\nheartbeat: {interval_s: 20}\n")])
    assert pinged.heartbeat == Heartbeat(sender="undeclared", interval_s=20.0)


def test_a_loop_of_files_is_refused_where_it_closes(write):
    write("extends: mine.yaml\n", "other.yaml")
    assert mistakes(write("extends: other.yaml\n")) == [
        "other.yaml:1:10: `mine.yaml` extends this file in turn: break the loop"
    ]


def test_a_long_chain_is_refused_and_a_wide_one_reads_each_file_once(write):
    for number in range(25):
        write(f"extends: [f{number + 1}.yaml, f{number + 1}.yaml]\n", f"f{number}.yaml")
    write("idle: {min_s: 7}\n", "f25.yaml")
    assert profiles.load(["f6.yaml"]).idle.min_s == 7
    assert mistakes("f0.yaml") == [
        f"f19.yaml:1:{column}: more than 20 profiles extend one another" for column in (11, 21)
    ]


def test_a_parents_mistakes_are_said_with_the_parents_place(write):
    write("idel: {}\n", "base.yaml")
    assert mistakes(write("extends: base.yaml\nidlee: {}\n")) == [
        "2:1: unknown key `idlee`; did you mean `idle`?",
        "base.yaml:1:1: unknown key `idel`; did you mean `idle`?",
    ]


def test_parameters_come_last_and_are_validated_like_the_file():
    profile = profiles.load(
        ["node-ws"],
        {
            "heartbeat.interval_s": "2m",
            "nginx.version": "1.10",
            "nginx.edition": "plus",
            "websocket.paths": "/ws, /live",
            "idle.min_s": "",
            "rules.idle-timeout-below-heartbeat": "off",
        },
    )
    assert profile.heartbeat == Heartbeat(sender="undeclared", interval_s=120.0)
    assert (profile.versions.nginx, profile.versions.nginx_edition) == ("1.10", "plus")
    assert profile.websocket.paths == ("/ws", "/live")
    assert profile.idle.min_s is None
    assert profile.rules == {"LB301": "off"}
    assert profiles.load([], {"haproxy.version": "2.8"}).versions.haproxy == "2.8"


@pytest.mark.parametrize(
    ("params", "told"),
    [
        (
            {"heartbeat.intervall_s": "20", "idle.max_s": "1 hour"},
            "--param heartbeat.intervall_s=20: unknown key; did you mean `heartbeat.interval_s`?\n"
            f"--param idle.max_s=1 hour: `max_s` must be {SECONDS}, not `1 hour`",
        ),
        ({"id": "x"}, "--param id=x: unknown key"),
        ({"": ""}, "--param =: unknown key"),
        ({"rules.LB3O1": "off"},
         "--param rules.LB3O1=off: no rule is called `LB3O1`; did you mean `LB301`?"),
        ({"nginx.version": "new"},
         "--param nginx.version=new: `nginx` must be a version such as 1.26.1, not `new`"),
    ],
)  # fmt: skip
def test_a_wrong_parameter_is_said_with_its_own_text(params, told):
    with pytest.raises(UsageError) as caught:
        profiles.load(["default"], params)
    assert str(caught.value) == told


PIECES = (
    """heartbeat interval_s rules idle extends : -  { } [ ] , &a *a 25 ' " ? | !!str % --- # ~"""
)


@given(
    st.text(st.characters(codec="utf-8"))
    | st.lists(st.sampled_from([*PIECES.split(" "), ": ", "- ", "\n", "  ", "\t"])).map("".join)
)
def test_no_text_makes_the_reader_crash(text):
    found = Mistakes("x")
    read(parse(text, found), found)
    assert all(one.line > 0 and one.column > 0 for one in found.found)


BOMB = "a0: &a0 [1,1,1,1,1,1,1,1,1]\n" + "".join(
    f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (BOMB, "x:4:18: more than 20,000 values (do aliases multiply them?)"),
        ("a: &a [*a]", "x:1:8: `*a` refers to nothing that is complete before it"),
        ("[" * 200_000, "x:1:21: nested more than 20 deep"),
        ("- " * 100_000, "x:1:41: nested more than 20 deep"),
        ("a: b\n" * 40_000, "x:2:1: `a` is written twice, first on line 1"),
        ("? " * 100_000, "x:1:3: a key must be a word"),
        ("a: " + "&a " * 60_000, "x:1:7: YAML: did not find expected key"),
    ],
    ids=["aliases", "itself", "brackets", "dashes", "keys", "questions", "anchors"],
)
def test_hostile_documents_are_refused(text, told):
    found = Mistakes("x")
    parse(text, found)
    with pytest.raises(DocumentErrors) as caught:
        found.check()
    assert len(caught.value.mistakes) <= 50
    assert str(caught.value.mistakes[0]) == told


@pytest.mark.parametrize(
    "text",
    ["[" * 200_000, "- " * 100_000, "a: b\n" * 40_000, "? " * 100_000, "a: " + "&a " * 60_000],
    ids=["brackets", "dashes", "keys", "questions", "anchors"],
)
def test_hostile_documents_take_linear_time(text):
    assert linear_in(lambda text: parse(text, Mistakes("x")), text)


def test_aliases_are_values_like_others_and_mistakes_stand_where_they_are_used():
    found = Mistakes("x")
    values = read(parse("websocket:\n  paths: &p [/a]\n  not_paths: *p\nidle: *p\n", found), found)
    assert values["websocket"] == {"paths": ("/a",), "not_paths": ("/a",)}
    assert [str(one) for one in found.found] == [
        "x:4:7: `idle` holds `key: value` lines, not a list"
    ]


def test_the_first_mistake_is_the_errors_own_place(write):
    with pytest.raises(DocumentError) as caught:
        profiles.load([write("\nidlee: {}\nb: 1\n")])
    assert (caught.value.path, caught.value.line, caught.value.column) == ("mine.yaml", 2, 1)


def test_a_profile_is_a_value():
    assert profiles.load(["socketio-v4"]) == profiles.load(["socketio-v4"]) != Profile()
