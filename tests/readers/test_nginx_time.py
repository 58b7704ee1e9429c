"""Times that nginx refuses are said, so that a file that cannot be loaded is not called clean."""

import pathlib

import pytest

from lbcheck.model import Declared, Source
from lbcheck.sources import nginx, nginx_time
from lbcheck.sources.files import Files
from tests import binaries
from tests.binaries import Nginx

REMEDY = "write a number and units from large to small: w, d, h, m, s, ms"
REFUSED = """1q 1y 1M abc 30m1h 1ms1s -1 1.5s 1d1d 1dd 1S 1H s 11s1m 9223372036854776
'1 y' ' 1s' '1 s' '1  s'"""
TAKEN = {
    "1w": 604800.0,
    "1h30m": 5400.0,
    "'1h 30m'": 5400.0,
    "1hms": 3600.0,
    "1s1ms": 1.001,
    "1m1": 61.0,
    "m1": 1.0,
    "'1s '": 1.0,
    "'5 5'": 10.0,
    "'1m 5 5'": 70.0,
    "0": 0.0,
    "999999999999": 999999999999.0,
}
FILLED_IN = ["{{ t }}", "${T}", "@T@", "__T__", "%T%"]
QUOTED = [f"'{each}'" for each in REFUSED.split("'")[1::2] if each.strip()]
BARE = REFUSED.partition("'")[0].split()


def config(value: str) -> str:
    location = f"location /ws {{ proxy_pass http://127.0.0.1:9; proxy_read_timeout {value}; }}"
    return f"events {{}}\nhttp {{\nserver {{ listen 8080;\n{location} }}\n}}\n"


def read(text: str) -> list[tuple[str, str, str]]:
    source = Source("nginx.conf", "nginx", text)
    nginx.read([source], Files(), Declared())
    return [(text[t.start : t.end], t.message, t.remedy) for t in source.troubles]


@pytest.mark.parametrize("value", [*BARE, *QUOTED])
def test_a_time_that_nginx_refuses_is_told(value: str) -> None:
    message = f"nginx refuses `{value.strip(chr(39))}` as a time"
    ((place, said, remedy),) = read(config(value))
    assert (said, remedy) == (message, REMEDY)
    assert place.startswith("proxy_read_timeout")


@pytest.mark.parametrize(("value", "seconds"), TAKEN.items())
def test_odd_times_that_nginx_takes_are_read_like_it(value: str, seconds: float) -> None:
    assert nginx_time.seconds(value.strip("'")) == pytest.approx(seconds)
    assert read(config(value)) == []


@pytest.mark.parametrize("value", FILLED_IN)
def test_a_time_that_is_filled_in_later_is_not_known(value: str) -> None:
    assert read(config(value)) == []


def test_two_words_are_no_time() -> None:
    ((_, said, _),) = read(config("1 y"))
    assert said == "nginx refuses `1 y` as a time"


def test_a_time_for_many_locations_is_told_once() -> None:
    text = config("10s").replace("listen 8080;", "listen 8080; proxy_connect_timeout 1q;")
    assert [said for _, said, _ in read(text)] == ["nginx refuses `1q` as a time"]


@pytest.mark.parametrize("proxy", binaries.nginx(), ids=lambda proxy: proxy.text)
def test_the_real_nginx_refuses_the_same_times(proxy: Nginx, tmp_path: pathlib.Path) -> None:
    for value in (*BARE, *QUOTED, *TAKEN):
        text = config(value).partition("http {\n")[2].rpartition("}")[0]
        assert (proxy.refusal(text, tmp_path) is None) == (value in TAKEN), value
