"""Describe profile files in JSON Schema."""

from __future__ import annotations

from inspect import cleandoc
from typing import Any

import msgspec

from lbcheck.profile_file import Document

_DURATION = {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)? ?(ms|s|m|h|d)$"}


def schema() -> dict[str, Any]:
    """JSON Schema of a profile file, for editors and other checkers."""
    sections = {
        name: _section(made) for name, made in msgspec.json.schema(Document)["$defs"].items()
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **sections.pop("Document"),
        "title": "lbcheck profile",
        "$defs": sections,
    }


def _section(made: dict[str, Any]) -> dict[str, Any]:
    properties = {key: _loose(key, spec) for key, spec in made["properties"].items()}
    return made | {"description": cleandoc(made["description"]), "properties": properties}


def _loose(key: str, spec: dict[str, Any]) -> dict[str, Any]:
    """What the loader accepts beside a property's own type: durations, one item for a list."""
    bare = {name: value for name, value in spec.items() if name != "default"}
    default = {"default": spec["default"]} if "default" in spec and "$ref" not in spec else {}
    choices = bare.pop("anyOf", None) or [bare]
    if key.endswith("_s"):
        choices = [*choices, _DURATION]
    elif spec.get("type") == "array":
        choices = [*choices, spec["items"]]
    elif key in ("nginx", "haproxy"):
        choices = [*choices, {"type": "number"}]  # 1.26 without quotes: read as it is written
    return {**(choices[0] if len(choices) == 1 else {"anyOf": choices}), **default}
