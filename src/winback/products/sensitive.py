"""Words of products that hint at what a shop must not show it knows: health, faith, sex and more.

What GDPR calls special categories (Art. 9), and what hurts in a subject line all the same: debts,
addictions, death, a pregnancy. The lists are stems, in English and Polish, and mean to catch too
much: a product that is left out costs a word in a message, one that is shown may cost a customer.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

# Stems at the beginning of a word, without diacritics; a dollar ends a stem that is a word.
_STEMS = """
lek$ leki$ lekarst lekow$ tablet pigul pills$ pill$ kapsul capsule syrop syrup masc$ ointment apte
pharm farma medyc medic medyk med$ leczn kuracj cure$ suplement supplement witamin vitamin mineral
probioty probiot kolagen collagen magnez omega melaton nasen sleep$ sen$ zdrow health hospit szpital
pacjent patient bandaz bandag opatrun plaster$ strzykaw syringe igla$ igly$ termomet thermomet
cisnieniom blood krew$ krwi$ cukrzy diabet insulin gluko gluco cholest serce$ cardi kardio
nadcisn hypertens astm asthm inhal alerg allerg gluten celiak coeliac celiac lakto lacto diet keto
odchudz slimm weight fat$ burner otyl obes plus$ xxl xxxl onkolog oncolog nowotwor cancer tumor
peruk wig$ wigs$ protez prosthe ortez ortho ortop wozek$ inwalid wheelchair balkonik kule$ crutch
disab niepelnosp nieslysz hearing sluchow braille slepy$ blind$ pielucho inkont incontin
nietrzym hemor haemor jelit bowel przeczyszcz laxat zaparc constip biegun diarr grzyb fung luszcz
psoria egzem eczem atop tradzik acne wszy$ wszawic lice$ swierzb scabi brodaw wart$ kurzajk opryszcz
herpes hiv$ aids$ hpv covid covi test$ testy$ tests$ depres lek$ anxiety stres stress
nerwic psych terap therap autyz autis adhd dement alzheim parkins padaczk epilep menopau klimakt
menstru okres$ period$ podpas tampon kubeczek wkladk prostat potenc erek erect impot viagra
libido plodn fertil nieplodn ivf$ owulac ovulat ciaz ciezar pregnan matern prenat poronien miscar
laktac laktat lactat breast karmien nursing niemowl noworod newborn baby$ babies niunia smocz
pacifier pieluch diaper nappy nappies antykonc contracep prezerw kondom condom lubry lubric zel$
intym intim erot sex seks wibrat vibrat dildo bdsm fetysz fetish stanik$ bieliz lingerie lingeri
panties stringi thong gorset corset pornog porn$ playboy striptiz escort
lgbt gay$ gays$ gej lesb biseks bisex trans$ transgen transpl queer pride$ tecz rainbow drag$ binder
bibl bible koran quran qur tora$ torah talmud ewangel gospel psalm rozan rosar krucyf crucif krzyz
cross$ crosses medalik szkapl scapul komuni communion chrzc chrzes christ baptis christen bierzm
confirmat kosci church kaplan priest sutann zakon nun$ monk$ modlit pray pacierz swiety$ swieta$
swietych saint$ saints$ jezus jesus maryj madonn matka$ boska$ boska bozy$ boze$ boza$ god$ godly
aniol angel papiez pope$ ikona$ ikony$ icon$ menor kosher koszer kippa jarmulk hanuk chanuk pascha
passover halal hidzab hijab burka niqab islam muzul muslim meczet mosque ramad eid$ allah budd buddh
hindu hinduis ganesh shiva krishna yoga$ mantra tarot wrozb occult okult wicca ezoter esoter czakr
chakra atei athei szatan satan
zyd$ zydzi zydow jew$ jews jewish roma$ romski romsk cygan gypsy murzyn afro ukrain rosja russia
uchodz refugee migrant imigr immigr narodow patriot nation polit parti$ partia komun
faszy fasci nazi trump putin solidarn zwiazk union$ strajk strike
dna$ genet genom ancest biometr
alko alcoh wodka wodki vodka piwo piwa beer wino wina wine wines whisky whiskey gin$ rum$ likier
liqueur tequila brandy koniak papieros cigar tyton tobacco nikotyn nicot vape vaping epapier
e-papier marih mariju cannab cbd$ thc$ hemp konop drug$ drugs$ narkot dopal hazard casino kasyno
poker$ bet$ betting zaklad detox odwyk addict uzalez
pogrzeb funer znicz grave grob nagrob trumn coffin urna$ urn$ zaloba mourn condol kondol memorial
dlug$ dlugi$ oddluz debt kredyt$ credit$ chwilow payday$ komornik lombard pawn$ bankrut bankrupt
rozwod divorc adopc adopt bron$ gun$ guns$ ammo amunic noz$ knife
"""

# What is on an order and is no product.
_NO_PRODUCT = """
postag przesyl dostaw deliver shipp kurier courier paczkomat inpost dhl dpd ups$ fracht freight
opakow packag oplat fee$ fees$ charge commission prowiz rabat discount kupon coupon voucher
bon$ karta$ gift$ prezent upomin doplat surcharg manual korekt adjust correct probk sample gratis
zwrot refund return deposit depozyt kaucj usluga service montaz install gwaranc warrant insur ubezp
tax$ vat$ bank paypal amazon ebay allegro subskryp subscri abonament
"""


# What a grocer's names say of food.
_FOOD = re.compile(
    r"(chicken|turkey|duck|goose|poultry) breasts?|breasts? *-? *(bone|skin)(less|ed| ?in)?|"
    r"roma tomato\w*|(net|drained) weight"
)
# What stands on an order beside products, wherever the message does not name it: said narrowly,
# since a gift bag is a product, and a charger for a phone.
_BESIDE = re.compile(
    r"(?<![a-z])(gift ?-?(card|voucher|certificate)|e-?gift|store credit|"
    r"(kart[ay]|bony?|voucher\w*) (podarunkow|prezentow|upominkow)|geschenkgutschein|"
    r"postage|p ?& ?p\b|(free |express |standard |next day )?(shipping|delivery)\b|"
    r"(shipping|delivery|handling|service|bank|packing|payment|cod) (fees?|charges?|costs?)|"
    r"carriage\b|przesyl(ka|ki)\b|wysyl(ka|ki)\b|dostaw[ay]\b|paczkomat|kurier\b|"
    r"(koszt|oplata|doplata)\w* |oplata\b|doplata\b|pobranie\b|kaucj|deposits?\b|depozyt|pfand|"
    r"versand(kosten)?\b|porto\b|rabat\b|discounts?\b|coupons?\b|vouchers?\b|kupon|napiwek|tips?$|"
    r"surcharge|adjustment|^manual$|amazon ?fee|rounding|zaokragl|donation|darowizn)"
)
# Ids that shops give to such lines.
_CODES = frozenset((
    "post", "dot", "m", "d", "s", "b", "c2", "cruk", "amazonfee", "adjust", "adjust2",
    "ship", "shipping", "delivery", "fee", "fees", "discount", "rabat", "dostawa", "przesylka",
    "wysylka", "kaucja", "gift", "giftcard", "gift-card", "voucher", "bon", "tip", "tax", "vat",
    "kurier", "paczkomat", "versand", "porto",
))  # fmt: skip


def _pattern(stems: str) -> re.Pattern[str]:
    parts = (stem[:-1] + r"\b" if stem.endswith("$") else stem for stem in stems.split())
    return re.compile(r"(?<![a-z])(" + "|".join(sorted(set(parts))) + ")")


_HINT, _SERVICE = _pattern(_STEMS), _pattern(_NO_PRODUCT)
# An address, or a telephone's number: what was made for somebody may be named after her.
_PERSON = re.compile(r"\S@\S|\+\d[\d \-]{7,}\d|(?<![\w-])\d{3}[ -]\d{3}[ -]\d{3}(?![\w-])")
_WORD = re.compile(r"[^\W\d_]{3,}")
_CODE = re.compile(r"[A-Za-z]*\d[\w-]*\d[\w-]*")
_LONGEST = 80


def plain(text: str) -> str:
    """Lower case without diacritics: ``Ciśnieniomierz`` is ``cisnieniomierz``."""
    apart = unicodedata.normalize("NFKD", text.casefold().replace("ł", "l"))
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


def may_be_shown(product: str, allowed: Collection[str] = ()) -> bool:
    """Whether a shop may write this name of a product to whoever bought it.

    It is a name and no code, names a product and no postage, and hints at nothing private but
    what is ``allowed``, as `hints_at_private` has it.
    """
    text = " ".join(product.split())
    words = _WORD.findall(text)
    if len(text) > _LONGEST or not words or any(sign in text for sign in "@<>{}|=\\"):
        return False
    # One short word of capitals is as likely a code.
    if len(words) == 1 and (len(words[0]) < 4 or words[0].isupper() or _CODE.search(text)):
        return False
    return not hints_at_private(text, allowed) and not _SERVICE.search(plain(text))


def hints_at_private(text: str, allowed: Collection[str] = ()) -> bool:
    """Whether a name or category of products hints at health, faith, sex or the like.

    So does whatever holds an address or a telephone's number, which is somebody's.

    ``allowed`` are words, or whole names, that a shop may show all the same.
    """
    if _PERSON.search(text):
        return True
    told = _FOOD.sub(" ", plain(text))
    found = _HINT.search(told)
    if found is None or not allowed:
        return found is not None
    fine = tuple(plain(one) for one in allowed)
    return told not in fine and any(
        not told[hit.start() :].startswith(fine) for hit in _HINT.finditer(told)
    )


def is_of_services(category: str) -> bool:
    """Whether a category is of such lines alone: that of coupons and other items is not."""
    return all(is_service(part) for part in re.split(r"[/,&|>]", category))


def is_service(text: str, *, is_id: bool = False) -> bool:
    """Whether a name, a category or an id is of delivery, a fee, a deposit or a gift card."""
    told = plain(text).strip()
    return (is_id and told in _CODES) or _BESIDE.search(told) is not None
