"""Words in dates: months, weekdays, zones and small words, as shops of many languages write them.

Written out here, not asked of a library, so that another release of it never reads an old file
otherwise; a test holds the names of months and weekdays against Babel's.
"""
# ruff: noqa: RUF001

from __future__ import annotations

import unicodedata
from functools import lru_cache

# en pl de fr es it nl cs sk hu pt ro sv da nb fi ru uk, without accents; none is two months.
_MONTHS = tuple(
    frozenset(names.split())
    for names in (
        """january jan stycznia sty styczen januar janner jaenner jaen janvier janv enero ene
        gennaio gen januari ledna led leden januara janeiro ianuarie ian tammikuuta tammi tammikuu
        января янв январь січня січ січень""",
        """february feb lutego lut luty februar feber fevrier fevr febrero febbraio februari unora
        uno unor februara febr fevereiro fev februarie helmikuuta helmi helmikuu февраля февр
        февраль лютого лют лютии""",
        """march mar marca marzec marz maerz mrz mars marzo maart mrt brezna bre brezen marec
        marcius marc marco martie marts maaliskuuta maalis maaliskuu марта мар март березня бер
        березень""",
        """april apr kwietnia kwi kwiecien avril avr abril abr aprile dubna dub duben aprila aprilis
        aprilie huhtikuuta huhti huhtikuu апреля апр апрель квітня квіт квітень""",
        """may maja maj mai mayo maggio mag mei kvetna kve kveten majus maio toukokuuta touko
        toukokuu мая маи май травня трав травень""",
        """june jun czerwca cze czerwiec juni juin junio giugno giu cervna cvn cerven juna junius
        junho iunie iun kesakuuta kesa kesakuu июня июн июнь червня черв червень""",
        """july jul lipca lip lipiec juli juillet juil julio luglio lug cervence cvc cervenec jula
        julius julho iulie iul heinakuuta heina heinakuu июля июл июль липня лип липень""",
        """august aug sierpnia sie sierpien aout agosto ago augustus srpna srp srpen augusta
        augusztus augusti elokuuta elo elokuu августа авг август серпня серп серпень""",
        """september sep wrzesnia wrz wrzesien sept septembre septiembre settembre set zari zar
        septembra szeptember szept setembro septembrie syyskuuta syys syyskuu сентября сент сентябрь
        вересня вер вересень""",
        """october oct pazdziernika paz pazdziernik oktober okt octobre octubre ottobre ott rijna
        rij rijen oktobra outubro out octombrie lokakuuta loka lokakuu октября окт октябрь жовтня
        жовт жовтень""",
        """november nov listopada lis listopad novembre noviembre listopadu novembra novembro
        noiembrie marraskuuta marras marraskuu ноября нояб ноябрь листопада лист листопад""",
        """december dec grudnia gru grudzien dezember dez decembre diciembre dic dicembre prosince
        pro prosinec decembra dezembro decembrie desember des joulukuuta joulu joulukuu декабря дек
        декабрь грудня груд грудень""",
    )
)
MONTHS = {name: number for number, names in enumerate(_MONTHS, start=1) for name in names}
ROMAN = {
    name: number
    for number, name in enumerate(
        ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"), start=1
    )
}
_DAYS = """
    cs csutortok ct ctvrtek czw czwartek di dienstag dim dimanche dinsdag do dom domenica domingo
    donderdag donnerstag du dum duminica fr fre fredag freitag fri friday gio giovedi hetfo je jeu
    jeudi joi ju jue jueves ke kedd keskiviikko keskiviikkona la lauantai lauantaina lo lor lordag
    lu lun lundi lunedi lunes luni ma maanantai maanantaina maandag man mandag mar mardi martedi
    martes marti me mer mercoledi mercredi mi mie miercoles miercuri mittwoch mo mon monday montag
    ne nedela nedele nie niedz niedziela on ons onsdag pa patek pe pentek perjantai perjantaina pi
    pia piatek piatok po pon pondeli pondelok poniedzialek pt qua quarta feira qui quinta sa sab
    sabado sabato sam sambata samedi samstag sat saturday seg segunda sex sexta so sob sobota son
    sondag sonntag sr sro sroda st streda stvrtok su sun sunday sunnuntai sze szerda szo szombat ter
    terca th thu thur thurs thursday ti tiistai tiistaina tir tirs tirsdag tis tisdag to tor tors
    torsdag torstai torstaina tu tue tues tuesday ut utery utorok vasarnap ve ven vendredi venerdi
    vi vie viernes vin vineri vr vrijdag we wed wednesday wo woensdag wt wto wtorek za zaterdag zo
    zondag sonnabend воскресенье вс вт вторник вівторок нд неділя пʼятниця пн понедельник понеділок
    пт пятница сб середа ср среда суббота субота четвер четверг чт"""
WEEKDAYS = frozenset(_DAYS.split())
# What may stand between the parts of a date without saying anything.
_SMALL = """
    at on the of o ob godz godzina godzinie g um uhr h den der am dem le a à as às de del do dell
    alle ore ora orele las om uur kl klokken klo v ve o hod hodin hodine dne dna r rok roku г года
    год р року в о st nd rd th er t 年 月 日 時 时 分 秒"""
SMALL_WORDS = frozenset(_SMALL.split())
# Minutes ahead of UTC. Where an abbreviation has several meanings it is the one of shops' exports.
ZONES = {
    "UTC": 0, "GMT": 0, "WET": 0, "WEST": 60, "BST": 60, "CET": 60, "CEST": 120, "MEZ": 60,
    "MESZ": 120, "MET": 60, "MEST": 120, "SAST": 120, "EET": 120, "EEST": 180, "MSK": 180,
    "TRT": 180, "IST": 330, "PKT": 300, "GST": 240, "ICT": 420, "WIB": 420, "SGT": 480, "HKT": 480,
    "PHT": 480, "AWST": 480, "JST": 540, "KST": 540, "ACST": 570, "ACDT": 630, "AEST": 600,
    "AEDT": 660, "NZST": 720, "NZDT": 780, "ART": -180, "BRT": -180, "BRST": -120, "NST": -210,
    "NDT": -150, "AST": -240, "ADT": -180, "EST": -300, "EDT": -240, "CST": -360, "CDT": -300,
    "MST": -420, "MDT": -360, "PST": -480, "PDT": -420, "AKST": -540, "AKDT": -480, "HST": -600,
    "Z": 0,
}  # fmt: skip


def plain_word(word: str) -> str:
    """A word in lower case, without accents."""
    lowered = word.lower().replace("ł", "l").replace("ø", "o").replace("ß", "ss")
    letters = unicodedata.normalize("NFKD", lowered)
    return "".join(c for c in letters if not unicodedata.combining(c))


@lru_cache(maxsize=1 << 12)
def month_of(word: str) -> int | None:
    """The number of the month a word names, whole or cut short; None where it is none or two."""
    plain = plain_word(word)
    if plain in MONTHS or len(plain) < 3:
        return MONTHS.get(plain)
    found = {number for name, number in MONTHS.items() if name.startswith(plain)}
    return found.pop() if len(found) == 1 else None


@lru_cache(maxsize=1 << 12)
def says_nothing(word: str) -> bool:
    """Whether a word beside a date is the weekday or a small word."""
    plain = plain_word(word)
    return plain in WEEKDAYS or plain in SMALL_WORDS or word.lower() in SMALL_WORDS
