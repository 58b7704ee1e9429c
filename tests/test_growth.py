"""What judges the growth of cost tells linear work from quadratic."""

from tests.growth import linear_in, shortened

TEXT = "ab" * 2_000


def test_an_eighth_of_a_text_has_its_beginning_and_its_end() -> None:
    assert shortened("a" * 79 + "z") == "a" * 9 + "z"
    assert shortened("a;\n" * 159 + "z\n") == "a;\n" * 19 + "z\n"


def test_work_on_each_letter_is_linear() -> None:
    assert linear_in(lambda text: [ord(letter) for letter in text], TEXT)


def test_work_on_each_letter_that_looks_at_all_is_not() -> None:
    assert not linear_in(lambda text: [text.count(letter * 2) for letter in text], TEXT)


def test_work_that_needs_the_same_whatever_there_is_passes() -> None:
    assert linear_in(lambda text: sum(range(1000)), TEXT)
