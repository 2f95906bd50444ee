"""What a run ends with: what came out of a project's stages, in a dozen lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from winback.cli.progress import say_aloud, words_of

if TYPE_CHECKING:
    from winback.project import Project
    from winback.said.ending import Ended


def print_ending(project: Project) -> None:
    """Print what came out of the stages, and where the list and the page are."""
    from winback.said.ending import ending_lines

    ended = ended_of(project)
    say_aloud(*ending_lines(ended, words_of(ended.ingest.currency)))


def ended_of(project: Project) -> Ended:
    """What came out of the stages, as the page tells it."""
    from winback.results.gated import Gated
    from winback.results.intake import IngestSummary
    from winback.results.judged import EvaluatedModel
    from winback.results.learned import Training
    from winback.results.listed import Listed
    from winback.results.planned import Planned
    from winback.said.ending import Ended
    from winback.snapshots.plan import QUIET_DAYS

    ingest, trained = project.result("ingest", IngestSummary), project.result("training", Training)
    evaluated = project.result("served", EvaluatedModel)
    return Ended(
        ingest=ingest,
        evidence=trained.evidence,
        kind=evaluated.model_kind,
        verdict=evaluated.verdict,
        gated=project.result("gate", Gated),
        target=project.result("target", Planned),
        listed=project.path("list"),
        page=project.path("page"),
        quiet_days=QUIET_DAYS,
        delivered=project.result("manifest", Listed).destinations,
        sentence=_sentence(project),
    )


def _sentence(project: Project) -> str:
    """What the page's first screen says to do, of the same results and by the same words."""
    import pandas as pd
    import pyarrow.parquet as pq
    from markupsafe import Markup

    from winback.cli.progress import STATE
    from winback.report.material import Material
    from winback.report.sections.first import sentence
    from winback.results.described import Described
    from winback.results.listed import Listed
    from winback.results.planned import Planned

    scores = pq.read_table(project.path("scores"), columns=["customer_id", "p_return"])
    found = sentence(
        Material(
            described=project.result("shop", Described),
            scores=scores.to_pandas(),
            target=project.result("target", Planned),
            list_rows=pd.read_csv(project.path("list"), dtype=str, keep_default_na=False),
            manifest=project.result("manifest", Listed),
            horizon_days=project.params.snapshot.horizon_days,
            language=STATE.language,
        )
    )
    # Figures are marked up for the page.
    return Markup(found).striptags()
