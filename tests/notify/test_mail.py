"""Mail, through a real SMTP server."""

import pathlib
import smtplib
import socket
import ssl
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from lbcheck.errors import UsageError
from lbcheck.history.outbox import NotSentError
from lbcheck.history.text import shown
from lbcheck.notify.channels import channels
from lbcheck.notify.mail import letter, mailbox, send
from tests.certificates import self_signed
from tests.notify.digests import HOSTILE, digest

# It has TLS from the start, of which the server's authentication does not know.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH:UserWarning")
REAL = smtplib.SMTP
WHO = "from=lbcheck@example.com&to=a@example.com,b@example.com"


class Inbox:
    """Takes mail; `refusing` is what it answers instead."""

    def __init__(self) -> None:
        self.held: list[tuple[list[str], EmailMessage]] = []
        self.refusing = ""

    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:  # noqa: N802
        if self.refusing:
            return self.refusing
        parsed = message_from_bytes(envelope.content, policy=policy.default)  # type: ignore[attr-defined]
        self.held.append((envelope.rcpt_tos, parsed))  # type: ignore[attr-defined]
        return "250 taken"


class OfThisPort(Controller):
    """Listens on a free port and tells which."""

    def _trigger_server(self) -> None:
        self.port = self.at
        super()._trigger_server()

    @property
    def at(self) -> int:
        return int(self.server.sockets[0].getsockname()[1])


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def server(inbox: Inbox) -> Iterator[OfThisPort]:
    controller = OfThisPort(inbox, hostname="127.0.0.1", port=0, ready_timeout=30)
    controller.start()
    yield controller
    controller.stop()


def channel(monkeypatch: pytest.MonkeyPatch, address: str):
    monkeypatch.setenv("MAIL", address)
    return channels(["mail=env:MAIL"])[0]


def test_a_mail_says_what_the_run_printed(
    server: OfThisPort, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel(monkeypatch, f"smtp://127.0.0.1:{server.at}/?{WHO}").send(digest(HOSTILE), again=True)
    ((recipients, mail),) = inbox.held
    assert recipients == ["a@example.com", "b@example.com"]
    assert dict(mail.items()) | {"Content-Type": "", "Content-Transfer-Encoding": ""} == {
        "Subject": "lbcheck: 1 new (1 error)",
        "From": "lbcheck@example.com",
        "To": "a@example.com, b@example.com",
        "Auto-Submitted": "auto-generated",
        "Message-ID": "<lbcheck.7.20261123070000@example.com>",
        "MIME-Version": "1.0",
        "Content-Type": "",
        "Content-Transfer-Encoding": "",
    } | ({"X-Peer": mail["X-Peer"]} if mail["X-Peer"] else {})
    assert mail.get_content().replace("\r\n", "\n") == shown(digest(HOSTILE), again=True)


def test_a_flood_of_changes_is_cut() -> None:
    flood = digest(*("x" * 1000 for _ in range(3000)))
    body = letter(flood, mailbox(f"smtps://mail.example.com/?{WHO}", ""), again=False).get_content()
    assert 990_000 < len(body) <= 1_000_004
    assert body.endswith("x\n...\n")


def test_a_headline_cannot_add_a_header() -> None:
    from msgspec.structs import replace

    box = mailbox(f"smtps://mail.example.com/?{WHO}", "test")
    mail = letter(replace(digest(), headline="x\r\nBcc: e@example.com"), box, again=False)
    assert mail["Bcc"] is None
    assert mail["Subject"] == "lbcheck: x\\x0d\\x0aBcc: e@example.com"


def test_a_refusal_is_said_and_harmless(
    server: OfThisPort, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox.refusing = "554 no \x1b[31mthanks"
    with pytest.raises(NotSentError) as raised:
        channel(monkeypatch, f"smtp://127.0.0.1:{server.at}/?{WHO}").send(digest(), again=False)
    assert str(raised.value) == "127.0.0.1 answered 554 no \\x1b[31mthanks"


def test_a_host_that_can_be_none_is_said() -> None:
    box = mailbox(f"smtps://{'a' * 70}.example.com/?{WHO}", "test")
    with pytest.raises(NotSentError, match=r"^a{70}\.example\.com: Unicode(Encode)?Error$"):
        send(digest("cuts"), box, again=False)


def test_nobody_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(NotSentError, match=r"^127\.0\.0\.1: \[Errno 111\] Connection refused$"):
        channel(monkeypatch, f"smtp://127.0.0.1:{port}/?{WHO}").send(digest(), again=False)


@pytest.fixture
def encrypted(
    inbox: Inbox, tmp_path: pathlib.Path
) -> Iterator[tuple[OfThisPort, pathlib.Path, list[tuple[bytes, bytes]]]]:
    """A server that speaks TLS and wants a password, its certificate, and what it was told."""
    certificate = tmp_path / "mail.pem"
    certificate.write_bytes(self_signed("localhost"))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    asked: list[tuple[bytes, bytes]] = []

    def check(*arguments: object) -> AuthResult:
        data = arguments[-1]
        asked.append((data.login, data.password))  # type: ignore[attr-defined]
        return AuthResult(success=data.password == b"p@ss", handled=False)  # type: ignore[attr-defined]

    controller = OfThisPort(
        inbox, hostname="localhost", port=0, ready_timeout=30, ssl_context=context,
        authenticator=check, auth_require_tls=False, auth_required=True,
    )  # fmt: skip
    controller.start()
    yield controller, certificate, asked
    controller.stop()


def test_over_tls_with_a_password(encrypted, inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    controller, certificate, asked = encrypted
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    address = f"smtps://ops:p%40ss@localhost:{controller.at}/?{WHO}"
    channel(monkeypatch, address).send(digest("cuts"), again=False)
    assert (len(inbox.held), asked) == (1, [(b"ops", b"p@ss")])
    with pytest.raises(NotSentError) as raised:
        channel(monkeypatch, address.replace("p%40ss", "s3cret")).send(digest(), again=False)
    assert str(raised.value).startswith("localhost answered 535 ")
    assert "s3cret" not in str(raised.value)


def test_a_certificate_that_nobody_trusts_is_not_taken(
    encrypted, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    controller, _, asked = encrypted
    address = f"smtps://ops:p%40ss@localhost:{controller.at}/?{WHO}"
    with pytest.raises(NotSentError, match="certificate verify failed"):
        channel(monkeypatch, address).send(digest("cuts"), again=False)
    assert (inbox.held, asked) == ([], [])


def test_a_server_elsewhere_must_offer_tls(
    server: OfThisPort, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that does not is refused before a password is sent."""

    def here(host: str, port: int, **more: float) -> smtplib.SMTP:
        return REAL("127.0.0.1", server.at, **more)

    monkeypatch.setattr(smtplib, "SMTP", here)
    with pytest.raises(NotSentError, match="STARTTLS extension not supported"):
        channel(monkeypatch, f"smtp://mail.example.com/?{WHO}").send(digest(), again=False)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("http://x/", "test holds no address such as"),
        (f"smtp:///?{WHO}", "test holds no address such as"),
        (f"smtp://h:99999/?{WHO}", "test holds no address such as"),
        ("smtp://h/?from=a@x", "test needs one `from` and a `to`, such as"),
        ("smtp://h/?from=a@x&from=b@x&to=c@x", "test needs one `from` and a `to`, such as"),
        ("smtp://h/?from=a@x&to=b", "test: `from` and `to` hold addresses such as ops@"),
        ("smtp://h/?from=a@x&to=b@x%0d%0aBcc:e@x", "test: `from` and `to` hold addresses such"),
    ],
)
def test_a_mistake_in_the_address_is_told_without_it(address: str, said: str) -> None:
    with pytest.raises(UsageError) as raised:
        mailbox(address, "test")
    assert str(raised.value).startswith(said)


def test_ports_have_their_defaults_and_this_machine_needs_no_tls() -> None:
    far = mailbox(f"smtp://mail.example.com/?{WHO}", "")
    near = mailbox(f"smtp://localhost/?{WHO}", "")
    assert (far.port, far.encrypted, near.encrypted) == (587, True, False)
    assert mailbox(f"smtps://localhost/?{WHO}", "").port == 465
