"""Make hostile text harmless: what a terminal or a CI runner would obey is shown, never sent."""

from __future__ import annotations

import re

_COMMAND_ANYWHERE = r"##(?=\w{0,20}\[)"
_COMMAND_AT_START = r"(?m)^([ \t]*+):(?=:)"
_BYTES_KEPT = range(0xDC80, 0xDD00)


def visible(text: str) -> str:
    r"""Text in which every control, invisible or direction-changing character is an escape.

    ESC becomes `\x1b`, a right-to-left override `\u202e`, an undecodable byte `\xe9`, a tab
    four blanks. `str.isprintable` draws the line: no character of the Unicode categories
    Other and Separator passes but the blank.
    """
    if text.isprintable():
        return text
    return "".join(map(visible_character, text))


def visible_character(character: str) -> str:
    """What is shown for one character."""
    if character.isprintable():
        return character
    if character == "\t":
        return "    "
    code = ord(character)
    if code in _BYTES_KEPT:
        return f"\\x{code - 0xDC00:02x}"
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def encodable(text: str) -> str:
    r"""Text that UTF-8 can hold: undecodable bytes and lone surrogates become escapes (`\xe9`)."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return "".join(visible_character(c) if 0xD800 <= ord(c) < 0xE000 else c for c in text)
    return text


def without_commands(output: str) -> str:
    """Output in which a CI runner finds no command of its own.

    GitHub's runner obeys lines that start with `::` and, anywhere in a line, `##[`
    (actions/runner, ActionCommand.cs); Azure's obeys `##vso[`, TeamCity `##teamcity[`.
    """
    return re.sub(_COMMAND_AT_START, r"\1: ", without_inner_commands(output))


def without_inner_commands(text: str) -> str:
    """Text without the commands that are obeyed anywhere in a line."""
    return re.sub(_COMMAND_ANYWHERE, "# #", text)


def without_commands_in_json(document: str) -> str:
    """The same JSON, in which a CI runner finds no command: no line of it starts with `::`, and a
    number sign can be written as an escape."""
    return re.sub(_COMMAND_ANYWHERE, r"#\\u0023", document)
