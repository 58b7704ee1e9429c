"""Annotations that do nothing: unknown to the controller, on the wrong object, of another one.

Kubernetes takes any annotation, so that nobody is told. Only those are looked at whose purpose
matters to a WebSocket, and a setting that no controller could know is left to its owner.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from msgspec import Struct

from lbcheck.model import Effect, Ineffective, Origin, Setting
from lbcheck.sources import k8s_keys as keys
from lbcheck.sources.k8s_controller import PREFIXES, TITLES, Controller, Served, owner
from lbcheck.sources.k8s_keys import Purpose, instead, purpose
from lbcheck.sources.k8s_objects import Annotation, Object, say
from lbcheck.spelling import closest, did_you_mean

_UNQUOTED = "Kubernetes takes only text for annotations and refuses the object; put it in quotes"
FOLLOWING = "aws-load-balancer-"
_TIME = re.compile(r"(\d{1,9})[ ]*(ms|s|m|h|d)?")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_EFFECTS = {
    Purpose.IDLE: Effect.TIMEOUT_INEFFECTIVE,
    Purpose.CHECK: Effect.CHECK_INEFFECTIVE,
}


class Fault(Struct, frozen=True):
    """An annotation without effect. `foreign`: it is meant for another controller. `refused`: with
    it the proxy takes nothing of the whole object."""

    annotation: Annotation
    purpose: Purpose
    reason: str
    foreign: bool = False
    refused: bool = False

    def record(self) -> Ineffective:
        """As the thing that it was meant for has it."""
        effect = _EFFECTS.get(self.purpose, Effect.IGNORED)
        if self.foreign and effect is not Effect.IGNORED:
            effect = Effect.FOREIGN
        name, place = self.annotation.name, self.annotation.place
        shown = self.annotation.key if self.foreign or name not in _KNOWN else name
        setting: Setting[object] = Setting(shown, self.annotation.text, Origin.SET, place)
        return Ineffective(effect, setting, self.reason)

    def harmless(self, idle: Setting[float] | None) -> bool:
        """Is no more asked than what is in force anyhow?"""
        asked = _TIME.fullmatch(self.annotation.text)
        wanted = self.purpose is Purpose.IDLE and not self.annotation.refused
        if asked is None or idle is None or not wanted:
            return False
        return float(asked[1]) * _UNITS[asked[2] or "s"] <= idle.value


_KEYS: dict[Controller, frozenset[str]] = {
    Controller.AWS: keys.ALB_ON_INGRESS,
    Controller.INGRESS_NGINX: keys.NGINX_KEYS,
    Controller.NGINX_INC: keys.NGINX_INC_KEYS,
    Controller.HAPROXY_INGRESS: keys.HAPROXY_INGRESS_KEYS,
    Controller.HAPROXY_TECH: keys.HAPROXY_TECH_KEYS,
}
_KNOWN = frozenset().union(*_KEYS.values())


def of_ingress(ingress: Object, served: Served) -> Iterator[Fault]:
    """The annotations of an Ingress that its controller does not act on."""
    yield from refused(ingress)
    yield from in_list(ingress)
    for annotation in ingress.annotations.values():
        wanted = purpose_of(annotation) or _misspelt(annotation, served)
        if wanted is None or annotation.refused:
            continue
        if annotation.prefix in keys.NLB and annotation.name.startswith(FOLLOWING):
            yield Fault(annotation, wanted, _nlb_on_ingress(annotation))
        elif served.controller is None:
            yield from _of_others(annotation, wanted, ingress, served.other)
        elif _matters(wanted, served.controller):
            yield from _unread(annotation, wanted, ingress, served.controller, sure=served.sure)


def refused(thing: Object) -> Iterator[Fault]:
    """Annotations that Kubernetes refuses, or that are replaced further down."""
    for annotation in thing.repeated:
        wanted = purpose_of(annotation)
        if wanted is not None:
            reason = "it stands once more below, and the later one counts"
            yield Fault(annotation, wanted, reason)
    for annotation in thing.annotations.values():
        if not annotation.refused:
            continue
        wanted = purpose_of(annotation)
        if wanted is not None:
            yield Fault(annotation, wanted, _UNQUOTED)
        else:
            said = f"`{annotation.key}: {annotation.text}` is no text"
            say(thing.source, said, annotation.place, _UNQUOTED)


def _matters(wanted: Purpose, controller: Controller) -> bool:
    """All but one forward `Upgrade` for everybody, whatever an annotation says."""
    return wanted is not Purpose.UPGRADE or controller is Controller.NGINX_INC


def purpose_of(annotation: Annotation) -> Purpose | None:
    """What it is for: a list of attributes is for what it sets."""
    return _purpose(annotation.name.removeprefix(FOLLOWING), annotation.text)


def _purpose(name: str, text: str) -> Purpose | None:
    return purpose(f"{name}.{text}" if "attribute" in name else name)


def _misspelt(annotation: Annotation, served: Served) -> Purpose | None:
    """What a key of the controller's own was for that misses a known one by a letter or two."""
    if served.controller is None or annotation.prefix not in PREFIXES[served.controller]:
        return None
    known = _KEYS[served.controller]
    meant = None if annotation.name in known else closest(annotation.name, known)
    return _purpose(meant, annotation.text) if meant else None


def _unread(
    annotation: Annotation, wanted: Purpose, ingress: Object, controller: Controller, *, sure: bool
) -> Iterator[Fault]:
    title, own = TITLES[controller], PREFIXES[controller]
    name, known = annotation.name, _KEYS[controller]
    if annotation.prefix in own:
        if reason := _own_unread(annotation, ingress, controller):
            yield Fault(annotation, wanted, reason)
    elif annotation.prefix == keys.SHARED and name in known:
        reason = f"{title} reads annotations that begin with `{own[0]}/`"
        yield Fault(annotation, wanted, reason)
    elif other := owner(annotation.prefix):
        if sure and not _covered(ingress, controller, wanted):
            reason = f"it is for {TITLES[other]}, and {title} serves this Ingress"
            yield Fault(annotation, wanted, reason, foreign=True)
    elif name in known:
        meant = did_you_mean(annotation.prefix, own)
        if meant:
            yield Fault(annotation, wanted, f"no controller reads this prefix{meant}")


def _of_others(
    annotation: Annotation, wanted: Purpose, ingress: Object, other: str
) -> Iterator[Fault]:
    """A controller that lbcheck does not know (GKE's `gce` ...) reads none of these prefixes; an
    Ingress that has annotations of its own as well is meant for several."""
    meant = owner(annotation.prefix)
    if meant is None or not other or wanted is Purpose.UPGRADE:
        return
    prefixes = {annotation.prefix for annotation in ingress.annotations.values()}
    if not any(other.lower() in prefix or prefix in _GOOGLE for prefix in prefixes):
        reason = f"it is for {TITLES[meant]}, and `{other}` serves this Ingress"
        yield Fault(annotation, wanted, reason, foreign=True)


_GOOGLE = ("cloud.google.com", "networking.gke.io")


def _own_unread(annotation: Annotation, ingress: Object, controller: Controller) -> str:
    """Why a controller does not read an annotation of its own prefix; "" where it does."""
    title, own = TITLES[controller], PREFIXES[controller][0]
    name, known = annotation.name, _KEYS[controller]
    if name in keys.CONFIG_MAP_ONLY.get(own, ()):
        return f"{title} takes it from its ConfigMap only"
    if (
        name in keys.NGINX_INC_ON_MINIONS
        and controller is Controller.NGINX_INC
        and is_master(ingress)
    ):
        return "the master of mergeable Ingresses has no paths: write it on the minions"
    if name in known or name.startswith(keys.ALB_FAMILIES):
        return ""
    return f"{title} knows no such annotation{instead(own, name, annotation.text, known)}"


def is_master(ingress: Object) -> bool:
    return _mergeable(ingress) == "master"


def is_minion(ingress: Object) -> bool:
    return _mergeable(ingress) == "minion"


def _mergeable(ingress: Object) -> str:
    kind = ingress.annotations.get("nginx.org/mergeable-ingress-type")
    return kind.text if kind else ""


def _covered(ingress: Object, controller: Controller, wanted: Purpose) -> bool:
    """Is there one for the controller that serves it? Then the others are for other clusters. The
    nginx controllers check nothing, and readiness probes do."""
    if wanted is Purpose.CHECK and controller in (Controller.INGRESS_NGINX, Controller.NGINX_INC):
        return True
    for annotation in ingress.annotations.values():
        if annotation.prefix in PREFIXES[controller] and purpose_of(annotation) is wanted:
            return True
    return False


def _nlb_on_ingress(annotation: Annotation) -> str:
    name = annotation.name.removeprefix(FOLLOWING)
    meant = instead(keys.ALB, name, annotation.text, keys.ALB_ON_INGRESS)
    return f"it is read of Services with a load balancer of their own, not of Ingresses{meant}"


def in_list(thing: Object) -> Iterator[Fault]:
    """`key=value` pairs that AWS refuses, or that stand in the other list."""
    for name, (other, known) in keys.ATTRIBUTE_LISTS.items():
        annotation = thing.annotations.get(f"{keys.ALB}/{name}")
        if annotation is None or annotation.unknown:
            continue
        for piece in annotation.text.split(","):
            key, equals, value = (part.strip() for part in piece.partition("="))
            wanted = purpose(key)
            if wanted is None or (equals and not keys.stray(name, key)):
                continue
            reason = f"AWS knows no such attribute{did_you_mean(key, known)}"
            if not equals:
                reason = "the controller reads `key=value`"
            elif key in keys.ATTRIBUTE_LISTS[other][1]:
                reason = f"it is an attribute for `{other}`"
            place = annotation.part(piece.strip())
            yield Fault(Annotation(key, value, "str", place), wanted, reason)


def of_config_map(data: Iterable[Annotation], controller: Controller) -> Iterator[Fault]:
    """Numbers in a ConfigMap, which takes only text as well, and keys that are written like
    something else."""
    known = _KEYS[controller].union(keys.CONFIG_MAP_ONLY.get(PREFIXES[controller][0], ()))
    for entry in data:
        wanted, spelt = purpose(entry.name), entry.name.replace("_", "-")
        if wanted is None:
            continue
        if entry.refused:
            yield Fault(entry, wanted, _UNQUOTED.replace("annotations", "a ConfigMap"))
        elif entry.key != spelt and spelt in known:
            reason = f"{TITLES[controller]} knows no such key; did you mean `{spelt}`?"
            prefixed = "keys of a ConfigMap have no prefix"
            yield Fault(entry, wanted, prefixed if entry.prefix else reason)


def not_a_time(annotation: Annotation, default: str) -> Fault:
    """A time that the controller cannot read."""
    reason = f"`{annotation.text}` is no number of seconds, and the controller keeps {default}"
    return Fault(annotation, Purpose.IDLE, reason)
