"""What Slack, Teams and Discord are sent: their forms, limits and escapes. Pure.

Slack:   https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks, blocks: at most
         50, a section's text 3,000 characters, a header's 150; observed limit of all 13,000.
Teams:   https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/
         connectors-using, an Adaptive Card in a message of at most 28 KB.
Discord: https://discord.com/developers/docs/resources/webhook#execute-webhook, an embed's title
         256 characters, its description 4,096, a footer 2,048.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from lbcheck.notify.message import Message, cut, filled

_SLACK_HEADER, _SLACK_SECTION = 150, 3000
_TEAMS_BYTES = 24_000
_DISCORD_TITLE, _DISCORD_DESCRIPTION, _DISCORD_FOOTER = 256, 4096, 2048
_DISCORD_MARKS = re.compile(r"[\\*_~`|>\[\]()<#@:+.-]")


def slack(message: Message) -> dict[str, Any]:
    """Blocks of plain text, in which nothing is a mention, a link or a style. `text`, which is
    shown where blocks are not, is always read as mrkdwn."""
    body = "\n".join(filled(message.lines, _SLACK_SECTION))
    sections = [{"type": "section", "text": _plain(body, _SLACK_SECTION)}] if body else []
    return {
        "text": _mrkdwn(message.title),
        "blocks": [
            {"type": "header", "text": _plain(message.title, _SLACK_HEADER)},
            *sections,
            {"type": "context", "elements": [_plain(message.footer, _SLACK_SECTION)]},
        ],
    }


def _plain(text: str, most: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": cut(text, most), "emoji": False}


def _mrkdwn(text: str) -> str:
    """`<!channel>` in a configuration must not call everybody."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def teams(message: Message) -> dict[str, Any]:
    """An Adaptive Card of rich text: unlike a TextBlock it interprets no Markdown."""
    body = [_rich(message.title, weight="Bolder")]
    room = _TEAMS_BYTES
    for line in (*message.lines, message.footer):
        block = _rich(line, subtle=line is message.footer)
        room -= len(json.dumps(block))
        if room > 0:
            body.append(block)
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
    }
    kind = "application/vnd.microsoft.card.adaptive"
    return {"type": "message", "attachments": [{"contentType": kind, "content": card}]}


def _rich(text: str, *, weight: str = "Default", subtle: bool = False) -> dict[str, Any]:
    run = {"type": "TextRun", "text": text, "weight": weight, "isSubtle": subtle}
    return {"type": "RichTextBlock", "inlines": [run]}


def discord(message: Message) -> dict[str, Any]:
    """An embed; nobody is called, whatever stands in it."""
    lines = filled(map(_unmarked, message.lines), _DISCORD_DESCRIPTION)
    return {
        "embeds": [
            {
                "title": cut(_unmarked(message.title), _DISCORD_TITLE),
                "description": "\n".join(lines),
                "footer": {"text": cut(message.footer, _DISCORD_FOOTER)},
            }
        ],
        "allowed_mentions": {"parse": []},
    }


def _unmarked(text: str) -> str:
    """Text in which Discord's Markdown finds no mark."""
    return _DISCORD_MARKS.sub(r"\\\g<0>", text)


FORMS: dict[str, Callable[[Message], dict[str, Any]]] = {
    "slack": slack,
    "teams": teams,
    "discord": discord,
}
