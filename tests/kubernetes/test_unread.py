"""Ways to the pods that no reader reads are told, never passed in silence."""

from __future__ import annotations

import pathlib

import pytest

from lbcheck.audit import Report
from lbcheck.cli import execute
from lbcheck.reporters.json import document
from lbcheck.reporters.summary import coverage
from lbcheck.run import Options, run
from tests.kubernetes.manifests import LONG, ingress, report, told
from tests.kubernetes.test_gateway import BALANCER, GATEWAY, GROUP, ROUTE

OBJECT = """\
apiVersion: {group}/v1
kind: {kind}
metadata:
  name: front
spec:
"""
VIRTUAL_SERVER = OBJECT.format(group="k8s.nginx.org", kind="VirtualServer")
WAYS = {
    ("apisix.apache.org", "ApisixRoute"): "  http: [{match: {paths: [/ws/*]}}]",
    ("cloud.google.com", "BackendConfig"): "  customRequestHeaders: {headers: ['for: websocket']}",
    ("gateway.networking.k8s.io", "HTTPRoute"): "  rules: [{matches: [{path: {value: /ws}}]}]",
    ("gateway.networking.k8s.io", "Gateway"): "  listeners: [{hostname: ws.example}]",
    ("getambassador.io", "Mapping"): "  allow_upgrade: [websocket]",
    ("k8s.nginx.org", "VirtualServer"): "  routes: [{path: /socket.io}]",
    ("networking.istio.io", "VirtualService"): "  http: [{match: [{uri: {prefix: /ws}}]}]",
    ("projectcontour.io", "HTTPProxy"): "  routes: [{enableWebsockets: true}]",
    ("route.openshift.io", "Route"): "  host: ws.example",
    ("traefik.io", "IngressRoute"): "  routes: [{match: 'Host(`a.example`) && Path(`/ws`)'}]",
    ("zalando.org", "RouteGroup"): "  routes: [{pathSubtree: /ws}]",
}


def folder(tmp_path: pathlib.Path, *texts: str) -> Report:
    for number, text in enumerate(texts):
        (tmp_path / f"{number}.yaml").write_text(text)
    return run([str(tmp_path)], Options(today="2026-11-23"))


@pytest.mark.parametrize(("group", "kind"), WAYS)
def test_a_sign_of_websockets_makes_the_result_incomplete(
    tmp_path: pathlib.Path, group: str, kind: str
) -> None:
    found = folder(tmp_path, OBJECT.format(group=group, kind=kind) + WAYS[group, kind] + "\n")
    (finding,) = found.findings
    assert (finding.code, finding.location.line, found.exit_code) == ("LB901", 4, 3)
    assert finding.message.startswith(f"the {kind} `front` ({group}) is not read, and `")


@pytest.mark.parametrize(("group", "kind"), WAYS)
def test_without_a_sign_it_is_counted(tmp_path: pathlib.Path, group: str, kind: str) -> None:
    text = OBJECT.format(group=group, kind=kind) + "  hosts: [www.example]\n"
    found = folder(tmp_path, text, ingress("shop", LONG, path="/shop"))
    assert (found.findings, found.exit_code, found.passed_over) == ((), 0, {kind: 1})
    assert f", 1 {kind} of controllers that are not known;" in coverage(found)
    details = [source["detail"] for source in document(found)["sources"]]
    assert sorted(map(str, details)) == ["None", f"not judged: 1 {kind}"]


@pytest.mark.parametrize("name", ["", "front.yaml"])
def test_alone_it_is_nothing_to_audit(
    tmp_path: pathlib.Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "front.yaml").write_text(VIRTUAL_SERVER + "  host: www.example\n")
    assert execute(["audit", str(tmp_path / name)]) == 3
    printed = capsys.readouterr()
    assert printed.err.startswith("lbcheck: nothing to audit: no configuration of a load balancer")
    assert "; not judged: 1 VirtualServer of controllers that are not known;" in printed.out


def test_ingresses_of_unknown_controllers_are_counted_as_well(tmp_path: pathlib.Path) -> None:
    found = folder(tmp_path, ingress("shop", ingress_class="traefik", path="/shop"))
    assert (found.findings, found.exit_code, found.passed_over) == ((), 0, {"Ingress": 1})


def test_a_service_that_speaks_websocket_is_a_sign(tmp_path: pathlib.Path) -> None:
    service = (
        "apiVersion: v1\nkind: Service\nmetadata: {name: app}\n"
        "spec: {ports: [{port: 80, appProtocol: kubernetes.io/ws}]}\n---\n"
    )
    (finding,) = report(f"{service}{ROUTE.replace('/ws', '/')}", tmp_path).findings
    assert finding.message.startswith(
        "the HTTPRoute `app` (gateway.networking.k8s.io) is not read, "
        "and the Service `app` says that it speaks WebSocket"
    )


@pytest.mark.parametrize(
    ("path", "lines"), [("/", [4]), ("/live", [4]), ("/live/1", [4]), ("/shop", [])]
)
def test_declared_paths_are_a_sign(tmp_path: pathlib.Path, path: str, lines: list[int]) -> None:
    text = VIRTUAL_SERVER + f"  routes: [{{path: {path}}}]\n"
    found = told(text, tmp_path, "websocket: {paths: [/live]}\n")
    assert found == [("LB901", line) for line in lines]


def test_routes_of_gateways_that_are_read_are_no_loss(tmp_path: pathlib.Path) -> None:
    parts = (BALANCER, GATEWAY, ROUTE, GROUP)
    found = report("---\n".join(parts), tmp_path)
    assert (found.passed_over, found.complete) == ({}, True)
    stray = ROUTE.replace("name: public", "name: other")
    before = "---\n".join((*parts, ""))
    line_of_name = before.count("\n") + 4
    assert told(before + stray, tmp_path) == [("LB901", line_of_name)]


def test_other_kinds_of_those_groups_are_no_way(tmp_path: pathlib.Path) -> None:
    text = OBJECT.format(group="traefik.io", kind="Middleware") + "  stripPrefix: {prefixes: [/ws]}"
    found = folder(tmp_path, text, ingress("shop", LONG, path="/shop"))
    assert (found.findings, found.passed_over) == ((), {})
