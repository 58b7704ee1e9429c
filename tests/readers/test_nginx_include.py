"""Includes of nginx: where names lead, in which order, and what is said when they do not."""

import pathlib

import pytest

from lbcheck.model import Source, Status
from lbcheck.sources import nginx_include
from lbcheck.sources.files import Files
from lbcheck.sources.nginx_include import load, reach, touched
from lbcheck.sources.nginx_syntax import Directive
from tests.readers.test_nginx_syntax import every, shape


@pytest.fixture
def folder(tmp_path):
    """A function that writes files (name, text) and gives back the audited folder."""

    def write(files: dict[str, str]) -> pathlib.Path:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path

    return write


def read(folder: pathlib.Path, name: str = "nginx.conf") -> tuple[list[Directive], Source, Files]:
    files = Files(folder=str(folder))
    main = files.open(str(folder / name), "nginx")
    return load(main, files), main, files


def names(tree: list[Directive]) -> list[str]:
    return [directive.name for directive in every(tree)]


def said(source: Source) -> list[tuple[str, str]]:
    return [(t.message, source.text[t.start : t.end]) for t in source.troubles]


def test_an_include_is_replaced_in_place_by_the_directives_of_the_file(folder):
    root = folder({"nginx.conf": "a;\nhttp { include b.conf; d; }", "b.conf": "b; c { e; }"})
    tree, main, files = read(root)
    assert shape(tree) == [("a",), ("http",), [("b",), ("c",), [("e",)], ("d",)]]
    inner = tree[1].block[0]
    assert (inner.source.name, inner.start, inner.end) == ("b.conf", 0, 1)
    assert [source.name for source in touched([main], files)] == ["nginx.conf", "b.conf"]
    assert reach([main], files) == {str(root / "b.conf")}


def test_relative_names_start_at_the_main_file_not_at_the_including_one(folder):
    root = folder(
        {
            "nginx.conf": "include conf.d/a.conf;",
            "conf.d/a.conf": "include sub/b.conf;",
            "sub/b.conf": "right;",
            "conf.d/sub/b.conf": "wrong;",
        }
    )
    assert names(read(root)[0]) == ["right"]


def test_matches_of_a_pattern_come_in_byte_order_without_dot_files(folder):
    files = {f"d/{name}.conf": f"{name.strip('.')};" for name in ("b", "B", "a", "é", "Z", ".h")}
    root = folder({"nginx.conf": "include d/*.conf;", **files})
    tree, main, _ = read(root)
    assert names(tree) == ["B", "Z", "a", "b", "é"]
    assert main.status is Status.READ


def test_a_pattern_may_match_nothing(folder):
    tree, main, _ = read(folder({"nginx.conf": "include none/*.conf;\ninclude x[1].conf;\na;"}))
    assert (names(tree), main.status) == (["a"], Status.READ)


def test_a_missing_file_is_said_and_its_include_stays(folder):
    tree, main, _ = read(folder({"nginx.conf": "http {\n  include proxy_params;\n  a;\n}"}))
    assert names(tree) == ["http", "include", "a"]
    assert said(main) == [
        ("the included file `proxy_params` does not exist", "include proxy_params")
    ]
    assert main.troubles[0].remedy == (
        "looked for `proxy_params`; add it to what is audited, or remove the include"
    )
    assert main.status is Status.PARTIAL


@pytest.mark.parametrize(
    "name",
    ["mime.types", "/etc/nginx-none/fastcgi_params", "uwsgi_params", "modules-enabled/x.conf"],
)
def test_a_missing_file_of_the_distribution_that_says_nothing_is_no_trouble(folder, name):
    tree, main, _ = read(folder({"nginx.conf": f"include {name};\na;"}))
    assert (names(tree), main.status) == (["a"], Status.READ)


def test_a_fragment_included_twice_stands_in_both_places(folder):
    root = folder({"nginx.conf": "a { include x; }\nb { include x; }", "x": "c { d; }"})
    (a, b), main, files = read(root)
    assert a.block == b.block
    assert a.block[0] is b.block[0]
    assert len(touched([main], files)) == 2


def test_a_loop_is_cut_where_it_closes(folder):
    root = folder({"nginx.conf": "include a;", "a": "x;\ninclude b;", "b": "y;\ninclude a;\nz;"})
    tree, _, files = read(root)
    assert names(tree) == ["x", "y", "include", "z"]
    b = files.open(str(root / "b"), "nginx")
    assert said(b) == [("`a` is included by itself", "include a")]


def test_a_loop_through_a_symlink_is_cut_too(folder):
    root = folder({"nginx.conf": "x;\ninclude link;"})
    (root / "link").symlink_to("nginx.conf")
    tree, main, _ = read(root)
    assert names(tree) == ["x", "include"]
    assert said(main) == [("`link` is included by itself", "include link")]


def test_depth_is_bounded(folder):
    chain = {f"f{n}": f"d{n};\ninclude f{n + 1};" for n in range(40)}
    tree, _, files = read(folder({"nginx.conf": "include f0;", **chain, "f40": "end;"}))
    assert names(tree) == [f"d{n}" for n in range(31)] + ["include"]
    deepest = next(
        s
        for s in files.trees[files.open(str(files.folder) + "/nginx.conf", "nginx")].sources
        if s.troubles
    )
    assert said(deepest) == [("includes are nested deeper than 32", "include f31")]


def test_includes_that_multiply_are_stopped(folder, monkeypatch):
    monkeypatch.setattr(nginx_include, "MAX_DIRECTIVES", 1000)
    layers = {f"f{n}": f"a {{ include f{n + 1}; }}\n" * 2 for n in range(20)}
    tree, main, files = read(folder({"nginx.conf": "include f0;", **layers, "f20": "b;"}))
    assert sum(1 for _ in every(tree)) <= 2000
    stopped = [trouble.message for source in touched([main], files) for trouble in source.troubles]
    assert set(stopped) == {"includes multiply to more than 1,000 directives"}


def test_an_unreadable_file_is_unread_and_the_others_are_read(folder):
    root = folder({"nginx.conf": "include d/*;", "d/a": "a;", "d/c": "c;"})
    (root / "d/b").symlink_to("nowhere")
    tree, main, files = read(root)
    assert names(tree) == ["a", "c", "include"]
    broken = files.open(str(root / "d/b"), "nginx")
    assert (broken.status, main.status) == (Status.UNREAD, Status.READ)
    assert broken in touched([main], files)


def test_absolute_names_are_found_by_their_tail_in_a_checkout(folder):
    root = folder(
        {
            "edge/nginx.conf": "include /etc/nginx/conf.d/*.conf;\ninclude /etc/nginx/tls.conf;",
            "edge/conf.d/a.conf": "a;",
            "edge/tls.conf": "t;",
            "edge/sites-enabled/s.conf": "include /etc/nginx/tls.conf;\ninclude conf.d/a.conf;",
        }
    )
    assert names(read(root, "edge/nginx.conf")[0]) == ["a", "t"]
    assert names(read(root, "edge/sites-enabled/s.conf")[0]) == ["t", "a"]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("{root}/elsewhere/tls.conf", "does not exist"),
        ("../elsewhere/tls.conf", "lies outside of what is audited"),
    ],
)
def test_files_outside_of_what_is_audited_are_not_read(folder, name, why):
    root = folder({"edge/nginx.conf": "", "elsewhere/tls.conf": "secret;"})
    (root / "edge/nginx.conf").write_text(f"include {name.format(root=root)};")
    files = Files(folder=str(root / "edge"))
    main = files.open(str(root / "edge/nginx.conf"), "nginx")
    assert names(load(main, files)) == ["include"]
    assert [trouble.message for trouble in main.troubles] == [
        f"the included file `{name.format(root=root)}` {why}"
    ]


def test_files_of_the_same_repository_are_read(folder):
    root = folder({"edge/nginx.conf": "", "elsewhere/tls.conf": "t;", ".git/HEAD": ""})
    (root / "edge/nginx.conf").write_text("include ../elsewhere/tls.conf;")
    files = Files(folder=str(root / "edge"))
    assert names(load(files.open(str(root / "edge/nginx.conf"), "nginx"), files)) == ["t"]


def test_a_pattern_for_folders_is_no_tail(folder):
    root = folder({"nginx.conf": "include /srv/*/*.conf;", "other/x.conf": "x;"})
    files = Files(folder=str(root))
    assert names(load(files.open(str(root / "nginx.conf"), "nginx"), files)) == []


def test_a_pattern_does_not_lead_out_of_its_folders_by_its_last_word(folder):
    tree, main, _ = read(folder({"nginx.conf": "include /srv/none/*.conf;\na;"}))
    assert (names(tree), main.status) == (["a"], Status.READ)


def test_a_name_that_is_rendered_later_is_not_guessed(folder):
    tree, main, _ = read(folder({"nginx.conf": "include {{ site }}.conf;\na;"}))
    assert names(tree) == ["include", "a"]
    assert said(main) == [
        ("`{{ site }}.conf` is not known before it is rendered", "include {{ site }}.conf")
    ]


def test_loading_twice_reads_once_and_says_once(folder):
    root = folder({"nginx.conf": "include none;"})
    tree, main, files = read(root)
    assert load(main, files) is tree
    assert len(main.troubles) == 1


DUMP = """\
nginx: the configuration file /etc/nginx/nginx.conf syntax is ok
# configuration file /etc/nginx/nginx.conf:
http {
    include /etc/nginx/conf.d/*.conf;
    include snippets/ws.conf;
    include missing.conf;
}

# configuration file /etc/nginx/conf.d/b.conf:
b;
# configuration file /etc/nginx/conf.d/a.conf:
a; # not the end

# configuration file /etc/nginx/snippets/ws.conf:
w 1;
"""


def test_the_output_of_nginx_t_is_read_as_the_files_it_consists_of(tmp_path):
    files = Files(folder=str(tmp_path))
    dump = files.adopt(Source("<stdin>", "nginx", DUMP))
    tree = load(dump, files)
    assert names(tree) == ["http", "a", "b", "w", "include"]
    lines = [dump.position(directive.start)[0] for directive in every(tree)]
    assert lines == [3, 12, 10, 15, 6]
    assert said(dump) == [
        (
            "the included file `missing.conf` is not in this output of `nginx -T`",
            "include missing.conf",
        )
    ]
    assert touched([dump], files) == [dump]
