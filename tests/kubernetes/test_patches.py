"""Patches of kustomize are in force on the objects of the folders that they are for."""

from __future__ import annotations

import pathlib

import pytest

from lbcheck.run import Options, run
from tests.kubernetes.manifests import NGINX, ingress

PROFILE = "extends: default\nheartbeat: {sender: server, interval_s: 60}\n"
ON_TOP = "  name: chat\n  annotations:\n    " + NGINX + "proxy-read-timeout: "
PATCH = f"apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n{ON_TOP}"
INLINE = f"""\
resources: [../base]
patches:
  - target: {{kind: Ingress, name: chat}}
    patch: |-
      - op: add
        path: /metadata/annotations/{NGINX.replace("/", "~1")}proxy-read-timeout
        value: "3600"
"""


def told(folder: pathlib.Path, **files: str) -> list[tuple[str, str, int | None]]:
    for name, text in files.items():
        path = folder.joinpath(*name.split("__"))
        path.parent.mkdir(exist_ok=True)
        path.with_suffix(".yaml").write_text(text)
    own = folder / "profile.txt"
    own.write_text(PROFILE)
    found = run([str(folder)], Options(profiles=(str(own),), today="2026-11-23")).findings
    return [(f.code, f.location.path.rpartition("/")[2], f.location.line) for f in found]


BASE = ingress("chat")
CUT = ("LB301", "ingress.yaml", 6)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, [CUT]),
        ({"prod__patch": f'{PATCH}"3600"\n'}, []),
        ({"base__patch": f'{PATCH}"3600"\n'}, []),
        ({"prod__patch": f'{PATCH}"30"\n'}, [("LB301", "patch.yaml", 6)]),
        ({"prod__patch": f"{PATCH}3600\n"}, [("LB306", "patch.yaml", 6)]),
        # Nobody knows which of two overlays is meant.
        ({"prod__patch": f'{PATCH}"3600"\n', "dev__patch": f'{PATCH}"30"\n'}, []),
        ({"prod__patch": f'{PATCH}"3600"\n'.replace("chat", "other")}, [CUT]),
        ({"prod__kustomization": INLINE}, []),
        ({"prod__kustomization": INLINE.replace(", name: chat", "")}, []),
        ({"prod__kustomization": INLINE.replace("chat", "other")}, [CUT]),
        ({"prod__kustomization": INLINE.replace("proxy-read", "proxy-send")}, [CUT]),
        ({"prod__patch": f'{PATCH}"3600"\n'.replace("data:", "data:\n  namespace: b")}, []),
        # A second Ingress of that name is one of its own.
        ({"prod__ingress": BASE}, [CUT, CUT]),
    ],
)
def test_what_an_overlay_sets_is_in_force(
    tmp_path: pathlib.Path, files: dict[str, str], expected: list[tuple[str, str, int | None]]
) -> None:
    assert told(tmp_path, base__ingress=BASE, **files) == expected


def test_a_patch_of_another_namespace_is_for_another_object(tmp_path: pathlib.Path) -> None:
    base = BASE.replace("metadata:", "metadata:\n  namespace: a")
    patch = f'{PATCH}"3600"\n'.replace("metadata:", "metadata:\n  namespace: b")
    assert told(tmp_path, base__ingress=base, prod__patch=patch) == [("LB301", "ingress.yaml", 7)]
