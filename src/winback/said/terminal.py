"""What verbs say on the terminal when they are done, beside the ending of a run."""

from __future__ import annotations

from winback.said.words import Texts

TEXTS: Texts = {
    # snapshot
    "snapshots": {
        "en": "{rows:count snapshot} of {cutoffs:count cutoff} ({first:short_day} to "
        "{last:short_day}), {outcomes:count outcome}.",
        "pl": "{rows:count snapshot}, {cutoffs:count cutoff} (od {first:short_day} do "
        "{last:short_day}), {outcomes:count outcome}.",
    },
    "late": {
        "en": "Late: {share:share2} of the customers have purchases known only after a cutoff.",
        "pl": "Opóźnienia: {share:share2} klientów ma zakupy, o których wiadomo dopiero po dniu "
        "oceny.",
    },
    "cost": {
        "en": "Cost: {seconds:n1} s for {columns}.",
        "pl": "Koszt: {seconds:n1} s na {columns}.",
    },
    "where_features": {"en": "Features: {file}", "pl": "Cechy: {file}"},
    "where_outcomes": {"en": "Outcomes: {file}", "pl": "Wyniki: {file}"},
    # tune
    "for_params": {"en": "For params.yaml:", "pl": "Do params.yaml:"},
    "for_params_all_the_same": {
        "en": "If you want them all the same:",
        "pl": "Jeśli mimo to ich chcesz:",
    },
    "where_trials": {"en": "Trials: {file}", "pl": "Próby: {file}"},
    # replay
    "replayed": {
        "en": "{weeks:n} weeks replayed into {folder}, {before:n} were there before. They count as "
        "sent nowhere; winback grade holds them against what came.",
        "pl": "Odtworzone tygodnie: {weeks:n}, zapisane w {folder}; wcześniej było tam {before:n}. "
        "Nigdzie nie liczą się jako wysłane; winback grade porówna je z tym, co się stało.",
    },
    # measure
    "where_measurement": {"en": "Measurement: {file}", "pl": "Pomiar: {file}"},
    # churn
    "where_study": {"en": "Study: {file}", "pl": "Badanie: {file}"},
    "where_table": {"en": "Table: {file}", "pl": "Tabela: {file}"},
    # occasions
    "occasion": {
        "en": "{day}  {weekday}  in {days} d  {name}{said}",
        "pl": "{day}  {weekday}  za {days} d  {name}{said}",
    },
    "holiday": {"en": "(holiday)", "pl": "(święto)"},
    "send_on": {
        "en": "For target.send_on: {name}, 3 days before {name}, {day}",
        "pl": "Do target.send_on: {name}, 3 days before {name}, {day}",
    },
    # simulate
    "simulated": {
        "en": "{lines:count order line} of {customers:count customer}: {file}",
        "pl": "{lines:count order line}, {customers:count customer}: {file}",
    },
    "simulated_signals": {"en": "{rows:n} signals: {file}", "pl": "zdarzenia ({rows:n}): {file}"},
    "simulated_attributes": {
        "en": "{rows:n} attributes: {file}",
        "pl": "atrybuty ({rows:n}): {file}",
    },
}
