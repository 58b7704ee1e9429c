"""Tell by content and name what kind of configuration a file is."""

from __future__ import annotations

import os
import re

NGINX, HAPROXY, AWS = "nginx", "haproxy", "aws"
TERRAFORM, TERRAFORM_PLAN = "terraform", "terraform-plan"
CLOUDFORMATION, KUBERNETES = "cloudformation", "kubernetes"
KINDS = (NGINX, HAPROXY, AWS, TERRAFORM, TERRAFORM_PLAN, CLOUDFORMATION, KUBERNETES)

# Everything is anchored at a line start and ends within the line, so that a look stays linear.
# `re` compiles a pattern when it is first used: a run pays only for those that it needs.
_NGINX_BLOCK = (
    r"(?m)^[ \t]*+(?:(?:http|events|stream|server)[ \t]*+\{(?![{%#])"
    r"|(?:upstream|location|map|geo|split_clients)[ \t](?:[^;{}\n]|\{\{[^{}\n]*+\}\})*+\{(?![{%#]))"
)
_NGINX_SIMPLE = (
    r"(?m)^[ \t]*+(?:proxy_(?:pass|set_header|http_version|read_timeout|buffering)"
    r"|server_name|listen|include|fastcgi_param|uwsgi_param|resolver|ssl_certificate)"
    r"[ \t][^;{}\n]*+;"
)
_NGINX_ROOT = r"(?m)^[ \t]*+(?:http|events|stream)[ \t\r\n]*+\{"
_HAPROXY_SECTION = (
    r"(?m)^[ \t]*+(?:global[ \t\r]*+$|defaults(?:[ \t][^;{}\n]*+)?$"
    r"|(?:frontend|backend|listen)[ \t]++[^;{}\s]++[ \t\r]*+"
    r"(?:(?:from[ \t]|#|[^\s;{}]*?:\d)[^;{}\n]*+)?$)"
)
_HAPROXY_KEYWORD = (
    r"(?m)^[ \t]*+(?:bind|server|mode|timeout|option|acl|use_backend|default_backend|log|daemon"
    r"|maxconn|balance|stats|chroot|user|http-request|nameserver|defaults|default-server)[ \t\r\n]"
)
# A section stands at the top level (a template's own keys are indented deeper); `Attributes` is a
# word of many formats and counts only with a key of the ELB API.
_AWS_SECTION = (
    r'"lbcheck-aws/|(?:^\s*+\{\s*+|\n[ \t]{0,4}+)"(?:LoadBalancers|LoadBalancerAttributes|Listeners'
    r"|ListenerAttributes|Rules|TargetGroups|TargetGroupAttributes|TargetHealth"
    r"|TargetHealthDescriptions|TagDescriptions|LoadBalancerDescriptions|AutoScalingGroups"
    r'|LifecycleHooks|Reservations)"\s*+:\s*+[\[{]'
)
_AWS_ATTRIBUTES = r'^\s*+\{\s*+"Attributes"\s*+:\s*+\[\s*+\{\s*+"(?:Key|Value)"\s*+:\s*+"'
_AWS_ECS = r'^\s*+\{\s*+"(?:services|tasks|taskDefinition)"\s*+:\s*+[\[{]'
_AWS_ECS_KEY = r'"(?:service|task|taskDefinition)Arn"\s*+:\s*+"arn:'
_AWS_KEY = r'"(?:idle_timeout|deregistration_delay|tcp\.idle_timeout|stickiness|load_balancing)\.'
_TEMPLATE = r'"(?:AWSTemplateFormatVersion|Resources|terraform_version)"\s*+:'
# Kinds whose every object matters, and settings that matter in objects of other kinds.
_KUBERNETES = (
    r'(?m)^[ \t]*+(?:- )?"?kind"?:[ \t]*+"?(?:Ingress|IngressClass|IngressClassParams'
    r'|LoadBalancerConfiguration|TargetGroupConfiguration)"?,?[ \t\r]*+(?:#[^\n]*+)?$'
)
_KUBERNETES_KIND = (
    r'(?m)^[ \t]*+(?:- )?"?kind"?:[ \t]*+"?(?:Service|ConfigMap|Deployment|StatefulSet|DaemonSet'
    r'|ReplicaSet|Pod)"?,?[ \t\r]*+$'
)
_KUBERNETES_GROUP = r'(?m)^[ \t]*+(?:- )?"?apiVersion"?:[ \t]*+["\']?([a-z0-9.-]++)/'
_KUBERNETES_SETTING = (
    r'(?m)^[ \t]*+"?(?:service\.beta\.kubernetes\.io/aws-'
    r"|(?:alb\.|nginx\.)?ingress\.kubernetes\.io/"
    r"|haproxy(?:-ingress\.github\.io|\.org|\.com)/|nginx\.(?:org|com)/"
    r"|(?:worker-shutdown-timeout|proxy[_-]read[_-]timeout|timeout-tunnel|hard-stop-after"
    r'|timeout-stop)"?:)'
)
_TERRAFORM = (
    r'(?m)^(?:resource[ \t]++"?\w++"?[ \t]++"?[\w-]++"?|(?:module|variable|output|provider)[ \t]++'
    r'"?[\w.-]++"?|locals|terraform)[ \t]*+\{'
)
_PLAN = r'\ufeff?+\s*+\{\s*+"format_version"\s*+:\s*+"[^"\n]*+"\s*+,\s*+"terraform_version"'
_CFN_KINDS = (
    "AWS::ElasticLoadBalancing",
    "AWS::ElasticBeanstalk::",
    "AWS::CloudFormation::Stack",
    "AWS::Serverless::Application",
)
_HEAD = 20_000
_RESOURCES = r'(?m)^[ \t{]*+"?Resources"?[ \t]*+:'
_YAML = (".yaml", ".yml")

_CANDIDATE_ENDINGS = frozenset(
    ".conf .cfg .nginx .haproxy .vhost .inc .include .template .tmpl .tpl .j2 .jinja .jinja2"
    " .erb .ctmpl .dump .json .params .snippet .site .in .dist .default .example .sample"
    " .yaml .yml .tf .tofu".split()
)
_CONFIGURATION_FOLDERS = frozenset(
    "sites-enabled sites-available conf.d nginx haproxy snippets vhosts edge".split()
)


def candidate(path: str) -> bool:
    """Is a file found in a folder worth a look? By its name alone."""
    name = os.path.basename(path)
    ending = os.path.splitext(name)[1].lower()
    if not ending or ending in _CANDIDATE_ENDINGS:
        return True
    return os.path.basename(os.path.dirname(path)) in _CONFIGURATION_FOLDERS


def sure(path: str) -> bool:
    """Does the name alone say configuration, so that a file that is no text must be told?"""
    return (
        os.path.basename(path).lower().endswith((".conf", ".cfg", ".nginx", ".haproxy", ".vhost"))
    )


def kind_of(path: str, text: str) -> str | None:
    """The kind of a configuration text, or None where it is none of them."""
    name = os.path.basename(path).lower()
    code = _code(name, text)
    if code or name.endswith(_YAML):
        return code
    if name.endswith(".json") or _opens_json(text):
        return AWS if _is_aws(text) else None
    if "{" in text and re.search(_NGINX_BLOCK, text):
        return NGINX
    if re.search(_HAPROXY_SECTION, text) and re.search(_HAPROXY_KEYWORD, text):
        return HAPROXY
    if name.startswith("nginx.conf") or re.search(_NGINX_SIMPLE, text):
        return NGINX
    if name.startswith("haproxy.cfg"):
        return HAPROXY
    return TERRAFORM if re.search(_TERRAFORM, text) else None


def _code(name: str, text: str) -> str | None:
    """The kind of infrastructure code that a file is."""
    if name.endswith((".tf", ".tofu", ".tf.json")):
        return TERRAFORM
    if re.match(_PLAN, text):
        return TERRAFORM_PLAN
    if "kind" in text and _is_kubernetes(text):
        return KUBERNETES
    if name.startswith("kustomization.") and "ingress.kubernetes.io" in text:
        return KUBERNETES
    if any(kind in text for kind in _CFN_KINDS) and re.search(_RESOURCES, text):
        return CLOUDFORMATION
    return None


def _opens_json(text: str) -> bool:
    """Does the text start with an object's brace, not with a template's?"""
    start = text[:_HEAD].lstrip()[:2]
    return start[:1] == "{" and start not in ("{{", "{%", "{#")


def _is_kubernetes(text: str) -> bool:
    """Is there an object in a manifest that says how a load balancer behaves, or another way to
    the pods?"""
    if "apiVersion" not in text:
        return False
    text = _in_lines(text)
    if says_balancer(text):
        return True
    from lbcheck.sources.k8s_kinds import UNREAD

    return not UNREAD.keys().isdisjoint(re.findall(_KUBERNETES_GROUP, text))


def _in_lines(text: str) -> str:
    """JSON with each entry on a line of its own (`kubectl get -o json | jq -c` writes one line)."""
    return re.sub(r"[{,]|(?=[}\]])", "\\g<0>\n", text) if _opens_json(text) else text


def says_balancer(text: str) -> bool:
    """Is there an object in a manifest that a reader reads?"""
    if re.search(_KUBERNETES, text):
        return True
    return bool(re.search(_KUBERNETES_KIND, text) and re.search(_KUBERNETES_SETTING, text))


def _is_aws(text: str) -> bool:
    """Is a JSON text a snapshot or an answer of the ELB API? Looks at its head only."""
    head = text[:_HEAD].removeprefix("\ufeff")
    if re.search(_TEMPLATE, head):
        return False
    if re.match(_AWS_ATTRIBUTES, head):
        return bool(re.search(_AWS_KEY, head))
    if re.match(_AWS_ECS, head):
        return bool(re.search(_AWS_ECS_KEY, head))
    return bool(re.search(_AWS_SECTION, head))


def is_nginx_root(text: str) -> bool:
    """Does an nginx text stand on its own (http, events or stream at top level)?"""
    return bool(re.search(_NGINX_ROOT, text))


def has_haproxy_global(text: str) -> bool:
    """Does a HAProxy text have a `global` section, as the first file of an instance does?"""
    return bool(re.search(r"(?m)^[ \t]*+global[ \t\r]*+$", text))
