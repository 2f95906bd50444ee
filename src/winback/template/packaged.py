"""Which winback is installed, as a line of requirements.txt, and its wheel where there is one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname


@dataclass(frozen=True)
class Requirement:
    """What a project's environment is made from.

    Attributes:
        version: of the winback that is installed.
        extras: what the project needs beside it, in brackets.
        line: of requirements.txt; None where nobody could install by it.
        wheel: the file that winback was installed from, to be put beside it; None without.
    """

    version: str
    extras: str
    line: str | None
    wheel: Path | None


def own_requirement(*, database: bool = False) -> Requirement:
    """How another machine gets the winback that is installed here, with drivers for a database.

    From a wheel that is still there, by that file; from an index, by name and version. From a
    checkout, or a wheel that is gone, nothing can be said but what to put there.
    """
    extras = "[pipeline,notebooks,databases]" if database else "[pipeline,notebooks]"
    installed = metadata.distribution("winback")
    version = installed.version
    stated = installed.read_text("direct_url.json")
    if stated is None:
        return Requirement(version, extras, f"winback{extras}=={version}", None)
    url = urlsplit(json.loads(stated).get("url", ""))
    wheel = Path(url2pathname(url.path))
    if url.scheme == "file" and wheel.suffix == ".whl" and wheel.is_file():
        return Requirement(version, extras, f"./{wheel.name}{extras}", wheel)
    return Requirement(version, extras, None, None)
