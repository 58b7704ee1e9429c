"""Tells before the deploy whether WebSockets will survive the load balancers in front of them.

From Python: `lbcheck.check(["edge/"])` gives a `Report`; `lbcheck.Options` says how to judge.
"""

from __future__ import annotations

__version__ = "0.1.0"

TYPE_CHECKING = False  # as type checkers know it; `typing` itself costs 4 ms that --version saves
if TYPE_CHECKING:
    from lbcheck.audit import Report
    from lbcheck.finding import Finding, Severity
    from lbcheck.model import Topology
    from lbcheck.run import Options
    from lbcheck.run import run as check

__all__ = ["Finding", "Options", "Report", "Severity", "Topology", "__version__", "check"]

_HOMES = {
    "check": ("run", "run"),
    "Finding": ("finding", "Finding"),
    "Options": ("run", "Options"),
    "Report": ("audit", "Report"),
    "Severity": ("finding", "Severity"),
    "Topology": ("model", "Topology"),
}


def __getattr__(name: str) -> object:
    """The public names, imported when they are asked for: `lbcheck --version` needs none."""
    if name not in _HOMES:
        raise AttributeError(f"module 'lbcheck' has no attribute {name!r}")
    from importlib import import_module

    module, attribute = _HOMES[name]
    return getattr(import_module(f"lbcheck.{module}"), attribute)
