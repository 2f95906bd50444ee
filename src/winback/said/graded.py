"""What came of lists that left, in words."""

from __future__ import annotations

from winback.results.graded import Course, Grade, Held, Record, Ungraded, Waiting
from winback.said.words import Texts, Words

TEXTS: Texts = {
    "right": {
        "en": "{campaign} ({cutoff:short_day}, {days:count day}): {returned:share1} came back, "
        "{foretold:share1} were foretold; chance alone could explain the difference.",
        "pl": "{campaign} ({cutoff:short_day}, {days:count day}): wróciło {returned:share1}, "
        "zapowiadaliśmy {foretold:share1}; taka różnica może być przypadkiem.",
    },
    "too_high": {
        "en": "{campaign} ({cutoff:short_day}, {days:count day}): {returned:share1} came back, "
        "{foretold:share1} were foretold; too much by {by:points} (95% interval {low:n1} to "
        "{high:n1}).",
        "pl": "{campaign} ({cutoff:short_day}, {days:count day}): wróciło {returned:share1}, "
        "zapowiadaliśmy {foretold:share1}; za dużo o {by:points} (przedział 95%: od {low:n1} do "
        "{high:n1}).",
    },
    "too_low": {
        "en": "{campaign} ({cutoff:short_day}, {days:count day}): {returned:share1} came back, "
        "{foretold:share1} were foretold; too little by {by:points} (95% interval {low:n1} to "
        "{high:n1}).",
        "pl": "{campaign} ({cutoff:short_day}, {days:count day}): wróciło {returned:share1}, "
        "zapowiadaliśmy {foretold:share1}; za mało o {by:points} (przedział 95%: od {low:n1} do "
        "{high:n1}).",
    },
    "few": {
        "en": "{campaign} ({cutoff:short_day}, {days:count day}): {returned:share1} came back, "
        "{foretold:share1} were foretold; too few customers for an interval.",
        "pl": "{campaign} ({cutoff:short_day}, {days:count day}): wróciło {returned:share1}, "
        "zapowiadaliśmy {foretold:share1}; za mało klientów, żeby podać przedział.",
    },
    "early": {
        "en": "Early: {told} The list itself is ripe on {ripe_on:short_day}.",
        "pl": "Wcześniej: {told} Cała lista będzie do oceny {ripe_on:short_day}.",
    },
    "waiting": {
        "en": "{campaign} ({cutoff:short_day}): ripe on {ripe_on:short_day}.",
        "pl": "{campaign} ({cutoff:short_day}): do oceny {ripe_on:short_day}.",
    },
    "unproven": {
        "en": "{campaign} ({cutoff:short_day}): no chances were foretold, so nothing is graded.",
        "pl": "{campaign} ({cutoff:short_day}): nie było prognoz, więc nie ma czego oceniać.",
    },
    "gap": {
        "en": "{campaign} ({cutoff:short_day}): the shop has a gap in these days, so nothing is "
        "graded.",
        "pl": "{campaign} ({cutoff:short_day}): w tych dniach sklep ma lukę w zamówieniach, więc "
        "nic nie oceniamy.",
    },
    "nobody_left": {
        "en": "{campaign} ({cutoff:short_day}): nobody is left who was sent nothing.",
        "pl": "{campaign} ({cutoff:short_day}): nie został nikt, komu nic nie wysłano.",
    },
    "before_history": {
        "en": "{campaign} ({cutoff:short_day}): today's orders begin later.",
        "pl": "{campaign} ({cutoff:short_day}): dzisiejsze zamówienia zaczynają się później.",
    },
    # of the newest list more
    "newest": {"en": "The newest, {campaign}:", "pl": "Najnowsza, {campaign}:"},
    "otherwise_then": {
        "en": "As it was known when the days were over, {then:share1} had come back; now it is "
        "{now:share1}.",
        "pl": "Kiedy minął termin, znaliśmy {then:share1} powrotów; dziś wiemy o {now:share1}.",
    },
    "against": {
        "en": "Log loss {ours:n4}, {theirs:n4} by {name:term method}: difference {value:+n4} "
        "(95% interval {low:+n4} to {high:+n4}; below 0 the list is better).",
        "pl": "Log loss {ours:n4}, według: {name:term method} {theirs:n4}; różnica {value:+n4} "
        "(przedział 95%: od {low:+n4} do {high:+n4}; poniżej 0 lepsza jest lista).",
    },
    "lost": {
        "en": "Of {n:count customer} too long silent, {returned:share1} came back; "
        "{foretold:share1} were foretold.",
        "pl": "Z klientów zbyt długo bez zakupu ({n:n}) wróciło {returned:share1}; "
        "zapowiadaliśmy {foretold:share1}.",
    },
    "value": {
        "en": "Spent a customer: {spent:money2}, foretold {foretold:money2}.",
        "pl": "Wydatki na klienta: {spent:money2}, zapowiadaliśmy {foretold:money2}.",
    },
    "treated": {
        "en": "Apart: {n:count customer} whom an offer may have touched; {returned:share1} came "
        "back. Those held out stand for them.",
        "pl": "Osobno: klienci, na których mogła zadziałać oferta ({n:n}); wróciło "
        "{returned:share1}. Zastępuje ich grupa kontrolna.",
    },
    "not_stood_for": {
        "en": "Nobody was held out who could stand for {n:n} of the planned customers.",
        "pl": "Nikt z grupy kontrolnej nie zastępuje części zaplanowanych klientów ({n:n}).",
    },
    "forgotten": {
        "en": "Without the people of this list who were forgotten, or objected to profiling, "
        "since: {n:n}.",
        "pl": "Bez osób z tej listy, które od tego czasu usunięto albo które sprzeciwiły się "
        "profilowaniu: {n:n}.",
    },
    # over lists
    "trend": {
        "en": "Over {lists:n} lists ({first:short_day} to {last:short_day}): returned less "
        "foretold {value:+n1} points (95% interval {low:+n1} to {high:+n1}).",
        "pl": "Na {lists:n} listach (od {first:short_day} do {last:short_day}): powroty minus "
        "prognoza {value:+n1} p.p. (przedział 95%: od {low:+n1} do {high:+n1}).",
    },
    "trend_gap": {
        "en": "That moves by {value:+n1} points in 30 days (95% interval {low:+n1} to {high:+n1}).",
        "pl": "W ciągu 30 dni zmienia się to o {value:+n1} p.p. (przedział 95%: od {low:+n1} do "
        "{high:+n1}).",
    },
    "trend_base_rate": {
        "en": "Log loss less that of the base rate {value:+n4} (95% interval {low:+n4} to "
        "{high:+n4}).",
        "pl": "Log loss minus log loss średniej: {value:+n4} (przedział 95%: od {low:+n4} do "
        "{high:+n4}).",
    },
    "trend_best_rule": {
        "en": "Log loss less that of the best rule of each day {value:+n4} (95% interval "
        "{low:+n4} to {high:+n4}).",
        "pl": "Log loss minus log loss najlepszej reguły z danego dnia: {value:+n4} (przedział "
        "95%: od {low:+n4} do {high:+n4}).",
    },
    "none": {
        "en": "No list has left yet, so there is nothing to grade.",
        "pl": "Żadna lista jeszcze nie wyszła, więc nie ma czego oceniać.",
    },
    # on the page
    "section": {"en": "How earlier lists came true", "pl": "Jak sprawdziły się wcześniejsze listy"},
    "record_title": {
        "en": "Over {n:n} lists the forecasts were off by {off:points} on average",
        "pl": "Na {n:n} listach prognozy myliły się średnio o {off:points}",
    },
    "record_shows": {
        "en": "Share that returned within {days:count day} beside the mean chance foretold, by the "
        "day the list was scored; pale: replayed weeks that never left",
        "pl": "Odsetek powrotów w ciągu {days:count of day} obok średniej szansy z prognozy, "
        "według dnia oceny listy; bledsze: odtworzone tygodnie, które nigdy nie wyszły",
    },
    "record_alt": {
        "en": "Lists by the day they were scored: {pairs}",
        "pl": "Listy według dnia oceny: {pairs}",
    },
    "record_pair": {
        "en": "{cutoff:short_day} foretold {foretold:share1}, returned {returned:share1}",
        "pl": "{cutoff:short_day} prognoza {foretold:share1}, powroty {returned:share1}",
    },
    "record_axis": {"en": "day the list was scored", "pl": "dzień oceny listy"},
    "record_foretold": {"en": "foretold", "pl": "prognoza"},
    "record_returned": {"en": "returned", "pl": "wróciło"},
    "record_foot": {
        "en": "Customers who were sent nothing, those held out standing for the planned; as known "
        "on {day:short_day}. Lines are 95% intervals.",
        "pl": "Klienci, którym nic nie wysłano; zaplanowanych zastępuje grupa kontrolna. Stan "
        "wiedzy na {day:short_day}. Kreski to przedziały 95%.",
    },
    "record_open": {"en": "List by list", "pl": "Lista po liście"},
    "record_table": {
        "en": "The newest {n:n} of {of:n} lists; log loss (how far the chances were off, the "
        "surer the dearer) less that of rivals, below 0 the list was better",
        "pl": "Najnowsze listy ({n:n} z {of:n}); log loss (jak bardzo chybiły szanse, pewne "
        "pomyłki liczą się mocniej) minus log loss rywali, poniżej 0 lepsza była lista",
    },
    "record_plain": {
        "en": "The newest {n:n} of {of:n} lists",
        "pl": "Najnowsze listy ({n:n} z {of:n})",
    },
    "rivals": {
        "en": "Earlier lists beside simpler forecasts",
        "pl": "Wcześniejsze listy obok prostszych prognoz",
    },
    "measured": {"en": "What earlier lists changed", "pl": "Co zmieniły wcześniejsze listy"},
    "measured_table": {
        "en": "Campaigns that were measured: {n:n}",
        "pl": "Zmierzone kampanie: {n:n}",
    },
    "column_came_of": {"en": "what came of it", "pl": "co z niej wyszło"},
    "column_treated": {"en": "got an offer", "pl": "z ofertą"},
    "column_control": {"en": "held out", "pl": "grupa kontrolna"},
    "column_list": {"en": "list", "pl": "lista"},
    "column_foretold": {"en": "foretold", "pl": "prognoza"},
    "column_returned": {"en": "returned (95% interval)", "pl": "wróciło (przedział 95%)"},
    "column_base_rate": {"en": "against the base rate", "pl": "wobec średniej"},
    "column_best_rule": {"en": "against the best rule", "pl": "wobec najlepszej reguły"},
    "share_with_ends": {
        "en": "{value:share1} ({low:share1} to {high:share1})",
        "pl": "{value:share1} (od {low:share1} do {high:share1})",
    },
}


def record_lines(record: Record, words: Words) -> list[str]:
    """The track record, one line a list, and what the newest one and all of them show."""
    told = [grade_line(grade, words) for grade in record.lists]
    told += open_lines(record, words)
    if record.lists:
        newest = record.lists[-1]
        told.append(words.fill(TEXTS["newest"], {"campaign": newest.campaign_id}))
        lines = [*rival_lines(newest.now, words), *newest_lines(newest, words)]
        told += [f"  {line}" for line in lines]
    told += [*trend_lines(record, words), *trend_of_rivals(record, words)]
    return told or [words.fill(TEXTS["none"], {})]


def open_lines(record: Record, words: Words) -> list[str]:
    """Lists that have no grade yet, or will have none."""
    ripe = {each.campaign_id: each.ripe_on for each in record.waiting}
    told = [
        words.fill(
            TEXTS["early"],
            {"told": grade_line(grade, words), "ripe_on": ripe.get(grade.campaign_id)},
        )
        for grade in record.early
    ]
    early = {grade.campaign_id for grade in record.early}
    told += [_open(each, words) for each in record.waiting if each.campaign_id not in early]
    return told + [_never(each, words) for each in record.ungraded]


def record(found: Record, words: Words) -> str:
    """The same as one text."""
    return "\n".join(record_lines(found, words))


def list_lines(record: Record, campaign: str, words: Words) -> list[str]:
    """What came of one list."""
    ripe = {each.campaign_id: each.ripe_on for each in record.waiting}
    told = []
    for grade in (*record.lists, *record.early):
        if grade.campaign_id == campaign:
            line = grade_line(grade, words)
            early = {"told": line, "ripe_on": ripe.get(campaign)}
            told.append(words.fill(TEXTS["early"], early) if grade.early else line)
            told += [*rival_lines(grade.now, words), *newest_lines(grade, words)]
    return told


def grade_line(grade: Grade, words: Words) -> str:
    """What came back beside what was foretold."""
    now, gap = grade.now.everybody, grade.now.gap
    values = {
        "campaign": grade.campaign_id, "cutoff": grade.cutoff, "days": grade.days,
        "returned": now.returned.value, "foretold": now.foretold,
    }  # fmt: skip
    if gap.low is None or gap.high is None:
        return words.fill(TEXTS["few"], values)
    if gap.low <= 0 <= gap.high:
        return words.fill(TEXTS["right"], values)
    ends = sorted((100 * abs(gap.low), 100 * abs(gap.high)))
    values |= {"by": 100 * abs(gap.value), "low": ends[0], "high": ends[1]}
    return words.fill(TEXTS["too_high" if gap.value < 0 else "too_low"], values)


def newest_lines(grade: Grade, words: Words) -> list[str]:
    """What else is known of one list."""
    now, then = grade.now, grade.then
    told = []
    before, today = then.everybody.returned.value, now.everybody.returned.value
    if words.share(before, 1) != words.share(today, 1):
        told.append(words.fill(TEXTS["otherwise_then"], {"then": before, "now": today}))
    if now.lost:
        of_lost = {"returned": now.lost.returned.value, "foretold": now.lost.foretold}
        told.append(words.fill(TEXTS["lost"], {"n": now.lost.n, **of_lost}))
    if now.value:
        of_value = {"spent": now.value.spent.value, "foretold": now.value.foretold}
        told.append(words.fill(TEXTS["value"], of_value))
    if grade.treated.n:
        told.append(words.fill(TEXTS["treated"], dict(grade.treated)))
    if grade.not_stood_for:
        told.append(words.fill(TEXTS["not_stood_for"], {"n": grade.not_stood_for}))
    if grade.forgotten:
        told.append(words.fill(TEXTS["forgotten"], {"n": grade.forgotten}))
    return told


def trend_lines(record: Record, words: Words) -> list[str]:
    """The figures over all lists."""
    trend = record.trend
    if trend is None or trend.lists < 2:
        return []
    about = {"lists": trend.lists, "first": trend.first, "last": trend.last}
    told = [words.fill(TEXTS["trend"], about | _ends(trend.gap, 100))]
    if trend.gap.per_30_days:
        slope = Course(mean=trend.gap.per_30_days, per_30_days=None)
        told.append(words.fill(TEXTS["trend_gap"], _ends(slope, 100)))
    return told


def trend_of_rivals(record: Record, words: Words) -> list[str]:
    """The same beside simpler forecasts."""
    trend = record.trend
    if trend is None or trend.lists < 2:
        return []
    courses = {"base_rate": trend.base_rate, "best_rule": trend.best_rule}
    return [
        words.fill(TEXTS[f"trend_{name}"], _ends(course, 1))
        for name, course in courses.items()
        if course
    ]


def rival_lines(held: Held, words: Words) -> list[str]:
    """One list beside simpler forecasts of its day."""
    return [
        words.fill(
            TEXTS["against"],
            {"ours": held.log_loss, "theirs": each.log_loss, "name": each.name,
             **dict(each.difference)},
        )
        for each in held.against
    ]  # fmt: skip


def _ends(course: Course, factor: float) -> dict[str, float | None]:
    mean = course.mean
    return {
        name: None if value is None else factor * value
        for name, value in (("value", mean.value), ("low", mean.low), ("high", mean.high))
    }


def _open(each: Waiting, words: Words) -> str:
    about = {"campaign": each.campaign_id, "cutoff": each.cutoff, "ripe_on": each.ripe_on}
    return words.fill(TEXTS["waiting"], about)


def _never(each: Ungraded, words: Words) -> str:
    return words.fill(TEXTS[each.why], {"campaign": each.campaign_id, "cutoff": each.cutoff})
