"""Fleets for tests: one configuration's servers and upstreams many times over."""

import re

from lbcheck.model import Source
from lbcheck.sources.nginx_syntax import Directive, parse

_HEAD = "worker_processes 1;\nevents { worker_connections 1024; }\nhttp {\n"
_WORD = r"[A-Za-z0-9_.:-]"


def fleet(text: str, tenants: int, addresses: bool) -> str:
    """A configuration with its servers and upstreams many times, each time under names of their
    own; what has no `http` block gets one.

    Args: addresses: are those their own as well? On the loopback nothing would be left out.
    """
    if addresses:
        text = text.replace("127.0.0.1", "10.0.0.1")
    tree = parse(Source("nginx.conf", "nginx", text))
    http = next((each for each in tree if each.name == "http" and each.block), None)
    if http is None:
        text = f"{_HEAD}{text}\n}}\n"
        tree = parse(Source("nginx.conf", "nginx", text))
        http = tree[-1]
    parts = [each for each in http.block or () if each.name in ("server", "upstream")]
    if not parts:
        return text
    head = rest = ""
    at = 0
    for part in parts:
        head += text[at : part.start]
        at = part.close + 1
    rest = text[at:]
    body = "".join(_named(text, part) for part in parts)
    names = [part.args[0] for part in parts if part.name == "upstream" and part.args]
    copies = (_copy(body, names, number, addresses) for number in range(tenants))
    return f"{head}\n{''.join(copies)}{rest}"


def _named(text: str, part: Directive) -> str:
    """The text of a block; a server without a name gets one."""
    whole = text[part.start : part.close + 1]
    named = any(each.name == "server_name" for each in part.block or ())
    if part.name == "server" and not named:
        whole = whole.replace("{", "{\n    server_name app.example;\n", 1)
    return f"{whole}\n"


def _copy(body: str, names: list[str], number: int, addresses: bool) -> str:
    number += 100
    for name in names:
        word = re.escape(name)
        body = re.sub(
            rf"(upstream\s+|://|grpc_pass\s+){word}(?!{_WORD})", rf"\g<1>{name}-{number}", body
        )
    body = re.sub(r"(server_name)([^;]+);", lambda m: f"{m[1]}{_numbered(m[2], number)};", body)
    if addresses:
        body = re.sub(r"\b(\d+\.\d+\.\d+)\.(\d)\b", rf"\1.{number}", body)
    return body


def _numbered(names: str, number: int) -> str:
    return re.sub(rf"(?<=\s)([a-z][a-z0-9-]*)(?={_WORD})", rf"\g<1>{number}", names)
