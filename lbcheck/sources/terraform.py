"""Terraform → topology: each folder is one module, its load balancers one AWS document."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

from lbcheck.model import Declared, Source, Topology
from lbcheck.sources import (
    aws,
    terraform_alb,
    terraform_compute,
    terraform_draft,
    terraform_listener,
    terraform_unread,
)
from lbcheck.sources.aws_written import Draft, Written
from lbcheck.sources.files import Files
from lbcheck.sources.terraform_folder import Folders
from lbcheck.sources.terraform_module import Module, Resource
from lbcheck.sources.terraform_value import Value


def read(sources: Sequence[Source], files: Files, declared: Declared) -> Topology:
    """Every load balancer of the folders that the sources are in."""
    folders = Folders(files, list(sources))
    found: dict[str, tuple[Module, list[Resource]]] = {}
    for path in folders.paths:
        folder = folders.open(path)
        if folder is not None:
            module = Module(folder, folders)
            found[path] = module, list(module.resources())
    roots = [own for path, own in found.items() if path not in folders.called]
    for module, resources in roots:  # what is in a module that is called its caller says
        module.tell_origins()
        terraform_unread.say(resources)
    for source in sources:
        terraform_unread.say_manifests(source)
    documents = [document(resources) for _, resources in roots]
    topology = aws.read([each for each in documents if each], declared)
    return Topology(tuple(folders.read), topology.listeners, topology.routes, topology.pools)


def document(resources: Iterable[Resource]) -> Written | None:
    """The resources of one module as an AWS document; None where nothing is for it."""
    everything = list(_expanded(resources))
    return _Assembly(everything).written() if everything else None


def _expanded(resources: Iterable[Resource]) -> Iterable[Resource]:
    for resource in resources:
        if resource.kind != "module":
            yield resource
        elif terraform_alb.is_alb(resource):
            yield from terraform_alb.resources(resource)


class _Assembly:
    """Joins resources by their addresses. What is not among them is another module's."""

    def __init__(self, resources: list[Resource]) -> None:
        self._by_kind: dict[str, list[Resource]] = {}
        for resource in resources:
            kind = resource.kind.replace("aws_alb", "aws_lb")
            self._by_kind.setdefault(kind, []).append(resource)
        self._draft: Draft = terraform_draft.start(resources[0].span.source)
        self._groups = self._addresses("aws_lb_target_group")
        self._balancers = self._addresses("aws_lb")
        self._listeners = self._addresses("aws_lb_listener")

    def written(self) -> Written:
        draft = self._draft
        for group in self._of("aws_lb_target_group"):
            terraform_draft.group(draft, group.address, group.body, group.span)
        for balancer in self._of("aws_lb"):
            terraform_draft.balancer(draft, balancer.address, balancer.body, balancer.span)
        for each in self._of("aws_lb_listener"):
            owner = self._owner(each)
            terraform_listener.listener(
                draft, owner, each.address, each.body, each.span, self._group
            )
        for rule in self._of("aws_lb_listener_rule"):
            owner = self._listener(rule)
            terraform_listener.rule(draft, owner, rule.address, rule.body, rule.span, self._group)
        for classic in self._of("aws_elb"):
            terraform_draft.classic(draft, classic.address, classic.body, classic.span)
        self._compute()
        for resource in chain.from_iterable(self._by_kind.values()):
            terraform_draft.tags(draft, resource.address, resource.body)
        return draft.finish()

    def _compute(self) -> None:
        """What runs behind the groups."""
        draft = self._draft
        definitions = self._resolver("aws_ecs_task_definition")
        scaled = self._resolver("aws_autoscaling_group")
        for service in self._of("aws_ecs_service"):
            terraform_compute.service(draft, service, self._group, definitions)
        for definition in self._of("aws_ecs_task_definition"):
            terraform_compute.definition(draft, definition)
        attachments = self._of("aws_autoscaling_attachment")
        attached = terraform_compute.attachments(attachments, self._group, scaled)
        for each in self._of("aws_autoscaling_group"):
            terraform_compute.scaling(draft, each, self._group, attached)
        for hook in self._of("aws_autoscaling_lifecycle_hook"):
            terraform_compute.hook(draft, hook, scaled)

    def _resolver(self, kind: str) -> terraform_compute.Resolve:
        """What leads to a resource of a kind, if need be by its name; None to any other."""
        known = self._addresses(kind)

        def resolve(value: Value) -> str | None:
            address = (value.address or "").removesuffix(".name")
            return known.get(address) or known.get(_base(address))

        return resolve

    def _of(self, kind: str) -> list[Resource]:
        return self._by_kind.get(kind, [])

    def _addresses(self, kind: str) -> dict[str, str]:
        """Addresses with and without the key of an instance, and ARNs where a plan has them."""
        known: dict[str, str] = {}
        for resource in self._of(kind):
            arn = resource.body.set("arn").data
            if isinstance(arn, str):
                known[arn] = resource.address
            known.setdefault(_base(resource.address), resource.address)
            known[resource.address] = resource.address
        return known

    def _group(self, value: Value) -> str | None:
        return _resolve(value, self._groups)

    def _owner(self, listener: Resource) -> str:
        """The load balancer of a listener; one of another module has a type that fits."""
        value = listener.body.set("load_balancer_arn")
        owner = _resolve(value, self._balancers) or _parent(listener.address, self._balancers)
        if owner not in self._balancers:
            self._balancers[owner] = owner
            protocol = listener.body.set("protocol").plain
            self._draft.foreign_balancer(owner, protocol, listener.span)
        return owner

    def _listener(self, rule: Resource) -> str:
        """The listener of a rule; one of another module is one of which nothing is known."""
        value = rule.body.set("listener_arn")
        owner = _resolve(value, self._listeners) or rule.address
        if owner not in self._listeners:
            self._listeners[owner] = owner
            self._draft.foreign_listener(owner, rule.span)
        return owner


def _base(address: str) -> str:
    return address.rpartition("[")[0] if address.endswith("]") else address


def _parent(address: str, known: dict[str, str]) -> str:
    """`module.alb.listeners[web]` is a listener of `module.alb`."""
    return next((each for each in known if address.startswith(f"{each}.")), address)


def _resolve(value: Value, known: dict[str, str]) -> str | None:
    """The address that an expression leads to, in the form in which it is known."""
    address = value.address
    if address is None:
        return None
    return known.get(address) or known.get(_base(address)) or address
