"""Terraform resources, modules and folders become listeners, routes and pools."""

import math
import pathlib

import pytest

from lbcheck.model import CheckKind, Declared, Origin, Setting, Span, State, Status
from lbcheck.run import Options, run
from lbcheck.sources import Wanted, read
from lbcheck.sources.files import Files
from tests.readers.terraform_text import CHAIN, pool, route, told, topology

GROUP = 'resource "aws_lb_target_group" "ws" {\n  port = 80\n  protocol = "HTTP"\n'


def group(body: str) -> str:
    return f"{GROUP}{body}\n}}\n"


def shown(setting: Setting[object] | None) -> tuple[str, object, Origin, str] | None:
    """Name, value, origin and text of a setting."""
    if setting is None:
        return None
    place = setting.place
    assert isinstance(place, Span)
    text = place.source.text or ""
    return setting.name, setting.value, setting.origin, text[place.start : place.end]


def test_a_group_without_a_check_has_the_defaults_of_aws(tmp_path: pathlib.Path) -> None:
    found = pool(tmp_path, group(""))
    opening = 'resource "aws_lb_target_group" "ws" {'
    default = Origin.DEFAULT
    check = found.check
    assert shown(check.path) == ("health_check.path", "/", default, opening)
    assert shown(check.interval) == ("health_check.interval", 30.0, default, opening)
    assert shown(check.timeout) == ("health_check.timeout", 6.0, default, opening)
    assert shown(check.rise) == ("health_check.healthy_threshold", 5, default, opening)
    assert shown(check.fall) == ("health_check.unhealthy_threshold", 2, default, opening)
    assert shown(found.drain_time) == ("deregistration_delay", 300.0, default, opening)
    assert found.stickiness is None
    assert (found.targets, found.complete, found.mode) == ((), False, "http")


def test_a_check_block_has_thresholds_of_its_own(tmp_path: pathlib.Path) -> None:
    check = pool(tmp_path, group('  health_check {\n    path = "/up"\n  }')).check
    assert shown(check.path) == ("health_check.path", "/up", Origin.SET, 'path = "/up"')
    assert check.rise is not None
    assert check.fall is not None
    assert (check.rise.value, check.fall.value) == (3, 3)


def test_a_check_block_of_a_tcp_group_asks_over_http_unless_it_says_tcp(
    tmp_path: pathlib.Path,
) -> None:
    text = group("  health_check {\n    port = 8080\n  }").replace('"HTTP"', '"TCP"')
    assert pool(tmp_path, text).check.kind is CheckKind.HTTP
    text = text.replace("port = 8080", 'protocol = "TCP"')
    assert pool(tmp_path, text).check.kind is CheckKind.CONNECT
    assert pool(tmp_path, group("").replace('"HTTP"', '"TCP"')).check.kind is CheckKind.CONNECT


def test_a_variable_without_a_value_is_no_default(tmp_path: pathlib.Path) -> None:
    body = """
  deregistration_delay = var.open
  protocol_version     = var.open
  health_check {
    path                = var.open
    interval            = var.open
    unhealthy_threshold = var.open
    matcher             = var.open
  }
  stickiness {
    type    = "lb_cookie"
    enabled = var.open
  }
"""
    found = pool(tmp_path, group(body) + 'variable "open" {}\n')
    check = found.check
    assert (found.drain_time, check.path, check.interval, check.fall, check.accepts) == (None,) * 5
    assert found.stickiness is not None
    assert found.stickiness.value == "unknown"


def test_a_variable_with_a_default_counts_and_stands_where_it_is_used(
    tmp_path: pathlib.Path,
) -> None:
    variables = 'variable "delay" {\n  default = 5\n}\n'
    text = group("  deregistration_delay = var.delay")
    drain = pool(tmp_path, text, variables=variables).drain_time
    said = "deregistration_delay = var.delay"
    assert shown(drain) == ("deregistration_delay", 5.0, Origin.SET, said)


@pytest.mark.parametrize("name", ["terraform_tfvars", "prod.auto_tfvars"])
def test_values_files_that_terraform_reads_itself_are_read(
    tmp_path: pathlib.Path, name: str
) -> None:
    files = {"variables": 'variable "delay" { default = 5 }\n', name: "delay = 7\n"}
    drain = pool(tmp_path, group("  deregistration_delay = var.delay"), **files).drain_time
    assert drain is not None
    assert drain.value == 7.0


def test_a_values_file_that_somebody_has_to_name_makes_the_variable_unknown(
    tmp_path: pathlib.Path,
) -> None:
    files = {"variables": 'variable "delay" { default = 5 }\n', "prod_tfvars": "delay = 7\n"}
    text = group("  deregistration_delay = var.delay")
    assert pool(tmp_path, text, **files).drain_time is None


def test_an_unknown_condition_that_changes_nothing_is_decided(tmp_path: pathlib.Path) -> None:
    text = group("  deregistration_delay = var.production ? 120 : 120")
    drain = pool(tmp_path, text).drain_time
    assert drain is not None
    assert drain.value == 120.0
    assert pool(tmp_path, text.replace("120 : 120", "120 : 5")).drain_time is None


def test_stickiness_is_on_where_a_block_says_nothing_else(tmp_path: pathlib.Path) -> None:
    sticky = pool(tmp_path, group('  stickiness {\n    type = "lb_cookie"\n  }')).stickiness
    assert shown(sticky) == ("stickiness.type", "lb_cookie", Origin.SET, "stickiness {")
    off = group('  stickiness {\n    type = "lb_cookie"\n    enabled = false\n  }')
    assert pool(tmp_path, off).stickiness is None


def test_a_network_group_keeps_connections_for_ever(tmp_path: pathlib.Path) -> None:
    text = group("").replace('"HTTP"', '"TCP"')
    drain = pool(tmp_path, text).drain_time
    assert drain is not None
    assert (drain.name, drain.value) == ("connection_termination", math.inf)
    text = group("  connection_termination = true").replace('"HTTP"', '"TCP"')
    drain = pool(tmp_path, text).drain_time
    assert drain is not None
    assert drain.value == 300.0


def test_a_dynamic_block_counts_as_far_as_it_is_literal(tmp_path: pathlib.Path) -> None:
    text = group(
        '  dynamic "health_check" {\n    for_each = [{ path = "/up" }]\n    content {\n'
        "      path = health_check.value.path\n    }\n  }"
    )
    assert shown(pool(tmp_path, text).check.path) == (
        "health_check.path", "/up", Origin.SET, "path = health_check.value.path"
    )  # fmt: skip
    unknown = pool(tmp_path, text.replace('[{ path = "/up" }]', "var.checks"))
    assert unknown.check.kind is CheckKind.UNKNOWN


@pytest.mark.parametrize(
    ("argument", "idle"),
    [
        ("", 60.0),
        ("idle_timeout = 4000", 4000.0),
        ('idle_timeout = "120"', 120.0),
        ("idle_timeout = null", 60.0),
        ("idle_timeout = var.open", None),
        ("idle_timeout = local.missing", None),
    ],
)
def test_the_idle_timeout_of_a_load_balancer(
    tmp_path: pathlib.Path, argument: str, idle: float | None
) -> None:
    text = CHAIN.replace('name = "edge"', argument) + group("")
    found = route(tmp_path, text).idle
    assert (found.value if found else None) == idle


def test_the_idle_timeout_of_a_network_load_balancer_is_its_listeners(
    tmp_path: pathlib.Path,
) -> None:
    text = CHAIN.replace('name = "edge"', 'load_balancer_type = "network"')
    text = text.replace('"HTTPS"', '"TCP"') + group("").replace('"HTTP"', '"TCP"')
    found = route(tmp_path, text).idle
    opening = 'resource "aws_lb_listener" "https" {'
    assert shown(found) == ("tcp_idle_timeout_seconds", 350.0, Origin.DEFAULT, opening)
    said = "tcp_idle_timeout_seconds = 900"
    found = route(
        tmp_path, text.replace('protocol          = "TCP"', f'protocol = "TCP"\n  {said}')
    ).idle
    assert shown(found) == ("tcp_idle_timeout_seconds", 900.0, Origin.SET, said)


def test_a_load_balancer_of_an_unknown_type_has_no_idle_timeout_that_is_known(
    tmp_path: pathlib.Path,
) -> None:
    text = CHAIN.replace('name = "edge"', "load_balancer_type = var.type") + group("")
    assert route(tmp_path, text).idle is None


RULE = """
resource "aws_lb_listener_rule" "ws" {
  listener_arn = aws_lb_listener.https.arn
  priority     = 10
  condition {
    path_pattern {
      values = ["/ws/*"]
    }
  }
  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.ws.arn
  }
}
"""


def test_a_rule_is_a_route(tmp_path: pathlib.Path) -> None:
    found = topology(tmp_path, CHAIN + RULE + group("")).routes
    assert [(each.path, each.address) for each in found] == [
        ("/ws/*", "aws/edge/443/rule[10 /ws/*]"),
        ("default", "aws/edge/443/rule[default]"),
    ]


def test_conditions_in_the_form_of_provider_2_are_read(tmp_path: pathlib.Path) -> None:
    old = RULE.replace("path_pattern {\n      values", 'field = "path-pattern"\n    values')
    text = CHAIN + old.replace('["/ws/*"]\n    }', '["/ws/*"]') + group("")
    assert route(tmp_path, text).path == "/ws/*"


def test_a_rule_that_an_earlier_one_takes_is_shadowed_and_one_of_unknown_order_is_not(
    tmp_path: pathlib.Path,
) -> None:
    other = RULE.replace('"ws" {', '"all" {').replace("/ws/*", "/*").replace("= 10", "= 5")
    other = other.replace("target_group.ws", "target_group.pages")
    pages = group("").replace('"ws" {', '"pages" {')
    text = CHAIN + RULE + other + group("") + pages
    assert len(topology(tmp_path, text).routes[1].ineffective) == 1
    for unordered in ("priority = var.p", ""):
        routes = topology(tmp_path, text.replace("priority     = 5", unordered)).routes
        assert [each.ineffective for each in routes[:2]] == [(), ()]


def test_a_rule_for_a_listener_of_another_module_is_still_a_route(tmp_path: pathlib.Path) -> None:
    text = RULE.replace("aws_lb_listener.https.arn", "var.listener_arn") + group("")
    found = topology(tmp_path, text).routes
    assert [(each.path, each.idle) for each in found] == [("/ws/*", None)]
    assert found[0].forwards[0].pool.name == "aws_lb_target_group.ws"


def test_a_listener_of_a_load_balancer_elsewhere_has_no_idle_timeout(
    tmp_path: pathlib.Path,
) -> None:
    for arn in ("data.aws_lb.edge.arn", "var.lb_arn", '"arn:aws:elasticloadbalancing:x"'):
        text = CHAIN.replace("= aws_lb.edge.arn", f"= {arn}") + group("")
        assert [each.idle for each in topology(tmp_path, text).routes][:1] == [None]


def test_a_group_without_a_listener_in_sight_is_judged(tmp_path: pathlib.Path) -> None:
    found = topology(tmp_path, group('  protocol_version = "HTTP2"'))
    assert [each.path for each in found.routes] == ["unread"]
    version = found.routes[0].forwards[0].http_version
    assert version is not None
    assert version.value == "2"


def test_weighted_groups(tmp_path: pathlib.Path) -> None:
    text = CHAIN.replace(
        "target_group_arn = aws_lb_target_group.ws.arn",
        "forward {\n      target_group {\n        arn = aws_lb_target_group.ws.arn\n"
        "        weight = 0\n      }\n      target_group {\n"
        "        arn = aws_lb_target_group.other.arn\n      }\n    }",
    )
    text += group("") + group("").replace('"ws" {', '"other" {')
    weights = [each.weight for each in route(tmp_path, text).forwards]
    assert [each and each.value for each in weights] == [0, 1]


def test_for_each_and_count_make_instances(tmp_path: pathlib.Path) -> None:
    text = CHAIN.replace("aws_lb_target_group.ws.arn", 'aws_lb_target_group.ws["b"].arn') + group(
        "  for_each = { a = 10, b = 20 }\n  deregistration_delay = each.value"
    )
    drain = route(tmp_path, text).forwards[0].pool.drain_time
    assert drain is not None
    assert drain.value == 20.0
    counted = text.replace('ws["b"]', "ws[1]").replace("for_each = { a = 10, b = 20 }", "count = 2")
    counted = counted.replace("each.value", "[10, 20][count.index]")
    drain = route(tmp_path, counted).forwards[0].pool.drain_time
    assert drain is not None
    assert drain.value == 20.0


def test_what_is_counted_by_nobody_knows_how_many_is_one(tmp_path: pathlib.Path) -> None:
    for count in ("count = var.on ? 1 : 0", "for_each = var.many"):
        text = CHAIN.replace("ws.arn", "ws[0].arn") + group(f"  {count}\n  slow_start = 30")
        found = topology(tmp_path, text)
        assert [each.path for each in found.routes] == ["default"]
        assert found.pools[0].drain_time is not None


def test_what_is_counted_to_nothing_is_not_there(tmp_path: pathlib.Path) -> None:
    off = CHAIN.replace('name = "edge"', "count = 0").replace(
        "load_balancer_arn", "x = 1\n  count = 0\n  load_balancer_arn"
    )
    assert topology(tmp_path, off).routes == ()


def test_a_module_in_a_folder_is_read_with_what_its_caller_hands_over(
    tmp_path: pathlib.Path,
) -> None:
    inner = CHAIN + group("  deregistration_delay = var.delay") + 'variable "delay" {}\n'
    call = 'module "edge" {\n  source = "./modules/edge"\n  delay = 4\n}\n'
    found = topology(tmp_path, call, modules__edge__lb=inner)
    assert [each.drain_time and each.drain_time.value for each in found.pools] == [4.0]
    assert [source.name.rpartition("/")[2] for source in found.sources] == ["main.tf", "lb.tf"]


def test_what_a_module_puts_out_is_followed(tmp_path: pathlib.Path) -> None:
    inner = CHAIN + group("") + 'output "listener" {\n  value = aws_lb_listener.https.arn\n}\n'
    call = 'module "edge" {\n  source = "./edge"\n}\n' + RULE.replace(
        "aws_lb_listener.https.arn", "module.edge.listener"
    )
    found = topology(tmp_path, call, edge__lb=inner)
    assert [each.path for each in found.routes] == ["/ws/*", "default"]


def test_modules_that_call_each_other_end(tmp_path: pathlib.Path) -> None:
    call = 'module "again" {\n  source = "../a"\n  x = module.again.y\n}\n'
    text = f'module "a" {{\n  source = "./a"\n}}\n{group("")}'
    found = topology(tmp_path, text, a__main=call + group(""))
    assert len(found.pools) >= 1


def test_calls_of_modules_that_multiply_are_cut_off_and_told(tmp_path: pathlib.Path) -> None:
    for level in range(6):
        (tmp_path / f"m{level}").mkdir()
        calls = "".join(f'module "c{n}" {{\n  source = "../m{level + 1}"\n}}\n' for n in range(12))
        (tmp_path / f"m{level}/main.tf").write_text(calls if level < 5 else group(""))
    found = read(Wanted((str(tmp_path),)), Files(), Declared())
    assert [trouble.message for source in found.sources for trouble in source.troubles] == [
        "calls of modules multiply to more than 1,000; the rest is not read"
    ]


def test_a_classic_load_balancer(tmp_path: pathlib.Path) -> None:
    text = """\
resource "aws_elb" "socketio" {
  listener {
    lb_port           = 443
    lb_protocol       = "https"
    instance_port     = 80
    instance_protocol = "http"
  }
  health_check {
    target              = "HTTP:80/up"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 2
  }
}
"""
    found = topology(tmp_path, text).pools[0].incapable
    assert shown(found) == (
        "protocol",
        "a classic load balancer's https listener drops the upgrade",
        Origin.SET,
        'lb_protocol       = "https"',
    )
    tcp = route(tmp_path, text.replace('"https"', '"tcp"'))
    opening = 'resource "aws_elb" "socketio" {'
    assert shown(tcp.idle) == ("idle_timeout", 60.0, Origin.DEFAULT, opening)
    drain = tcp.forwards[0].pool.drain_time
    assert shown(drain) == ("connection_draining", 0.0, Origin.DEFAULT, opening)


def test_the_rest_of_a_broken_file_is_read_and_the_place_is_told(tmp_path: pathlib.Path) -> None:
    broken = 'resource "aws_lb" "x" {\n  name = \n}\n\n' + group('  protocol_version = "HTTP2"')
    (tmp_path / "main.tf").write_text(broken.replace('"ws" {', '"websocket" {'))
    report = run([str(tmp_path)], Options(today="2026-11-23"))
    assert [(each.code, each.location.line) for each in report.findings] == [
        ("LB901", 2), ("LB218", 5), ("LB104", 8)
    ]  # fmt: skip
    assert report.sources[0].status is Status.PARTIAL
    assert not report.complete


def test_behind_a_stray_brace_everything_is_still_read(tmp_path: pathlib.Path) -> None:
    text = "}\n" + group('  protocol_version = "HTTP2"').replace('"ws" {', '"websocket" {')
    found = told(tmp_path, text)
    assert ("LB901", 1) in found
    assert ("LB104", 5) in found


def test_an_argument_that_a_broken_block_may_have_lost_is_no_default(
    tmp_path: pathlib.Path,
) -> None:
    (tmp_path / "main.tf").write_text(CHAIN.replace('name = "edge"', "name = = 5") + group(""))
    report = run([str(tmp_path)], Options(today="2026-11-23"))
    assert {each.code for each in report.findings} == {"LB901", "LB218"}


def test_a_suppression_counts(tmp_path: pathlib.Path) -> None:
    body = '  protocol_version = "HTTP2" # lbcheck: ignore[LB104] reason="gone next week"'
    text = group(body).replace('"ws" {', '"websocket" {')
    assert "LB104" not in dict(told(tmp_path, text))
    above = text.partition(" # lb")[0].replace(
        '"websocket" {', '"websocket" { # lbcheck: ignore[LB104] reason="gone next week"'
    )
    assert "LB104" not in dict(told(tmp_path, above + "\n}\n"))


def test_a_file_without_load_balancers_is_read_and_clean(tmp_path: pathlib.Path) -> None:
    (tmp_path / "main.tf").write_text('resource "aws_s3_bucket" "logs" {}\n')
    report = run([str(tmp_path)], Options(today="2026-11-23"))
    assert (report.findings, report.complete, report.exit_code) == ((), True, 0)


def test_no_target_is_claimed(tmp_path: pathlib.Path) -> None:
    text = group("") + (
        'resource "aws_lb_target_group_attachment" "ws" {\n'
        "  target_group_arn = aws_lb_target_group.ws.arn\n  target_id = aws_instance.a.id\n}\n"
    )
    found = pool(tmp_path, text)
    assert all(target.state is State.HEALTHY for target in found.targets)
    assert not found.complete


def test_fixes_are_lines_of_terraform(tmp_path: pathlib.Path) -> None:
    """They change the value, or add the argument to the block whose default it is."""
    text = CHAIN.replace('name = "edge"', 'name = "ws"') + group(
        '  protocol_version     = "HTTP2"\n  deregistration_delay = 0\n'
        '  health_check {\n    path    = "/up"\n    matcher = "200-499"\n  }'
    )
    (tmp_path / "main.tf").write_text(text)
    (tmp_path / "profile.yaml").write_text("extends: socketio-v4\nwebsocket: {paths: [/]}\n")
    options = Options(profiles=(str(tmp_path / "profile.yaml"),), today="2026-11-23")
    findings = run([str(tmp_path / "main.tf")], options).findings
    edits = [edit for each in findings if each.fix for edit in each.fix.edits]
    assert [(text[edit.start : edit.end], edit.text) for edit in edits] == [
        ('"HTTP2"', '"HTTP1"'),
        ("0", "60"),
        ('"200-499"', '"200"'),
    ]


def test_a_default_is_mended_by_a_line_of_its_own(tmp_path: pathlib.Path) -> None:
    (tmp_path / "main.tf").write_text(CHAIN + group(""))
    (tmp_path / "profile.yaml").write_text(
        "extends: default\nwebsocket: {paths: [/]}\nheartbeat: {sender: client, interval_s: 65}\n"
    )
    options = Options(profiles=(str(tmp_path / "profile.yaml"),), today="2026-11-23")
    findings = run([str(tmp_path / "main.tf")], options).findings
    fixes = [edit.text for each in findings if each.fix for edit in each.fix.edits]
    assert fixes == ["  idle_timeout = 180\n"]


NETWORK = CHAIN.replace('name = "edge"', 'load_balancer_type = "network"\n  idle_timeout = 3600')
NETWORK = NETWORK.replace('"HTTPS"', '"TCP"') + group("").replace('"HTTP"', '"TCP"')


def test_the_idle_timeout_of_the_wrong_kind_of_load_balancer_has_no_effect(
    tmp_path: pathlib.Path,
) -> None:
    found = route(tmp_path, NETWORK).ineffective
    assert [(shown(each.setting), each.reason) for each in found] == [
        (
            ("idle_timeout", "3600", Origin.SET, "idle_timeout = 3600"),
            "a Network Load Balancer has none; its listeners have `tcp_idle_timeout_seconds`",
        )
    ]


def test_one_that_asks_for_no_more_than_is_in_force_is_left_alone(tmp_path: pathlib.Path) -> None:
    assert route(tmp_path, NETWORK.replace("3600", "60")).ineffective == ()
    right = NETWORK.replace('"TCP"\n\n', '"TCP"\n  tcp_idle_timeout_seconds = 3600\n\n')
    assert route(tmp_path, right).ineffective == ()


def test_a_login_in_front_of_the_forward(tmp_path: pathlib.Path) -> None:
    login = (
        'default_action {\n    type = "authenticate-oidc"\n    authenticate_oidc {\n'
        '      issuer = "x"\n    }\n  }\n\n  default_action {'
    )
    text = CHAIN.replace("default_action {", login) + group("")
    found = route(tmp_path, text)
    assert found.login is not None
    assert found.login.name == "authenticate-oidc"
    assert [each.pool.name for each in found.forwards] == ["aws_lb_target_group.ws"]
    allowed = text.replace('issuer = "x"', 'on_unauthenticated_request = "allow"')
    assert route(tmp_path, allowed).login is None


def test_stickiness_between_weighted_groups(tmp_path: pathlib.Path) -> None:
    shares = "".join(
        f"target_group {{\n arn = aws_lb_target_group.{n}.arn\n}}\n" for n in ("ws", "b")
    )
    forward = f"forward {{\n{shares}stickiness {{\n duration = 60\n enabled = true\n}}\n}}"
    text = CHAIN.replace("target_group_arn = aws_lb_target_group.ws.arn", forward)
    text += group("") + group("").replace('"ws" {', '"b" {')
    sticky = route(tmp_path, text).pool_stickiness
    assert sticky is not None
    assert sticky.value is True
    assert (
        route(tmp_path, text.replace("enabled = true", "enabled = var.x")).pool_stickiness is None
    )


def test_terraform_in_json_is_not_passed_over_in_silence(tmp_path: pathlib.Path) -> None:
    (tmp_path / "cdk.tf.json").write_text('{"resource": {"aws_lb": {"x": {"name": "ws"}}}}')
    report = run([str(tmp_path)], Options(today="2026-11-23"))
    assert [trouble.message for trouble in report.sources[0].troubles] == [
        "is Terraform written as JSON, which is not read"
    ]
    assert report.exit_code == 3
    (tmp_path / "cdk.tf.json").write_text('{"resource": {"aws_s3_bucket": {"x": {}}}}')
    assert run([str(tmp_path)], Options(today="2026-11-23")).exit_code == 0


def test_a_tag_says_what_a_load_balancer_carries(tmp_path: pathlib.Path) -> None:
    tagged = 'name = "edge"\n  tags = {\n    "lbcheck:websocket" = "true"\n  }'
    yes = route(tmp_path, CHAIN.replace('name = "edge"', tagged) + group(""))
    assert (yes.belief.level.name, yes.belief.evidence) == (
        "CERTAIN",
        "tag `lbcheck:websocket=true`",
    )
    no = CHAIN.replace('name = "edge"', tagged.replace("true", "false")) + group("")
    assert topology(tmp_path, no).routes == ()
