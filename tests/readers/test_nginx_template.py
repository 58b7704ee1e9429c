"""What a template engine will still change in an nginx file."""

import pytest

from lbcheck.sources.nginx_template import masked, placeholders, undecided


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "a 1; {% if x %}\nb;\n{% else %}\nc;\n{% endif %} d;",
            ["{% if x %}\nb;\n{% else %}\nc;\n{% endif %}"],
        ),
        (
            "{% if x %}{% for y in z %}a;{% endfor %}{% endif %}b;",
            ["{% if x %}{% for y in z %}a;{% endfor %}{% endif %}"],
        ),
        ("{{- if .x }}\na;\n{{- end }}\nb;", ["{{- if .x }}\na;\n{{- end }}"]),
        ("{{#x}}\na;\n{{/x}}\n", ["{{#x}}\na;\n{{/x}}"]),
        ("<% @a.each do |b| -%>\na;\n<% end -%>\nb;", ["<% @a.each do |b| -%>\na;\n<% end -%>"]),
        ("<% if x %>\na;\n<% end %>", ["<% if x %>\na;\n<% end %>"]),
        ("a {\n  {{ extra }}\n}", ["{{ extra }}"]),
        ("a {{ b }};\nc <%= d %>;", []),
        ("{# if x #}\na {{ b }};", []),
        ("{% if x %}\na;", ["{% if x %}\na;"]),
        ("a ${b};", []),
        ("{% if x %}a {{ endpoint }};b;{% endif %}", ["{% if x %}a {{ endpoint }};b;{% endif %}"]),
    ],
)
def test_stretches_that_depend_on_the_template(text, expected):
    assert [text[start:end] for start, end in undecided(text)] == expected


def test_placeholders_are_masked_without_moving_anything():
    text = "a {{ b }};\n{% if c %}\nd <%= e %>;\n{% endif %}"
    assert masked(text) == "a xxxxxxx;\n          \nd xxxxxxxx;\n           "
    assert masked("{% a %} b", statements=False) == "xxxxxxx b"
    assert [text[a:b] for a, b in placeholders(text)] == [
        "{{ b }}",
        "{% if c %}",
        "<%= e %>",
        "{% endif %}",
    ]
