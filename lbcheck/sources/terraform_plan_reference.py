"""Where the references of a plan lead: its copy of the configuration says it by name."""

from __future__ import annotations

from typing import Any

_MAX_STEPS = 10


class References:
    """The `configuration` of a plan. Without one nothing can be told."""

    def __init__(self, configuration: Any) -> None:
        root = configuration.get("root_module") if isinstance(configuration, dict) else None
        self._root = root if isinstance(root, dict) else None
        self._resources: dict[int, dict[str, Any]] = {}

    def expressions(self, address: str) -> Any:
        """What somebody wrote for a resource; None where the plan does not have it."""
        path, name = names(address)
        module = self._module(path)
        if module is None:
            return None
        known = self._resources.get(id(module))
        if known is None:
            listed = module.get("resources") or ()
            known = {each.get("address"): each.get("expressions") or {} for each in listed}
            self._resources[id(module)] = known
        return known.get(name)

    def target(self, expression: Any, address: str) -> str | None:
        """The address of the resource that an expression refers to from inside a module."""
        path, _ = names(address)
        for _ in range(_MAX_STEPS):
            listed = expression.get("references") if isinstance(expression, dict) else None
            first = listed[0] if isinstance(listed, list) and listed else None
            if not isinstance(first, str):
                return None
            if not first.startswith("var."):
                return _absolute(path, first)
            if not path:
                return None
            outer = self._module(path[:-1])
            call = ((outer or {}).get("module_calls") or {}).get(path[-1]) or {}
            expression = (call.get("expressions") or {}).get(first.split(".")[1])
            path = path[:-1]
        return None

    def _module(self, path: tuple[str, ...]) -> dict[str, Any] | None:
        module = self._root
        for name in path:
            call = ((module or {}).get("module_calls") or {}).get(name) or {}
            module = call.get("module") if isinstance(call, dict) else None
        return module


def names(address: str) -> tuple[tuple[str, ...], str]:
    """`module.a[0].aws_lb.edge["x"]` -> (("a",), "aws_lb.edge")."""
    parts = _without_keys(address).split(".")
    path = []
    while len(parts) > 2 and parts[0] == "module":
        path.append(parts[1])
        parts = parts[2:]
    return tuple(path), ".".join(parts)


def _without_keys(address: str) -> str:
    kept, _, rest = address.partition("[")
    while rest:
        _, _, rest = rest.partition("]")
        more, _, rest = rest.partition("[")
        kept += more
    return kept


def _absolute(path: tuple[str, ...], reference: str) -> str:
    """A reference as an address: without the attribute, with the modules around it."""
    _, name = names(reference)
    kind, _, rest = name.partition(".")
    local = f"{kind}.{rest.partition('.')[0]}"
    return "".join(f"module.{each}." for each in path) + local
