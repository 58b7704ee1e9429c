"""Load profiles: the shipped ones by name, your own by path; several are merged, the last one wins.

Maps are merged key by key, everything else is replaced; `null` takes a parent's value away.
What names a profile (`id`, `title`, `verified`, `sources`) is not inherited: a value that was
measured for a parent says nothing about the child.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lbcheck.errors import DocumentErrors, UsageError
from lbcheck.profile import Profile

if TYPE_CHECKING:
    from lbcheck.document import Mistakes, Node

DEFAULT = "default"
_ENDINGS = (".yaml", ".yml")
_OWN = ("id", "title", "verified", "sources", "extends")
_MAX_CHAIN = 20


def folder() -> str:
    """Where the shipped profiles are: inside the package, or beside it in a checkout."""
    package = os.path.dirname(os.path.abspath(__file__))
    inside = os.path.join(package, "_profiles")
    return inside if os.path.isdir(inside) else os.path.join(os.path.dirname(package), "profiles")


def available() -> list[str]:
    """The names of the shipped profiles, in alphabetical order."""
    files = (os.path.splitext(name) for name in os.listdir(folder()))
    return sorted(stem for stem, ending in files if ending == ".yaml")


def load(names: Sequence[str], params: Mapping[str, str] = {}) -> Profile:
    """The profile that several make together.

    Args:
        names: shipped profiles or paths of YAML files; later ones override earlier ones.
        params: dotted keys and texts such as {"heartbeat.interval_s": "20s"}; they come last.

    Raises:
        UsageError: an unknown name or key, a file that cannot be read.
        DocumentErrors: everything that is wrong in a file, with line and column.
    """
    if not params and all(name == DEFAULT for name in names):
        return Profile()  # no YAML, no file: the run without a profile starts at once
    import msgspec

    from lbcheck.profile_params import from_params

    loader = _Loader()
    values: dict[str, Any] = {}
    for name in names:
        layer = loader.named(name)
        ids = [one["id"] for one in (values, layer) if one]
        values = merge(values, layer)
        values["id"] = "+".join(ids) or DEFAULT
    return msgspec.convert(merge(values, from_params(params)), Profile)


def merge(base: Mapping[str, Any], layer: Mapping[str, Any]) -> dict[str, Any]:
    """`layer` over `base`, key by key; neither is changed."""
    merged = _over(base, layer)
    if "heartbeat" in layer:
        _settle(merged["heartbeat"], layer["heartbeat"])
    return merged


def _over(base: Mapping[str, Any], layer: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in layer.items():
        merged[key] = _over(merged.get(key) or {}, value) if isinstance(value, dict) else value
    return merged


def _settle(beat: dict[str, Any], layer: Mapping[str, Any]) -> None:
    """A child that says "nobody pings" ends its parent's interval, and the reverse."""
    if layer.get("interval_s") is not None and beat.get("sender") == "none":
        beat["sender"] = "undeclared"
    elif layer.get("sender") in ("none", "undeclared") and "interval_s" not in layer:
        beat["interval_s"] = beat["timeout_s"] = None


class _Loader:
    """Reads each file once, parents first."""

    def __init__(self) -> None:
        self._read: dict[str, dict[str, Any]] = {}

    def named(self, name: str) -> dict[str, Any]:
        path = find(name, "")
        if path is None:
            raise UsageError(no_profile(name))
        return self._file(path, name, ())

    def _file(self, path: str, shown: str, trail: tuple[str, ...]) -> dict[str, Any]:
        if os.path.dirname(path) == folder() and os.path.basename(path) == f"{DEFAULT}.yaml":
            return {}  # it only writes down what holds anyway
        real = os.path.realpath(path)
        if real not in self._read:
            self._read[real] = {}  # a file that is wrong is read, and said to be wrong, once
            self._read[real] = self._read_file(path, shown, (*trail, real))
        return self._read[real]

    def _read_file(self, path: str, shown: str, trail: tuple[str, ...]) -> dict[str, Any]:
        from lbcheck import profile_file
        from lbcheck.document import Mistakes, parse, read_text

        mistakes = Mistakes(path if shown in available() else shown)
        root = parse(read_text(path, mistakes.path), mistakes)
        own = profile_file.read(root, mistakes)
        values: dict[str, Any] = {}
        for node in profile_file.parents(root):
            values = merge(values, self._parent(node, path, trail, mistakes))
        values = merge({key: values[key] for key in values if key not in _OWN}, own)
        profile_file.check_heartbeat(root, values, mistakes)
        mistakes.check()
        values.setdefault("id", os.path.splitext(os.path.basename(path))[0])
        values.setdefault("title", "")
        values.pop("extends", None)
        return values

    def _parent(
        self, node: Node, child: str, trail: tuple[str, ...], mistakes: Mistakes
    ) -> dict[str, Any]:
        path = find(node.text, os.path.dirname(child))
        if path is None:
            mistakes.add(node, no_profile(node.text))
        elif os.path.realpath(path) in trail:
            mistakes.add(node, f"`{node.text}` extends this file in turn: break the loop")
        elif len(trail) == _MAX_CHAIN:
            mistakes.add(node, f"more than {_MAX_CHAIN} profiles extend one another")
        else:
            try:
                return self._file(path, os.path.normpath(path), trail)
            except DocumentErrors as error:
                mistakes.found += error.mistakes
            except UsageError as error:
                mistakes.add(node, str(error))
        return {}


def find(name: str, near: str) -> str | None:
    """The file of a profile: a shipped name, or a path relative to the folder `near`.

    None where a name is none of the shipped ones; whether a path exists is not asked.
    """
    if "/" in name or os.sep in name or name.endswith(_ENDINGS):
        return os.path.join(near, name)
    return os.path.join(folder(), f"{name}.yaml") if name in available() else None


def no_profile(name: str) -> str:
    """What to say about a name that means no profile."""
    from lbcheck.spelling import did_you_mean

    guess = did_you_mean(name, available()) or ": see `lbcheck profiles list`, or give a path"
    return f"no profile is called `{name[:60]}`{guess}"


def schema() -> dict[str, Any]:
    """JSON Schema of a profile file, for editors and other checkers."""
    from lbcheck import profile_schema

    return profile_schema.schema()
