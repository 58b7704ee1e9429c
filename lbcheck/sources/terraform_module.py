"""A folder of Terraform as a module: variables, locals, calls of other modules, resources."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from itertools import islice

from msgspec import Struct

from lbcheck.model import Span, Trouble
from lbcheck.sources import terraform_type
from lbcheck.sources.terraform_expression import evaluate
from lbcheck.sources.terraform_folder import Folder, Folders
from lbcheck.sources.terraform_scope import Scope
from lbcheck.sources.terraform_syntax import Attribute, Block
from lbcheck.sources.terraform_value import HIDDEN, MISSING, NULL, Object, Ref, Value, instances

_MAX_INSTANCES = 100
_MAX_NESTING = 6
_COUNTING = frozenset({"count", "for_each"})


class Resource(Struct, frozen=True):
    """One instance of a resource, or of a call of a module that is not read.

    `kind`: "aws_lb" or "module"; `span`: the opening line.
    """

    kind: str
    address: str
    body: Object
    span: Span


class Module:
    """A folder with what its caller hands over (None: nobody calls it)."""

    def __init__(
        self,
        folder: Folder,
        folders: Folders,
        prefix: str = "",
        inputs: Object | None = None,
        origins: dict[Span, dict[Span, None]] | None = None,
    ) -> None:
        self.folder = folder
        self._folders = folders
        self._prefix = prefix
        self._inputs = inputs
        self._origins = {} if origins is None else origins
        self._known: dict[tuple[str, str], Value] = {}
        self._pending: set[tuple[str, str]] = set()
        self._called: dict[str, list[tuple[str, Module]] | None] = {}

    def address(self, kind: str, name: str) -> str:
        return f"{self._prefix}{kind}.{name}"

    def note(self, own: Span, origin: Span) -> None:
        """Remember where the value of an argument is written: in a default, by a caller."""
        self._origins.setdefault(own, {})[origin] = None

    def tell_origins(self) -> None:
        """Put what was remembered, also by the modules that are called, on the sources."""
        for own, origins in self._origins.items():
            known = own.source.origins.setdefault((own.start, own.end), {})
            known.update(dict.fromkeys(origins, "its value comes from here"))

    def named(self, kind: str, name: str, depth: int = 0) -> Value:
        """A variable, local value, or module. A circle comes to nothing that is known."""
        key = (kind, name)
        if key in self._pending:
            return HIDDEN
        if key not in self._known:
            self._pending.add(key)
            self._known[key] = self._find(kind, name, depth)
            self._pending.discard(key)
        return self._known[key]

    def resources(self) -> Iterator[Resource]:
        """Every instance of every resource, those of the modules that are called included."""
        for block in self.folder.resources:
            kind, name = block.labels[0], block.labels[1]
            for address, scope in self._instances(block, self.address(kind, name)):
                yield Resource(kind, address, body_of(block, scope), block.span)
        for block in self.folder.calls:
            name = block.labels[0]
            called = self._call(name)
            if called is not None:
                for _, module in called:
                    yield from module.resources()
                continue
            for address, scope in self._instances(block, self.address("module", name)):
                yield Resource("module", address, body_of(block, scope), block.span)

    def _find(self, kind: str, name: str, depth: int) -> Value:
        if kind == "local":
            return self._evaluated(self.folder.locals.get(name), depth)
        if kind == "module":
            return self._outputs(name, depth)
        declared = self.folder.variables.get(name)
        value = self._given(name, declared, depth)
        wanted = declared.attributes.get("type") if declared else None
        if wanted is None or not value.known:
            return value
        scope = Scope(self, depth=depth)
        return terraform_type.completed(value, wanted.expression, wanted.file, scope)

    def _given(self, name: str, declared: Block | None, depth: int) -> Value:
        """A variable's value: the caller's, of a values file, its default."""
        given = self._inputs.entries.get(name) if self._inputs else None
        if given is not None:
            return given
        if not self._prefix:  # values files are for the root
            if name in self.folder.unsettled:
                return HIDDEN
            if name in self.folder.settings:
                return self._evaluated(self.folder.settings[name], depth)
        return self._evaluated(declared.attributes.get("default"), depth) if declared else HIDDEN

    def _evaluated(self, attribute: Attribute | None, depth: int = 0) -> Value:
        if attribute is None:
            return HIDDEN
        return evaluate(attribute.expression, attribute.file, Scope(self, depth=depth))

    def _outputs(self, name: str, depth: int) -> Value:
        called = self._call(name, depth)
        if called is None:
            return Value(Ref(self.address("module", name)))
        made = [(key, Value(module._results(depth))) for key, module in called]
        blocks = self.folder.calls_of(name)
        if any("for_each" in block.attributes for block in blocks):
            return Value(Object(dict(made), open_=any(not key for key, _ in made)))
        counted = any("count" in block.attributes for block in blocks)
        return Value([each for _, each in made]) if counted or not made else made[0][1]

    def _results(self, depth: int) -> Object:
        outputs = self.folder.outputs.items()
        return Object({key: self._evaluated(each, depth) for key, each in outputs}, True)

    def _call(self, name: str, depth: int = 0) -> list[tuple[str, Module]] | None:
        """The modules in a folder beside this one that a call leads to, one for each instance,
        with its key ("" where there is but one); None where the folder is not read."""
        if name not in self._called:
            self._called[name] = None  # while it is looked at, for circles
            for block in self.folder.calls_of(name):
                self._called[name] = self._opened(name, block, depth)
        return self._called[name]

    def _opened(self, name: str, block: Block, depth: int) -> list[tuple[str, Module]] | None:
        source = self._evaluated(block.attributes.get("source"), depth).data
        nested = self._prefix.count("module.")
        if not isinstance(source, str) or not source.startswith(".") or nested >= _MAX_NESTING:
            return None
        folder = self._folders.open(os.path.join(self.folder.path, source), called=True)
        if folder is None:
            return None
        made = []
        for address, scope in self._instances(block, name, depth):
            if not self._folders.follow(block.span):
                break
            prefix, inputs = f"{self._prefix}module.{address}.", body_of(block, scope)
            module = Module(folder, self._folders, prefix, inputs, self._origins)
            made.append((address.removeprefix(name).strip("[]"), module))
        return made

    def _instances(self, block: Block, address: str, depth: int = 0) -> Iterable[tuple[str, Scope]]:
        scope = Scope(self, depth=depth)
        count, each = block.attributes.get("count"), block.attributes.get("for_each")
        if each is not None:
            pairs = instances(evaluate(each.expression, block.file, scope))
            if pairs is None:
                return [(address, scope.with_names({"each": Value(Object({}, True))}))]
            first = list(islice(pairs, _MAX_INSTANCES + 1))
            _bounded(block, len(first))
            return [
                (f"{address}[{key.plain}]", _each(scope, key, value))
                for key, value in first[:_MAX_INSTANCES]
            ]
        if count is not None:
            number = evaluate(count.expression, block.file, scope).data
            if not isinstance(number, int) or number == 1:
                return [(address, _counted(scope, 0 if number == 1 else None))]
            _bounded(block, number)
            numbers = range(min(number, _MAX_INSTANCES))
            return [(f"{address}[{at}]", _counted(scope, at)) for at in numbers]
        return [(address, scope)]


def _bounded(block: Block, number: int) -> None:
    """What is left out is told: nobody may take it for judged."""
    said = f"makes more than {_MAX_INSTANCES} instances; the first {_MAX_INSTANCES} are judged"
    remedy = "audit a plan (`terraform show -json`), which has them all"
    trouble = Trouble(said, block.span.start, block.span.end, remedy)
    if number > _MAX_INSTANCES and trouble not in block.span.source.troubles:
        block.span.source.troubles.append(trouble)


def _each(scope: Scope, key: Value, value: Value) -> Scope:
    return scope.with_names({"each": Value(Object({"key": key, "value": value}))})


def _counted(scope: Scope, number: int | None) -> Scope:
    index = HIDDEN if number is None else Value(number)
    return scope.with_names({"count": Value(Object({"index": index}))})


def body_of(block: Block, scope: Scope) -> Object:
    """The arguments of a block, and its nested blocks as lists of objects under their name."""
    entries: dict[str, Value] = {}
    for attribute in block.attributes.values():
        if attribute.name not in _COUNTING:
            found = evaluate(attribute.expression, block.file, scope)
            # what is missing is an error in Terraform; nothing can be said about it
            data = HIDDEN.data if found is MISSING else found.data
            if found.span is not None and not _within(found.span, attribute.span):
                scope.world.note(attribute.span, found.span)
            entries[attribute.name] = Value(data, attribute.span, found.words)
    for nested in block.blocks:
        if nested.kind == "dynamic" and nested.labels:
            _add(entries, nested.labels[0], _dynamic(nested, scope))
        else:
            _add(entries, nested.kind, [Value(body_of(nested, scope), nested.span)])
    return Object(entries, block.broken, block.span)


def _within(inner: Span, outer: Span) -> bool:
    return inner.source is outer.source and outer.start <= inner.start <= outer.end


def _add(entries: dict[str, Value], name: str, found: list[Value] | None) -> None:
    before = entries.get(name, NULL)
    known = before.data if isinstance(before.data, list) else []
    if found is None or (before.data is not None and not isinstance(before.data, list)):
        entries[name] = HIDDEN
    else:
        entries[name] = Value([*known, *found])


def _dynamic(block: Block, scope: Scope) -> list[Value] | None:
    """The blocks that a `dynamic` block makes; None where nobody knows how many."""
    content = next((each for each in block.blocks if each.kind == "content"), None)
    each = block.attributes.get("for_each")
    pairs = instances(evaluate(each.expression, block.file, scope)) if each else None
    if content is None or pairs is None:
        return None
    iterator = block.attributes.get("iterator")
    name = block.file.text(iterator.expression).strip() if iterator else block.labels[0]
    made = []
    for key, value in pairs:
        item = Value(Object({"key": key, "value": value}))
        made.append(Value(body_of(content, scope.with_names({name: item})), content.span))
        if len(made) >= _MAX_INSTANCES:
            break
    return made
