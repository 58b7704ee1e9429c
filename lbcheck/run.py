"""One audit from paths to report: the only place that joins sources, profile and judgement."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from lbcheck import audit, profiles, sources
from lbcheck.errors import SourceError, UsageError
from lbcheck.finding import Confidence, Finding, Severity
from lbcheck.model import Declared, Pointer, Source, Topology
from lbcheck.profile import Profile
from lbcheck.sources import detect
from lbcheck.sources.files import DEFAULT_MAX_BYTES, Files

if TYPE_CHECKING:
    from lbcheck import suppress
    from lbcheck.known import Knowing
    from lbcheck.runtime.where import Where
    from lbcheck.shard import Shard
    from lbcheck.sources.aws_request import Request
    from lbcheck.trial.looked import Request as Trial
    from lbcheck.trial.looked import Tried

Recall = Callable[[Topology], Topology]
_MARK = "lbcheck:"  # no suppression is without it


class Options(Struct, frozen=True):
    """What `lbcheck audit` was asked to do. Names and meanings are those of its options."""

    profiles: tuple[str, ...] = ("default",)
    params: dict[str, str] = {}
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    min_severity: Severity = Severity.INFO
    min_confidence: Confidence = Confidence.LIKELY
    fail_on: Severity | None = Severity.ERROR
    exclude: tuple[str, ...] = ()
    kind: str | None = None
    skip_unknown: bool = False
    stdin: tuple[str, str] | None = None
    """name to show and text of standard input"""
    snapshots: tuple[str, ...] = ()
    aws: tuple[Request, ...] = ()
    processes: tuple[Where, ...] = ()
    """running proxies that are asked for the state of their targets"""
    trial: Trial | None = None
    """services on which findings are put to the test"""
    max_file_bytes: int = DEFAULT_MAX_BYTES
    today: str | None = None
    """ISO date; None: today"""
    environment: dict[str, str] = {}
    texts: Mapping[str, str] = {}
    """absolute path -> what is audited in place of what the file holds"""
    baseline: str | None = None
    """file of the findings that are known"""
    known: Knowing | None = None
    """findings that are known otherwise"""
    shard: Shard | None = None
    """the share that is told, and asked of AWS; None: everything"""
    folder: str | None = None
    """where files are called from; None: the working directory"""
    absolute: bool = False
    """files are called by their whole paths, so that runs in different folders can be compared"""


_DEFAULT = Options()


def run(
    paths: Sequence[str], options: Options = _DEFAULT, kept: list[object] | None = None
) -> audit.Report:
    """Audit files, folders, snapshots and live accounts: arguments and errors of `audited`.

    Args: kept: takes what was read; whoever ends with the process need not wait until a hundred
    thousand objects are freed.
    """
    return _judged(paths, options, kept)[0]


def audited(
    paths: Sequence[str], options: Options = _DEFAULT, recall: Recall = lambda topology: topology
) -> tuple[audit.Report, Topology]:
    """The report, and all that it is about.

    Args:
        paths: files and folders; none is fine when there is another source.
        recall: adds what only earlier audits can tell.

    Raises:
        UsageError: a path that does not exist, a wrong profile, an unknown rule.
        SourceError: standard input is empty.
    """
    report, topology = _judged(paths, options, recall=recall)
    return report, topology.whole() if topology.whole is not None else topology


def _judged(
    paths: Sequence[str],
    options: Options,
    kept: list[object] | None = None,
    recall: Recall = lambda topology: topology,
) -> tuple[audit.Report, Topology]:
    profile = profiles.load(options.profiles, options.params)
    wanted = limits(options)
    known = tuple(_known(paths, options))
    files = Files(
        options.max_file_bytes, options.folder, texts=options.texts, absolute=options.absolute
    )
    topology = recall(read(paths, options, profile, files))
    ignores, mistakes = suppressions(topology.sources)
    services, seen, tries = _tried(topology, options, profile)
    report = audit.report(
        replace(topology, sources=(*topology.sources, *services)),
        profile,
        limits=wanted,
        suppressions=ignores,
        mistakes=mistakes,
        today=options.today or time.strftime("%Y-%m-%d"),
        locate=_locate,
        not_asked=tuple(_not_asked(options, topology.sources)),
        known=known,
        seen=seen,
        shard=options.shard,
    )
    if tries:
        from lbcheck.trial.verdicts import judged

        report = replace(report, findings=judged(report.findings, topology, tries))
    if kept is not None:
        kept += [files, topology]
    return report, topology


def limits(options: Options) -> audit.Limits:
    """What a person wants to see. Raises: UsageError for a rule that does not exist."""
    return audit.Limits(
        select=codes(options.select),
        ignore=codes(options.ignore),
        min_severity=options.min_severity,
        min_confidence=options.min_confidence,
        fail_on=options.fail_on,
    )


def _known(paths: Sequence[str], options: Options) -> Iterator[Knowing]:
    """What was known before. Raises: UsageError for a baseline that cannot be read."""
    if options.baseline is not None:
        from lbcheck import baseline

        said = baseline.read(options.baseline)
        yield baseline.known(options.baseline, said, paths, options.min_confidence)
    if options.known is not None:
        yield options.known


def _tried(
    topology: Topology, options: Options, profile: Profile
) -> tuple[Sequence[Source], Sequence[Finding], Sequence[Tried]]:
    """What a probe sees of the services that are to be tried: they, its findings, all it saw."""
    if options.trial is None:
        return (), (), ()
    from lbcheck import observed
    from lbcheck.trial.looked import looked

    tries = looked(topology, options.trial, profile)
    return *observed.found([tried.seen for tried in tries], profile), tries


def _not_asked(options: Options, read_sources: Iterable[Source]) -> dict[str, None]:
    """What a person might take for audited and is not, each once."""
    found = {} if options.aws or options.snapshots else {"AWS (--aws)": None}
    return found | dict.fromkeys(what for source in read_sources for what in source.not_asked)


def read(paths: Sequence[str], options: Options, profile: Profile, files: Files) -> Topology:
    """Read everything an audit was asked for.

    Raises: UsageError for a path that does not exist, SourceError as `run`.
    """
    for path in (*paths, *options.snapshots):
        if not os.path.lexists(path):
            raise UsageError(f"{path}: no such file or folder")
    extra = [files.open(path, detect.AWS) for path in options.snapshots]
    if options.stdin is not None:
        extra.append(_standard_input(options, files))
    said = declared(profile, options)
    extra += _live(options, said)
    wanted = sources.Wanted(
        tuple(paths), options.kind, options.exclude, options.skip_unknown, tuple(extra)
    )
    topology = sources.read(wanted, files, said)
    return _with_states(topology, options) if options.processes else topology


def _with_states(topology: Topology, options: Options) -> Topology:
    """The topology with what running proxies say of its targets."""
    from lbcheck.runtime.ask import Asked
    from lbcheck.runtime.join import joined

    return joined(topology, [Asked(where) for where in options.processes])


def _standard_input(options: Options, files: Files) -> Source:
    name, text = options.stdin or ("-", "")
    if not text.strip():
        raise SourceError("standard input is empty: did the command before the pipe fail?")
    kind = options.kind or detect.kind_of(name, text)
    if kind is None:
        raise UsageError("cannot tell what standard input is: name its kind with --type")
    path = os.path.abspath(name) if name != "-" else None
    return files.adopt(Source(name, kind, text, path))


def _live(options: Options, said: Declared) -> list[Source]:
    if not options.aws:
        return []
    from lbcheck.sources import aws_accounts
    from lbcheck.sources.aws_request import Scope

    scope = Scope(said, options.min_confidence.level)
    requests = [replace(request, scope=scope) for request in options.aws]
    return (
        aws_accounts.ask(requests, options.shard.has)
        if options.shard
        else aws_accounts.ask(requests)
    )


def declared(profile: Profile, options: Options = _DEFAULT) -> Declared:
    """What readers must know of a profile."""
    return Declared(
        websocket_paths=profile.websocket.paths,
        not_websocket_paths=profile.websocket.not_paths,
        health_path=profile.health.path,
        nginx_version=_version(profile.versions.nginx),
        nginx_edition=profile.versions.nginx_edition,
        haproxy_version=_version(profile.versions.haproxy),
        ingress_controller=profile.versions.ingress_controller,
        environment=options.environment,
        max_file_bytes=options.max_file_bytes,
        visits=tuple(each.visit for each in options.trial.services) if options.trial else (),
        leave_out=not (options.processes or options.trial)
        and not any("?" in path for path in _health_paths(profile)),
    )


def _health_paths(profile: Profile) -> Iterator[str]:
    """The paths that a check's request may be compared with, its query too."""
    yield from profile.health.allow_paths
    yield from (path for path in (profile.health.path, profile.health.suggest) if path)


def _version(text: str | None) -> tuple[int, ...] | None:
    return tuple(int(part) for part in text.split(".")) if text else None


def codes(names: Iterable[str]) -> frozenset[str]:
    """The rules that a person names. Raises: UsageError for what means none."""
    try:
        return frozenset(audit.codes(names))
    except KeyError as error:
        raise UsageError(f"no rule is called {error.args[0]!r}: see `lbcheck rules`") from None


def suppressions(
    read_sources: Iterable[Source],
) -> tuple[list[suppress.Suppression], list[suppress.Mistake]]:
    """The inline ignores of every source that mentions lbcheck."""
    found: list[suppress.Suppression] = []
    mistakes: list[suppress.Mistake] = []
    for source in read_sources:
        if _MARK not in (source.text or ""):
            continue
        from lbcheck import suppress
        from lbcheck.sources import inline

        there = inline.read(source)
        those, wrong = suppress.parse(source, there.comments, there.block_ends.get)
        found += those
        mistakes += wrong
    return found, mistakes


def _locate(pointer: Pointer) -> tuple[int, int] | None:
    from lbcheck.sources import aws_snapshot

    return aws_snapshot.locate(pointer)
