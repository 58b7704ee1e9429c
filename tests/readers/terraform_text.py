"""Terraform texts for tests, and what becomes of them."""

from __future__ import annotations

import pathlib

from lbcheck.model import Declared, Level, Pool, Route, Topology
from lbcheck.run import Options, run
from lbcheck.sources import Wanted, read
from lbcheck.sources.files import Files

CHAIN = """\
resource "aws_lb" "edge" {
  name = "edge"
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.edge.arn
  port              = 443
  protocol          = "HTTPS"

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.ws.arn
  }
}

"""


def topology(folder: pathlib.Path, text: str, **files: str) -> Topology:
    """What a folder with `main.tf` and other files (`variables="..."`) comes to."""
    (folder / "main.tf").write_text(text)
    for name, other in files.items():
        path = folder / name.replace("__", "/").replace("_tfvars", ".tfvars")
        path = path if path.suffix == ".tfvars" else path.with_suffix(".tf")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(other)
    found = read(Wanted((str(folder),)), Files(), Declared())
    assert [source.troubles for source in found.sources if source.troubles] == []
    return found


def pool(folder: pathlib.Path, text: str, **files: str) -> Pool:
    """The pool of the one group in `text`, which stands behind a load balancer."""
    return topology(folder, CHAIN + text, **files).pools[0]


def route(folder: pathlib.Path, text: str, **files: str) -> Route:
    return topology(folder, text, **files).routes[0]


def told(folder: pathlib.Path, text: str, level: Level = Level.LIKELY) -> list[tuple[str, int]]:
    """Code and line of every finding in `main.tf`, in order."""
    (folder / "main.tf").write_text(text)
    found = run([str(folder)], Options(today="2026-11-23")).findings
    return [
        (each.code, each.location.line or 0) for each in found if each.confidence.level >= level
    ]
