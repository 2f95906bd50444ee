"""A project: every artefact has a name, a place, a reader and a writer.

The only room that knows paths. `dvc repro` and `winback run` walk the same stages over two
layouts of the same artefacts: the folders of a project under DVC, and one folder of results.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar

from winback.errors import WinbackError
from winback.files import alone_in, replacing, write_text
from winback.ledger.asked import seals
from winback.ledger.book import Ledger
from winback.params import PUBLIC_SALT, Params
from winback.results.base import Fact, Json, Result
from winback.results.listed import Listed

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from winback.tables.table import Table

Say = Callable[[Any], None]
Some = TypeVar("Some", bound=Result)
Thing = TypeVar("Thing")

# Under DVC: tables in data/, what git keeps in reports/, the newest list in exports/current/.
PIPELINE = {
    "orders": "data/orders.parquet",
    "contacts": "data/contacts.parquet",
    "privacy": "data/privacy.parquet",
    "signals": "data/signals.parquet",
    "signal_items": "data/signal_items.parquet",
    "attributes": "data/attributes.parquet",
    "marks": "data/shop_marks.parquet",
    "product_table": "data/product_table.parquet",
    "next_products": "data/next_products.parquet",
    "new_products": "data/new_products.parquet",
    "quarantine": "data/quarantine.csv",
    "watermark": "data/watermark.json",
    "snapshots": "data/snapshots.parquet",
    "outcomes": "data/outcomes.parquet",
    "restated": "data/restated.parquet",
    "first_days": "data/first_days.parquet",
    "shop_days": "data/shop_days.parquet",
    "backtest": "data/backtest.parquet",
    "rehearsal": "data/rehearsal.parquet",
    "champion_rows": "data/champion_rows.parquet",
    "scores": "data/scores.parquet",
    "rivals": "data/rivals.parquet",
    "reactions": "data/reactions.parquet",
    "plan": "data/assignment.parquet",
    "decisions": "data/decisions.parquet",
    "model": "models/return_model.json",
    "learned_rivals": "models/rivals.json",
    "champion": "models/champion.json",
    "card": "models/CARD.md",
    "tuning": "models/tuning",
    "ingest": "reports/ingest.json",
    "products": "reports/products.json",
    "shop": "reports/shop.json",
    "training": "reports/training.json",
    "evaluation": "reports/evaluation.json",
    "gate": "reports/gate.json",
    "served": "reports/served.json",
    "grades": "reports/grades.json",
    "watch": "reports/watch.json",
    "drivers": "reports/drivers.json",
    "learned": "reports/learned.json",
    "target": "reports/target.json",
    "segments": "reports/segments.json",
    "volume": "reports/plots/volume.csv",
    "calibration": "reports/plots/calibration.csv",
    "lift": "reports/plots/lift.csv",
    "track_record": "reports/plots/grades.csv",
    "served_calibration": "reports/plots/served_calibration.csv",
    "served_lift": "reports/plots/served_lift.csv",
    "profit": "reports/plots/profit.csv",
    "metrics": "reports/metrics",
    "measurements": "reports/measurements",
    "campaigns": "data/campaigns",
    "page": "reports/report.html",
    "ledger": "ledger",
    "people": "people.parquet",
    "forgotten": "forgotten.txt",
    "pushes": "pushes",
    "exports": "exports",
    "cards": "exports/cards",
    "current": "exports/current",
    "list": "exports/current/list.csv",
    "assignment": "exports/current/assignment.parquet",
    "manifest": "exports/current/manifest.json",
}

# In one folder: what a person looks for on top, what it was made from below.
FOLDER = {name: path.replace("data/", "orders/") for name, path in PIPELINE.items()} | {
    "quarantine": "quarantine.csv",
    # Of the listed who share an address with somebody who gets nothing: no contacts stay here.
    "shared": "orders/shared.parquet",
    "scores": "scores.parquet",
    "decisions": "decisions.parquet",
    "evaluation": "evaluation.json",
    "page": "report.html",
    "exports": "",
    "cards": "cards",
    "current": "",
    "list": "list.csv",
    "assignment": "assignment.parquet",
    "manifest": "manifest.json",
}


class ParquetOptions(TypedDict):
    """How a Parquet file is written, in pyarrow's words."""

    compression: str
    use_dictionary: list[str]
    write_statistics: list[str]
    write_batch_size: int


# Snapshots are mostly numbers that do not repeat: a dictionary of them costs time and space. Of
# ninety columns of numbers, bounds and small pages cost as much as the numbers themselves.
_KEY = ["customer_id", "cutoff"]
NUMBERS = ParquetOptions(
    compression="snappy", use_dictionary=_KEY, write_statistics=_KEY, write_batch_size=1 << 15
)


def quiet(said: Fact) -> None:
    """Say nothing."""


@dataclass(frozen=True)
class Project:
    """Where a project lies, how it is laid out, and what its params.yaml says.

    ``say`` is told what is being done. ``source`` is what to read orders from where that is not
    ``ingest.orders`` (`winback run` is given it, a notebook gives a frame).
    """

    params: Params
    root: Path = Path()
    layout: Mapping[str, str] = field(default_factory=lambda: PIPELINE)
    say: Say = quiet
    source: Any = None
    # Whatever `once` is asked to keep; who asks knows what it is.
    _kept: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    # --- places ------------------------------------------------------------------------------

    def path(self, name: str) -> Path:
        """Where the artefact of that name lies."""
        return self.root / self.layout[name]

    @property
    def under_dvc(self) -> bool:
        """Whether DVC owns what the stages write."""
        return self.layout is PIPELINE

    @contextmanager
    def alone(self) -> Iterator[None]:
        """While inside, no other command of winback writes here.

        Raises:
            WinbackError: one does.
        """
        with contextlib.ExitStack() as held:
            try:
                held.enter_context(alone_in(self.root))
            except BlockingIOError as error:
                raise WinbackError("project.in_use", folder=self.root.resolve()) from error
            yield

    @contextmanager
    def leaving_no_addresses(self) -> Iterator[None]:
        """Alone, and whatever happens inside, no file of contacts stays: only a list may hold
        addresses."""
        with self.alone():
            try:
                yield
            finally:
                self.path("contacts").unlink(missing_ok=True)

    def ledger(self) -> Ledger:
        """What left and what came of it; a stage reads it and never writes it.

        An experiment in a copy of the project finds the people where the project itself lies.
        """
        people = self.path("people")
        home = os.environ.get("DVC_ROOT")
        if home and not people.is_file():
            people = Path(home) / people.relative_to(self.root)
        return Ledger(self.path("ledger"), people)

    # --- readers -----------------------------------------------------------------------------

    def arrow(self, name: str, contract: Table | None = None) -> pa.Table:
        """A stored table as Arrow, held to its contract where one is named."""
        import pyarrow.parquet as pq

        from winback.tables.table import open_given

        path = self.path(name)
        if not path.is_file():
            raise WinbackError("project.missing", file=path)
        if contract is not None:
            open_given(path, contract, f"winback {contract.written_by.split(',')[0]}").close()
        return pq.read_table(path)

    def frame(self, name: str, contract: Table | None = None) -> pd.DataFrame:
        """A stored table as pandas, days as timestamps."""
        table: pd.DataFrame = self.arrow(name, contract).to_pandas(date_as_object=False)
        return table

    def curve(self, name: str) -> pd.DataFrame:
        """A small table that `dvc plots` shows too."""
        import pandas as pd

        path = self.path(name)
        if not path.is_file():
            raise WinbackError("project.missing", file=path)
        return pd.read_csv(path)

    def result(self, name: str, kind: type[Some]) -> Some:
        """A stored result."""
        path = self.path(name)
        return kind.from_json(self._text(path), str(path))

    def json(self, name: str) -> Any:
        """Content of a stored JSON file."""
        return json.loads(self._text(self.path(name)))

    def _text(self, path: Path) -> str:
        try:
            return path.read_text(encoding="utf-8")
        except FileNotFoundError as error:
            raise WinbackError("project.missing", file=path) from error

    def once(self, name: str, make: Callable[[], Thing]) -> Thing:
        """What ``make`` gives, made once in this process: stages that follow use it again."""
        if name not in self._kept:
            self._kept[name] = make()
        kept: Thing = self._kept[name]
        return kept

    # --- writers -----------------------------------------------------------------------------

    def write_arrow(self, name: str, table: pa.Table, **options: Any) -> None:
        """A table as Parquet."""
        import pyarrow.parquet as pq

        with replacing(self.path(name)) as new:
            pq.write_table(table, new, **options)

    def write_frame(self, name: str, table: pd.DataFrame) -> None:
        """A pandas table as Parquet."""
        with replacing(self.path(name)) as new:
            table.to_parquet(new, index=False)

    def write_curve(self, name: str, table: pd.DataFrame) -> None:
        """A small table as CSV, for git and `dvc plots`."""
        write_text(self.path(name), table.to_csv(index=False, lineterminator="\n"))

    def write_json(self, name: str, content: Any) -> None:
        """A result as JSON: the same bytes for the same content."""
        write_text(self.path(name), as_json(content))

    def write_metrics(self, stage: str, content: Any, *keys: str) -> None:
        """Of a stage the numbers alone: a difference of words is none that DVC can show.

        ``keys`` are those worth comparing, since `dvc exp show` makes a column of each number;
        none: all of them.
        """
        plain = content.model_dump(mode="json") if isinstance(content, Result) else content
        plain = {key: plain[key] for key in keys or plain}
        write_text(self.path("metrics") / f"{stage}.json", as_json(_numbers(plain)))

    def write_measurement(self, campaign: str, content: Any, page: str = "") -> None:
        """What a campaign changed, and the page of it for people where there is one."""
        write_text(self.path("measurements") / f"{campaign}.json", as_json(content))
        if page:
            write_text(self.path("measurements") / f"{campaign}.html", page)

    def write_card(self, text: str) -> None:
        """What there is to know of the model that scores."""
        write_text(self.path("card"), text)

    def write_page(self, text: str) -> None:
        """The page a person reads."""
        write_text(self.path("page"), text)

    def digest(self, name: str) -> str:
        """SHA-256 of a stored file."""
        return hashlib.sha256(self.path(name).read_bytes()).hexdigest()

    def seal_folder(self) -> None:
        """Add to the manifest the hashes of what lies beside it in a folder of results."""
        manifest = self.result("manifest", Listed)
        hashes = dict(manifest.sha256)
        for name in ("scores", "decisions", "evaluation", "page", "quarantine"):
            path = self.path(name)
            hashes[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
        self.write_json("manifest", manifest.model_copy(update={"sha256": hashes}))

    # --- the salt ----------------------------------------------------------------------------

    def salt(self) -> str:
        """The secret of every draw: an input of the project, never a parameter.

        ``WINBACK_SALT``, else ``salt.txt`` of the project (a folder of results has its own,
        made at random by its first run), else the public one of the demonstration, where
        params.yaml asks for it.

        Raises:
            WinbackError: there is none, or it is another than the one that drew the list that
                left last, or than the project's ``salt.yaml`` tells.
        """
        return self.once("salt", self._find_salt)

    def salt_fingerprint(self) -> str:
        """Sixteen hexadecimal digits that tell one salt from another and give none away."""
        return fingerprint_of(self.salt())

    def _find_salt(self) -> str:
        path = self.root / "salt.txt"
        given = os.environ.get("WINBACK_SALT", "").strip()
        # An experiment in a copy of the project has no file that git ignores.
        for place in (path, Path(os.environ.get("DVC_ROOT") or self.root) / "salt.txt"):
            if not given and place.is_file():
                given = place.read_text(encoding="utf-8").strip()
        if not given and self.params.target.salt:
            given = PUBLIC_SALT
        sealed = self._sealed_fingerprint()
        if not given:
            if sealed or self.under_dvc:
                raise WinbackError("project.no_salt", file=path)
            given = secrets.token_hex(16)
            write_text(path, given + "\n", private=True)
        found = fingerprint_of(given)
        if sealed and sealed != found:
            raise WinbackError("project.other_salt", file=path, found=found, sealed=sealed)
        told = self._told_fingerprint()
        if told and told != found:
            raise WinbackError(
                "project.salt_not_told", file=path, found=found, told=told,
                told_in=self.root / "salt.yaml",
            )  # fmt: skip
        return given

    def _sealed_fingerprint(self) -> str | None:
        """Of the salt that drew the list that left last; None where none has left."""
        left = seals(self.ledger())
        return left[-1].sealed.salt_fingerprint if left else None

    def _told_fingerprint(self) -> str | None:
        """Of the salt that the project's salt.yaml tells, which makes DVC draw anew."""
        path = self.root / "salt.yaml"
        if not self.under_dvc or not path.is_file():
            return None
        import yaml

        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        return str(content["fingerprint"]) if isinstance(content, dict) else None


def fingerprint_of(salt: str) -> str:
    """Sixteen hexadecimal digits by which two salts can be compared without showing either."""
    return hmac.new(salt.encode(), b"winback: the salt of this project", "sha256").hexdigest()[:16]


def folder_of(place: Path, params: Params) -> Project:
    """The project that lies in a folder: of `winback run`, or one under DVC.

    ``data`` of a project under DVC names the project as well.

    Raises:
        WinbackError: nothing was scored there.
    """
    for root, layout in ((place, FOLDER), (place, PIPELINE), (place.parent, PIPELINE)):
        project = Project(params, root=root, layout=layout)
        if project.path("scores").is_file() and project.path("orders").is_file():
            return project
    raise WinbackError("project.not_scored", folder=place)


def as_json(content: Any) -> str:
    """JSON text of a result or of plain content: the same bytes for the same content."""
    if isinstance(content, Result):
        return content.to_json()
    text = json.dumps(content, indent=2, ensure_ascii=False, sort_keys=True, default=str)
    return text + "\n"


def _numbers(content: Mapping[str, Json]) -> dict[str, Json]:
    """What of nested mappings is a number; no lists, words, claims or nulls."""
    found = {k: _numbers(v) if isinstance(v, Mapping) else v for k, v in content.items()}
    return {
        name: value
        for name, value in found.items()
        if (isinstance(value, dict | int | float) and not isinstance(value, bool) and value != {})
    }


def experiment_copy() -> bool:
    """Whether this is a copy of the project that DVC made for an experiment."""
    home = os.environ.get("DVC_ROOT") if os.environ.get("DVC_EXP_NAME") else None
    return home is not None and Path(home).resolve() != Path().resolve()
