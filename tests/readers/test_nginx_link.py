"""A site that is enabled by a link is one file, whichever way it is come to."""

import os

import pytest

from lbcheck.model import Declared, Status
from lbcheck.sources import Wanted, read
from lbcheck.sources.files import Files

SITE = "server { location /ws { proxy_pass http://10.0.0.1:80; proxy_read_timeout 20s; } }"


@pytest.fixture
def checkout(tmp_path):
    for name in ("sites-available", "sites-enabled"):
        (tmp_path / name).mkdir()
    (tmp_path / "nginx.conf").write_text("http { include /etc/nginx/sites-enabled/*; }")
    (tmp_path / "sites-available/chat").write_text(SITE)
    return tmp_path


def judged(checkout, path):
    files = Files(folder=str(checkout))
    topology = read(Wanted((str(checkout / path),)), files, Declared())
    read_sources = {source.name: source.status for source in topology.sources}
    return read_sources, [route.place.source.name for route in topology.routes]


@pytest.mark.parametrize(
    "target", ["../sites-available/chat", "/etc/nginx/sites-available/chat", "ABSOLUTE"]
)
@pytest.mark.parametrize("path", [".", "nginx.conf", "sites-available", "sites-available/chat"])
def test_an_enabled_site_is_read_once_as_the_file_that_people_edit(checkout, target, path):
    real = str(checkout / "sites-available/chat")
    (checkout / "sites-enabled/chat").symlink_to(target.replace("ABSOLUTE", real))
    both = {"nginx.conf": Status.READ, "sites-available/chat": Status.READ}
    assert judged(checkout, path) == (both, ["sites-available/chat"])


def test_naming_the_link_itself_is_the_same(checkout):
    (checkout / "sites-enabled/chat").symlink_to("../sites-available/chat")
    assert judged(checkout, "sites-enabled") == judged(checkout, "sites-available")


@pytest.mark.parametrize(
    ("exclude", "left_out"),
    [("sites-available/*", False), ("sites-enabled/*", False), ("sites-*", True)],
)
def test_what_is_enabled_is_told_of_though_the_folder_of_what_is_available_is_excluded(
    checkout, exclude, left_out
):
    (checkout / "sites-enabled/chat").symlink_to("../sites-available/chat")
    files = Files(folder=str(checkout))
    read(Wanted((str(checkout),), exclude=(exclude,)), files, Declared())
    site = files.open(str(checkout / "sites-available/chat"), "nginx")
    assert site.left_out is left_out


def test_files_of_a_mounted_config_map_keep_the_name_that_does_not_change(checkout):
    version = checkout / "sites-enabled/..2026_11_23"
    version.mkdir()
    os.rename(checkout / "sites-available/chat", version / "chat")
    (checkout / "sites-enabled/..data").symlink_to("..2026_11_23")
    (checkout / "sites-enabled/chat").symlink_to("..data/chat")
    both = {"nginx.conf": Status.READ, "sites-enabled/chat": Status.READ}
    assert judged(checkout, ".") == (both, ["sites-enabled/chat"])


def test_a_link_that_leads_nowhere_is_not_read(checkout):
    (checkout / "sites-enabled/chat").symlink_to("../sites-available/gone")
    sources, routes = judged(checkout, "nginx.conf")
    assert (sources["sites-enabled/chat"], routes) == (Status.UNREAD, [])
