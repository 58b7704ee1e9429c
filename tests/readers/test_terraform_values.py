"""Terraform expressions: what is literal is known, everything else is unknown and no default."""

import pathlib

import pytest

from lbcheck.model import Source
from lbcheck.sources import terraform_syntax
from lbcheck.sources.aws_written import UNKNOWN
from lbcheck.sources.files import Files
from lbcheck.sources.terraform_folder import Folders
from lbcheck.sources.terraform_module import Module

WORLD = """
variable "number" { default = 5 }
variable "open" { type = number }
variable "names" { default = ["a", "b"] }
variable "map" { default = { x = { deep = 7 }, "y z" = 2 } }
variable "nothing" { default = null }
variable "on" { default = true }
locals {
  twice  = var.number * 2
  circle = local.round
  round  = local.circle
  self   = local.self
}
module "unread" { source = "terraform-aws-modules/vpc/aws" }
"""


def value(folder: pathlib.Path, expression: str) -> object:
    (folder / "main.tf").write_text(f"{WORLD}\nlocals {{\n  it = {expression}\n}}\n")
    files = Files()
    source = files.open(str(folder / "main.tf"), "terraform")
    opened = Folders(files, [source]).open(str(folder))
    assert opened is not None
    found = Module(opened, Folders(files, [source])).named("local", "it")
    assert source.troubles == []
    return found.plain


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("60", 60),
        ("-1", -1),
        ("0.5", 0.5),
        ('"60"', "60"),
        ("true", True),
        ("null", None),
        ("(1 + 2) * 3 - 10 / 5", 7),
        ("7 % 4", 3),
        ("var.number", 5),
        ("local.twice", 10),
        ('"${var.number}s"', "5s"),
        ('"${var.number}"', 5),
        ('"a \\"b\\" $${c}"', 'a "b" ${c}'),
        ('"^a\\\\n"', "^a\\n"),
        ('<<X\n{"a": "\\"b\\""}\nX\n', '{"a": "\\"b\\""}'),
        ("var.map.x.deep", 7),
        ('var.map["y z"]', 2),
        ('var.map["x"]["deep"]', 7),
        ("var.names[1]", "b"),
        ("var.names.0", "a"),
        ("[for n in var.names : upper(n)]", ["A", "B"]),
        ('[for i, n in var.names : "${i}${n}" if i > 0]', ["1b"]),
        ('{ for n in var.names : n => 1 }["b"]', 1),
        ("var.on ? 1 : 2", 1),
        ("!var.on ? 1 : 2", 2),
        ("var.open > 3 ? 1 : 1", 1),
        ('var.number == 5 && var.on || false ? "y" : "n"', "y"),
        ("var.nothing == null ? 3600 : 60", 3600),
        ("try(var.map.missing, 9)", 9),
        ("try(var.map.x.deep, 9)", 7),
        ('lookup(var.map, "y z", 9)', 2),
        ('lookup(var.map, "none", 9)', 9),
        ('coalesce(null, "", 4)', 4),
        ("merge({ a = 1 }, { a = 2 }).a", 2),
        ('tonumber("7")', 7),
        ("tostring(7)", "7"),
        ('concat(var.names, ["c"])[2]', "c"),
        ("length(var.names)", 2),
        ('join("-", var.names)', "a-b"),
        ('format("%s-%d", "a", 3)', "a-3"),
        ("element(var.names, 3)", "b"),
        ("max(1, 5, 3)", 5),
        ('contains(var.names, "a") ? 1 : 0', 1),
        ("flatten([[1], [2, 3]])", [1, 2, 3]),
        ("one([4])", 4),
        ('sort(["b", "a"])', ["a", "b"]),
        ('replace("a-b", "-", "_")', "a_b"),
        ('substr("chat-ws", 0, 4)', "chat"),
        ('substr("chat-ws", 5, -1)', "ws"),
        ('split(",", "a,b")', ["a", "b"]),
        ('length(toset(["a", "b", "a"]))', 2),
        ('compact(["a", "", null])', ["a"]),
        ("<<-EOT\n  hello\n  EOT\n", "hello"),
    ],
)
def test_what_is_literal_is_known(
    tmp_path: pathlib.Path, expression: str, expected: object
) -> None:
    assert value(tmp_path, expression) == expected


@pytest.mark.parametrize(
    "expression",
    [
        "var.open",
        "var.undeclared",
        "local.undeclared",
        "local.circle",
        "local.self",
        "var.open ? 1 : 2",
        "var.open + 1",
        '"${var.open}s"',
        "[1, var.open]",
        "data.aws_lb.edge.idle_timeout",
        "aws_lb.edge.arn",
        "aws_lb.edge.idle_timeout",
        "module.unread.number",
        "path.module",
        "terraform.workspace",
        'file("x")',
        'jsondecode("1")',
        "coalesce(var.open, 4)",
        "try(var.open, 4)",
        "merge({ a = 1 }, var.open).a",
        'lookup(var.open, "a", 1)',
        "var.map[var.open]",
        "1 / 0",
        "var.names[9]",
        "var.map.missing",
        "each.value",
        "timestamp()",
        'replace("a", "/a/", "b")',
        'replace(var.open, "a", "b")',
        "sort([1, var.open])",
        'split(",", var.open)',
        "substr(var.open, 0, 1)",
        'substr("a", var.open, 1)',
        'format("%05.2f", 1)',
    ],
)
def test_everything_else_is_unknown(tmp_path: pathlib.Path, expression: str) -> None:
    assert value(tmp_path, expression) is UNKNOWN


def test_offsets_count_characters_where_the_parser_counts_bytes() -> None:
    text = '# Grüße 🎉\nlocals {\n  a = "ö" # é\n  b = 2\n}\n'
    file = terraform_syntax.parse(Source("x.tf", "terraform", text))
    assert file is not None
    spans = [each.span for each in file.blocks[0].attributes.values()]
    assert [text[span.start : span.end] for span in spans] == ['a = "ö"', "b = 2"]


def test_bytes_that_are_no_text_do_not_shift_what_follows() -> None:
    text = b"# \xff\xfe \xc3\xa4\nlocals {\n  a = 1\n}\n".decode("utf-8", "surrogateescape")
    file = terraform_syntax.parse(Source("x.tf", "terraform", text))
    assert file is not None
    span = file.blocks[0].attributes["a"].span
    assert text[span.start : span.end] == "a = 1"


@pytest.mark.parametrize("many", [20_000])
@pytest.mark.parametrize(
    ("opening", "closing"), [("[", "]"), ("(", ")"), ("{a=", "}"), ("-", ""), ("f(", ")")]
)
def test_deep_nesting_is_unknown_and_takes_no_time(
    tmp_path: pathlib.Path, opening: str, closing: str, many: int
) -> None:
    assert value(tmp_path, opening * many + "1" + closing * many) is UNKNOWN


def test_a_chain_of_locals_ends(tmp_path: pathlib.Path) -> None:
    chain = "".join(f"  a{n} = local.a{n + 1}\n" for n in range(5000))
    assert value(tmp_path, f"local.a0\n{chain}  a5000 = 1") is UNKNOWN


def test_locals_that_double_are_cut_off(tmp_path: pathlib.Path) -> None:
    doubling = "".join(f"  a{n} = concat(local.a{n + 1}, local.a{n + 1})\n" for n in range(40))
    assert value(tmp_path, f"length(local.a0)\n{doubling}  a40 = [1]") is UNKNOWN


def test_a_text_that_multiplies_is_cut_off(tmp_path: pathlib.Path) -> None:
    eight = "".join(f'  a{n} = "{f"${{local.a{n + 1}}}" * 8}"\n' for n in range(12))
    assert value(tmp_path, f'local.a0\n{eight}  a12 = "ten letters"') is UNKNOWN


@pytest.mark.parametrize(
    "call",
    [
        'replace(local.l, "a", local.l)',
        'format("%s%s", local.l, local.l)',
        "join(local.l, [1, 2, 3])",
    ],
)
def test_a_function_makes_no_giant_text(tmp_path: pathlib.Path, call: str) -> None:
    assert value(tmp_path, f'{call}\n  l = "{"a" * 9000}"') is UNKNOWN


def test_lists_of_lists_that_multiply_are_no_value(tmp_path: pathlib.Path) -> None:
    four = "".join(f"  a{n} = [{f'local.a{n + 1}, ' * 4}]\n" for n in range(18))
    assert value(tmp_path, f"local.a0\n{four}  a18 = 1") is UNKNOWN


def test_loops_in_loops_are_cut_off(tmp_path: pathlib.Path) -> None:
    many = "[" + ", ".join(["1"] * 1000) + "]"
    loop = f"length(flatten([for a in local.l : [for b in local.l : b]]))\n  l = {many}"
    assert value(tmp_path, loop) is UNKNOWN


def test_a_giant_list_is_unknown(tmp_path: pathlib.Path) -> None:
    assert value(tmp_path, "length([" + "1, " * 100_000 + "])") is UNKNOWN
