"""Mail through an SMTP server, encrypted unless it is this machine's own."""

from __future__ import annotations

import re
import smtplib
import ssl
from email.message import EmailMessage
from urllib.parse import parse_qsl, unquote, urlsplit

from msgspec import Struct

from lbcheck.errors import UsageError
from lbcheck.history.digest import Digest
from lbcheck.history.outbox import NotSentError
from lbcheck.history.text import shown
from lbcheck.notify import LOOPBACK
from lbcheck.notify.message import cut, filled, message
from lbcheck.reporters.visible import visible

_TIMEOUT_S = 15.0
_PORTS = {"smtps": 465, "smtp": 587}
_ADDRESS = r"[^@\s<>,;\"\\\x00-\x1f]{1,64}@[^@\s<>,;\"\\\x00-\x1f]{1,255}"
_SUBJECT = 180
_BODY = 1_000_000  # characters; a mail that no server takes would hold up all that follow
_HELP = "smtps://user:password@host/?from=a@example.com&to=b@example.com"


class Mailbox(Struct, frozen=True):
    """A server and who writes to whom. `smtps` speaks TLS from the start, `smtp` by STARTTLS."""

    scheme: str
    host: str
    port: int
    user: str
    password: str
    sender: str
    recipients: tuple[str, ...]

    @property
    def encrypted(self) -> bool:
        return self.scheme == "smtps" or self.host not in LOOPBACK


def mailbox(text: str, whose: str) -> Mailbox:
    """A mailbox from its address.

    Raises: UsageError, which names whose it is, what is missing, and nothing of the address.
    """
    try:
        url = urlsplit(text)
        port = url.port or _PORTS.get(url.scheme, 0)
        said = parse_qsl(url.query, max_num_fields=60)
    except ValueError:
        raise UsageError(f"{whose} holds no address such as {_HELP}") from None
    if url.scheme not in _PORTS or not url.hostname:
        raise UsageError(f"{whose} holds no address such as {_HELP}")
    senders = [value for key, value in said if key == "from"]
    recipients = [one for key, value in said if key == "to" for one in value.split(",")]
    if len(senders) != 1 or not recipients:
        raise UsageError(f"{whose} needs one `from` and a `to`, such as {_HELP}")
    if any(not re.fullmatch(_ADDRESS, one) for one in (*senders, *recipients)):
        raise UsageError(f"{whose}: `from` and `to` hold addresses such as ops@example.com")
    return Mailbox(
        url.scheme,
        url.hostname,
        port,
        unquote(url.username or ""),
        unquote(url.password or ""),
        senders[0],
        tuple(recipients),
    )


def letter(digest: Digest, box: Mailbox, *, again: bool) -> EmailMessage:
    """The mail about a run. Its id is the same however often it is sent."""
    mail = EmailMessage()
    mail["Subject"] = cut(message(digest).title, _SUBJECT)
    mail["From"] = box.sender
    mail["To"] = ", ".join(box.recipients)
    mail["Auto-Submitted"] = "auto-generated"
    moment = re.sub(r"[^0-9]", "", digest.time)
    mail["Message-ID"] = f"<lbcheck.{digest.run}.{moment}@{box.sender.partition('@')[2]}>"
    body = filled(shown(digest, again=again).splitlines(), _BODY)
    mail.set_content("".join(f"{line}\n" for line in body))
    return mail


def send(digest: Digest, box: Mailbox, *, again: bool) -> None:
    """Raises: NotSentError with the server and its reason."""
    try:
        with _connected(box) as server:
            if box.user:
                server.login(box.user, box.password)
            server.send_message(letter(digest, box, again=again))
    except smtplib.SMTPResponseException as error:
        said = error.smtp_error
        words = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
        raise NotSentError(f"{box.host} answered {error.smtp_code} {_told(words)}") from None
    except smtplib.SMTPRecipientsRefused:
        raise NotSentError(f"{box.host} takes none of the recipients") from None
    except (smtplib.SMTPException, OSError) as error:
        raise NotSentError(f"{box.host}: {_told(str(error) or type(error).__name__)}") from None
    except ValueError as error:  # no name of a host; a password that is not ASCII, in its words
        raise NotSentError(f"{box.host}: {type(error).__name__}") from None


def _told(text: str) -> str:
    return cut(visible(" ".join(text.split())), 200)


def _connected(box: Mailbox) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if box.scheme == "smtps":
        return smtplib.SMTP_SSL(box.host, box.port, timeout=_TIMEOUT_S, context=context)
    server = smtplib.SMTP(box.host, box.port, timeout=_TIMEOUT_S)
    try:
        if box.encrypted:
            server.starttls(context=context)
    except BaseException:
        server.close()
        raise
    return server
