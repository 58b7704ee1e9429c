"""Coverage-guided fuzzing of both readers and all that follows: `python -m tests.fuzz.guided`.

    python -m tests.fuzz.guided nginx|haproxy [libFuzzer options] [CORPUS]

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


def seeds(kind: str, folder: str) -> None:
    """The examples of all rules: what a mutation starts from."""
    os.makedirs(folder, exist_ok=True)
    for rule in ALL:
        for number, example in enumerate(rule.examples):
            if example.vendor.value == kind:
                for side, text in (("bad", example.bad), ("good", example.good)):
                    with open(os.path.join(folder, f"{rule.code}-{number}-{side}"), "w") as file:
                        file.write(text)


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
        if SEPARATOR not in text:  # such a file is not read at all
            anything.check(kind, text)

    atheris.Setup(sys.argv, once)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
