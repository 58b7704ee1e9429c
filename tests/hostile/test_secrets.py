"""No report tells a secret that stands in a configuration."""

import pytest

from lbcheck.reporters import FORMATS, Style, render
from lbcheck.secret import masked
from tests.fuzz.anything import audited
from tests.growth import linear_in

HEADERS = """\
events {}
http {
    server {
        listen 80;
        location /ws { proxy_set_header Authorization "Basic %s"; proxy_pass http://a:%s@b; }
    }
}
"""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('proxy_set_header Authorization "Basic aHVudA==";', 'Authorization "***";'),
        ("proxy_set_header X-Api-Key hunter2;", "X-Api-Key ***;"),
        ("user admin insecure-password hunter2 groups g", "insecure-password *** groups g"),
        ("stats auth admin:hunter2", "admin:***"),
        ("dynamic-cookie-key hunter2", "dynamic-cookie-key ***"),
        ("auth-user-pass hunter2", "auth-user-pass ***"),
        ('secure_link_md5 "$uri hunter2";', 'secure_link_md5 "***";'),
        ('"ClientSecret": "hunter2",', '"ClientSecret": "***",'),
        ("http://b/ws?token=hunter2&x=1", "token=***&x=1"),
        ("http-request set-header X-Secret hunter2 if ws", "X-Secret *** if ws"),
        ('{"name": "DB_PASSWORD", "value": "hunter2"}', '"value": "***"}'),
        ('[{\\"name\\":\\"API_TOKEN\\",\\"value\\":\\"hunter2\\"}]', '"value\\":***}]'),
        ("- name: API_TOKEN\n  value: hunter2", "value: ***"),
        ('name = "DB_PASSWORD", value = "hunter2"', 'value = "***"'),
        ("- name: PORT\n  value: 80", "value: 80"),
        ("server_tokens off;", "server_tokens off;"),
        ("http-request del-header Authorization if ws", "Authorization if ws"),
        ("proxy_set_header Authorization $http_authorization;", "$http_authorization;"),
        ("server token1 10.0.0.1:80 check", "token1 10.0.0.1:80 check"),
    ],
)
def test_obvious_secrets_are_masked_and_nothing_else(text: str, shown: str) -> None:
    assert masked(text).endswith(shown)


@pytest.mark.parametrize("form", FORMATS)
def test_no_format_tells_a_secret(form: str) -> None:
    output = render(form, audited("nginx", HEADERS % ("aHVudGVyMg==", "hunter2")), Style())
    assert "LB101" in output
    assert "aHVudGVyMg" not in output
    assert "hunter2" not in output


def test_no_fingerprint_depends_on_a_secret() -> None:
    one, other = (
        render("sarif", audited("nginx", HEADERS % secret), Style())
        for secret in (("aHVudGVyMg==", "hunter2"), ("c2VjcmV0IQ==", "secret!"))
    )
    assert one == other


@pytest.mark.parametrize(
    "text",
    [
        "set ",
        "a",
        "name:",
        "name=token,",
        "token=",
        'password="',
        "set-header ",
        "eyJaaaaaaaaa.",
        "AUTH \\",
    ],
)
def test_looking_for_secrets_takes_linear_time(text: str) -> None:
    assert linear_in(masked, text * 20_000 + "token")
