"""The names that `import lbcheck` promises."""

import pathlib

import pytest

import lbcheck

EXAMPLES = pathlib.Path(__file__).parent.parent / "examples"


def test_an_audit_from_python_gives_a_report() -> None:
    report = lbcheck.check([str(EXAMPLES / "nginx")])
    assert isinstance(report, lbcheck.Report)
    assert report.exit_code == 1
    assert {type(finding) for finding in report.findings} == {lbcheck.Finding}
    assert lbcheck.Severity.ERROR in {finding.severity for finding in report.findings}


def test_options_are_those_of_the_command() -> None:
    options = lbcheck.Options(select=("LB105",), fail_on=None)
    report = lbcheck.check([str(EXAMPLES / "nginx")], options)
    assert [finding.code for finding in report.findings] == ["LB105"]
    assert report.exit_code == 0


@pytest.mark.parametrize("name", lbcheck.__all__)
def test_every_promised_name_is_there(name: str) -> None:
    assert getattr(lbcheck, name) is not None


def test_other_names_are_not() -> None:
    with pytest.raises(AttributeError, match="module 'lbcheck' has no attribute 'nothing'"):
        _ = lbcheck.nothing
