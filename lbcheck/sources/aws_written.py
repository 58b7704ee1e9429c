"""Infrastructure code as an AWS answer: the same document, and what an answer does not know.

A reader of Terraform, CloudFormation or Kubernetes manifests puts what it finds into a `Draft`,
under botocore's names, and hands `Draft.finish()` to `aws.read`. Everything behind that is shared.

    draft = Draft(source, {"HealthCheckPath": "health_check.path"})
    group = draft.add("TargetGroups", span_of_opening_line)       # a path: ("TargetGroups", 0)
    draft.put((*group, "TargetGroupArn"), "aws_lb_target_group.chat")
    draft.put((*group, "HealthCheckPath"), "/healthz", span)
    draft.put((*group, "Port"), UNKNOWN)                          # a variable without a value
    draft.default((*group, "HealthyThresholdCount"), 3)           # what this source takes
    draft.attributes("TargetGroupAttributes", arn)                # known, and so far empty
    draft.attribute("TargetGroupAttributes", arn, "stickiness.enabled", "true", span)
    draft.attribute("TargetGroupAttributes", arn, None, UNKNOWN)  # there may be any others

- **Places.** A value stands where `put` says; else where the nearest thing around it stands. Give
  none for names, for the port of a listener and the priority of a rule: findings about the whole
  thing, and its defaults, then stand on its opening line.
- **Unknown is unknown.** Put UNKNOWN for what cannot be decided. It is never taken for the default
  of AWS. A condition that nobody knows is an empty one (`draft.add((*rule, "Conditions"))`); a
  group or listener of another module is an ARN of your own making, such as the expression's text.
  A rule whose priority nobody knows is put with the priority UNKNOWN.
- **Defaults.** What the source takes where nothing is written, where that differs from AWS.
- **Words.** Settings are called what people write in this source (`idle_timeout`, an annotation);
  the keys are the names of AWS: fields, `Matcher.HttpCode` and keys of attributes.
- **ARNs** are the source's own addresses (`aws_lb_target_group.chat`). They and the names serve as
  names that may speak of WebSockets.
- **What runs behind groups** (`AutoScalingGroups`, `LifecycleHooks`, `Services`, `TaskDefinitions`)
  names them and one another by the same ARNs; of `TargetGroupARNs` put those that are known. A hook
  without `AutoScalingGroupName` may be of any group.
- **Nothing is live.** Put no `TargetHealth`. Groups that no rule here leads to, and load balancers
  without listeners, count as used by code elsewhere, and are judged.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from typing import Any, ClassVar, Final

import msgspec

from lbcheck.model import Place, Source, Span
from lbcheck.sources.aws_answers import Document
from lbcheck.sources.aws_snapshot import Path, Snapshot


class Unknown(Enum):
    UNKNOWN = auto()


UNKNOWN: Final = Unknown.UNKNOWN
"""a value that is written, and that nobody can know by reading"""

_NUMBERS = frozenset(
    "TargetControlPort HealthCheckIntervalSeconds HealthCheckTimeoutSeconds HealthyThresholdCount"
    " UnhealthyThresholdCount Weight Order LoadBalancerPort InstancePort Interval Timeout"
    " HealthyThreshold UnhealthyThreshold IdleTimeout HeartbeatTimeout stopTimeout startPeriod"
    " healthCheckGracePeriodSeconds minimumHealthyPercent maximumPercent desiredCount".split()
)
_STREAMS = ("TCP", "TLS", "UDP", "TCP_UDP", "QUIC", "TCP_QUIC")
_LISTS = ("Values", "RegexValues", "LoadBalancerArns", "TargetGroupARNs", "requiresCompatibilities")


class Written(Snapshot, frozen=True, kw_only=True):
    """A document made out of code. `holes` are the paths of what is unknown."""

    places: dict[Path, Span]
    holes: frozenset[Path]
    defaults: dict[Path, object]
    words: Mapping[str, str]
    written: ClassVar[bool] = True

    def place(self, path: Path, resource: str) -> Place:
        for length in range(len(path), 0, -1):
            if found := self.places.get(path[:length]):
                return found
        return Span(self.source, 0, 0)

    def unknown(self, path: Path) -> bool:
        return any(path[:length] in self.holes for length in range(len(path), 0, -1))

    def default(self, path: Path) -> object:
        return self.defaults.get(path)

    def word(self, name: str) -> str:
        return self.words.get(name, name)


class Draft:
    """A document that grows. Paths are keys and indices; what they lead through is made.

    Args: source: stands for all; each span has its own. words: see above.
    """

    def __init__(self, source: Source, words: Mapping[str, str]) -> None:
        self.source = source
        self.document: dict[str, Any] = {}
        self.places: dict[Path, Span] = {}
        self._words = words
        self._holes: set[Path] = set()
        self._defaults: dict[Path, object] = {}

    def add(self, list_path: str | Path, span: Span | None = None) -> Path:
        """A new, empty element of a list; its path."""
        path = (list_path,) if isinstance(list_path, str) else list_path
        elements = self._lead(path[:-1]).setdefault(path[-1], [])
        elements.append({})
        added = (*path, len(elements) - 1)
        if span is not None:
            self.places[added] = span
        return added

    def put(self, path: Path, value: object, span: Span | None = None) -> None:
        """Set a value: text, number, bool, a list of texts, or UNKNOWN. None: nothing is said.

        A value that cannot be what AWS has there is unknown.
        """
        if value is None:
            return
        if span is not None:
            self.places[path] = span
        fitting = _fitting(path, value)
        if fitting is UNKNOWN:
            self._holes.add(path)
        else:
            self._lead(path[:-1])[path[-1]] = fitting

    def default(self, path: Path, value: object) -> None:
        """What this source takes where nothing is written."""
        self._defaults[path] = value

    def attributes(self, section: str, arn: str) -> None:
        """The attributes of a thing are known, though there may be none: defaults are in force."""
        self._lead((section,)).setdefault(arn, [])

    known = attributes
    """likewise for a listener's rules, which may all be written here"""

    def attribute(
        self, section: str, arn: str, key: str | None, value: object, span: Span | None = None
    ) -> None:
        """An attribute. Without key: there may be any others. None: nothing is said."""
        if value is None:
            return
        path = self.add((section, arn), span)
        self._lead(path).update({"Key": key} if key else {})
        if isinstance(value, str | int | float) and value != "":
            self._lead(path)["Value"] = value

    def foreign_balancer(self, arn: str, protocol: object, span: Span | None = None) -> None:
        """A load balancer that is written elsewhere: of the type that can have such a listener.

        Args: protocol: of the listener; None where nobody wrote one, UNKNOWN where nobody knows.
        """
        kind = "network" if protocol in _STREAMS else "application"
        path = self.add("LoadBalancers", span)
        self.put((*path, "LoadBalancerArn"), arn)
        self.put((*path, "LoadBalancerName"), arn)
        self.put((*path, "Type"), UNKNOWN if protocol is UNKNOWN else kind)
        self.attribute("LoadBalancerAttributes", arn, None, UNKNOWN, span)

    def foreign_listener(self, arn: str, span: Span | None = None) -> None:
        """A listener that is written elsewhere, and its load balancer: an ALB, for it has rules."""
        self.foreign_balancer(arn, "HTTP", span)
        path = self.add(("Listeners", arn), span)
        self.put((*path, "ListenerArn"), arn)
        for field in ("Port", "Protocol"):
            self.put((*path, field), UNKNOWN)

    def finish(self) -> Written:
        """The document as `aws.read` takes it."""
        return Written(
            source=self.source,
            document=msgspec.convert(self.document, Document, strict=False),
            places=self.places,
            holes=frozenset(self._holes),
            defaults=self._defaults,
            words=self._words,
        )

    def _lead(self, path: Path) -> Any:
        """The container at a path."""
        here: Any = self.document
        for step in path:
            here = here[step] if isinstance(step, int) else here.setdefault(step, {})
        return here


def _fitting(path: Path, value: object) -> object:
    """A value as the answer's own type, so that no document is unreadable."""
    name = path[-1]
    if value is UNKNOWN:
        return UNKNOWN
    if name in _LISTS:
        values = value if isinstance(value, list | tuple) else [value]
        return [str(each) for each in values] if UNKNOWN not in values else UNKNOWN
    if isinstance(value, list | tuple | dict):
        return UNKNOWN
    if name in _NUMBERS or (name == "Port" and "RedirectConfig" not in path):
        return _number(value)
    if name in ("HealthCheckEnabled", "Enabled"):
        return {"true": True, "false": False}.get(str(value).lower(), UNKNOWN)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _number(value: object) -> object:
    text = str(value).removesuffix(".0")
    fits = text.isascii() and text.removeprefix("-").isdigit() and len(text) < 10
    return int(text) if fits and not isinstance(value, bool) else UNKNOWN
