"""Who is left out by ``ingest.privacy``, in the words of the terminal."""

from __future__ import annotations

from winback.results.intake import IngestSummary
from winback.said.words import Texts, Words

TEXTS: Texts = {
    "withheld": {
        "en": "Privacy: {lines:n} lines left out before anything was computed: customers who may "
        "not be profiled: {no_profiling:n}; erased: {erased:n}.",
        "pl": "Prywatność: przed obliczeniami wyłączono {lines:count line}; klienci, których nie "
        "wolno profilować: {no_profiling:n}, usunięci: {erased:n}.",
    },
    "barred": {
        "en": "Privacy: of {scored:count of customer} {no_marketing:n} may be written to by no "
        "channel{channels}{why}.",
        "pl": "Prywatność: do {no_marketing:n} z {scored:count of customer} nie wolno pisać "
        "żadnym kanałem{channels}{why}.",
    },
    "by_channel": {"en": "{channel}: {n:n}", "pl": "{channel}: {n:n}"},
    "channels": {
        "en": "; barred by channel: {channels}",
        "pl": "; zamknięte kanały: {channels}",
    },
    "why": {"en": " ({why})", "pl": " ({why})"},
}


def kept_out_lines(read: IngestSummary, words: Words) -> list[str]:
    """Whose lines left, and who gets no offer; nothing where nobody was asked."""
    told, found = [], read.privacy
    if found is None:
        return []
    if read.lines_withheld:
        values = {
            "lines": sum(read.lines_withheld.values()), "erased": found.erased,
            "no_profiling": found.no_profiling,
        }  # fmt: skip
        told.append(words.fill(TEXTS["withheld"], values))
    if any(source.purpose == "marketing" for source in found.sources):
        some = ", ".join(
            words.fill(TEXTS["by_channel"], {"channel": channel, "n": n})
            for channel, n in sorted(found.barred_by_channel.items())
        )
        why = ", ".join(
            f"{words.term('privacy_why', code)}: {words.number(n)}"
            for code, n in sorted(found.by_why.items())
        )
        of_marketing = {
            "scored": found.customers - found.erased - found.no_profiling,
            "no_marketing": found.no_marketing,
            "channels": words.fill(TEXTS["channels"], {"channels": some}) if some else "",
            "why": words.fill(TEXTS["why"], {"why": why}) if why else "",
        }
        told.append(words.fill(TEXTS["barred"], of_marketing))
    return told
