"""What kustomize lays over the objects of other files: annotations of patches.

A patch of an Ingress or a Service is an object of the same name that has no paths or ports of its
own, or text within a `kustomization.yaml`. What one patch sets is in force, and stands where the
patch has it; where overlays differ, and of patches within a text, the value is not known.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from lbcheck.model import Source
from lbcheck.regex import regex
from lbcheck.sources.k8s_objects import Annotation, Object

_NAMES = ("kustomization.yaml", "kustomization.yml", "kustomization")
_BODIES = {
    "Ingress": ("rules", "defaultBackend", "backend"),
    "Service": ("ports", "externalName", "clusterIP"),
}
_NAMED = regex(r"(?<![\w-])name:[ \t]*+[\"']?([\w.-]++)")
# `nginx.ingress.kubernetes.io/proxy-read-timeout: "90"`, or as a JSON pointer with `~1`.
_KEY = regex(r"\b((?:[a-z-]++\.){1,5}(?:io|org|com))(?:/|~1)([\w.-]++)")
_SOMEBODY = "${set by a patch}"
Key = tuple[str, str]


def is_kustomization(path: str) -> bool:
    return os.path.basename(path).lower() in _NAMES


def applied(sources: Sequence[Source], objects: Sequence[Object]) -> list[Object]:
    """The objects with what patches among them set, and without the patches."""
    patches: dict[Key, list[Object]] = {}
    bodied: set[Key] = set()
    for thing in objects:
        if _is_patch(thing):
            patches.setdefault((thing.kind, thing.name), []).append(thing)
        else:
            bodied.add((thing.kind, thing.name))
    inline = [source for source in sources if is_kustomization(source.path or source.name)]
    if not patches and not inline:
        return list(objects)
    return [
        _patched(thing, _annotations(_for(thing, patches)), inline)
        for thing in objects
        if not (_is_patch(thing) and (thing.kind, thing.name) in bodied)
    ]


def _for(thing: Object, patches: Mapping[Key, Sequence[Object]]) -> list[Object]:
    """The patches of an object; a namespace that is not written may be any."""
    if _is_patch(thing):
        return []
    found = patches.get((thing.kind, thing.name), ())
    space = thing.namespace
    return [each for each in found if not space or each.namespace in ("", space)]


def _is_patch(thing: Object) -> bool:
    body = _BODIES.get(thing.kind)
    return bool(body and thing.name and not any(thing.at("spec", part) for part in body))


def _annotations(patches: Iterable[Object]) -> dict[str, Annotation]:
    """What patches set; what they do not agree about nobody knows."""
    found: dict[str, Annotation] = {}
    for patch in patches:
        for key, own in patch.annotations.items():
            other = found.setdefault(key, own)
            if other.text != own.text:
                found[key] = Annotation(key, _SOMEBODY, "str", other.place)
    return found


def _patched(thing: Object, known: Mapping[str, Annotation], inline: Sequence[Source]) -> Object:
    found = dict(known)
    for source in inline if thing.kind in _BODIES else ():
        text = source.text or ""
        names = {each[1] for each in _NAMED.finditer(text)}
        if names and thing.name not in names:
            continue
        for each in _KEY.finditer(text):
            key = f"{each[1]}/{each[2]}"
            before = thing.annotations.get(key)
            found[key] = Annotation(key, _SOMEBODY, "str", before.place if before else thing.place)
    return replace(thing, annotations={**thing.annotations, **found}) if found else thing
