"""Annotations of Services that nobody acts on, and which load balancer a Service asks for."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.sources import k8s_keys as keys
from lbcheck.sources.k8s_controller import TITLES, Controller
from lbcheck.sources.k8s_faults import FOLLOWING, Fault, in_list, purpose_of, refused
from lbcheck.sources.k8s_keys import Purpose, instead
from lbcheck.sources.k8s_objects import Annotation, Object
from lbcheck.spelling import did_you_mean


def of_service(service: Object, behind: Controller | None) -> Iterator[Fault]:
    """The annotations of a Service that nobody acts on.

    Args: behind: the controller of the Ingress that leads to it; None where there is none.
    """
    yield from refused(service)
    yield from in_list(service)
    kind = _service_type(service)
    for annotation in service.annotations.values():
        wanted = purpose_of(annotation)
        if annotation.refused:
            continue
        if annotation.prefix in keys.NLB and annotation.name.startswith(FOLLOWING):
            reason = _without_balancer(service, annotation, kind, behind) or _no_number(annotation)
            if wanted is not None and reason:
                yield Fault(annotation, wanted, reason)
        elif annotation.prefix == keys.ALB:
            yield from _alb_on_service(annotation, wanted)
        elif annotation.prefix == keys.INGRESS_NGINX and wanted is not None:
            yield Fault(annotation, wanted, "ingress-nginx reads Ingresses, not Services")


def _service_type(service: Object) -> str | None:
    """None where it cannot be known: a patch says only what it changes."""
    written = service.text("spec", "type")
    if written is not None:
        return written if written.isalpha() else None
    if service.at("spec", "loadBalancerClass") is not None:
        return "LoadBalancer"
    return "ClusterIP" if service.at("spec", "ports") is not None else None


def _without_balancer(
    service: Object, annotation: Annotation, kind: str | None, behind: Controller | None
) -> str:
    name = annotation.name.removeprefix(FOLLOWING)
    if kind is not None and kind != "LoadBalancer":
        reason = f"a Service of type {kind} has no load balancer of its own"
        if behind is Controller.AWS:
            reason += instead(keys.ALB, name, annotation.text, keys.ALB_ON_SERVICE)
        return reason
    if is_nlb(service):
        if name == "connection-idle-timeout":
            return (
                "it is for classic load balancers; a Network Load Balancer takes "
                "`aws-load-balancer-listener-attributes.TCP-PORT: tcp.idle_timeout.seconds=N`"
            )
        if name.startswith("listener-attributes.TLS-") and "idle_timeout" in annotation.text:
            return "the idle timeout of a TLS listener is 350 s, and AWS refuses another one"
        if name in keys.CLASSIC_ONLY:
            return "it is for classic load balancers, and this one is a Network Load Balancer"
    known = name in keys.NLB_KEYS | keys.CLASSIC_ONLY or name.startswith(keys.NLB_FAMILIES)
    if known:
        return ""
    return f"no controller knows such an annotation{did_you_mean(name, keys.NLB_KEYS)}"


def _no_number(annotation: Annotation) -> str:
    """The provider parses it with `strconv.ParseInt`, and makes no load balancer otherwise."""
    text = annotation.text
    if not annotation.name.endswith("-connection-idle-timeout") or not text[:1].isdigit():
        return ""
    return (
        "" if text.isdigit() else f"`{text}` is no number of seconds, and no load balancer is made"
    )


def is_nlb(service: Object) -> bool:
    """Does a Service ask for a Network Load Balancer?"""
    for prefix in keys.NLB:
        kind = service.annotations.get(f"{prefix}/{FOLLOWING}type")
        if kind is not None:
            return kind.text in ("nlb", "nlb-ip", "external")
    return service.text("spec", "loadBalancerClass") == "service.k8s.aws/nlb"


def _alb_on_service(annotation: Annotation, wanted: Purpose | None) -> Iterator[Fault]:
    name = annotation.name
    if wanted is None or name in keys.ALB_ON_SERVICE:
        return
    if name in keys.ALB_ON_INGRESS:
        yield Fault(annotation, wanted, "the controller reads it of Ingresses only")
    else:
        meant = instead(keys.ALB, name, annotation.text, keys.ALB_ON_SERVICE)
        title = TITLES[Controller.AWS]
        yield Fault(annotation, wanted, f"{title} knows no such annotation{meant}")
