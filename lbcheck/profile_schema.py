"""Describe profile files in JSON Schema."""

from __future__ import annotations

from typing import Any

import msgspec

from lbcheck.profile_file import Document


def schema() -> dict[str, Any]:
    """JSON Schema of a profile file, for editors and other checkers."""
    made = msgspec.json.schema(Document)
    sections = {
        name: section | {"properties": {k: _loose(k, v) for k, v in section["properties"].items()}}
        for name, section in made["$defs"].items()
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "lbcheck profile",
        **sections.pop("Document"),
        "$defs": sections,
    }


def _loose(key: str, spec: dict[str, Any]) -> dict[str, Any]:
    """What the loader accepts beside a property's own type: durations, versions as numbers."""
    default = {"default": spec["default"]} if "default" in spec else {}
    bare = {name: value for name, value in spec.items() if name != "default"}
    if key.endswith("_s"):
        duration = {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)? ?(ms|s|m|h|d)$"}
        return {"anyOf": [*bare.pop("anyOf", [bare] if bare else []), duration], **default}
    if spec.get("type") == "array":
        return {"anyOf": [bare, bare["items"]], **default}
    if key in ("nginx", "haproxy"):
        return {"anyOf": [*bare["anyOf"], {"type": "number"}], **default}
    return spec
