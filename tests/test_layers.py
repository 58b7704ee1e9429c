"""The architecture, held by reading imports: model < finding < rule < rules, model < sources."""

import ast
import pathlib

import pytest

PACKAGE = pathlib.Path(__file__).parent.parent / "lbcheck"
MODULES = sorted(PACKAGE.rglob("*.py"))

# What a layer may import of lbcheck. A layer that is not named may import everything.
ALLOWED = {
    "model": set(),
    "regex": set(),
    "whole_file": set(),
    "small_file": {"errors"},
    "repository": set(),
    "errors": set(),
    "durations": set(),
    "belief": {"model", "regex"},
    "finding": {"model"},
    "profile": set(),
    "rule": {"finding", "model", "profile"},
    "fix": {"finding", "model"},
    "rules": {"durations", "finding", "fix", "model", "profile", "rule", "rules", "belief"},
    "sources": {
        "belief", "durations", "errors", "model", "regex", "repository", "sources", "spelling",
        "whole_file",
    },
    "explain": {"rule", "rules", "finding", "model", "durations"},
    "reporters": {
        "audit", "durations", "explain", "finding", "model", "probe", "profile", "regex",
        "reporters",
        "rule", "rules", "secret", "suppress",
    },
    "assemble": {"finding", "fingerprint", "model", "profile", "rule", "secret"},
    "fingerprint": {"finding", "model", "repository", "secret"},
    "secret": {"model"},
    "spelling": set(),
    "rule_names": {"errors", "rules", "spelling"},
    "probe": {"durations", "errors", "finding", "model", "probe", "profile"},
    "runtime": {"belief", "errors", "model", "probe", "runtime", "secret"},
    "configured": {"model", "probe"},
    "observed": {"assemble", "audit", "finding", "model", "probe", "profile", "rules"},
    "trial": {
        "assemble", "configured", "durations", "errors", "finding", "model", "probe", "profile",
        "secret", "trial",
    },
    "lab": {"errors", "explain", "lab", "rule", "rules"},
    "suppress": {"errors", "finding", "model", "regex", "rule_names", "rules"},
    "judge": {"assemble", "finding", "model", "profile", "rule", "rules"},
    "known": {"finding", "model"},
    "revision": {"errors"},
    "since": {
        "config_search", "errors", "finding", "known", "model", "profiles", "repository",
        "revision", "run", "sources",
    },
    "baseline": {"errors", "finding", "known", "model", "rules", "small_file", "sources"},
    "limits": {"finding", "profile"},
    "shard": {"errors", "finding", "model"},
    "report_file": {"errors", "finding", "rules", "small_file"},
    "merge": {
        "audit", "errors", "finding", "limits", "model", "profile", "report_file", "rules", "shard",
        "suppress",
    },
    "audit": {
        "assemble", "finding", "judge", "known", "limits", "model", "profile", "rule", "rules",
        "shard", "suppress",
    },
    "document": {"errors", "regex", "small_file"},
    "shape": {"document", "errors", "regex", "spelling"},
    "profile_file": {"document", "profile", "rule_names", "shape"},
    "profile_params": {"document", "errors", "profile", "profile_file", "shape", "spelling"},
    "profile_schema": {"profile_file"},
    "profiles": {
        "document", "errors", "profile", "profile_file", "profile_params", "profile_schema",
        "spelling",
    },
    "compare": {"finding", "model"},
    "deadline": set(),
    "history": {"audit", "compare", "errors", "finding", "history", "model", "reporters", "secret"},
    "notify": {"errors", "history", "notify", "reporters"},
    "accounts": {"document", "shape", "sources"},
    "config_search": set(),
    "config": {
        "config_search", "document", "errors", "profile_params", "profiles", "rule_names", "shape",
        "spelling", "toml_table",
    },
    "toml_table": {"document", "regex"},
}  # fmt: skip
OUTSIDE = {
    "boto3": {"sources/aws_session.py"},
    "botocore": {"sources/aws_session.py"},
    "httpx": {
        "notify/post.py",
        "probe/line.py",
        "probe/live.py",
        "probe/urls.py",
        "runtime/ask.py",
    },
    "httpcore": {"probe/line.py", "probe/live.py"},
    "jinja2": {"reporters/html"},
    "markupsafe": {"reporters/html"},
    "prometheus_client": {"history/metrics.py"},
    "sqlite3": {"history"},
    "wsproto": {"probe"},
    "stamina": {"notify/post.py"},
    "apprise": {"notify/services.py"},
    "click": {"__main__.py", "cli"},
    "tree_sitter": {"sources/terraform_syntax.py"},
    "tree_sitter_hcl": {"sources/terraform_syntax.py"},
    "yaml": {"document.py", "cli/profiles.py", "sources/yaml_tree.py"},
}


def imports(path: pathlib.Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= names if node.module in {"lbcheck", "lbcheck.sources"} else {node.module}
    return found


def layer(path: pathlib.Path) -> str:
    relative = path.relative_to(PACKAGE)
    return relative.parts[0] if len(relative.parts) > 1 else relative.stem


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_only_the_layers_below_it(path: pathlib.Path) -> None:
    allowed = ALLOWED.get(layer(path))
    used = {name.split(".")[1] for name in imports(path) if name.startswith("lbcheck.")}
    if allowed is not None:
        assert used - allowed - {"__version__"} == set()


def test_the_laboratory_is_for_those_who_doubt_and_no_audit_imports_it() -> None:
    users = {str(path.relative_to(PACKAGE)) for path in MODULES if layer(path) != "lab"}
    users = {user for user in users if any("lbcheck.lab" in n for n in imports(PACKAGE / user))}
    assert users == {"cli/doctor.py", "cli/prove.py"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_library_is_imported_only_where_it_belongs(path: pathlib.Path) -> None:
    relative = str(path.relative_to(PACKAGE))
    used = {name.split(".")[0] for name in imports(path)}
    for library, homes in OUTSIDE.items():
        if library in used:
            assert any(relative == home or relative.startswith(f"{home}/") for home in homes), (
                f"{relative} imports {library}"
            )
