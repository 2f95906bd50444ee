"""What a run ends with: at most a dozen lines for the terminal, whatever came of it.

What is in doubt comes first, then what to do in the page's own sentence, what it rests on, and
last the files. What has no room is counted beside the page, on which it stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from winback.results.gated import Gated
from winback.results.intake import IngestSummary
from winback.results.judged import Verdict
from winback.results.learned import Evidence
from winback.results.listed import Delivered
from winback.results.planned import Planned
from winback.said import judged, offers, reacted
from winback.said.kept_out import kept_out_lines
from winback.said.spoken import tell
from winback.said.words import Texts, Words, capital

MOST_LINES = 12
_MOST_DOUBTS, _MOST_DESTINATIONS = 2, 2

TEXTS: Texts = {
    "lines": {
        "en": "Lines: {read:n} read, {kept:n} kept, {aside:n} set aside{reasons}, {ignored:n} "
        "ignored from the cutoff on{withheld}.",
        "pl": "Wiersze: wczytane {read:n}, zachowane {kept:n}, odłożone {aside:n}{reasons}, "
        "pominięte (od dnia oceny) {ignored:n}{withheld}.",
    },
    "withheld": {"en": ", {n:n} withheld", "pl": ", wyłączone {n:n}"},
    "customers": {
        "en": "Customers: {customers:n} with {purchases:count purchase}, {first:short_day} to "
        "{last:short_day}; scored as of {cutoff:short_day}.",
        "pl": "Klienci: {customers:n}, {purchases:count purchase} od {first:short_day} do "
        "{last:short_day}; ocena na dzień {cutoff:short_day}.",
    },
    "customers_refunds": {
        "en": "Customers: {customers:n} with {purchases:count purchase}, {refunds:count refund}, "
        "{first:short_day} to {last:short_day}; scored as of {cutoff:short_day}.",
        "pl": "Klienci: {customers:n}, {purchases:count purchase} od {first:short_day} do "
        "{last:short_day}, {refunds:count refund}; ocena na dzień {cutoff:short_day}.",
    },
    "silent": {
        "en": "Look at the dates: the history ends {days:count day} before the cutoff; what "
        "customers did in between is not known.",
        "pl": "Sprawdź daty: historia kończy się {days:count day} przed dniem oceny; nie wiadomo, "
        "co klienci robili w tym czasie.",
    },
    "account": {
        "en": "Look at customer {customer}: {share:share} of all purchases; a till, a test or "
        "staff?",
        "pl": "Sprawdź klienta {customer}: {share:share} wszystkich zakupów; czy to kasa, konto "
        "testowe albo pracownik?",
    },
    "mind": {"en": "Mind: {concern}", "pl": "Uwaga: {concern}"},
    "model": {"en": "Model: {verdict}", "pl": "Prognozy: {verdict}"},
    "model_unproven": {
        "en": "Model: unproven. No horizon has closed yet, so there are no probabilities; the list "
        "names the customers by recency. Choose a shorter --horizon-days or wait.",
        "pl": "Model: bez szans powrotu. Nie minął jeszcze żaden cały horyzont, więc lista podaje "
        "klientów w kolejności od ostatnio kupujących. Wybierz krótszy --horizon-days albo "
        "poczekaj.",
    },
    "lacking_base_rate": {
        "en": "Fallback: too few customers returned, or stayed away, to tell them apart: all get "
        "the same chance, and the list begins with the latest buyers.",
        "pl": "Rozwiązanie zastępcze: za mało klientów wróciło albo nie wróciło, żeby ich "
        "odróżnić: wszyscy dostają tę samą szansę, a lista zaczyna się od ostatnich kupujących.",
    },
    "lacking_regression": {
        "en": "Fallback: too few customers for LightGBM: a small regression does it all.",
        "pl": "Rozwiązanie zastępcze: za mało klientów na LightGBM: liczy sama mała regresja.",
    },
    "lacking_habit": {
        "en": "Fallback: too little history lies before the closed windows: chances come from each "
        "customer's own rhythm (MBG/NBD).",
        "pl": "Rozwiązanie zastępcze: przed zamkniętymi oknami jest za mało historii: szanse "
        "wynikają z własnego rytmu klienta (MBG/NBD).",
    },
    "list": {
        "en": "List: {listed:count customer} {listed:noun gets} an offer ({arms}), {control:n} "
        "{control:noun is} held out as control.",
        "pl": "Lista: ofertę {listed:noun gets} {listed:count customer} ({arms}); w grupie "
        "kontrolnej: {control:n}.",
    },
    "list_alike": {
        "en": "List: no offer is planned, since none would pay by what is known; it names all who "
        "may be contacted, the latest buyers first.",
        "pl": "Lista: bez ofert, bo z tego, co wiadomo, żadna się nie zwróci; są na niej wszyscy, "
        "do których wolno pisać, od ostatnich kupujących.",
    },
    "no_offer": {"en": "none", "pl": "żadnej"},
    "send": {
        "en": "Send: on {day:short_day}; offers and measurement count from that day.",
        "pl": "Wysyłka: {day:short_day}; od tego dnia liczą się oferty i pomiar.",
    },
    "money": {
        "en": "Money: expected cost {cost:money2}, expected gain {gain:money2}.",
        "pl": "Pieniądze: oczekiwany koszt {cost:money2}, oczekiwany zysk {gain:money2}.",
    },
    "money_assumed": {
        "en": "Money: expected cost {cost:money2}, expected gain {gain:money2} (by an assumed "
        "effect, not a measured one).",
        "pl": "Pieniądze: oczekiwany koszt {cost:money2}, oczekiwany zysk {gain:money2} (przy "
        "założonym, a nie zmierzonym efekcie).",
    },
    "money_unknown": {
        "en": "Money: expected cost {cost:money2}, expected gain unknown until it is measured.",
        "pl": "Pieniądze: oczekiwany koszt {cost:money2}, zysk będzie znany dopiero po pomiarze.",
    },
    "test": {"en": "Test: {power}", "pl": "Test: {power}"},
    "worth": {
        "en": "Worth: of that cost {lost:money0} is lost if the tested offers change nothing; what "
        "the test teaches is worth about {value:money0} in the next campaign. Readable on "
        "{day:short_day}.",
        "pl": "Opłacalność: z tego kosztu {lost:money0} przepadnie, jeśli testowane oferty niczego "
        "nie zmienią; wiedza z testu jest warta około {value:money0} w następnej kampanii. Wynik "
        "można odczytać {day:short_day}.",
    },
    "learned": {"en": "Learned: {told}", "pl": "Wnioski: {told}"},
    "exploring": {"en": "By lot: {told}", "pl": "Losowanie: {told}"},
    "contact": {
        "en": "Contact: nobody has said what it costs. {told}.",
        "pl": "Kontakt: nie podano, ile kosztuje. {told}.",
    },
    "contact_below": {
        "en": "{offer} was reckoned at {price:money3} and pays below {below:money3}",
        "pl": "{offer}: przyjęto {price:money3}, opłaca się poniżej {below:money3}",
    },
    "contact_never": {
        "en": "{offer} was reckoned at {price:money3} and pays at no price",
        "pl": "{offer}: przyjęto {price:money3}, nie opłaca się przy żadnej cenie",
    },
    "delivered": {
        "en": "For {name}: {rows:count customer} in {file}{rest}.",
        "pl": "Dla {name}: {rows:count customer} w {file}{rest}.",
    },
    "delivered_control": {
        "en": "; {control:n} to keep out of automations in {file}",
        "pl": "; do wyłączenia z automatyzacji: {control:n}, w {file}",
    },
    "delivered_moved": {
        "en": "; beside what was last confirmed {entered:n} new, {changed:n} changed, {same:n} the "
        "same, {left:n} to be taken back, in {folder}",
        "pl": "; wobec tego, co ostatnio potwierdzono: nowi {entered:n}, zmienieni {changed:n}, "
        "bez zmian {same:n}, do wyczyszczenia {left:n}, w {folder}",
    },
    "delivered_erased": {
        "en": "; {erased:n} who were forgotten still stand there: delete them by hand",
        "pl": "; zapomniani, którzy nadal tam są: {erased:n}; usuń ich ręcznie",
    },
    "delivered_rejected": {
        "en": "; {rejected:n} could not be written, see {file}",
        "pl": "; nie dało się zapisać: {rejected:n}, zobacz {file}",
    },
    "delivered_all": {
        "en": "Files for {n:n} destinations lie beside the list: {names}.",
        "pl": "Pliki dla {n:count of destination} są obok listy: {names}.",
    },
    "more": {
        "en": "Also: {n:count remark} more on the page.",
        "pl": "Ponadto w raporcie: {n:count remark}.",
    },
    "where_list": {"en": "List:   {file}", "pl": "Lista:  {file}"},
    "where_page": {"en": "Report: {file}", "pl": "Raport: {file}"},
}


@dataclass(frozen=True)
class Ended:
    """What came out of the stages, and where the two files for people are.

    Attributes:
        kind: of the model that gives the scores, as in ``training.json``.
        gated: who scores and why; said where that is not the model just trained.
        verdict: None where nothing could be judged.
        quiet_days: a history that ends more days before the cutoff than these is in doubt.
        sentence: what the page's first screen says to do; empty where there is no page.
    """

    ingest: IngestSummary
    evidence: Evidence
    kind: str
    verdict: Verdict | None
    gated: Gated
    target: Planned
    listed: Path
    page: Path
    quiet_days: int
    delivered: tuple[Delivered, ...] = ()
    sentence: str = ""

    @property
    def alike(self) -> bool:
        """Whether all customers have the same chance."""
        champion = self.verdict.champion if self.verdict else None
        ruled = self.kind == "rule" and champion is not None and champion.method == "base_rate"
        return ruled or self.kind == "base_rate"


def ending_lines(ended: Ended, words: Words) -> list[str]:
    """A dozen lines a person can read: doubts, what to do, what it rests on, files."""
    doubts = _doubts(ended, words)
    listed: list[str] = []
    more = [*kept_out_lines(ended.ingest, words), *_rests_on(ended, words)]
    if ended.alike and not ended.target.n_listed:
        listed = [words.fill(TEXTS["list_alike"], {})]
    elif ended.kind != "unproven":
        listed = _planned(ended.target, words)
        more = [*_of_plan(ended.target, words), *more]
    core = [ended.sentence] if ended.sentence else []
    core += [*listed, *_read(ended, words), _model(ended, words)]
    told = doubts[:_MOST_DOUBTS]
    # That there is more, and where list and page are, is a line each.
    free = MOST_LINES - len(told) - len(core) - 3
    files = _folded_files(ended, words, min(max(free, 1), _MOST_DESTINATIONS))
    left = len(doubts) - len(told)
    room = max(MOST_LINES - len(told) - len(core) - len(files) - 2, 0)
    if left or len(more) > room:
        room = max(room - 1, 0)  # that there is more is a line, too
        left += len(more) - room
    told += [*core, *more[:room]]
    if left:
        told.append(words.fill(TEXTS["more"], {"n": left}))
    return [*told, *files, *where(ended.listed, ended.page, words)]


def _folded_files(ended: Ended, words: Words, most: int) -> list[str]:
    """A line a destination; of many all in one."""
    lines = delivered_lines(ended.delivered, ended.listed.parent, words)
    if len(lines) <= most:
        return lines
    names = [each.destination for each in ended.delivered]
    return [words.fill(TEXTS["delivered_all"], {"n": len(names), "names": names})]


def delivered_lines(delivered: Sequence[Delivered], folder: Path, words: Words) -> list[str]:
    """A line a destination: how many are in its file, how many beside it and why."""
    lines = []
    for each in delivered:
        beside = folder / each.destination
        rest = ""
        if each.control:
            name = next(name for name in each.sha256 if "/control" in name)
            values = {"control": each.control, "file": folder / name}
            rest += words.fill(TEXTS["delivered_control"], values)
        if each.moved:
            values = {**each.moved.model_dump(), "folder": beside}
            rest += words.fill(TEXTS["delivered_moved"], values)
            if each.moved.erased:
                rest += words.fill(TEXTS["delivered_erased"], values)
        if each.rejected:
            gone = sum(each.rejected.values())
            values = {"rejected": gone, "file": beside / "rejected.csv"}
            rest += words.fill(TEXTS["delivered_rejected"], values)
        main = [name for name in each.sha256 if "/" not in name and not name.endswith(".sql")]
        file = folder / main[0]
        told = str(file) if len(main) == 1 else f"{file} … {main[-1]}"
        values = {"name": each.destination, "rows": each.rows, "file": told, "rest": rest}
        lines.append(words.fill(TEXTS["delivered"], values))
    return lines


def where(listed: Path, page: Path, words: Words) -> list[str]:
    """Where the list and the page are."""
    return [
        words.fill(TEXTS["where_list"], {"file": listed}),
        words.fill(TEXTS["where_page"], {"file": page}),
    ]


def _doubts(ended: Ended, words: Words) -> list[str]:
    """What may be otherwise, the gravest first."""
    ingest, cutoff = ended.ingest, ended.target.cutoff or ended.ingest.cutoff
    lines = []
    silent = (cutoff - ingest.last_day).days
    if silent > ended.quiet_days:
        lines.append(words.fill(TEXTS["silent"], {"days": silent}))
    lines += [f"{capital(tell(doubt, words))}." for doubt in ingest.doubts]
    for account in ingest.suspicious_customers[:3]:
        found = {"customer": account.customer_id, "share": account.share_of_purchases}
        lines.append(words.fill(TEXTS["account"], found))
    if ended.kind == "unproven":
        return lines
    # Rough chances are nobody's concern where all have the same.
    evidence = ended.evidence
    concerns = [c for c in evidence.concerns if not (ended.alike and c.code == "few_outcomes")]
    if concerns:
        gravest = judged.concern(concerns[0], words)
        lines.append(words.fill(TEXTS["mind"], {"concern": gravest}))
    if ended.gated.kept or ended.gated.doubts:
        lines.append(tell(ended.gated, words))
        lines += [f"{capital(tell(doubt, words))}." for doubt in ended.gated.doubts]
    return lines


def _read(ended: Ended, words: Words) -> list[str]:
    """What was read, and of whom."""
    ingest, cutoff = ended.ingest, ended.target.cutoff or ended.ingest.cutoff
    aside, withheld = ingest.lines_set_aside, sum(ingest.lines_withheld.values())
    # Of a name such as "no customer: guests cannot be scored" the first part will do here.
    reasons = "; ".join(
        f"{words.term('set_aside', reason).partition(':')[0]}: {words.number(n)}"
        for reason, n in aside.by_reason.items()
    )
    values = {
        "read": ingest.lines_in,
        "kept": ingest.lines_kept,
        "aside": aside.total,
        "reasons": f" ({reasons})" if reasons else "",
        "ignored": ingest.lines_ignored,
        "withheld": words.fill(TEXTS["withheld"], {"n": withheld}) if withheld else "",
        "customers": ingest.customers,
        "purchases": ingest.purchases,
        "refunds": ingest.refunds,
        "first": ingest.first_day,
        "last": ingest.last_day,
        "cutoff": cutoff,
    }
    counted = "customers_refunds" if ingest.refunds else "customers"
    return [words.fill(TEXTS[name], values) for name in ("lines", counted)]


def _model(ended: Ended, words: Words) -> str:
    """What the chances are worth, or why there are none."""
    if ended.kind == "unproven":
        return words.fill(TEXTS["model_unproven"], {})
    if f"lacking_{ended.kind}" in TEXTS and ended.verdict is None:
        return words.fill(TEXTS[f"lacking_{ended.kind}"], {})
    if ended.verdict is None:
        return judged.evidence(ended.evidence, words)
    return words.fill(TEXTS["model"], {"verdict": judged.verdict(ended.verdict, words)})


def _rests_on(ended: Ended, words: Words) -> list[str]:
    """Whether the data are enough, and what took the place of the model."""
    lines = []
    if ended.kind != "unproven" and ended.verdict is not None:
        lacking = f"lacking_{ended.kind}"
        lines += [words.fill(TEXTS[lacking], {})] if lacking in TEXTS else []
    if ended.kind == "unproven" or ended.verdict is not None:
        lines.append(judged.evidence(ended.evidence, words))
    return lines


def _planned(target: Planned, words: Words) -> list[str]:
    """Who gets what, and what it costs."""
    arms = ", ".join(
        f"{words.number(arm.n)} {name}" for name, arm in target.arms.items() if name != "control"
    )
    values = {
        "listed": target.n_listed,
        "control": target.n_control,
        "arms": arms or words.fill(TEXTS["no_offer"], {}),
        "cost": target.expected_cost,
        "gain": target.expected_gain,
    }
    stated = any(arm.effect_source == "stated" for arm in target.arms.values())
    known = target.expected_gain is not None
    money = ("money_assumed" if stated else "money") if known else "money_unknown"
    return [words.fill(TEXTS[name], values) for name in ("list", money)]


def _of_plan(target: Planned, words: Words) -> list[str]:
    """What else there is to know of the plan, what matters most first."""
    lines = []
    if target.send_on != target.cutoff:
        lines.append(words.fill(TEXTS["send"], {"day": target.send_on}))
    if target.test is not None:
        tested = target.test.offers.values()
        worth = {
            "lost": sum(offer.cost for offer in tested),
            "value": sum(offer.value for offer in tested),
            "day": target.test.readable_on,
        }
        lines.append(words.fill(TEXTS["worth"], worth))
    lines += [
        words.fill(TEXTS["mind"], {"concern": said})
        for said in offers.best_alone(target, words, {})
    ]
    lines += _contacts(target, words)
    if target.expected_gain is None:
        lines.append(words.fill(TEXTS["test"], {"power": offers.power(target, words)}))
    lines += [
        words.fill(TEXTS["learned"], {"told": reacted.of_offer(name, rests, words)})
        for name, rests in target.learned.items()
    ]
    lines += [
        words.fill(TEXTS["exploring"], {"told": told}) for told in offers.exploration(target, words)
    ]
    return lines


def _contacts(target: Planned, words: Words) -> list[str]:
    """Up to which price of a contact it pays, where the shop has said none."""
    assumed = target.assumed.contacts if target.assumed else {}
    told = [
        words.fill(
            TEXTS["contact_never" if below is None else "contact_below"],
            {"offer": name, "price": assumed[name].price, "below": below},
        )
        for name, below in target.contact_pays_below.items()
        if name in assumed
    ]
    return [words.fill(TEXTS["contact"], {"told": "; ".join(told)})] if told else []
