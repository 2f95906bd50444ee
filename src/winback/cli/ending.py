"""What a run ends with: ten lines a person can read; the last ones are where to look."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from winback.results.planned import Planned


def print_ending(project: Any) -> None:
    """Print what came out of a project's stages, and where the list and the page are."""
    from winback.results.planned import Planned

    ingested, trained, judged = (
        project.json(name) for name in ("ingest", "training", "evaluation")
    )
    target = project.result("target", Planned)
    _print_ending(
        ingested, judged["verdict"], target, judged["model_kind"], project.path("list"),
        project.path("page"), trained["evidence"],
    )  # fmt: skip


def _print_ending(
    ingested: dict[str, Any], verdict: dict[str, Any] | None, target: Planned,
    kind: str, listed: Path, report: Path, evidence: dict[str, Any],
) -> None:  # fmt: skip
    """Ten lines a person can read; the last ones are where to look."""
    aside, refunds = ingested["lines_set_aside"], ingested["refunds"]
    reasons = ", ".join(f"{n:,} {reason}" for reason, n in aside["by_reason"].items())
    lines = [
        f"Lines: {ingested['lines_in']:,} read, {ingested['lines_kept']:,} kept, "
        f"{aside['total']:,} set aside{f' ({reasons})' if reasons else ''}, "
        f"{ingested['lines_ignored']:,} ignored from the cutoff on.",
        f"Customers: {ingested['customers']:,} with {ingested['purchases']:,} purchases, "
        f"{f'{refunds:,} cancellations or refunds, ' if refunds else ''}"
        f"{ingested['first_day']} to {ingested['last_day']}; scored as of {target.cutoff}.",
    ]
    from winback.results.judged import Verdict
    from winback.results.learned import Evidence
    from winback.said import judged
    from winback.said.words import Words
    from winback.snapshots.plan import QUIET_DAYS

    silent = ((target.cutoff or date.max) - date.fromisoformat(ingested["last_day"])).days
    if silent > QUIET_DAYS:
        lines.append(
            f"Look at the dates: the history ends {silent} days before the cutoff; what customers "
            "did in between is not known."
        )
    from winback.results.base import Fact
    from winback.said.spoken import tell
    from winback.said.words import capital

    words = Words(currency=ingested["currency"])
    doubts = [tell(Fact.model_validate(doubt), words) for doubt in ingested["doubts"]]
    lines += [f"{capital(said)}." for said in doubts]
    for account in ingested.get("suspicious_customers", [])[:3]:
        lines.append(
            f"Look at customer {account['customer_id']}: {account['share_of_purchases']:.0%} of "
            "all purchases; a till, a test or staff?"
        )
    enough = Evidence.model_validate(evidence)
    lines.append(judged.evidence(enough, Words()))
    if enough.concerns and kind != "unproven":
        lines.append(f"Mind: {judged.concern(enough.concerns[0], Words())}")
    if kind == "unproven":
        lines.append(
            "Model: unproven. No horizon has closed yet, so there are no probabilities; the list "
            "names the customers by recency. Choose a shorter --horizon-days or wait."
        )
    elif verdict:
        lines.append(f"Model: {judged.verdict(Verdict.model_validate(verdict), Words())}")
    lacking = {
        "base_rate": "too few customers returned, or stayed away, to tell them apart: all get the "
        "same chance",
        "regression": "too few customers for LightGBM: a small regression does it all",
        "habit": "too little history lies before the closed windows: chances come from each "
        "customer's own rhythm (MBG/NBD)",
    }
    if kind in lacking:
        lines.append(f"Fallback: {lacking[kind]}.")
    if kind == "unproven":
        lines += [f"List:   {listed}", f"Report: {report}"]
        print("\n".join(lines))
        return
    arms = ", ".join(f"{arm.n:,} {name}" for name, arm in target.arms.items() if name != "control")
    lines.append(
        f"List: {target.n_listed:,} customer{' gets' if target.n_listed == 1 else 's get'} "
        f"an offer ({arms or 'none'}), {target.n_control:,} "
        f"{'is' if target.n_control == 1 else 'are'} held out as control."
    )
    if target.send_on != target.cutoff:
        lines.append(f"Send: on {target.send_on}; offers and measurement count from that day.")
    currency = target.currency
    gain = target.expected_gain
    earns = "unknown until it is measured" if gain is None else f"{gain:,.2f} {currency}".rstrip()
    stated = any(arm.effect_source == "stated" for arm in target.arms.values())
    assumed = " (by an assumed effect, not a measured one)" if stated and gain is not None else ""
    lines.append(
        f"Money: expected cost {target.expected_cost:,.2f} {currency}".rstrip()
        + f", expected gain {earns}{assumed}."
    )
    from winback.said.offers import power
    from winback.said.words import Words

    if gain is None:
        lines.append(f"Test: {power(target, Words())}")
    if target.test:
        tested = target.test.offers.values()
        lines.append(
            f"Worth: of that cost {sum(arm.cost for arm in tested):,.0f} {currency}".rstrip()
            + " is lost if the tested offers change nothing; what the test teaches is worth about"
            f" {sum(arm.value for arm in tested):,.0f} {currency}".rstrip()
            + f" in the next campaign. Readable on {target.test.readable_on}."
        )
    lines += [f"List:   {listed}", f"Report: {report}"]
    print("\n".join(lines))
