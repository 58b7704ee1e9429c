"""What the names in a Terraform expression stand for."""

from __future__ import annotations

from typing import Protocol

from lbcheck.model import Span
from lbcheck.sources.terraform_value import Value


class World(Protocol):
    """What names stand for outside an expression."""

    def named(self, kind: str, name: str, depth: int) -> Value:
        """`var.name`, `local.name` or `module.name`; depth: how deep the evaluation is by now."""

    def address(self, kind: str, name: str) -> str:
        """The address of a resource."""

    def note(self, own: Span, origin: Span) -> None:
        """Remember that the value of an argument is written elsewhere."""


class Scope:
    """A world, and the names that a loop or an instance adds to it.

    `depth`: how deep the evaluation is; `turns`: how often the loops around it go round in all.
    """

    __slots__ = ("depth", "names", "turns", "world")

    def __init__(
        self,
        world: World,
        names: dict[str, Value] | None = None,
        depth: int = 0,
        turns: int = 1,
    ) -> None:
        self.world, self.names, self.depth, self.turns = world, names or {}, depth, turns

    def with_names(self, names: dict[str, Value], turns: int = 1) -> Scope:
        return Scope(self.world, {**self.names, **names}, self.depth, self.turns * turns)

    def deeper(self) -> Scope:
        return Scope(self.world, self.names, self.depth + 1, self.turns)
