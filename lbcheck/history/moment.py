"""Moments: RFC 3339 in UTC for data, and what a person or a build says that the time is."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime

from lbcheck.errors import UsageError

_LAST = 253402300799  # 9999-12-31T23:59:59Z


def rfc3339(moment: int) -> str:
    """`2026-11-23T07:00:00Z`."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def seconds(text: str) -> int:
    """Back again."""
    return int(datetime.fromisoformat(text).timestamp())


def given(text: str | None, environment: Mapping[str, str]) -> int | None:
    """The time that is said: by `--now`, else by SOURCE_DATE_EPOCH (reproducible-builds.org).

    Raises: UsageError.
    """
    source = "--now" if text else "SOURCE_DATE_EPOCH"
    text = text or environment.get("SOURCE_DATE_EPOCH")
    if not text:
        return None
    moment = _seconds(text)
    if moment is None or not 0 <= moment <= _LAST:
        raise UsageError(f"{source}: {text!r} is no number of seconds since 1970")
    return moment


def _seconds(text: str) -> int | None:
    if text.isascii() and text.isdigit() and len(text) < 13:
        return int(text)
    try:
        said = datetime.fromisoformat(text)
    except ValueError:
        return None
    return int(said.timestamp()) if said.tzinfo else int(said.replace(tzinfo=UTC).timestamp())


def now() -> int:
    """By the clock of this machine."""
    return int(time.time())
