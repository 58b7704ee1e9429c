"""Find the end of code that is embedded in nginx files: `content_by_lua_block { ... }`."""

from __future__ import annotations

from lbcheck.regex import regex

_LUA_PIECE = regex(r"""[^{}"'\[-]++|"(?:[^"\\\n]++|\\[\s\S])*+"|'(?:[^'\\\n]++|\\[\s\S])*+'""")
_LONG_BRACKET = regex(r"(?:--)?\[(=*+)\[")
_LUA_COMMENT = regex(r"--[^\n]*+")
_JS_PIECE = regex(
    r"""[^{}"'`/]++|"(?:[^"\\\n]++|\\[\s\S])*+"|'(?:[^'\\\n]++|\\[\s\S])*+'"""
    r"""|`(?:[^`\\]++|\\[\s\S])*+`|//[^\n]*+|/(?![*])"""
)


def is_code(name: str) -> bool:
    """Does the block of this directive hold another language's code?"""
    return name.endswith("_block") and name.endswith(("_by_lua_block", "_by_js_block"))


def code_end(name: str, text: str, at: int, end: int) -> int:
    """The offset of the `}` that ends the code starting at `at` (just after its `{`); -1: none.

    Braces in strings, long brackets and comments do not count, as in lua-nginx-module's own
    scanner (ngx_http_lua_lex).
    """
    skip = _skip_js if name.endswith("_by_js_block") else _skip_lua
    depth = 1
    while 0 <= at < end:
        sign = text[at]
        if sign == "{":
            depth += 1
            at += 1
        elif sign == "}":
            depth -= 1
            if not depth:
                return at
            at += 1
        else:
            at = skip(text, at, end)
    return -1


def _skip_lua(text: str, at: int, end: int) -> int:
    long = _LONG_BRACKET.match(text, at, end)
    if long:
        closer = f"]{long[1]}]"
        close = text.find(closer, long.end(), end)
        return close + len(closer) if close >= 0 else -1
    comment = _LUA_COMMENT.match(text, at, end)
    if comment:
        return comment.end()
    piece = _LUA_PIECE.match(text, at, end)
    if piece:
        return piece.end()
    return -1 if text[at] in "\"'" else at + 1


def _skip_js(text: str, at: int, end: int) -> int:
    if text.startswith("/*", at):
        close = text.find("*/", at + 2, end)
        return close + 2 if close >= 0 else -1
    piece = _JS_PIECE.match(text, at, end)
    return piece.end() if piece else -1
