"""Which controller serves an Ingress: by its class, by the classes' own objects, by prefixes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import Enum

from msgspec import Struct

from lbcheck.model import Declared, Span
from lbcheck.sources import k8s_keys as keys
from lbcheck.sources.k8s_objects import Object

CLASS = "kubernetes.io/ingress.class"


class Controller(Enum):
    """The value is the name that a profile says (`versions.ingress_controller`)."""

    AWS = "aws"
    INGRESS_NGINX = "ingress-nginx"
    NGINX_INC = "nginx-inc"
    HAPROXY_INGRESS = "haproxy-ingress"
    HAPROXY_TECH = "haproxytech"


TITLES = {
    Controller.AWS: "the AWS Load Balancer Controller",
    Controller.INGRESS_NGINX: "ingress-nginx",
    Controller.NGINX_INC: "NGINX Inc's controller",
    Controller.HAPROXY_INGRESS: "haproxy-ingress",
    Controller.HAPROXY_TECH: "HAProxy Technologies' controller",
}
PREFIXES: dict[Controller, tuple[str, ...]] = {
    Controller.AWS: (keys.ALB,),
    Controller.INGRESS_NGINX: (keys.INGRESS_NGINX,),
    Controller.NGINX_INC: keys.NGINX_INC,
    Controller.HAPROXY_INGRESS: (keys.HAPROXY_INGRESS, keys.SHARED),
    Controller.HAPROXY_TECH: (*keys.HAPROXY_TECH, keys.SHARED),
}
"""What each controller reads of an Ingress."""
_OWN = {
    prefix: controller
    for controller, prefixes in PREFIXES.items()
    for prefix in prefixes
    if prefix != keys.SHARED
}
_BY_SPEC = {
    "ingress.k8s.aws/alb": Controller.AWS,
    "k8s.io/ingress-nginx": Controller.INGRESS_NGINX,
    "nginx.org/ingress-controller": Controller.NGINX_INC,
    "haproxy-ingress.github.io/controller": Controller.HAPROXY_INGRESS,
    "haproxy.org/ingress-controller": Controller.HAPROXY_TECH,
}
_FAMILIES = {
    "alb": (Controller.AWS,),
    "nginx": (Controller.INGRESS_NGINX, Controller.NGINX_INC),
    "haproxy": (Controller.HAPROXY_INGRESS, Controller.HAPROXY_TECH),
}
_OTHERS = frozenset(
    "traefik gce gke azure istio kong contour ambassador cilium apisix envoy voyager caddy tyk"
    " gloo easegress bfe citrix skipper openshift tailscale cloudflare ngrok higress webapprouting"
    " agic pomerium".split()
)


class Served(Struct, frozen=True):
    """Who serves an Ingress. `place`: the statement that decides it, or the object's name.

    `controller` is None where it is not known, or is `other`, one that lbcheck does not know.
    `sure`: the class itself says so, so that annotations of others are known to do nothing.
    """

    controller: Controller | None
    place: Span
    other: str = ""
    sure: bool = False
    name: str = ""
    """of the class"""
    guessed: bool = False
    """another controller has classes of this name, too, and nothing here tells"""


def served(ingress: Object, classes: Mapping[str, str], usual: str, declared: Declared) -> Served:
    """Who serves an Ingress.

    Args: classes: names of IngressClass objects and their `spec.controller`; usual: the class of
    an Ingress that names none.
    """
    name, place = _class_of(ingress)
    name = name or (usual if place == ingress.place else "")
    wanted = _declared(declared)
    if not name:
        alone = _by_prefix(ingress, tuple(Controller))
        return Served(wanted or (alone[0] if len(alone) == 1 else None), place)
    spec = classes.get(name, "")
    known = _BY_SPEC.get("/".join(spec.split("/")[:2]))
    if known or spec:
        return Served(known, place, "" if known else spec, known is not None, name)
    words = set(re.split(r"[^a-z0-9]+", name.lower()))
    family = next((f for word, f in _FAMILIES.items() if word in words), None)
    if family is None:
        if words & _OTHERS:
            return Served(None, place, name)
        alone = _by_prefix(ingress, tuple(Controller))
        return Served(wanted or (alone[0] if len(alone) == 1 else None), place)
    if wanted in family:
        return Served(wanted, place, sure=True, name=name)
    hinted = _by_prefix(ingress, family)
    # Who names both controllers of a family serves whichever is there.
    if len(hinted) == 1:
        return Served(hinted[0], place, sure=True, name=name)
    guessed = len(family) > 1
    return Served(family[0], place, sure=not hinted, name=name, guessed=guessed)


def _class_of(ingress: Object) -> tuple[str, Span]:
    """The class's name ("" where there is none, or a placeholder) and where it stands."""
    annotation = ingress.annotations.get(CLASS)
    if annotation is not None:
        return ("" if annotation.unknown else annotation.text), annotation.place
    name = ingress.text("spec", "ingressClassName")
    place = ingress.entry("spec", "ingressClassName")
    if name is None or place is None:
        return "", ingress.place
    return ("" if re.search(r"[${<%]", name) else name), place


def _by_prefix(ingress: Object, among: Iterable[Controller]) -> list[Controller]:
    """The controllers whose own prefixes an Ingress uses."""
    used = {_OWN.get(annotation.prefix) for annotation in ingress.annotations.values()}
    return [controller for controller in among if controller in used]


def owner(prefix: str) -> Controller | None:
    """The controller that a prefix of annotations belongs to."""
    return _OWN.get(prefix)


def _declared(declared: Declared) -> Controller | None:
    name = declared.ingress_controller
    return Controller(name) if name else None
