"""Read `.lbcheck.yaml` or `[tool.lbcheck]` of pyproject.toml: what a repository wants by default.

The nearest one counts, from the working directory up to the root of the repository. Values hold
where neither the command line nor the environment says anything. What decides whom to ask with
which credentials (AWS) is not read from a file that travels with a repository.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated, Any, Literal

from msgspec import Meta, Struct

from lbcheck.config_search import nearest
from lbcheck.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from lbcheck.document import Mistakes, Node

Size = Annotated[
    str, Meta(pattern="^[1-9][0-9]{0,14}[kKmMgG]?[bB]?$", description="a size such as 50M")
]
Output = Annotated[str, Meta(pattern="^[a-z]+=.", description="FORMAT=PATH")]


class Config(Struct, frozen=True, rename="kebab", forbid_unknown_fields=True):
    """What a configuration file says; None where it says nothing.

    Paths in it are relative to its own folder, and here to the working directory.
    """

    profile: tuple[str, ...] | None = None
    params: dict[str, Any] | None = None
    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] | None = None
    min_severity: Literal["error", "warning", "info"] | None = None
    min_confidence: Literal["certain", "likely", "possible"] | None = None
    fail_on: Literal["error", "warning", "info", "never"] | None = None
    format: str | None = None
    output: tuple[Output, ...] | None = None
    paths: tuple[str, ...] | None = None
    exclude: tuple[str, ...] | None = None
    max_file_size: Size | None = None
    show_suppressed: bool | None = None
    quiet: bool | None = None
    baseline: str | None = None

    def defaults(self) -> dict[str, Any]:
        """What it says, by the names of the parameters of `lbcheck audit`."""
        said = {name: getattr(self, name) for name in self.__struct_fields__}
        params = said.pop("params")
        if params is not None:
            said["param"] = tuple(f"{key}={text}" for key, text in params.items())
        return {name: value for name, value in said.items() if value is not None}


def load(start: str, explicit: str | None = None, formats: Collection[str] = ()) -> Config:
    """The configuration for a working directory.

    Args:
        explicit: the file to read instead of searching.
        formats: the report formats there are, () to take any.

    Raises:
        UsageError: the explicit file cannot be read, or is a TOML file without the table.
        DocumentErrors: everything that is wrong in the file, with line and column.
    """
    path = explicit or nearest(os.path.abspath(start))
    if path is None:
        return Config()
    from lbcheck.document import Mistakes, parse, read_text
    from lbcheck.toml_table import parse_table

    shown = path if path == explicit else os.path.relpath(path, start)
    mistakes = Mistakes(shown)
    text = read_text(path, shown)
    if path.endswith(".toml"):
        root = parse_table(text, ("tool", "lbcheck"), mistakes)
        mistakes.check()
        if root is None and explicit is None:
            return Config()
        if root is None:
            raise UsageError(f"{shown}: has no table [tool.lbcheck]")
    else:
        root = parse(text, mistakes)
    folder = os.path.relpath(os.path.dirname(os.path.abspath(path)), start)
    return _read(root, mistakes, folder, formats)


def _read(root: Node, mistakes: Mistakes, folder: str, formats: Collection[str]) -> Config:
    from lbcheck import shape
    from lbcheck.profile_params import read_params

    values = shape.read_struct(root, shape.described(Config), mistakes)
    params = dict(_flat("", values.get("params") or {}))
    read_params(params.items(), mistakes)
    if params:
        values["params"] = {key: _param_text(node) for key, node in params.items()}
    _check_names(root, mistakes, formats)
    _check_outputs(root, mistakes)
    mistakes.check()
    return Config(**_rebased(values, folder))


def _flat(before: str, nodes: dict[str, Node]) -> Iterator[tuple[str, Node]]:
    """`{heartbeat: {kind: data}}` says the same as `heartbeat.kind: data`."""
    for key, node in nodes.items():
        if isinstance(node.value, dict):
            inner = {name: entry.node for name, entry in node.value.items()}
            yield from _flat(f"{before}{key}.", inner)
        else:
            yield f"{before}{key}", node


def _param_text(node: Node) -> str:
    items = node.value if isinstance(node.value, list) else [node]
    return ",".join(item.text for item in items)


def _check_names(root: Node, mistakes: Mistakes, formats: Collection[str]) -> None:
    """Rules, profiles and formats that do not exist are said where they are written."""
    from lbcheck import profiles, rule_names
    from lbcheck.spelling import did_you_mean

    for key in ("select", "ignore"):
        for node in _items(root, key):
            if not rule_names.selects(node.text):
                mistakes.add(node, rule_names.unknown(node.text[:60]))
    for node in _items(root, "profile"):
        if profiles.find(node.text, "") is None:
            mistakes.add(node, profiles.no_profile(node.text))
    wrong = (node for node in _items(root, "format") if formats and node.text not in formats)
    for node in wrong:
        guess = did_you_mean(node.text, formats) or f"; there are {', '.join(formats)}"
        mistakes.add(node, f"no format is called `{node.text[:60]}`{guess}")


def _check_outputs(root: Node, mistakes: Mistakes) -> None:
    """A configuration travels with a repository, so it writes nowhere else."""
    paths = [(node, node.text.partition("=")[2], "report") for node in _items(root, "output")]
    paths += [(node, node.text, "baseline") for node in _items(root, "baseline")]
    for node, text, what in paths:
        path = os.path.normpath(text)
        if os.path.isabs(path) or path.startswith(".."):
            mistakes.add(node, f"a {what} that is asked for here stays below this file's folder")


def _items(root: Node, key: str) -> Iterator[Node]:
    """The texts under a key, one or several."""
    entry = root.value.get(key) if isinstance(root.value, dict) else None
    if entry is not None:
        value = entry.node.value
        items = value if isinstance(value, list) else [entry.node]
        yield from (item for item in items if not isinstance(item.value, list | dict | None))


def _rebased(values: dict[str, Any], folder: str) -> dict[str, Any]:
    """Values with paths seen from the working directory instead of the file's folder."""
    if folder == ".":
        return values

    def moved(path: str) -> str:
        return os.path.normpath(os.path.join(folder, path))

    def profile(name: str) -> str:
        from lbcheck import profiles

        return name if name in profiles.available() else moved(name)

    def output(text: str) -> str:
        form, _, path = text.partition("=")
        return f"{form}={moved(path)}"

    def glob(pattern: str) -> str:
        return pattern if pattern.startswith("*") else moved(pattern)

    rules: dict[str, Callable[[str], str]] = {
        "baseline": moved,
        "profile": profile,
        "output": output,
        "paths": moved,
        "exclude": glob,
    }

    def seen(key: str, value: Any) -> Any:
        if key not in rules or value is None:
            return value
        return rules[key](value) if isinstance(value, str) else tuple(map(rules[key], value))

    return {key: seen(key, value) for key, value in values.items()}


TEMPLATE = """\
# What `lbcheck audit` does in this repository unless the command line says otherwise.
# Every key is optional; the values here are the defaults or examples.

# What the service promises: shipped profiles (`lbcheck profiles list`) or your own files.
# The later one wins.
# profile: [socketio-v4, deploy/our-profile.yaml]

# Single values of the profile.
# params:
#   heartbeat.interval_s: 25
#   nginx.version: 1.26.1

# What to audit where no path is named.
# paths: [.]
# exclude: ["*/testdata/*"]
# max-file-size: 50M

# Which rules: codes, names or families (`lbcheck rules`).
# select: []
# ignore: [LB307]

# What to show (error, warning, info; certain, likely, possible), and what fails the run
# (error, warning, info, never).
# min-severity: info
# min-confidence: likely
# fail-on: error

# How to show it, and reports to write as well, below this folder.
# format: text
# output: [sarif=lbcheck.sarif]
# show-suppressed: false
# baseline: .lbcheck-baseline.json
# quiet: false
"""
