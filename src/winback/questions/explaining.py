"""One customer, asked of what the stages made: in lines, or as a card to look at."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from winback.project import Project
from winback.questions.carding import Row, card_of, opened, scored_of
from winback.questions.remembering import sealed_list
from winback.questions.whom import customer_meant, unknown
from winback.results.offered import CONTROL, TaughtOffer
from winback.said.explained import TEXTS, explained, score_lines
from winback.said.reacted import rests
from winback.said.words import Language, Words, capital


def explain_customer(customer: str, folder: Path | Project, language: Language) -> str:
    """One customer's history, score, reasons and offer, as lines of text.

    The same for a folder of `winback run` and for a project under DVC, of which ``data`` is
    enough.

    Raises:
        WinbackError: nothing was scored in the folder, or the customer is not among the
            scored (the nearest ids are named), was forgotten or must not be profiled.
    """
    project = folder if isinstance(folder, Project) else opened(folder)
    card = card_of(customer_meant(customer, project), project)
    return "\n".join(explained(card, Words(language, card.currency)))


def explain_sealed(customer: str, campaign: str, project: Project, language: Language) -> str:
    """Why a customer was, or was not, on a list that left: rebuilt from the ledger alone.

    What was known, the score, its reasons, the offers considered, the arm and why.

    Raises:
        WinbackError: no such list has left, or the customer was not scored for it.
    """
    seal = sealed_list(project, campaign)
    told, scores = seal.sealed, seal.scores()
    found = scores[scores["customer_id"] == customer]
    if not len(found):
        ids = pa.chunked_array([pa.array(scores["customer_id"].tolist(), pa.string())])
        raise unknown(customer, ids, seal.ledger.path(seal.entry, "scores.parquet"))
    w = Words(language, told.currency or "")

    def say(name: str, **values: object) -> str:
        return w.fill(TEXTS[name], values)

    scored = scored_of(Row(found))
    said = [
        say("sealed", customer=customer, cutoff=w.short_day(told.cutoff), campaign=campaign,
          sent=w.short_day(told.sent_on)),
        say("model", version=told.model.version, kind=told.model.rule or told.model.kind),
        "", *score_lines(scored, w),
    ]  # fmt: skip
    reasons = scored.reasons[language]
    if reasons:
        said += ["", say("reasons"), *(f"  {reason}" for reason in reasons)]
    labels = {offer.name: f"{offer.label[language]} ({offer.name})" for offer in told.offers}
    said += ["", say("considered", offers="; ".join(labels.values()) or say("none"))]
    planned = seal.assignment()
    drawn = planned[planned["customer_id"] == customer].to_dict("records")
    decided = seal.decisions()
    why = decided.loc[decided["customer_id"] == customer, "reason"].tolist()
    said += ["", say("offer")]
    if not drawn:
        reason = f": {w.term('decision', why[0])}" if why else ""
        return "\n".join([*said, f"  {say('none')}{reason}"])
    plan = drawn[0]
    offer = labels.get(plan["planned_offer"], plan["planned_offer"])
    held = plan["arm"] == CONTROL
    said.append("  " + (say("held", offer=offer) if held else offer))
    said += [
        f"  {capital(rests(each.rests_on, w))}."
        for each in told.offers
        if isinstance(each, TaughtOffer) and each.name == plan["planned_offer"]
    ]
    said.append("  " + say(
        "drawn", share=w.share(plan["probability"], 1), stratum=plan["stratum"],
        why=w.term("chosen_by", plan["chosen_by"]),
    ))  # fmt: skip
    return "\n".join(said)
