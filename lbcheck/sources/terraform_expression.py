"""Evaluate Terraform expressions as far as they are literal; what is not is UNKNOWN."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from lbcheck.regex import regex
from lbcheck.sources import terraform_function, terraform_operation
from lbcheck.sources.aws_written import UNKNOWN
from lbcheck.sources.terraform_scope import Scope
from lbcheck.sources.terraform_value import (
    HIDDEN,
    MISSING,
    NULL,
    Object,
    Ref,
    Value,
    agreed,
    pairs_of,
)

if TYPE_CHECKING:
    from lbcheck.sources.terraform_syntax import File, Node

MAX_DEPTH = 90
_ESCAPE = regex(r"\\(.)")
_ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}
_MAX_TURNS = 20_000
_NOT_RESOURCES = frozenset({"path", "terraform", "self", "each", "count"})


def evaluate(node: Node, file: File, scope: Scope) -> Value:
    """The value of an expression node, with the place where it stands."""
    if scope.depth > MAX_DEPTH:
        return HIDDEN
    found = _evaluate(node, file, scope.deeper())
    if found is MISSING or (found.words and found.span):
        return found
    return Value(found.data, found.span or file.span(node), found.words or file.text(node)[:200])


def _evaluate(node: Node, file: File, scope: Scope) -> Value:
    if node.type in _WRAPPERS:
        return _chain(_parts(node), file, scope)
    reader = _READERS.get(node.type)
    return reader(node, file, scope) if reader else HIDDEN


def _parts(node: Node) -> list[Node]:
    return [child for child in node.named_children if child.type != "comment"]


def _chain(nodes: list[Node], file: File, scope: Scope) -> Value:
    """A first thing, and the steps from it: `aws_lb.edge[0].arn`."""
    if not nodes:
        return HIDDEN
    first, steps = nodes[0], nodes[1:]
    if first.type == "variable_expr" and steps:
        value, steps = _root(first, steps, file, scope)
    else:
        value = evaluate(first, file, scope)
    for step in steps:
        value = _step(value, step, file, scope)
    return value


def _root(first: Node, steps: list[Node], file: File, scope: Scope) -> tuple[Value, list[Node]]:
    kind = file.text(first)
    if kind in scope.names:
        return scope.names[kind], steps
    if steps[0].type != "get_attr" or kind in _NOT_RESOURCES:
        return HIDDEN, []
    name, rest = _attr_name(steps[0], file), steps[1:]
    if kind in ("var", "local", "module"):
        return scope.world.named(kind, name, scope.depth), rest
    if kind == "data" and rest and rest[0].type == "get_attr":
        return Value(Ref(f"data.{name}.{_attr_name(rest[0], file)}")), rest[1:]
    return Value(Ref(scope.world.address(kind, name))), rest


def _step(value: Value, step: Node, file: File, scope: Scope) -> Value:
    if step.type == "get_attr":
        return value.attr(_attr_name(step, file))
    if step.type == "splat":
        return _splat(value, step, file, scope)
    if step.type != "index":
        return HIDDEN
    inner = step.named_children[0]
    if inner.type == "legacy_index":  # `.0`
        return value.index(Value(terraform_function.number(file.text(inner)[1:])))
    return value.index(evaluate(inner.named_children[0], file, scope))


def _splat(value: Value, step: Node, file: File, scope: Scope) -> Value:
    """`x[*].arn`: of each. A resource that is not counted here is one."""
    rest = step.named_children[0].named_children
    elements = [value] if isinstance(value.data, Ref) else value.items()
    if elements is None:
        return HIDDEN
    found = []
    for element in elements:
        for each in rest:
            element = _step(element, each, file, scope)
        found.append(element)
    return Value(found)


def _attr_name(step: Node, file: File) -> str:
    return file.text(step.named_children[0])


def _literal(node: Node, file: File, scope: Scope) -> Value:
    node = node.named_children[0]
    text = file.text(node)
    match node.type:
        case "string_lit":
            inner = "".join(
                file.text(part) for part in node.named_children if part.type == "template_literal"
            )
            return Value(_unescaped(inner))
        case "numeric_lit":
            return Value(terraform_function.number(text))
        case "bool_lit":
            return Value(text == "true")
    return NULL


def _unescaped(text: str) -> str:
    if "\\" not in text and "$${" not in text:
        return text
    text = _ESCAPE.sub(lambda found: _ESCAPES.get(found[1], found[0]), text)
    return text.replace("$${", "${")


def _template(node: Node, file: File, scope: Scope) -> Value:
    """A text with `${}` in it. One that stands alone is its own value, whatever its type."""
    parts = [
        child
        for child in node.named_children
        if child.type in ("template_literal", "template_interpolation", "template_directive")
    ]
    values = [_template_part(part, file, scope) for part in parts]
    if len(values) == 1 and parts[0].type == "template_interpolation":
        return values[0]
    texts = [terraform_function.text(value) for value in values]
    known = [each for each in texts if each is not None]
    return terraform_function.joined(known) if len(known) == len(texts) else HIDDEN


def _template_part(part: Node, file: File, scope: Scope) -> Value:
    if part.type == "template_literal":
        text = file.text(part)
        quoted = part.parent is None or part.parent.type == "quoted_template"
        # In a heredoc a backslash is one.
        return Value(_unescaped(text) if quoted else text.replace("$${", "${"))
    inner = [child for child in part.named_children if child.type == "expression"]
    return evaluate(inner[0], file, scope) if inner else HIDDEN


def _tuple(node: Node, file: File, scope: Scope) -> Value:
    elements = [child for child in node.named_children if child.type == "expression"]
    if len(elements) > _MAX_TURNS:
        return HIDDEN
    return Value([evaluate(child, file, scope) for child in elements])


def _object(node: Node, file: File, scope: Scope) -> Value:
    entries: dict[str, Value] = {}
    open_ = node.has_error
    for element in node.named_children:
        if element.type != "object_elem" or element.has_error:
            continue
        expressions = [child for child in element.named_children if child.type == "expression"]
        key = _key(expressions[0], file, scope)
        if key is None:
            open_ = True
            continue
        value = evaluate(expressions[-1], file, scope)
        entries[key] = Value(value.data, file.span(element), value.words)
    return Value(Object(entries, open_, file.span(node)))


def _key(node: Node, file: File, scope: Scope) -> str | None:
    """A bare word is a key itself; anything else is evaluated."""
    inner = node.named_children
    if len(inner) == 1 and inner[0].type == "variable_expr":
        return file.text(inner[0])
    return terraform_function.text(evaluate(node, file, scope))


def _conditional(node: Node, file: File, scope: Scope) -> Value:
    """Where nobody knows the condition, it is what both branches come to."""
    parts = _parts(node)
    if len(parts) != 3:
        return HIDDEN
    condition, yes, no = parts
    decided = evaluate(condition, file, scope).data
    if decided in (True, "true"):
        return evaluate(yes, file, scope)
    if decided in (False, "false"):
        return evaluate(no, file, scope)
    return agreed([evaluate(yes, file, scope), evaluate(no, file, scope)])


def _call(node: Node, file: File, scope: Scope) -> Value:
    name = file.text(node.named_children[0])
    given = node.named_children[1] if len(node.named_children) > 1 else None
    nodes = given.named_children if given else []
    arguments = [evaluate(each, file, scope) for each in nodes if each.type == "expression"]
    if any(each.type == "ellipsis" for each in nodes):
        spread = arguments.pop().items()
        if spread is None:
            return HIDDEN
        arguments += spread
    return terraform_function.call(name, arguments)


def _operation(node: Node, file: File, scope: Scope) -> Value:
    """The steps of an operand stand beside it in the tree."""
    operands: list[list[Node]] = []
    for child in node.named_children:
        if child.type in _STEPS and operands:
            operands[-1].append(child)
        elif child.type != "comment":
            operands.append([child])
    signs = [child.type for child in node.children if not child.is_named]
    sign = next((each for each in signs if each not in "()"), "")
    return terraform_operation.result(sign, [_chain(each, file, scope) for each in operands])


def _variable(node: Node, file: File, scope: Scope) -> Value:
    return scope.names.get(file.text(node), HIDDEN)


def _for(node: Node, file: File, scope: Scope) -> Value:
    """`[for x in list : ...]` and `{for k, v in map : ... => ...}` over what is known."""
    intro = next(child for child in node.named_children if child.type == "for_intro")
    names = [file.text(child) for child in intro.named_children if child.type == "identifier"]
    pairs = pairs_of(evaluate(intro.named_children[-1], file, scope))
    bodies = [child for child in node.named_children if child.type == "expression"]
    condition = next((c for c in node.named_children if c.type == "for_cond"), None)
    grouped = any(child.type == "ellipsis" for child in node.named_children)
    if pairs is None or grouped or scope.turns * len(pairs) > _MAX_TURNS:
        return HIDDEN
    kept: list[Scope] = []
    for key, value in pairs:
        known = dict(zip(names[-2:], (key, value)[-len(names) :], strict=False))
        inner = scope.with_names(known, len(pairs))
        wanted = evaluate(condition.named_children[0], file, inner).data if condition else True
        if wanted is UNKNOWN:
            return HIDDEN
        kept += [inner] if wanted in (True, "true") else []
    if node.type == "for_tuple_expr":
        return Value([evaluate(bodies[0], file, inner) for inner in kept])
    entries: dict[str, Value] = {}
    for inner in kept:
        name = terraform_function.text(evaluate(bodies[0], file, inner))
        if name is None:
            return HIDDEN
        entries[name] = evaluate(bodies[-1], file, inner)
    return Value(Object(entries))


_WRAPPERS = frozenset({"expression", "operation", "collection_value", "template_expr", "for_expr"})
_STEPS = frozenset({"get_attr", "index", "splat"})
_READERS: dict[str, Callable[[Node, File, Scope], Value]] = {
    "literal_value": _literal,
    "quoted_template": _template,
    "heredoc_template": _template,
    "tuple": _tuple,
    "object": _object,
    "variable_expr": _variable,
    "conditional": _conditional,
    "function_call": _call,
    "unary_operation": _operation,
    "binary_operation": _operation,
    "for_tuple_expr": _for,
    "for_object_expr": _for,
}
