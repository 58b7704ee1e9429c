"""Which files are manifests, what cannot be read of them, and what silences a finding there."""

from __future__ import annotations

import pathlib
import subprocess
import sys

import pytest

from lbcheck.model import Status
from lbcheck.run import Options, run
from lbcheck.sources import detect
from tests.kubernetes.manifests import (
    ALB,
    ALB_LONG,
    LONG,
    NGINX,
    ingress,
    plain,
    report,
    service,
    told,
)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (ingress(), "kubernetes"),
        ('{"apiVersion": "networking.k8s.io/v1",\n "kind": "Ingress"\n}', "kubernetes"),
        ("apiVersion: v1\nkind: List\nitems:\n- apiVersion: x\n  kind: Ingress\n", "kubernetes"),
        (service({f"{ALB}healthcheck-path": "/"}, ""), "kubernetes"),
        (service({"prometheus.io/port": '"80"'}, ""), None),
        ("apiVersion: v1\nkind: ConfigMap\ndata:\n  timeout-tunnel: 1h\n", "kubernetes"),
        ("apiVersion: v1\nkind: ConfigMap\ndata:\n  level: debug\n", None),
        ("apiVersion: apps/v1\nkind: Deployment\n", None),
        ("kind: Ingress\n", None),
        ("services:\n  web:\n    image: nginx\n", None),
        ("on: push\njobs: {}\n", None),
    ],
)
def test_a_manifest_is_told_by_what_is_in_it(text: str, kind: str | None) -> None:
    assert detect.kind_of("some/file.yaml", text) == kind


def test_other_yaml_in_a_folder_is_passed_over_without_being_parsed(tmp_path: pathlib.Path) -> None:
    other = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {this is: no: YAML\n" * 20
    for number in range(100):
        (tmp_path / f"d{number}.yaml").write_text(other)
    (tmp_path / "ingress.yml").write_text(plain({f"{ALB}idle-timeout": '"900"'}, "alb"))
    found = run([str(tmp_path)], Options(today="2026-11-23"))
    assert [finding.code for finding in found.findings] == ["LB306"]
    assert [source.kind for source in found.sources] == ["kubernetes"]


def test_manifests_of_one_folder_belong_together(tmp_path: pathlib.Path) -> None:
    (tmp_path / "ingress.yaml").write_text(ingress(annotations=LONG, ingress_class="public"))
    (tmp_path / "class.yaml").write_text(
        "apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: public}\n"
        "spec: {controller: nginx.org/ingress-controller}\n"
    )
    found = run([str(tmp_path)], Options(today="2026-11-23")).findings
    assert [(f.code, f.location.line) for f in found] == [("LB101", 6), ("LB306", 8)]


def test_a_template_says_how_to_render_it(tmp_path: pathlib.Path) -> None:
    text = ingress().replace("name: chat", "name: {{ .Values.name }}")
    found = report(text, tmp_path)
    assert (found.exit_code, found.sources[0].status) == (3, Status.UNREAD)
    (finding,) = found.findings
    assert (finding.code, finding.location.line, finding.location.column) == ("LB901", 4, 9)
    assert finding.message == (
        "is a template that is not rendered yet; render it: "
        "`helm template RELEASE CHART | lbcheck audit -`"
    )


@pytest.mark.parametrize("line", ["{{- if .Values.on }}", "  {{ toYaml . }}", "{% if on %}"])
def test_a_line_that_is_not_yaml_makes_a_template(line: str, tmp_path: pathlib.Path) -> None:
    found = report(f"{ingress()}{line}\n", tmp_path)
    assert [(f.code, f.location.line) for f in found.findings] == [("LB901", 20)]


def test_braces_in_quotes_are_a_value_that_is_not_known(tmp_path: pathlib.Path) -> None:
    text = ingress(annotations={f"{NGINX}proxy-read-timeout": "'{{ timeout }}'"})
    assert told(text, tmp_path) == []


def test_a_document_that_does_not_parse_hides_no_other(tmp_path: pathlib.Path) -> None:
    text = f"{ingress(annotations=LONG)}---\nkind: [\n---\n{ingress('b')}"
    found = report(text, tmp_path)
    assert [(f.code, f.location.line) for f in found.findings] == [("LB901", 23), ("LB302", 29)]
    assert (found.exit_code, found.sources[0].status) == (3, Status.PARTIAL)


def test_an_annotation_that_is_no_time_is_named(tmp_path: pathlib.Path) -> None:
    found = report(plain({f"{NGINX}proxy-read-timeout": "forever"}), tmp_path)
    assert found.exit_code == 3
    assert [(f.location.line, f.location.column, f.message) for f in found.findings] == [
        (
            8,
            5,
            "`proxy-read-timeout: forever` is no time: the controller keeps 60s; "
            "write a number in quotes",
        )
    ]


def test_an_annotation_that_is_no_number_is_named(tmp_path: pathlib.Path) -> None:
    found = report(plain({f"{ALB}healthcheck-interval-seconds": "often"}, "alb"), tmp_path)
    assert found.exit_code == 3
    assert [f.message for f in found.findings] == [
        "`healthcheck-interval-seconds: often` is no number: the controller refuses the object; "
        "write a whole number in quotes"
    ]


def test_any_number_without_quotes_makes_the_object_refused(tmp_path: pathlib.Path) -> None:
    found = report(plain({"app.example/replicas": "3"}), tmp_path)
    assert found.exit_code == 3
    assert [(f.code, f.location.line) for f in found.findings] == [("LB901", 8)]


def test_a_controller_that_nobody_knows_is_no_silent_pass(tmp_path: pathlib.Path) -> None:
    found = report(ingress(ingress_class="traefik"), tmp_path)
    assert found.exit_code == 3
    assert [f.message for f in found.findings] == [
        "the Ingress `chat` is served by `traefik`, a controller that lbcheck does not know"
    ]
    pages = report(plain({}, "traefik"), tmp_path)
    assert (pages.exit_code, pages.findings) == (0, ())


def test_an_ingress_of_no_class_can_be_declared(tmp_path: pathlib.Path) -> None:
    text = ingress().replace("    kubernetes.io/ingress.class: nginx\n", "")
    assert told(text, tmp_path) == [("LB901", 4)]
    declared = "versions: {ingress_controller: ingress-nginx}\n"
    assert told(text, tmp_path, declared) == [("LB302", 4)]


def test_what_the_profile_declares_is_carried_by_the_longest_match(tmp_path: pathlib.Path) -> None:
    text = f"{plain({})}---\n{ingress('api', path='/api', service='b')}"
    declared = "websocket: {paths: [/api/stream]}\n"
    assert told(text, tmp_path, declared) == [("LB302", 26)]
    assert told(text, tmp_path, "websocket: {paths: [/other]}\n") == [("LB302", 6)]
    excluded = "websocket: {paths: [/], not_paths: [/api]}\n"
    assert told(text, tmp_path, excluded) == [("LB302", 6)]


def test_a_comment_silences_a_finding(tmp_path: pathlib.Path) -> None:
    comment = '  # lbcheck: ignore[LB301] reason="a test"'
    text = ingress(annotations={f"{NGINX}proxy-read-timeout": f'"15"{comment}'})
    found = report(text, tmp_path)
    assert (found.findings, len(found.suppressed)) == ((), 1)


def test_the_older_api_has_its_own_words(tmp_path: pathlib.Path) -> None:
    text = """\
apiVersion: extensions/v1beta1
kind: Ingress
metadata:
  name: chat
  annotations:
    kubernetes.io/ingress.class: nginx
spec:
  rules:
  - http:
      paths:
      - path: /ws
        backend: {serviceName: app, servicePort: 80}
"""
    assert told(text, tmp_path) == [("LB302", 6)]


def test_json_manifests_are_read_as_well(tmp_path: pathlib.Path) -> None:
    text = """\
{"apiVersion": "v1", "kind": "List", "items": [
 {"apiVersion": "networking.k8s.io/v1",
  "kind": "Ingress",
  "metadata": {"name": "chat", "annotations": {
   "alb.ingress.kubernetes.io/idle-timeout": "900"}},
  "spec": {"ingressClassName": "alb"}}]}
"""
    assert told(text, tmp_path) == [("LB306", 5)]


HEAD = "apiVersion: networking.k8s.io/v1\nkind: Ingress\n"


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "metadata: 7\nspec: [x]\n",
        HEAD + "metadata: {annotations: [a], name: [b]}\nspec: {rules: 1}\n",
        HEAD + "spec: {rules: [{http: {paths: [1, {path: [x]}]}}]}\n",
        HEAD + "metadata: {annotations: {kubernetes.io/ingress.class: alb,"
        " alb.ingress.kubernetes.io/listen-ports: '[[1]]',"
        " alb.ingress.kubernetes.io/actions.x: '[]'}}\n"
        "spec: {rules: [{http: {paths: [{path: /ws, backend: {service: {name: x, port:"
        " {name: use-annotation}}}}]}}]}\n",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ingress-nginx}\ndata:\n"
        "  worker-shutdown-timeout: [1]\n",
        "apiVersion: v1\nkind: Service\nspec: {ports: 7, type: [x]}\nmetadata: {annotations:"
        " {\n alb.ingress.kubernetes.io/healthcheck-path: {a: b}}}\n",
        "apiVersion: v1\nkind: List\nitems:\n- kind: Ingress\n- 7\n- [kind]\n",
    ],
)
def test_shapes_that_nobody_expects_crash_nothing(text: str, tmp_path: pathlib.Path) -> None:
    for profile in ("", "websocket: {paths: [/]}\n"):
        assert report(text, tmp_path, profile).exit_code in (0, 1, 3)


def test_an_audit_of_nginx_alone_does_not_load_yaml(tmp_path: pathlib.Path) -> None:
    (tmp_path / "nginx.conf").write_text("events {}\nhttp { server { listen 80; } }\n")
    script = (
        "import sys; from lbcheck.run import run; run([sys.argv[1]]); "
        "print(sorted(m for m in sys.modules if m in ('yaml', 'json') or '.k8s' in m))"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "nginx.conf")]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "k8s" not in shown
    assert "yaml" not in shown


PARAMS = """\
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata:
  name: edge
  annotations: {ingressclass.kubernetes.io/is-default-class: "true"}
spec:
  controller: ingress.k8s.aws/alb
  parameters: {apiGroup: elbv2.k8s.aws, kind: IngressClassParams, name: shared}
---
apiVersion: elbv2.k8s.aws/v1beta1
kind: IngressClassParams
metadata: {name: shared}
spec:
  loadBalancerAttributes:
    - {key: idle_timeout.timeout_seconds, value: "20"}
"""


def test_the_parameters_of_a_class_override_its_ingresses(tmp_path: pathlib.Path) -> None:
    text = ingress(annotations=ALB_LONG, ingress_class="edge") + PARAMS
    assert told(text, tmp_path) == [("LB301", 37)]


def test_an_ingress_of_no_class_has_the_default_one(tmp_path: pathlib.Path) -> None:
    text = ingress(annotations=ALB_LONG).replace("    kubernetes.io/ingress.class: nginx\n", "")
    assert told(text + PARAMS.replace('"20"', '"900"'), tmp_path) == []
    assert told(text + PARAMS, tmp_path) == [("LB301", 36)]


def test_other_objects_of_that_name_are_none(tmp_path: pathlib.Path) -> None:
    text = ingress().replace("networking.k8s.io/v1", "networking.internal.knative.dev/v1alpha1")
    assert told(text, tmp_path) == []
