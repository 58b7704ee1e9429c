"""Nasty files end within bounds, say what is wrong, and leave their neighbours judged."""

import pathlib
import resource
import subprocess
import sys

import pytest

from tests.cli.test_process import clean_environment

NEIGHBOUR = (
    "upstream q { server a:80; }\nserver { listen 9; location /ws { proxy_pass http://q; } }\n"
)
HTTP = "events {}\nhttp {\n%s\n}\n"
SERVER = "server { listen 80; location /ws { proxy_pass http://a; } }\n"
CUT = " timeout client 9s\n default_backend ws\nbackend ws\n timeout server 9s\n"
HAPROXY = "global\n daemon\nfrontend f\n bind :80\n"
INGRESS = (
    "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  annotations:\n    %s\nspec:\n"
    "  ingressClassName: %s\n  rules:\n  - http:\n      paths:\n"
)
PATH = "      - {path: /ws, backend: {service: {name: s, port: {number: 80}}}}\n"
CASES: dict[str, tuple[dict[str, str], int, str]] = {
    "a NUL byte": ({"nginx.conf": "\0"}, 3, "nginx.conf:1:1: warning LB901 is not text"),
    "ten megabytes in a word": (
        {"nginx.conf": HTTP % SERVER + "a" * 10_000_000}, 3, " is not ended by `;`; put a `;`"
    ),
    "a NUL byte for HAProxy": (
        {"haproxy.cfg": HAPROXY + " acl a path /x\0y\n"}, 3,
        "haproxy.cfg:1:1: warning LB901 is not text (it has a NUL byte); leave it out",
    ),
    "ten megabytes on a line of HAProxy": (
        {"haproxy.cfg": HAPROXY + " acl a path " + "b" * 10_000_000 + "\n" + CUT
            + " server a b:81 check\n"}, 0,
        "haproxy.cfg:6:2: error LB303",
    ),
    "bytes that are not UTF-8 for HAProxy": (
        {"haproxy.cfg": HAPROXY + CUT + " server a b:81 check cookie \udcff\udce9\n"}, 0,
        "haproxy.cfg:5:2: error LB303",
    ),
    "a thousand blocks": ({"nginx.conf": HTTP % ("a {" * 1000 + "}" * 1000)}, 0, ""),
    "blocks never closed": ({"nginx.conf": "http {\n" * 50_000}, 3, "the block of `http`"),
    "many words": (
        {"haproxy.cfg": HAPROXY + " acl a " + "b " * 70 + "\n"}, 3,
        "haproxy.cfg:5:2: warning LB901 72 words on one line, HAProxy takes 64",
    ),
    "branches never closed": (
        {"haproxy.cfg": HAPROXY + ".if feature(A)\n" * 9000}, 3,
        "haproxy.cfg:9004:1: warning LB901 this `.if` is not ended; add the missing `.endif`",
    ),
    "includes of includes": (
        {"nginx.conf": HTTP % "include l0.conf;", "l9.conf": SERVER}
        | {f"l{n}.conf": f"include l{n + 1}.conf;\n" * 10 for n in range(9)},
        3, "LB901 includes multiply to more than 1,000,000 directives",
    ),
    "a loop": ({"nginx.conf": "include nginx.conf;\n"}, 3, "is included by itself; remove"),
    "missing files": (
        {"nginx.conf": HTTP % "".join(f"include x/{n}.conf;\n" for n in range(3000))}, 3,
        "nginx.conf:3:1: warning LB901 the included file `x/0.conf` does not exist",
    ),
    "catastrophic patterns": (
        {"nginx.conf": HTTP % (
            "server { listen 80; location ~ ^/(a+)+$ { return 200; } location /" + "a" * 50
            + "! { return 200; } }"
        )}, 0, "",
    ),
    "deep JSON": ({"s.json": '{"LoadBalancers": ' + "[" * 100_000}, 3, "s.json:1:"),
    "a byte order mark for nginx": (
        {"nginx.conf": "\ufeff" + HTTP % SERVER}, 3,
        "nginx.conf:1:1: warning LB901 the byte order mark is part of the first word for nginx",
    ),
    "a byte order mark for HAProxy": (
        {"haproxy.cfg": "\ufeff" + HAPROXY}, 3,
        "haproxy.cfg:1:1: warning LB901 starts with a byte order mark; save the file as UTF-8",
    ),
    "bytes that are not UTF-8": (
        {"nginx.conf": HTTP % SERVER.replace("/ws", "/ws/\udcff\udce9")}, 0,
        "nginx.conf:3:21: error LB101",
    ),
    "line ends of Windows": (
        {"nginx.conf": (HTTP % SERVER).replace("\n", "\r\n")}, 0, "nginx.conf:3:21: error LB101",
    ),
    "line ends of Windows for HAProxy": (
        {"haproxy.cfg": (HAPROXY + CUT + " server a b:81 check\n").replace("\n", "\r\n")}, 0,
        "haproxy.cfg:5:2: error LB303",
    ),
    "empty files": ({"nginx.conf": "", "haproxy.cfg": ""}, 0, ""),
    "a quote never closed": (
        {"nginx.conf": HTTP % (SERVER + 'set $a "b;')}, 3,
        "nginx.conf:4:8: warning LB901 the quote that opens here is not closed",
    ),
    "a quote never closed for HAProxy": (
        {"haproxy.cfg": HAPROXY + ' acl a path "b\n'}, 3,
        'haproxy.cfg:5:13: warning LB901 unmatched quote "',
    ),
    "a last line that is cut off": (
        {"haproxy.cfg": HAPROXY + " bind :81 \\"}, 3, "haproxy.cfg:5:1: warning LB901 the last line"
    ),
    "a thousand closing braces": (
        {"nginx.conf": HTTP % SERVER + "}" * 1000}, 3,
        "nginx.conf:6:1: warning LB901 this `}` closes nothing",
    ),
    "a hundred thousand servers": (
        {"nginx.conf": HTTP % ("upstream a {" + "server 127.0.0.1:80;\n" * 100_000 + "}" + SERVER)},
        0, "nginx.conf:100003:22: error LB101",
    ),
    "a hundred thousand servers for HAProxy": (
        {"haproxy.cfg": HAPROXY + CUT + "".join(
            f" server s{n} 127.0.0.1:80 check\n" for n in range(100_000)
        )}, 0, "haproxy.cfg:5:2: error LB303",
    ),
    "keys that stand twice": (
        {"s.json": '{"schema": "lbcheck-aws/1", "LoadBalancers": [],\n"LoadBalancers": []}'}, 3,
        "s.json:2:1: warning LB908 `LoadBalancers` stands twice in one object, and only the later",
    ),
    "answers of other types": (
        {"s.json": '{"LoadBalancers": [],\n"TargetGroups": {"a": 1}}'}, 3,
        "s.json:2:18: warning LB908 is no AWS answer: `TargetGroups`: expected",
    ),
    "a number without end": (
        {"s.json": '{"LoadBalancers": [],\n"TargetGroups": [{"Port": ' + "9" * 100_000 + "}]}"}, 3,
        "s.json:2:19: warning LB908 is no AWS answer: `TargetGroups[0].Port`: integer value out",
    ),
    "an annotation of one giant word": (
        {"i.yaml": INGRESS % (
            f"alb.ingress.kubernetes.io/target-group-attributes: {'a' * 300_000}", "alb"
        ) + PATH}, 0, "i.yaml:11:",
    ),
    "thousands of paths, none of which an annotation names": (
        {"i.yaml": INGRESS % ("nginx.org/websocket-services: nobody", "nginx") + PATH * 4000}, 0,
        "i.yaml:",
    ),
    "an answer cut off": (
        {"s.json": '{"LoadBalancers": [\n'}, 3, "s.json:2:1: warning LB908 is cut off"
    ),
}  # fmt: skip


def bounded() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
    resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))


def audit(
    folder: pathlib.Path, *arguments: str, **environment: str
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "lbcheck", "audit", ".", "--fail-on", "never", *arguments],
        cwd=folder,
        env=clean_environment(environment),
        preexec_fn=bounded,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(("files", "code", "told"), CASES.values(), ids=CASES)
def test_a_nasty_file_is_told_and_its_neighbour_judged(
    tmp_path: pathlib.Path, files: dict[str, str], code: int, told: str
) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other/neighbour.conf").write_text(NEIGHBOUR)
    for name, text in files.items():
        (tmp_path / name).write_bytes(text.encode("utf-8", "surrogateescape"))
    done = audit(tmp_path, "--format", "concise")
    assert (done.returncode, done.stderr) == (code, "")
    assert told in done.stdout
    assert "other/neighbour.conf:2:" in done.stdout
    assert max(map(len, done.stdout.splitlines())) < 3000
