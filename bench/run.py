"""lbcheck beside its peers: alternating runs of whole processes, told as ratios.

    python bench/run.py            every size, the table on standard output
    python bench/run.py --quick    only 10,000 directives

Each row alternates the commands A B A B ..., drops the first pair and compares medians of CPU time
(user + system). Absolute times say nothing about another machine; ratios and peak memory do.
"""

from __future__ import annotations

import argparse
import itertools
import pathlib
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from tests import binaries  # noqa: E402

RUNS = 7
_DIFFERENT = ("", ", tenants all different")


class Cost:
    """CPU seconds and peak resident memory (MB) of one process."""

    def __init__(self, cpu_s: float, peak_mb: float) -> None:
        self.cpu_s, self.peak_mb = cpu_s, peak_mb


_LAUNCHER = """\
import os, sys
child = os.fork()
if not child:
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1), os.dup2(null, 2)
    os.execv(sys.argv[1], sys.argv[1:])
_, status, usage = os.wait4(child, 0)
print(os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)
"""
"""A process counts the memory of the one that it was forked from: so that one is small."""


def measure(command: list[str], environment: dict[str, str] | None = None) -> Cost:
    launcher = [sys.executable, "-I", "-S", "-c", _LAUNCHER, *command]
    told = subprocess.run(launcher, env=environment, capture_output=True, text=True, check=True)
    code, cpu_s, peak_mb = told.stdout.split()
    if code not in ("0", "1", "2"):
        raise SystemExit(f"{' '.join(command)} ended with {code}")
    return Cost(float(cpu_s), float(peak_mb))


def alternate(commands: dict[str, tuple[list[str], dict[str, str] | None]]) -> dict[str, Cost]:
    """Medians of every command, run in turns so that a busy machine hits all alike."""
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    for round_number in range(RUNS + 1):
        for name, (command, environment) in commands.items():
            cost = measure(command, environment)
            if round_number:
                costs[name].append(cost)
    return {
        name: Cost(
            statistics.median(c.cpu_s for c in many), statistics.median(c.peak_mb for c in many)
        )
        for name, many in costs.items()
    }


def lbcheck(*arguments: str) -> tuple[list[str], None]:
    script = pathlib.Path(sys.executable).parent / "lbcheck"
    return [str(script), "audit", "--format", "concise", *arguments], None


def nginx_row(size: int, files: int, folder: pathlib.Path, *how: str) -> tuple[str, Cost, Cost]:
    """Args: how: "words": no two tenants say the same."""
    nginx = binaries.nginx()[0]
    arguments = [str(size), str(folder), *([str(files)] if files > 1 else []), *how]
    subprocess.run([sys.executable, HERE / "gen_nginx.py", *arguments], check=True)
    main = folder / "nginx.conf"
    costs = alternate(
        {
            "lbcheck": lbcheck(str(main)),
            "nginx": ([nginx.path, "-t", "-q", "-p", str(folder), "-c", str(main)], None),
        }
    )
    label = f"nginx, {size:,} directives" + (f" in {files + 1:,} files" if files > 1 else "")
    return label + _DIFFERENT[bool(how)], costs["lbcheck"], costs["nginx"]


def haproxy_row(size: int, folder: pathlib.Path, *how: str) -> tuple[str, Cost, Cost]:
    """Args: how: "words": no two tenants say the same."""
    haproxy = binaries.haproxy()[0]
    path = folder / "haproxy.cfg"
    generator = [sys.executable, HERE / "gen_haproxy.py", str(size), str(path), *how]
    subprocess.run(generator, check=True)
    costs = alternate(
        {
            "lbcheck": lbcheck(str(path)),
            "haproxy": ([haproxy.path, "-c", "-f", str(path)], haproxy.environment),
        }
    )
    return f"HAProxy, {size:,} lines" + _DIFFERENT[bool(how)], costs["lbcheck"], costs["haproxy"]


def startup() -> tuple[float, float]:
    """CPU milliseconds of a small audit and of `import click` alone."""
    with tempfile.TemporaryDirectory() as folder:
        small = pathlib.Path(folder) / "nginx.conf"
        small.write_text(
            "events {}\nhttp {\n server {\n  listen 8080;\n  location / {\n"
            "   proxy_pass http://127.0.0.1:9000;\n  }\n }\n}\n"
        )
        costs = alternate(
            {
                "lbcheck": lbcheck(str(small)),
                "click": ([sys.executable, "-c", "import click"], None),
            }
        )
    return costs["lbcheck"].cpu_s * 1000, costs["click"].cpu_s * 1000


def code(name: str, resources: int, folder: pathlib.Path) -> Cost:
    """Infrastructure code or a saved state of some size: no peer judges the same."""
    path = folder / f"main.{name}"
    generators = {
        "tf": "gen_terraform.py",
        "yaml": "gen_cloudformation.py",
        "json": "gen_snapshot.py",
    }
    subprocess.run([sys.executable, HERE / generators[name], str(resources), str(path)], check=True)
    return alternate({"lbcheck": lbcheck(str(path))})["lbcheck"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="only 10,000 directives")
    quick = parser.parse_args().quick
    print(f"nginx {binaries.nginx()[0].text}, HAProxy {binaries.haproxy()[0].text}, ", end="")
    print(f"Python {sys.version.split()[0]}, medians of {RUNS} alternating runs\n")
    print("| input | lbcheck / peer, CPU | lbcheck, peak MB | peer, peak MB |")
    print("|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="lbcheck-bench-") as name:
        folder = pathlib.Path(name)
        rows = []
        for row in _rows(folder, quick):
            rows.append(row)
            _print(row)
        for label, name, count in (
            ("Terraform, 2,001 resources", "tf", 2001),
            ("CloudFormation, 2,000 resources", "yaml", 2000),
            ("Saved state, 300 load balancers, 1,500 groups", "json", 300),
        ):
            cost = code(name, count, folder)
            print(f"\n{label}: {cost.cpu_s:.2f} s CPU, {cost.peak_mb:.0f} MB at most.")
    own, click = startup()
    print(f"\nA small audit costs {own - click:+.1f} ms of CPU over `python -c 'import click'`.")
    if not quick:
        for at, name in ((0, "nginx"), (6, "HAProxy")):
            for off, how in enumerate(_DIFFERENT):
                _growth(name + how, rows[at + off][1], rows[at + off + 2][1], own / 1000)


def _rows(folder: pathlib.Path, quick: bool) -> Iterator[tuple[str, Cost, Cost]]:
    sizes = [10_000] if quick else [10_000, 100_000]
    ways: tuple[tuple[str, ...], ...] = ((), ("words",))
    for size, how in itertools.product(sizes, ways):
        yield nginx_row(size, 1, _new(folder, f"n{size}{''.join(how)}"), *how)
    for how in () if quick else ways:
        yield nginx_row(100_000, 1000, _new(folder, f"split{''.join(how)}"), *how)
    for size, how in itertools.product(sizes, ways):
        yield haproxy_row(size, _new(folder, f"h{size}{''.join(how)}"), *how)


def _growth(name: str, ten: Cost, hundred: Cost, start_s: float) -> None:
    growth = (hundred.cpu_s - start_s) / max(ten.cpu_s - start_s, 1e-9)
    size = (hundred.peak_mb - ten.peak_mb) * 1024 * 1024 / 90_000
    print(f"{name}, 10,000 to 100,000: {growth:.1f} times the work (start-up taken off),")
    print(f"{size:.0f} bytes of memory for each further directive or line.")


def _new(parent: pathlib.Path, name: str) -> pathlib.Path:
    folder = parent / name
    folder.mkdir()
    return folder


def _print(row: tuple[str, Cost, Cost]) -> None:
    label, own, peer = row
    print(f"| {label} | {own.cpu_s / peer.cpu_s:.2f} | {own.peak_mb:.0f} | {peer.peak_mb:.0f} |")


if __name__ == "__main__":
    main()
