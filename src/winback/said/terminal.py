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
    "nothing_to_measure": {
        "en": "Nothing to measure: no list has left. winback seal says that one has.",
        "pl": "Nie ma czego mierzyć: żadna lista nie wyszła. Mówi o tym winback seal.",
    },
    "where_measurement": {"en": "Measurement: {file}", "pl": "Pomiar: {file}"},
    "where_result": {"en": "Result to read: {file}", "pl": "Wynik do czytania: {file}"},
    # explain
    "where_card": {
        "en": "Card of one person, for those who need it: {file}",
        "pl": "Karta jednej osoby, dla tych, którzy jej potrzebują: {file}",
    },
    # seal
    "sealed": {
        "en": "{campaign} has left on {day:short_day}: {listed:count customer} on the list, "
        "{control:n} in the control group, the scores of {customers:count customer} (entry "
        "{entry:n} of the ledger).",
        "pl": "{campaign}: lista wyszła {day:short_day}: {listed:count customer} na liście, "
        "grupa kontrolna: {control:n}, oceny: {customers:count customer} (wpis {entry:n} w "
        "dzienniku).",
    },
    "confirmed": {
        "en": "{name} holds {campaign} now: {entered:n} new, {changed:n} changed, {same:n} as "
        "before, {cleared:n} taken back.",
        "pl": "{name} ma już dane z listy {campaign}: nowi {entered:n}, zmienieni {changed:n}, bez "
        "zmian {same:n}, wyczyszczeni {cleared:n}.",
    },
    "confirmed_kept": {
        "en": "{kept:count customer} no longer meant still have our values there. Clear them by "
        "left.csv or by hand, then: winback confirm {name} --left",
        "pl": "Poza listą nadal mają tam nasze wartości: {kept:count customer}. Wyczyść je plikiem "
        "left.csv albo ręcznie, a potem: winback confirm {name} --left",
    },
    "sealed_already": {
        "en": "{campaign} was sealed already, as having left on {day:short_day} (entry {entry:n}).",
        "pl": "{campaign}: lista jest już zatwierdzona jako wysłana {day:short_day} (wpis "
        "{entry:n}).",
    },
    "recorded": {
        "en": "Recorded: {kind} {subject} (entry {entry:n}).",
        "pl": "Zapisano: {kind} {subject} (wpis {entry:n}).",
    },
    "nothing_to_record": {
        "en": "Nothing to record: the ledger holds all that the stages found.",
        "pl": "Nie ma czego zapisać: dziennik zawiera wszystko, co znalazły etapy.",
    },
    "share_ledger": {
        "en": "To share it: git add ledger (or dvc add ledger), commit and push; carry {people} "
        "like the salt.",
        "pl": "Aby go udostępnić: git add ledger (albo dvc add ledger), commit i push; {people} "
        "przenoś tak jak sól.",
    },
    # ledger
    "ledger_entry": {
        "en": "{entry:n}  {day:short_day}  {kind}  {subject}",
        "pl": "{entry:n}  {day:short_day}  {kind}  {subject}",
    },
    "ledger_sealed": {
        "en": "{entry:n}  {day:short_day}  {kind}  {subject}: {listed:count customer}, control "
        "{control:n}, model {model}",
        "pl": "{entry:n}  {day:short_day}  {kind}  {subject}: {listed:count customer}, grupa "
        "kontrolna {control:n}, model {model}",
    },
    "ledger_replayed": {
        "en": "{entry:n}  {day:short_day}  {kind}  {subject}: the scores of {customers:count "
        "customer}, model {model}",
        "pl": "{entry:n}  {day:short_day}  {kind}  {subject}: oceny: {customers:count customer}, "
        "model {model}",
    },
    "ledger_whole": {
        "en": "{entries:count entry}, every hash holds.",
        "pl": "{entries:count entry}, wszystkie sumy kontrolne się zgadzają.",
    },
    "ledger_empty": {
        "en": "The ledger is empty: no list has left. winback seal says that one has.",
        "pl": "Dziennik jest pusty: żadna lista nie wyszła. Mówi o tym winback seal.",
    },
    "champion_is": {
        "en": "Champion: model {version}, since {since:short_day} ({why}).",
        "pl": "Czempion: model {version}, od {since:short_day} ({why}).",
    },
    "champion_none": {
        "en": "No champion on that day: no list had left.",
        "pl": "Tego dnia nie było czempiona: żadna lista jeszcze nie wyszła.",
    },
    "champion_none_yet": {
        "en": "No champion yet: no list has left. The model just trained scores.",
        "pl": "Nie ma jeszcze czempiona: żadna lista nie wyszła. Szanse liczy nowy model.",
    },
    "champion_reason": {"en": "Reason: {reason}", "pl": "Powód: {reason}"},
    "champion_then": {
        "en": "It scores with the next dvc repro; models trained on later data meet it at the "
        "gate.",
        "pl": "Zacznie liczyć szanse przy następnym dvc repro; z modelami uczonymi na późniejszych "
        "danych zmierzy się w bramce.",
    },
    "corrected": {
        "en": "Entry {entry:n} is corrected by entry {by:n}; what it says stays where it stands.",
        "pl": "Wpis {entry:n} poprawia wpis {by:n}; jego treść zostaje tam, gdzie była.",
    },
    "diff_entered": {
        "en": "{n:count customer} on {new} and not on {old}",
        "pl": "{n:count customer} na {new}, a nie na {old}",
    },
    "diff_left": {
        "en": "{n:count customer} on {old} and no longer on {new}",
        "pl": "{n:count customer} na {old}, a już nie na {new}",
    },
    "diff_other_offer": {
        "en": "{n:count customer} with another offer",
        "pl": "{n:count customer} z inną ofertą",
    },
    "diff_other_band": {
        "en": "{n:count customer} in another band of risk",
        "pl": "{n:count customer} w innym przedziale ryzyka",
    },
    "diff_same": {
        "en": "{n:count customer} on both as before",
        "pl": "{n:count customer} na obu bez zmian",
    },
    "rebuilt": {
        "en": "{campaign}: made again as it left, byte for byte: {file}",
        "pl": "{campaign}: odtworzono dokładnie to, co wyszło, bajt w bajt: {file}",
    },
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
