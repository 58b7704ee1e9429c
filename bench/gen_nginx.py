"""Write realistic nginx configurations of any size:
`gen_nginx.py DIRECTIVES FOLDER [FILES] [words]`.

Each tenant has 43 directives: an upstream with two servers and a backup, and a server with two
WebSocket locations and two static ones. It is healthy: an audit finds nothing, as on most commits.
The result passes `nginx -t`: addresses are local and the hash of server names is as large as the
names need. With FILES, tenants are spread over so many included files. They are told apart by their
numbers, or with `words` by a word, so that no two of them say the same. The same arguments always
give the same bytes.
"""

from __future__ import annotations

import os
import sys

PER_TENANT = 43

_HEAD = """\
worker_processes 1;
worker_shutdown_timeout 5m;
pid {folder}/nginx.pid;
error_log {folder}/error.log crit;
events {{
    worker_connections 65536;
}}
http {{
    server_names_hash_max_size 131072;
    server_names_hash_bucket_size 128;
    variables_hash_max_size 8192;
    access_log off;
    proxy_next_upstream error timeout http_502 http_503;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    map $http_upgrade $connection_upgrade {{
        default upgrade;
        '' close;
    }}
"""

_TENANT = """\
    # tenant {n}: owned by team {team}
    upstream tenant_{n} {{
        zone tenant_{n} 64k;
        least_conn;
        server 10.{a}.{b}.1:8080 max_fails=2 fail_timeout=10s;
        server 10.{a}.{b}.2:8080 max_fails=2 fail_timeout=10s;
        server 10.{a}.{b}.3:8080 backup;
        keepalive 32;
        keepalive_timeout 60s;
    }}
    server {{
        listen 127.0.0.1:18080;
        server_name tenant{n}.example.com www.tenant{n}.example.com;
        location /ws/ {{
{proxy}            proxy_pass http://tenant_{n};
            proxy_read_timeout 75s; # above the 25 s heartbeat
            proxy_send_timeout 75s;
        }}
        location /socket.io/ {{
{proxy}            proxy_pass http://tenant_{n};
            proxy_read_timeout 75s; # above the 25 s heartbeat
            proxy_send_timeout 75s;
        }}
        location ~* "\\.(?:css|js|png|jpg)$" {{
            root /srv/tenant{n}/static;
            expires 30d;
            add_header Cache-Control "public, max-age=2592000";
            try_files $uri =404;
        }}
        location ~ ^/(about|terms)/?$ {{
            root "/srv/tenant{n}/pages";
            try_files ${{uri}} ${{uri}}.html =404;
            add_header X-Tenant "tenant {n}";
        }}
        error_page 502 503 504 /down.html;
        client_max_body_size 8m;
        send_timeout 30s;
    }}
"""

_PROXY = """\
            proxy_http_version 1.1;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
            proxy_set_header Host $host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_connect_timeout 5s;
"""


_LETTERS = str.maketrans("0123456789", "abcdefghij")


def tenant(number: int, words: bool = False) -> str:
    """The lines of one tenant, which is told by its number or by a word."""
    a, b = divmod(number, 250)
    name = str(number).translate(_LETTERS) if words else str(number)
    return _TENANT.format(n=name, team=number % 17, a=a % 250, b=b, proxy=_PROXY)


def tenants(directives: int, words: bool = False) -> list[str]:
    """So many directives of them, at least one."""
    return [tenant(number, words) for number in range(max(1, directives // PER_TENANT))]


def text(directives: int, folder: str = "/tmp") -> str:
    """A whole configuration in one file."""
    return _HEAD.format(folder=folder) + "".join(tenants(directives)) + "}\n"


def write(directives: int, folder: str, files: int = 0, words: bool = False) -> str:
    """Write a configuration and return the path of its main file."""
    folder = os.path.abspath(folder)
    os.makedirs(os.path.join(folder, "tenants"), exist_ok=True)
    parts = tenants(directives, words)
    if files:
        for index in range(files):
            path = os.path.join(folder, "tenants", f"{index:05}.conf")
            _write(path, "".join(parts[index::files]))
        parts = ["    include tenants/*.conf;\n"]
    main = os.path.join(folder, "nginx.conf")
    _write(main, _HEAD.format(folder=folder) + "".join(parts) + "}\n")
    return main


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(text)


if __name__ == "__main__":
    options = [argument for argument in sys.argv[1:] if argument != "words"]
    if len(options) not in (2, 3):
        sys.exit("usage: gen_nginx.py DIRECTIVES FOLDER [FILES] [words]")
    count = int((options[2:] or ["0"])[0])
    print(write(int(options[0]), options[1], count, words="words" in sys.argv))
