"""What chat services are sent keeps to their limits, and calls nobody."""

import json

import pytest

from lbcheck.notify.chat import discord, slack, teams
from lbcheck.notify.message import message
from tests.notify.digests import FULL, HOSTILE, digest

HUGE = message(digest(*[HOSTILE * 20] * 40))


def test_slack_is_sent_plain_text() -> None:
    assert slack(message(digest(HOSTILE))) == {
        "text": "lbcheck: 1 new (1 error)",
        "blocks": [
            {
                "type": "header",
                "text": {"type": "plain_text", "text": "lbcheck: 1 new (1 error)", "emoji": False},
            },
            {
                "type": "section",
                "text": {
                    "type": "plain_text",
                    "text": "new error: LB301 edge/a.conf:3:5: <!channel> @everyone **b** "
                    "[x](http://e) \\x1b[31m\\u202e `c` & <b>",
                    "emoji": False,
                },
            },
            {
                "type": "context",
                "elements": [
                    {
                        "type": "plain_text",
                        "text": "run 7, 2026-11-23T07:00:00Z: lbcheck report show 7",
                        "emoji": False,
                    }
                ],
            },
        ],
    }


def test_the_fallback_of_slack_calls_nobody() -> None:
    from msgspec.structs import replace

    sent = slack(replace(message(FULL), title="<!channel> & co"))
    assert sent["text"] == "&lt;!channel&gt; &amp; co"


def test_slack_keeps_to_its_limits() -> None:
    sent = slack(HUGE)
    header, section, _ = sent["blocks"]
    assert len(header["text"]["text"]) <= 150
    assert 2500 < len(section["text"]["text"]) <= 3000
    assert section["text"]["text"].endswith("\n...")


def test_a_run_without_entries_is_a_title() -> None:
    sent = slack(message(digest()))
    assert [block["type"] for block in sent["blocks"]] == ["header", "context"]


def test_teams_is_sent_rich_text_which_is_no_markdown() -> None:
    sent = teams(message(FULL))
    (attachment,) = sent["attachments"]
    blocks = attachment["content"]["body"]
    assert {block["type"] for block in blocks} == {"RichTextBlock"}
    assert [block["inlines"][0]["text"] for block in blocks] == [
        message(FULL).title,
        *message(FULL).lines,
        message(FULL).footer,
    ]


def test_teams_keeps_to_its_limit() -> None:
    assert len(json.dumps(teams(HUGE)).encode()) < 28_000


def test_discord_finds_no_mark_and_calls_nobody() -> None:
    sent = discord(message(digest(HOSTILE)))
    assert sent["allowed_mentions"] == {"parse": []}
    assert sent["embeds"][0]["description"] == (
        r"new error\: LB301 edge/a\.conf\:3\:5\: \<!channel\> \@everyone \*\*b\*\* "
        r"\[x\]\(http\://e\) \\x1b\[31m\\u202e \`c\` & \<b\>"
    )


@pytest.mark.parametrize("made", [discord(HUGE), discord(message(FULL))])
def test_discord_keeps_to_its_limits(made: dict) -> None:
    (embed,) = made["embeds"]
    assert len(embed["title"]) <= 256
    assert len(embed["description"]) <= 4096
    assert sum(map(len, (embed["title"], embed["description"], embed["footer"]["text"]))) <= 6000
