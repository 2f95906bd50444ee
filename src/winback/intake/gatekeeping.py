"""The gate of ``ingest.privacy``: who leaves before anything is computed, and who gets no offer.

All answers are gathered before one is judged, so that the strictest wins wherever it stands.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from winback.errors import UsageError, WinbackError
from winback.intake.cells import (
    FALSE_WORDS,
    TRUE_WORDS,
    day_text,
    file_literal,
    listed,
    literal,
    one_row,
)
from winback.intake.erased import KeyKind
from winback.intake.findings import Findings, quoted
from winback.intake.lists import open_list, open_table
from winback.intake.matching import everybody
from winback.intake.objections import Objections, meet
from winback.intake.signals import read_attributes
from winback.intake.told import Asked, Options
from winback.intake.withheld import Withheld
from winback.params import MEMORY_LIMIT
from winback.privacy import PURPOSES, PrivacySource, Purpose, Unsaid
from winback.results.base import fact
from winback.results.intake import PrivacyAnswers, PrivacyRead
from winback.tables.history import PRIVACY

_WORDS = (*TRUE_WORDS, *FALSE_WORDS)
_SAID = {"consent": "intake.privacy_consent", "objection": "intake.privacy_objection"}
_SAID_BY = {"consent": "intake.privacy_consent_by", "objection": "intake.privacy_objection_by"}
# Of all words only a few are shown, and none that could be somebody's name or address.
_MOST_WORDS, _PLAIN_WORD = 10, r"[^@]{1,20}"


@dataclass(frozen=True)
class Cells:
    """Where in the lines stand the columns that are asked, and what else people are known by.

    ``answers`` has the SQL column by the name of a column of the orders; ``identities`` are SQL
    columns of addresses and phone numbers; ``phones`` says that ids are phone numbers.
    """

    answers: Mapping[str, str]
    identities: Sequence[str]
    phones: bool = False


@dataclass(frozen=True)
class Kept:
    """What the gate found: counts for people to read, and who is withheld."""

    read: PrivacyRead | None = None
    withheld: Withheld = field(default_factory=Withheld)
    lines: dict[str, int] = field(default_factory=dict)


class Gate:
    """The gate of one reading of the orders, whose lines are in ``con``."""

    def __init__(
        self, con: duckdb.DuckDBPyConnection, asked: Asked, *, source: Any, scratch: Path,
        cells: Cells, cutoff: date, options: Options, label: str,
    ) -> None:  # fmt: skip
        self._con, self._asked, self._cells = con, asked, cells
        self._source, self._scratch, self._options = source, scratch, options
        self._cutoff, self._label = cutoff, label
        self._sources = asked.privacy.all()
        self._findings = Findings()
        self._answers: list[PrivacyAnswers] = []
        self._entries: list[tuple[str, str]] = []
        self._agreed: set[str] = set()

    def keep(self, findings: Findings) -> Kept:
        """Judge everybody, and leave the lines of those who may not be profiled out of ``kept``.

        Raises:
            UsageError: a source is not there, says what nobody understands, means nobody, or says
                nothing of somebody while nobody said what holds then.
            WinbackError: no line is left.
        """
        self._know()
        for number, (purpose, source) in enumerate(self._sources):
            match source.kind:
                case "column":
                    self._by_column(number, purpose, source)
                case "attribute":
                    self._by_attribute(number, purpose, source)
                case _:
                    self._by_list(number, purpose, source)
        self._judge()
        self._doubt_channels()
        lines = self._withhold()
        read = self._counted()
        findings.add(self._findings)
        if lines:
            findings.understood.append(
                fact("intake.withheld", erased=lines.get("erased", 0),
                     no_profiling=lines.get("no_profiling", 0))
            )  # fmt: skip
        return Kept(read, self._withheld(), lines)

    # --- who is who ------------------------------------------------------------------------------

    def _know(self) -> None:
        """Make ``folk``, everybody who has a line, and ``known``, all that they are known by."""
        con = self._con
        before = f"ordered_at < {day_text(self._cutoff)}"
        con.execute(
            f"""CREATE TEMP TABLE folk AS SELECT name, bool_or(counted) AS counted FROM (
                SELECT DISTINCT CAST(customer_id AS VARCHAR) AS name, false AS counted FROM lines
                WHERE customer_id IS NOT NULL
                UNION ALL SELECT DISTINCT CAST(customer_id AS VARCHAR), true FROM kept
                WHERE {before}) GROUP BY name"""
        )
        known = "SELECT name AS x, name AS who FROM folk" + "".join(
            f" UNION SELECT {cell}, CAST(customer_id AS VARCHAR) FROM lines "
            f"WHERE {cell} IS NOT NULL AND customer_id IS NOT NULL"
            for cell in self._cells.identities
        )
        con.execute(f"CREATE TEMP TABLE known AS {known}")
        con.execute("CREATE TEMP TABLE said (source INT, name VARCHAR, answer BOOLEAN)")

    # --- answers ---------------------------------------------------------------------------------

    def _by_column(self, number: int, purpose: Purpose, source: PrivacySource) -> None:
        """The last answer of each customer in a column of the orders; of equals the stricter."""
        cell = self._cells.answers[source.name.strip().lower()]
        self._check_words(f"SELECT {cell} AS word FROM kept", source, "column")
        strict = "agreed" if source.means(purpose) == "objection" else "NOT agreed"
        self._con.execute(
            f"""INSERT INTO said SELECT {number}, CAST(customer_id AS VARCHAR),
                arg_max(agreed, (ordered_at, {strict})) FILTER (agreed IS NOT NULL)
            FROM (SELECT *, {_agreed(cell, source)} AS agreed FROM kept
                WHERE ordered_at < {day_text(self._cutoff)})
            WHERE agreed IS NOT NULL GROUP BY customer_id"""
        )
        self._tell(number, purpose, source)

    def _by_attribute(self, number: int, purpose: Purpose, source: PrivacySource) -> None:
        """The last value of each customer before the cutoff."""
        table, names = self._attributes()
        name = next((n for n in (source.name, _as_named(source.name)) if n in names), None)
        if name is None:
            raise UsageError(
                "intake.no_consent_attribute", name=source.name, names=tuple(sorted(names))[:20]
            )
        last = (
            f"SELECT customer_id AS x, value AS word FROM {table} WHERE name = {literal(name)} "
            "QUALIFY row_number() OVER (PARTITION BY customer_id ORDER BY known_at DESC) = 1"
        )
        self._check_words(f"SELECT word FROM ({last})", source, "attribute")
        con = self._con
        con.execute(
            "CREATE OR REPLACE TEMP TABLE answered AS SELECT x, "
            f"{_agreed('word', source)} AS agreed FROM ({last})"
        )
        exact = "SELECT x, x AS who FROM answered WHERE x IN (SELECT name FROM folk)"
        strange = "SELECT x FROM answered WHERE x NOT IN (SELECT name FROM folk)"
        pairs = f"{exact} UNION {everybody(strange, 'SELECT name AS x, name AS who FROM folk')}"
        con.execute(
            f"INSERT INTO said SELECT {number}, who, agreed FROM answered JOIN ({pairs}) "
            "USING (x) WHERE agreed IS NOT NULL"
        )
        answers = con.execute("SELECT x, agreed FROM answered WHERE agreed IS NOT NULL").fetchall()
        self._note(purpose, source, answers)
        self._tell(number, purpose, source)

    def _attributes(self) -> tuple[str, frozenset[str]]:
        """SQL of the attributes before the cutoff, and their names; read once."""
        place = self._scratch / "attributes"
        if self._asked.attributes is None:
            raise UsageError("intake.no_attributes_asked", name=self._asked.privacy.attributes[0])
        if not place.is_dir():
            place.mkdir()
            read_attributes(
                self._asked.attributes, place, cutoff=self._cutoff,
                columns=self._asked.attribute_columns, timezone=self._options.get("timezone"),
                day_first=self._options.get("day_first"), consents=self._asked.privacy.attributes,
                memory_limit=self._options.get("memory_limit", MEMORY_LIMIT),
                threads=self._options.get("threads"),
            )  # fmt: skip
        table = f"read_parquet({file_literal(place / 'attributes.parquet')})"
        found = self._con.execute(f"SELECT DISTINCT name FROM {table}").fetchall()
        return table, frozenset(name for (name,) in found)

    def _by_list(self, number: int, purpose: Purpose, source: PrivacySource) -> None:
        """Everybody whom a file or a table means, with what its column of answers says."""
        people = self._opened(source)
        objects = source.means(purpose) == "objection"
        column = None if source.column is None else people.place_of(source.column)
        met = meet(
            self._con, people, "SELECT x, who FROM known", widely=objects, besides=column
        )  # fmt: skip
        texts = [row[column] if column is not None else "" for row in met.rows]
        import pyarrow as pa

        places = pa.array(range(len(texts)), pa.int64())
        self._con.register(
            "texts", pa.table({"place": places, "text": pa.array(texts, pa.string())})
        )
        agreed = "true"
        if column is not None:
            words = "SELECT nullif(text, '') AS word FROM texts"
            self._check_words(words, source, "column")
            agreed = _agreed("nullif(text, '')", source)
        answers = self._con.execute(
            f"SELECT place, {agreed} AS agreed FROM texts ORDER BY place"
        ).fetchall()
        self._con.execute(
            f"INSERT INTO said SELECT DISTINCT {number}, customer, agreed FROM met JOIN (SELECT "
            f"place, {agreed} AS agreed FROM texts) USING (place) WHERE agreed IS NOT NULL"
        )
        self._con.unregister("texts")
        if met.rows and met.unmatched == len(met.rows) and purpose != "erased":
            raise UsageError("intake.objections_of_nobody", file=people.file, entries=len(met.rows))
        self._note(
            purpose, source,
            [(cell, answers[place][1]) for place, row in enumerate(met.rows)
             for at, cell in enumerate(row)
             if cell and at in met.columns],
        )  # fmt: skip
        self._tell(number, purpose, source, met_rows=len(met.rows), unmatched=met.unmatched,
                   file=people.file)  # fmt: skip

    def _opened(self, source: PrivacySource) -> Objections:
        if source.kind == "table":
            return open_table(self._con, self._source, source.name, self._scratch, source.column)
        path = Path(source.name)
        if not path.is_file():
            raise UsageError("intake.no_privacy_file", file=source.name)
        return open_list(self._con, path, self._scratch, source.column)

    def _check_words(self, words: str, source: PrivacySource, kind: str) -> None:
        """Refuse answers in words nobody knows: whoever refused must not be written to."""
        if source.value is not None:
            return
        found = self._con.execute(
            f"SELECT lower(trim(word)) AS said, count(*) AS n FROM ({words}) WHERE said NOT IN "
            f"{listed(_WORDS)} GROUP BY said ORDER BY n DESC, said"
        ).fetchall()
        if not found:
            return
        # Many different values are names or dates, not words for yes and no.
        shown = [w for w, _ in found if len(found) <= _MOST_WORDS and re.fullmatch(_PLAIN_WORD, w)]
        code = "intake.consent_words_such" if shown else "intake.consent_words"
        raise UsageError(
            code, file=self._label if source.kind == "column" else source.name,
            column=source.column or source.name, lines=sum(n for _, n in found),
            words=quoted(shown[:5]),
        )  # fmt: skip

    def _note(
        self, purpose: Purpose, source: PrivacySource, answers: Sequence[tuple[str, bool | None]]
    ) -> None:
        """Remember people of whom something is said though they may have no orders."""
        objects = source.means(purpose) == "objection"
        if purpose == "erased":
            self._entries += [(x, "erased") for x, yes in answers if yes]
        elif purpose == "profiling":
            out = [x for x, yes in answers if yes is not None and yes == objects]
            self._entries += [(x, "no_profiling") for x in out]
            self._agreed |= {x for x, yes in answers if yes and not objects}

    def _tell(
        self, number: int, purpose: Purpose, source: PrivacySource, *, met_rows: int | None = None,
        unmatched: int = 0, file: str | None = None,
    ) -> None:  # fmt: skip
        """Note how many a source speaks of."""
        yes, no = one_row(
            self._con,
            "SELECT count(DISTINCT name) FILTER (answer), count(DISTINCT name) FILTER (NOT answer) "
            f"FROM said JOIN folk USING (name) WHERE source = {number} AND counted",
        )
        means = source.means(purpose)
        name = source.name if source.kind != "file" else Path(source.name).name
        self._answers.append(
            PrivacyAnswers(
                purpose=purpose, kind=source.kind, name=name, column=source.column, says=means,
                channel=source.channel, yes=int(yes), no=int(no), entries=met_rows,
                unmatched=unmatched,
            )
        )  # fmt: skip
        values = {"purpose": purpose, "kind": source.kind, "name": name, "yes": yes, "no": no}
        found = fact(_SAID[means], **values)
        if source.channel:
            found = fact(_SAID_BY[means], channel=source.channel, **values)
        self._findings.understood.append(found)
        # Whoever is to be gone may well be gone from the export.
        if met_rows and unmatched and purpose != "erased":
            self._findings.doubts.append(
                fact("intake.objections_unmatched", file=file, n=unmatched, of=met_rows)
            )

    # --- judgement -------------------------------------------------------------------------------

    def _judge(self) -> None:
        """Make ``verdicts``: for each customer what holds for each purpose and channel."""
        privacy = self._asked.privacy
        parts = {"gone": self._objected("erased", "")}
        for purpose in PURPOSES[1:3]:
            parts[purpose] = self._verdict(purpose, "")
        for k, channel in enumerate(self._channels()):
            parts[f"channel{k}"] = self._verdict("marketing", channel)
        parts["everywhere"] = self._verdict("marketing", "")
        columns = ", ".join(f"{sql} AS {name}" for name, sql in parts.items())
        con = self._con
        con.execute(
            f"CREATE TEMP TABLE judged AS SELECT f.name, counted, {columns} FROM folk f "
            "LEFT JOIN said s ON s.name = f.name GROUP BY f.name, counted"
        )
        if self._forgotten():
            con.execute(
                "UPDATE judged SET gone = true WHERE name IN (SELECT name FROM forgotten_names)"
            )
        self._ask_unknown("marketing", self._by_channel(), privacy.unknown.marketing)
        self._ask_unknown("profiling", ["profiling"], privacy.unknown.profiling)
        self._ask_unknown("ads", ["ads"], privacy.unknown.ads)

    def _by_channel(self) -> list[str]:
        """Columns of the verdicts on marketing; without any channel known the only one."""
        return [f"channel{k}" for k in range(len(self._channels()))] or ["everywhere"]

    def _ask_unknown(self, purpose: Purpose, columns: Sequence[str], said: Unsaid | None) -> None:
        """Refuse to guess where a source of consents is silent; where it was said, say so."""
        silent = " OR ".join(f"{column} = 'unknown'" for column in columns)
        unknown, of = one_row(
            self._con,
            f"SELECT count_if({silent}), count(*) FROM judged WHERE counted AND NOT gone",
        )
        if unknown and said is None:
            names = [
                a.column or a.name
                for a in self._answers
                if (a.purpose, a.says) == (purpose, "consent") and a.yes + a.no < of
            ]
            code = "intake.unknown_consent"
            if purpose == "marketing":
                code = "intake.unknown_consent_flag"
            raise UsageError(code, purpose=purpose, n=unknown, of=of, sources=quoted(names))
        if said == "allow":
            for column in columns:
                self._con.execute(f"UPDATE judged SET {column} = NULL WHERE {column} = 'unknown'")

    def _channels(self) -> tuple[str, ...]:
        """Channels that sources or offers speak of, in order."""
        return tuple(sorted({*self._asked.privacy.channels, *self._asked.channels}))

    def _numbers(self, purpose: Purpose, says: str, channel: str) -> list[int]:
        """The sources that speak of a purpose and channel; without a channel those of all."""
        return [
            number
            for number, (what, source) in enumerate(self._sources)
            if what == purpose and source.means(what) == says
            and source.channel in (None, channel or None)
        ]  # fmt: skip

    def _objected(self, purpose: Purpose, channel: str) -> str:
        return _any("answer", self._numbers(purpose, "objection", channel))

    def _verdict(self, purpose: Purpose, channel: str) -> str:
        """SQL of what bars a customer: objected, refused, unknown, or null."""
        consents = self._numbers(purpose, "consent", channel)
        unknown = f"NOT {_any('answer', consents)}" if consents else "false"
        return (
            f"CASE WHEN {self._objected(purpose, channel)} THEN 'objected' "
            f"WHEN {_any('NOT answer', consents)} THEN 'refused' "
            f"WHEN {unknown} THEN 'unknown' END"
        )

    def _forgotten(self) -> bool:
        """Make ``forgotten_names`` of the customers who were forgotten; whether there are any."""
        forgotten = self._asked.forgotten
        if not forgotten.hashes:
            return False
        pairs = self._con.execute("SELECT x, who FROM known").fetchall()
        also_phones = self._cells.phones

        def keys() -> list[tuple[KeyKind, str]]:
            found: list[tuple[KeyKind, str]] = []
            for x, who in pairs:
                found += [("id", x)] if x == who else [("email" if "@" in x else "phone", x)]
                found += [("phone", x)] if x == who and also_phones else []
            return found

        gone = forgotten.among(keys())
        names = sorted({who for x, who in pairs if x in gone})
        if names:
            import pyarrow as pa

            self._con.register("gone_names", pa.table({"name": names}))
            self._con.execute("CREATE TEMP TABLE forgotten_names AS SELECT name FROM gone_names")
            self._con.unregister("gone_names")
        return bool(names)

    def _doubt_channels(self) -> None:
        """Doubt a channel of the offers of which no consent speaks, where others have their own."""
        spoken = {
            s.channel for s in self._asked.privacy.marketing if s.means("marketing") == "consent"
        }
        if not spoken or None in spoken:
            return
        told = quoted(sorted(channel for channel in spoken if channel))
        self._findings.doubts += [
            fact("intake.channel_unsaid", channel=channel, channels=told)
            for channel in self._asked.channels
            if channel not in spoken
        ]

    # --- effects ---------------------------------------------------------------------------------

    def _withhold(self) -> dict[str, int]:
        """Make ``withheld`` of those whose lines leave; how many lines, by reason."""
        con = self._con
        con.execute(
            """CREATE OR REPLACE TEMP TABLE withheld AS SELECT DISTINCT l.customer_id,
                CASE WHEN j.gone THEN 'erased' ELSE 'no_profiling' END AS why
            FROM lines l JOIN judged j ON j.name = CAST(l.customer_id AS VARCHAR)
            WHERE j.gone OR j.profiling IS NOT NULL"""
        )
        counts = con.execute(
            "SELECT why, count(*) FROM lines JOIN withheld USING (customer_id) GROUP BY why "
            "ORDER BY why"
        ).fetchall()
        return {str(why): int(n) for why, n in counts}

    def _withheld(self) -> Withheld:
        privacy = self._asked.privacy
        found = self._con.execute(
            """SELECT k.x, min(w.why) FROM known k JOIN (SELECT CAST(customer_id AS VARCHAR) AS who,
                why FROM withheld) w USING (who) GROUP BY k.x ORDER BY k.x"""
        ).fetchall()
        keys = dict.fromkeys([(str(x), str(why)) for x, why in found] + sorted(self._entries))
        unless = None
        strict = privacy.unknown.profiling == "refuse"
        if strict and self._numbers("profiling", "consent", ""):
            unless = frozenset(self._agreed)
        return Withheld(tuple(keys), self._asked.forgotten, unless)

    def _counted(self) -> PrivacyRead:
        """Make ``verdicts``, the rows of privacy.parquet, and count them."""
        channels = self._channels()
        barred = [
            f"CASE WHEN channel{k} IS NOT NULL THEN {literal(channel)} END"
            for k, channel in enumerate(channels)
        ]
        whole = " AND ".join(f"{column} IS NOT NULL" for column in self._by_channel())
        ads = "true"
        if self._numbers("ads", "consent", ""):
            ads = "(ads IS NOT NULL OR everywhere = 'objected')"
        con = self._con
        # Nulls are left out.
        names = f"concat_ws(',', {', '.join(barred)})" if barred else "''"
        con.execute(
            f"""CREATE TEMP TABLE verdicts AS SELECT name AS customer_id,
                profiling IS NOT NULL AS no_profiling, {whole} AS no_marketing,
                nullif({names}, '') AS barred_channels,
                coalesce({ads}, false) AS no_ads,
                {_strictest(["profiling", *self._by_channel()])} AS why
            FROM judged WHERE counted AND NOT gone ORDER BY name"""
        )
        gone, everybody_ = one_row(con, "SELECT count_if(gone), count(*) FROM judged WHERE counted")
        no_profiling, no_marketing, no_ads = one_row(
            con,
            "SELECT count_if(no_profiling), count_if(no_marketing AND NOT no_profiling), "
            "count_if(no_ads AND NOT no_profiling) FROM verdicts",
        )
        by_channel = {
            channel: int(one_row(con, f"SELECT count_if(channel{k} IS NOT NULL) FROM judged WHERE "
                                 "counted AND NOT gone AND profiling IS NULL")[0])
            for k, channel in enumerate(channels)
        }  # fmt: skip
        why = con.execute(
            "SELECT why, count(*) FROM verdicts WHERE why IS NOT NULL AND NOT no_profiling "
            "GROUP BY why ORDER BY why"
        ).fetchall()
        if everybody_ and everybody_ == gone + no_profiling:
            raise WinbackError("intake.all_withheld", n=everybody_, erased=gone)
        return PrivacyRead(
            sources=tuple(self._answers), customers=int(everybody_), erased=int(gone),
            no_profiling=int(no_profiling), no_marketing=int(no_marketing), no_ads=int(no_ads),
            barred_by_channel={c: n for c, n in by_channel.items() if n},
            by_why={str(code): int(n) for code, n in why},
        )  # fmt: skip


def _strictest(columns: Sequence[str]) -> str:
    """SQL of the strictest of several verdicts."""
    cases = "".join(
        f" WHEN {' OR '.join(f'{column} = {literal(code)}' for column in columns)} "
        f"THEN {literal(code)}"
        for code in ("objected", "refused", "unknown")
    )
    return f"CASE{cases} END"


def _any(answer: str, numbers: Sequence[int]) -> str:
    """SQL: whether one of these sources gave this answer."""
    if not numbers:
        return "false"
    among = ", ".join(map(str, numbers))
    return f"coalesce(bool_or({answer}) FILTER (source IN ({among})), false)"


def _agreed(cell: str, source: PrivacySource) -> str:
    """SQL of what a cell says: true, false, or null where it says nothing."""
    word = f"lower(trim({cell}))"
    if source.value is not None:
        yes = listed([value.strip().lower() for value in source.value])
        return f"CASE WHEN {word} IN {yes} THEN true WHEN {cell} IS NOT NULL THEN false END"
    return (
        f"CASE WHEN {word} IN {listed(TRUE_WORDS)} THEN true "
        f"WHEN {word} IN {listed(FALSE_WORDS)} THEN false END"
    )


def _as_named(name: str) -> str:
    """A name as the table of attributes has it."""
    return re.sub("[^a-z0-9]+", "_", name.lower()).strip("_")


def write_privacy(con: duckdb.DuckDBPyConnection, path: Path, *, gated: bool) -> None:
    """Write ``privacy.parquet``; where nothing was asked, whoever has consented to nothing."""
    rows = "SELECT * FROM verdicts ORDER BY customer_id"
    if not gated:
        rows = (
            "SELECT name AS customer_id, false AS no_profiling, false AS no_marketing, "
            "CAST(NULL AS VARCHAR) AS barred_channels, true AS no_ads, CAST(NULL AS VARCHAR) AS "
            "why FROM people ORDER BY rowid"
        )
    temporary = path.with_name(PRIVACY.name + ".part")
    con.execute(f"COPY ({rows}) TO {literal(str(temporary))} (FORMAT parquet, COMPRESSION zstd)")
    os.replace(temporary, path)
