"""URLs are asked as they are and shown without secrets; what is none is told without them too."""

import httpx
import pytest

from lbcheck.errors import UsageError
from lbcheck.probe.urls import parsed, shown

SHOWN = "a password in a URL is shown to everybody: `probe` has --basic, `audit` --live-header"


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("wss://h/ws", "wss://h/ws"),
        ("wss://h/ws?ticket=hunter&room=hunter#hunter", "wss://h/ws?ticket=***&room=***"),
        ("wss://h/socket.io/?EIO=4&transport=websocket&sid=hunter",
         "wss://h/socket.io/?EIO=4&transport=websocket&sid=***"),
        ("wss://h/ws?hunter", "wss://h/ws?***"),
        ("wss://h/ws?aHVudGVyMg==", "wss://h/ws?***"),
        ("wss://h/ws?x=aHVudGVyMg==&&a?b=c", "wss://h/ws?x=***&&a?b=***"),
        ("wss://h/ws?", "wss://h/ws?"),
    ],
)  # fmt: skip
def test_of_a_query_only_the_names_are_shown(url: str, told: str) -> None:
    assert shown(url) == told


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("ws://u:hunter@h/", SHOWN),
        ("ws://u:hunter@[::1/ws", SHOWN),
        ("ftp://u:hunter@h/", SHOWN),
        ("ws://u:hun/ter@h/", "what is asked is no URL"),
        ("ftp://h/?token=hunter", "ftp://h/?token=***: is no URL such as wss://chat.example/ws"),
        ("ws:///ws", "ws:///ws: is no URL such as wss://chat.example/ws"),
        (
            "ws://xn--/",
            "ws://xn--/: Malformed A-label, no Punycode eligible content found: is no URL",
        ),
        ("ws://h:99999/", "ws://h:99999/: there is no such port"),
    ],
)
def test_what_is_no_url_is_said_without_a_password(url: str, message: str) -> None:
    with pytest.raises(UsageError) as error:
        parsed(url)
    assert str(error.value) == message


def test_an_at_sign_in_the_path_is_no_password() -> None:
    assert parsed("wss://h/@me?a@b#c") == httpx.URL("https://h/@me?a@b")
