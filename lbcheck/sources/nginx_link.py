"""Which file a link means: `sites-enabled/chat` is `sites-available/chat`, which people edit."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable


def edited(
    path: str, candidates: Callable[[str], Iterable[str]], within: Callable[[str], bool]
) -> str:
    """The file behind a link, where it is audited as well; else the path as it is.

    A link to `/etc/nginx/sites-available/chat` is looked up in a checkout as an include of that
    name would be. The files of a mounted ConfigMap keep their names: they are links into `..data`,
    which leads to another folder with each version.

    Args: candidates: where a file of an absolute name may be; within: may it be read?
    """
    if not os.path.islink(path):
        return path
    name = os.readlink(path)
    places = map(os.path.normpath, candidates(name) if os.path.isabs(name) else ())
    for place in (*places, os.path.realpath(path)):
        if "/.." not in place and within(place) and os.path.isfile(place):
            return place
    return path
