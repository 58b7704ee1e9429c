"""Coverage-guided fuzzing of both readers and all that follows: `python -m tests.fuzz.guided`.

    python -m tests.fuzz.guided nginx|haproxy|suppressions [libFuzzer options] [CORPUS]

`-max_total_time=300` ends it after five minutes; the first input that breaks a promise of
`anything.check` is written to `crash-*` and ends it with a traceback. Needs the extra `fuzz`.
"""

import os
import sys

import atheris

with atheris.instrument_imports(include=["lbcheck"]):
    import lbcheck.sources.haproxy
    import lbcheck.sources.haproxy_instances
    import lbcheck.sources.nginx
    import lbcheck.sources.nginx_roots  # noqa: F401
    from lbcheck.rules import ALL
    from tests.fuzz import anything

SEPARATOR = "\0"
SILENCED = "server {{ # lbcheck:{} \n  listen 80; location /ws {{ proxy_pass http://a; }} }}\n"
COMMENTS = (
    ' ignore[LB101] until=2027-01-31 reason="mended in the next release"',
    ' ignore[LB101,upgrade-header-not-forwarded] reason="a \\"quoted\\" word"',
    " ignore",
    " ignore[LB999] until=2020-02-30",
    ' ignore[] reason="" # lbcheck: ignore[LB102]',
)


def seeds(kind: str, folder: str) -> None:
    """What mutations start from: comments, or the examples of all rules for a proxy."""
    os.makedirs(folder, exist_ok=True)
    texts = COMMENTS if kind == "suppressions" else examples(kind)
    for number, text in enumerate(texts):
        with open(os.path.join(folder, f"seed-{number}"), "w") as file:
            file.write(text)


def examples(kind: str) -> list[str]:
    shown = [e for rule in ALL for e in rule.examples if e.vendor.value == kind]
    return sorted({text for example in shown for text in (example.bad, example.good)})


def main() -> None:
    kind = sys.argv.pop(1)
    options = sys.argv[1:]
    corpus = next((word for word in options if not word.startswith("-")), None)
    if corpus is None:
        corpus = os.path.join(".fuzz", kind)
        sys.argv.append(corpus)
    seeds(kind, corpus)

    def once(data: bytes) -> None:
        text = data.decode("utf-8", "surrogateescape")
        if SEPARATOR in text:  # such a file is not read at all
            return
        if kind == "suppressions":
            anything.check("nginx", SILENCED.format(text))
        else:
            anything.check(kind, text)

    atheris.Setup(sys.argv, once)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
