"""Topologies from nginx text, and what their places say."""

from __future__ import annotations

import pathlib

from lbcheck.model import Declared, Place, Route, Setting, Source, Span, Topology
from lbcheck.sources import nginx
from lbcheck.sources.files import Files

MAP = "map $http_upgrade $connection_upgrade { default upgrade; '' ''; }\n"
UPGRADE = (
    "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; "
    "proxy_set_header Connection $connection_upgrade;"
)


def whole(http: str, main: str = "") -> str:
    """A complete nginx.conf around an http block's text."""
    return f"{main}\nevents {{}}\nhttp {{\n{MAP}{http}\n}}\n"


def topology(text: str, declared: Declared | None = None, *more: str) -> Topology:
    """What the reader makes of one or more main files."""
    files = Files()
    mains = [files.adopt(Source(f"{n}.conf", "nginx", t)) for n, t in enumerate((text, *more))]
    return nginx.read(mains, files, declared or Declared())


def route(text: str, path: str, declared: Declared | None = None) -> Route:
    """The one route with a path."""
    (found,) = (r for r in topology(text, declared).routes if r.path == path)
    return found


def told(place: Place | None) -> str:
    """The text a place points to."""
    assert isinstance(place, Span)
    return (place.source.text or "")[place.start : place.end]


def brief(setting: Setting[object] | None) -> tuple[object, str, str]:
    """Value, origin and text of a setting."""
    assert setting is not None
    return setting.value, setting.origin.value, told(setting.place)


def held(setting: Setting[object] | None) -> object:
    """The value of a setting that must be there."""
    assert setting is not None
    return setting.value


def write(folder: pathlib.Path, **texts: str) -> None:
    """Files `name.conf` in a folder."""
    for name, text in texts.items():
        (folder / f"{name}.conf").write_text(text)
