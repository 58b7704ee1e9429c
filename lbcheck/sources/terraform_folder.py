"""The Terraform files of a folder, sorted into variables, locals, calls, outputs and resources."""

from __future__ import annotations

import os

from lbcheck.model import Source, Span, Trouble
from lbcheck.regex import regex
from lbcheck.sources import terraform_syntax
from lbcheck.sources.files import Files
from lbcheck.sources.terraform_syntax import Attribute, Block, File

ENDINGS = (".tf", ".tofu")
_MAX_CALLS = 1000
_BALANCER = regex(
    r'(?m)^[ \t]*+(?:resource[ \t]*+"?aws_(?:lb|alb|elb|elastic_beanstalk)(?:_[a-z_]++)?"?[ \t]'
    r'|module[ \t]*+"?[\w-])'
)
_BALANCER_IN_JSON = regex(r'"(?:aws_a?lb|aws_elb)(?:_[a-z_]++)?"\s*+:')
KINDS = regex(
    r"aws_(?:a?lb(?:_listener|_listener_rule|_target_group)?|elb|ecs_(?:service|task_definition)"
    r"|autoscaling_(?:attachment|group|lifecycle_hook)"
    r"|elastic_beanstalk_(?:environment|configuration_template))"
)


class Folder:
    """One folder. `audited`: the sources whose resources are looked at; the others only help."""

    def __init__(self, path: str, audited: list[File], beside: list[File]) -> None:
        self.path = path
        self.resources: list[Block] = []
        self.calls: list[Block] = []
        self.locals: dict[str, Attribute] = {}
        self.variables: dict[str, Block] = {}
        self.outputs: dict[str, Attribute] = {}
        self.settings: dict[str, Attribute] = {}
        self.unsettled: set[str] = set()
        """variables that a file sets which has to be named (`-var-file`)"""
        for file in (*audited, *beside):
            for block in file.blocks:
                self._take(block, file in audited)

    def calls_of(self, name: str) -> list[Block]:
        return [block for block in self.calls if block.labels[0] == name]

    def _take(self, block: Block, audited: bool) -> None:
        labels = len(block.labels)
        if block.kind == "resource" and labels == 2 and audited:
            if KINDS.fullmatch(block.labels[0]):
                self.resources.append(block)
        elif block.kind == "module" and labels == 1 and audited:
            self.calls.append(block)
        elif block.kind == "locals":
            self.locals.update(block.attributes)
        elif block.kind == "variable" and labels == 1:
            self.variables.setdefault(block.labels[0], block)
        elif block.kind == "output" and labels == 1 and "value" in block.attributes:
            self.outputs[block.labels[0]] = block.attributes["value"]


class Folders:
    """The folders of one audit. `read` are the sources that were opened for it."""

    def __init__(self, files: Files, audited: list[Source]) -> None:
        self._files = files
        self._audited: dict[str, list[Source]] = {}
        self._opened: dict[str, Folder | None] = {}
        self._followed = 0
        self.called: set[str] = set()
        self.read: dict[Source, None] = dict.fromkeys(audited)
        for source in audited:
            place = os.path.dirname(source.path) if source.path else f"<{source.name}>"
            self._audited.setdefault(os.path.realpath(place), []).append(source)

    @property
    def paths(self) -> list[str]:
        return list(self._audited)

    def open(self, path: str, called: bool = False) -> Folder | None:
        """A folder with load balancers in it, or calls that may lead to some.

        Args: called: by a module, so that it needs no look of its own.
        """
        path = os.path.realpath(path)
        if called:
            self.called.add(path)
        if path not in self._opened:
            self._opened[path] = self._open(path, called)
        return self._opened[path]

    def follow(self, call: Span) -> bool:
        """May one more call of a module be followed? Calls in calls multiply: that is told."""
        self._followed += 1
        if self._followed == _MAX_CALLS + 1:
            said = f"calls of modules multiply to more than {_MAX_CALLS:,}; the rest is not read"
            call.source.troubles.append(Trouble(said, call.start, call.end, "call fewer"))
        return self._followed <= _MAX_CALLS

    def _open(self, path: str, called: bool) -> Folder | None:
        beside = [source for source in self._beside(path) if source not in self.read]
        audited = self._audited.get(path, [])
        if called:
            audited, beside = [*audited, *beside], []
        audited = [source for source in audited if not source.unread and not _is_json(source)]
        if not any(_BALANCER.search(source.text or "") for source in audited):
            return None
        self.read.update(dict.fromkeys(beside if not called else audited))
        folder = Folder(path, _parsed(audited), _parsed(beside))
        for name in self._names(path, (".tfvars",)):
            for file in _parsed([self._files.open(os.path.join(path, name), "terraform")]):
                if name == "terraform.tfvars" or name.endswith(".auto.tfvars"):
                    folder.settings.update(file.attributes)
                else:
                    folder.unsettled.update(file.attributes)
        return folder

    def _beside(self, path: str) -> list[Source]:
        names = self._names(path, ENDINGS)
        return [self._files.open(os.path.join(path, name), "terraform") for name in names]

    def _names(self, path: str, endings: tuple[str, ...]) -> list[str]:
        try:
            return sorted(name for name in os.listdir(path) if name.endswith(endings))
        except OSError:
            return []


def _is_json(source: Source) -> bool:
    """Terraform as programs write it (CDK): a plan says the same. Told where it matters."""
    if not (source.path or source.name).endswith(".tf.json"):
        return False
    if _BALANCER_IN_JSON.search(source.text or ""):
        source.unread = True
        remedy = "audit the plan instead (`terraform show -json PLAN`)"
        said = "is Terraform written as JSON, which is not read"
        source.troubles.append(Trouble(said, remedy=remedy))
    return True


def _parsed(sources: list[Source]) -> list[File]:
    parsed = (terraform_syntax.parse(source) for source in sources if not source.unread)
    return [file for file in parsed if file is not None]
