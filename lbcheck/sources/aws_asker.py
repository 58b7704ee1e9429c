"""Make many calls to one API side by side: none is lost, and each stage is said beforehand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from typing import Any

from lbcheck.sources import aws_session
from lbcheck.sources.aws_session import Call, Failure, Session

Sections = Mapping[str, tuple[str, str, str]]
"""Section of the snapshot -> method, key of its answer, argument: one call for each resource"""


class Asker:
    """Asks one service. Failures go to `errors`, the snapshot's own list of them."""

    def __init__(self, session: Session, service: str, errors: list[dict[str, str]]) -> None:
        self.session, self.request, self.errors = session, session.request, errors
        self._service = service

    @cached_property
    def _client(self) -> Any:
        """Made when it is first needed: it takes a while."""
        return self.session.client(self._service)

    def first(self, call: Call) -> list[Any] | None:
        """The first call to a service. Raises SourceError where all others were in vain."""
        hasty = self.session.client(self._service, hasty=True)
        return self._kept(call, aws_session.first(hasty, call, self.request))

    def maybe(self, what: str, call: Call) -> list[Any] | None:
        """The first call to a service that may be left out: it fails soon, and never raises."""
        self._announce(what, 1)
        self.request.progress.expect(1)
        return self._kept(call, self._one(self.session.client(self._service, hasty=True), call))

    def stage(self, what: str, calls: Sequence[Call]) -> list[list[Any] | None]:
        """`ask`, said beforehand. Args: what: completes "10 calls planned for"."""
        if calls:
            self._announce(what, len(calls))
        return self.ask(calls)

    def ask(self, calls: Sequence[Call]) -> list[list[Any] | None]:
        """The answers in the order of the calls; None for one that failed."""
        from concurrent.futures import ThreadPoolExecutor

        if not calls:
            return []
        self.request.progress.expect(len(calls))
        one = partial(self._one, self._client)
        pool = ThreadPoolExecutor(aws_session.WORKERS)
        try:
            answers = list(pool.map(one, calls))
        finally:
            pool.shutdown(cancel_futures=True)
        return [self._kept(call, answer) for call, answer in zip(calls, answers, strict=True)]

    def read(
        self, what: str, wanted: Sequence[tuple[str, str]], sections: Sections, into: dict[str, Any]
    ) -> None:
        """One stage: the answer for each section and resource; those that failed stay missing.

        Args: into: the snapshot document.
        """
        calls = [_call(sections[section], resource) for section, resource in wanted]
        for (section, resource), answer in zip(wanted, self.stage(what, calls), strict=True):
            if answer is not None:
                into[section][resource] = answer

    def _announce(self, what: str, calls: int) -> None:
        if self.request.say is None:
            return
        seconds = self.session.bucket(self._service).seconds_for(calls)
        wait = f", about {_duration(seconds)}" if seconds >= 1 else ""
        planned = f"{calls} call{'s' if calls > 1 else ''} planned for {what}"
        self.request.say(f"{self.session.name}: {planned}{wait}")

    def _one(self, client: Any, call: Call) -> list[Any] | Failure:
        answer = aws_session.one(client, call)
        self.request.progress.done()
        return answer

    def _kept(self, call: Call, answer: list[Any] | Failure) -> list[Any] | None:
        if not isinstance(answer, Failure):
            return answer
        self.errors.append(
            {
                "Operation": call.operation,
                "Resource": call.resource,
                "Code": answer.code,
                "Message": answer.message,
            }
        )
        return None


def _call(section: tuple[str, str, str], resource: str) -> Call:
    method, key, argument = section
    return Call(method, key, {argument: resource})


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
