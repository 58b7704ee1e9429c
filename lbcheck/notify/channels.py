"""Channels by what a person writes: `slack=env:LBCHECK_SLACK`, `mail=file:/run/secrets/mail`.

What is secret (an address that lets anybody post, a password) is only ever named: by an environment
variable or a file that holds it. The name is what the history stores.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable

from msgspec import Struct

from lbcheck.errors import UsageError
from lbcheck.history.digest import Digest
from lbcheck.history.outbox import Channel

KINDS = ("slack", "teams", "discord", "webhook", "mail", "apprise")
_MAX_SECRET = 65_536

Send = Callable[..., None]
"""(digest, again=...); raises NotSentError"""


class Named(Struct, frozen=True):
    """A channel as `Channel` wants it."""

    name: str
    sending: Send

    def send(self, digest: Digest, *, again: bool) -> None:
        self.sending(digest, again=again)


def channels(written: Iterable[str]) -> list[Channel]:
    """The channels that were asked for, each once.

    Raises: UsageError for what is no KIND=env:NAME or KIND=file:PATH, or holds nothing usable.
    """
    return [_channel(text) for text in dict.fromkeys(written)]


def _channel(text: str) -> Channel:
    kind, _, reference = text.partition("=")
    if kind not in KINDS or not reference:
        raise UsageError(
            f"--notify wants one of {', '.join(KINDS)}, then `=env:NAME` or `=file:PATH`"
        )
    return Named(text, _sender(kind, secret(kind, reference), f"--notify {text}"))


def secret(kind: str, reference: str) -> str:
    """What an environment variable or a file holds, without blanks around it.

    Raises: UsageError; what is no reference may be the secret itself, and is not repeated.
    """
    how, _, name = reference.partition(":")
    if how == "env" and name:
        text = os.environ.get(name)
        if text is None:
            raise UsageError(f"--notify {kind}: the environment variable {name} is not set")
    elif how == "file" and name:
        text = _held(kind, name)
    else:
        raise UsageError(
            f"--notify {kind}: a secret is named, not written: `{kind}=env:NAME` or "
            f"`{kind}=file:PATH`"
        )
    if not text.strip():
        raise UsageError(f"--notify {kind}={reference}: is empty")
    return text.strip()


def _held(kind: str, path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read(_MAX_SECRET)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "is not UTF-8 text"
        raise UsageError(f"--notify {kind}=file:{path}: cannot be read: {reason}") from None


def _sender(kind: str, held: str, whose: str) -> Send:
    match kind:
        case "mail":
            return _mail(held, whose)
        case "apprise":
            from lbcheck.notify.services import sender

            return sender(held, whose)
        case "webhook":
            return _webhook(held, whose)
    return _chat(kind, held, whose)


def _mail(held: str, whose: str) -> Send:
    from lbcheck.notify.mail import mailbox, send

    box = mailbox(held, whose)
    return lambda digest, again: send(digest, box, again=again)


def _chat(kind: str, held: str, whose: str) -> Send:
    import json

    from lbcheck.notify.chat import FORMS
    from lbcheck.notify.message import message
    from lbcheck.notify.post import address, post

    url, form = address(held, whose), FORMS[kind]

    def send(digest: Digest, *, again: bool) -> None:
        post(url, json.dumps(form(message(digest, again=again))).encode(), {})

    return send


def _webhook(held: str, whose: str) -> Send:
    """The digest itself. Lines behind the address are headers: `Authorization: Bearer ...`."""
    from lbcheck.notify.post import address, post

    first, *rest = held.splitlines()
    url = address(first.strip(), whose)
    headers = dict(_header(line, whose) for line in rest if line.strip())

    def send(digest: Digest, *, again: bool) -> None:
        key = hashlib.sha256(f"{whose}\0{digest.run}\0{digest.time}".encode()).hexdigest()[:32]
        post(url, digest.encoded(), {"idempotency-key": key, **headers})

    return send


def _header(line: str, whose: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    token = name.strip().replace("-", "").replace("_", "")
    told = value.strip()
    sendable = told.isascii() and told.isprintable()
    if not (colon and token.isascii() and token.isalnum() and sendable):
        raise UsageError(f"{whose}: lines behind the address are headers, `Name: value`")
    return name.strip(), told
