"""Write a healthy HAProxy configuration of any size: `gen_haproxy.py N FILE [words]`, N lines.

A tenant is 29 lines: a frontend that sends WebSockets to one backend (8 checked servers with
cookies and a tunnel timeout) and the rest to another (4 checked servers). `haproxy -c` accepts
it: every address is on the loopback and no file is needed. Tenants are told apart by their numbers,
or with `words` by a word, so that no two of them say the same.
"""

from __future__ import annotations

import sys

HEAD = """\
global
    maxconn 200000
    hard-stop-after 30m

defaults
    mode http
    option redispatch
    timeout connect 5s
    timeout client 60s
    timeout server 60s
    timeout tunnel 1h
    default-server inter 2s fall 3 rise 2

"""
TENANT = """\
frontend fe_{name}
    bind 127.{a}.{b}.{c}:{port} name in_{name}
    acl ws_{name} path_beg /ws/
    use_backend ws_{name} if ws_{name}
    default_backend app_{name}

# tenant {name}: sockets stay with their server, new ones go to the least loaded
backend ws_{name}
    balance leastconn
    cookie NODE insert indirect nocache
    option httpchk GET /healthz
    http-check expect status 200
    # one process a core
{sockets}

# tenant {name}: pages
backend app_{name}
    option httpchk GET "/healthz?tenant={name}"
{pages}
"""


_LETTERS = str.maketrans("0123456789", "bcdfghjkmn")


def tenant(n: int, words: bool = False) -> str:
    address = f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}"
    sockets = "\n".join(
        f"    server ws{i} {address}:{8000 + i} check cookie n{i}  # rack {i % 4}" for i in range(8)
    )
    pages = "\n".join(f"    server app{i} {address}:{9000 + i} check weight 10" for i in range(4))
    # Unprivileged ports, and another loopback address for each: `haproxy -c` does not bind.
    a, b, c = 1 + (n >> 16 & 127), n >> 8 & 255, n & 255
    name = str(n).translate(_LETTERS) if words else str(n)
    return TENANT.format(name=name, a=a, b=b, c=c, port=8080, sockets=sockets, pages=pages)


def text(lines: int, words: bool = False) -> str:
    """A configuration of about as many lines (whole tenants, at least one)."""
    per_tenant = tenant(0).count("\n")
    tenants = max(1, round((lines - HEAD.count("\n")) / per_tenant))
    return HEAD + "".join(tenant(n, words) for n in range(tenants))


def main() -> None:
    lines, path = int(sys.argv[1]), sys.argv[2]
    with open(path, "w", encoding="utf-8") as file:
        file.write(text(lines, words="words" in sys.argv[3:]))


if __name__ == "__main__":
    main()
