"""What a template leaves to others: nested stacks, macros, Elastic Beanstalk."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator

from lbcheck.model import Source, Trouble
from lbcheck.regex import regex
from lbcheck.sources import aws_elsewhere
from lbcheck.sources.cfn_world import below
from lbcheck.sources.yaml_tree import Mapping, Node, Scalar, Sequence, at, text

_NESTED = {
    "AWS::CloudFormation::Stack": ("TemplateURL",),
    "AWS::Serverless::Application": ("Location",),
}
_PLATFORM = ("AWS::ElasticBeanstalk::Environment", "AWS::ElasticBeanstalk::ConfigurationTemplate")
_HUMP = regex(r"(?<=[a-z0-9])(?=[A-Z])")  # PublicLoadBalancer -> Public-Load-Balancer
_PROCESSED = "audit the processed template (`aws cloudformation get-template`)"
# What these do is known, and leaves load balancers alone (SAM makes none); a loop is told itself.
_KNOWN = (
    "AWS::Serverless-2016-10-31",
    "AWS::LanguageExtensions",
    "AWS::CodeDeployBlueGreen",
    "AWS::SecretsManager-",
    "AWS::ServiceCatalog",
)


def say(source: Source, template: Mapping, here: Collection[str]) -> None:
    """Put on a source what is not read of its template.

    Args: here: the paths of the templates that are audited as well.
    """
    for transform in _transforms(template.get("Transform")):
        if not transform.text.startswith(_KNOWN):
            _macro(source, transform)
    resources = template.get("Resources")
    for key, body in resources.entries() if isinstance(resources, Mapping) else ():
        if key.text.startswith("Fn::ForEach"):
            said = "`Fn::ForEach` is not unfolded: what it makes is not judged"
            _add(source, said, key, _PROCESSED)
        elif key.text == "Fn::Transform":
            _macro(source, key)
        else:
            _resource(source, key, body, here)


def _resource(source: Source, key: Scalar, body: Node, here: Collection[str]) -> None:
    kind = text(body, "Type") or ""
    if kind in _NESTED:
        _nested(source, key, at(body, "Properties", *_NESTED[kind]), here)
    elif kind in _PLATFORM and _balances(at(body, "Properties", "OptionSettings")):
        _add(source, aws_elsewhere.PLATFORM, key, aws_elsewhere.PLATFORM_REMEDY)
    elif kind.startswith("AWS::ElasticLoadBalancing"):
        for macro in _macros(body):
            _macro(source, macro)


def _transforms(node: Node | None) -> Iterator[Scalar]:
    for each in node.items if isinstance(node, Sequence) else (node,):
        name = each.get("Name") if isinstance(each, Mapping) else each
        if isinstance(name, Scalar):
            yield name


def _macros(body: Node) -> Iterator[Scalar]:
    """The keys that put what a macro makes beside what is written."""
    for node in below(body):
        key = node.key("Fn::Transform") if isinstance(node, Mapping) else None
        if key is not None:
            yield key


def _macro(source: Source, name: Scalar) -> None:
    _add(source, f"what the macro `{name.text}` makes of this is not judged", name, _PROCESSED)


def _nested(source: Source, key: Scalar, url: Node | None, here: Collection[str]) -> None:
    """A stack of its own: its template may be here as well."""
    where = url.text if isinstance(url, Scalar) else ""
    folder = os.path.dirname(source.path or "")
    if where and os.path.realpath(os.path.join(folder, where)) in here:
        return
    named = aws_elsewhere.words(f"{_HUMP.sub('-', key.text)} {os.path.basename(where)}")
    if aws_elsewhere.names_balancer(named):
        said = f"the nested stack `{key.text}` seems to make a load balancer, and is not read"
        _add(source, said, key, "audit its template as well")
    else:
        source.not_asked += (f"the nested stack `{key.text}`",)


def _balances(settings: Node | None) -> bool:
    """Is one of the options about a load balancer? Where nobody knows, it may be."""
    if not isinstance(settings, Sequence):
        return settings is not None
    return any(
        aws_elsewhere.of_platform(text(each, "Namespace"), text(each, "OptionName"))
        for each in settings.items
    )


def _add(source: Source, said: str, place: Scalar, remedy: str) -> None:
    trouble = Trouble(said, place.start, place.end, remedy)
    if trouble not in source.troubles:
        source.troubles.append(trouble)
