"""What the catalogue and the data let words name: fields, their values, segments, campaigns."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from engine.ai.grammar import naming
from engine.ai.grammar.lexemes import Kind
from engine.ai.grammar.phrases import Entry, Table, add, ordered, split
from engine.ai.grammar.tokens import plain, tokenise
from engine.domain.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.ai.vocabulary import Vocabulary

ATTRIBUTE = "attributes."
ORDERS = "orders."
SEGMENT, CAMPAIGN = "segment", "campaign"
"""Stand for a field where a saved thing's id is the value."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a word may name: (field, value) pairs. ``read_as`` where it is no value as it stands."""

    options: tuple[tuple[str, str], ...]
    read_as: str = ""


CITY_NAMES = {
    "Mumbai": "bombay",
    "Bengaluru": "bangalore|blr|bengalooru|blore|b'lore",
    "Bangalore": "bengaluru|blr",
    "Kolkata": "calcutta|kolkatta|cal",
    "Chennai": "madras",
    "Gurugram": "gurgaon",
    "Gurgaon": "gurugram",
    "Pune": "poona",
    "Kochi": "cochin",
    "Visakhapatnam": "vizag|vishakhapatnam|vishakapatnam|waltair",
    "Delhi": "new delhi|dilli|delhi city",
    "Hyderabad": "hyd|secunderabad",
    "Thiruvananthapuram": "trivandrum",
    "Varanasi": "banaras|benares",
    "Vadodara": "baroda",
    "Mysuru": "mysore",
    "Prayagraj": "allahabad",
    "Guwahati": "gauhati",
    "Coimbatore": "kovai",
    "Ahmedabad": "amdavad|ahmadabad",
    "Bhubaneswar": "bhubaneshwar",
    "Puducherry": "pondicherry",
    "Mangaluru": "mangalore",
    "Kozhikode": "calicut",
    "Nashik": "nasik",
    "Tiruchirappalli": "trichy",
    "Thoothukudi": "tuticorin",
    "Belagavi": "belgaum",
    "Hubballi": "hubli",
    "Kalaburagi": "gulbarga",
    "Ballari": "bellary",
    "Shivamogga": "shimoga",
    "Tumakuru": "tumkur",
    "Mehsana": "mahesana",
    "Bathinda": "bhatinda",
    "Kadapa": "cuddapah",
    "Bardhaman": "burdwan",
    "Thanjavur": "tanjore",
}
GENDERS = {
    "female": "women|woman|ladies|lady|females|girls|female|womens|girl|gals|womenfolk|"
    "feminine|womans",
    "male": "men|man|males|gents|gentlemen|male|mens|boys|boy|gent|blokes|menfolk|mans",
}
RETURNS = (
    "returned|returns|return|sent back|returned something|returned an order|returned items|"
    "returned an item|returned a product|sent something back|returned anything|returned orders|"
    "product returns"
)
"""Said of orders that were refunded."""
KINDRED = {
    "footwear": "shoes|shoe|foot wear|footwears",
    "apparel": "clothes|clothing|garments|apparels|garment|attire|clothings|wearables|dresses",
    "jewellery": "jewelry|jewellry|jewelery|jewels|jwellery|jewelleries|ornaments",
    "electronics": "electronic|gadgets|gadget|electronic items|electronic goods|electronics goods",
    "beauty": "cosmetics|cosmetic|makeup|make up|beauty products",
    "grocery & sweets": "groceries|sweets|mithai|grocery|sweet",
    "home & kitchen": "homeware|kitchenware|home goods|kitchen|home|home items|kitchen items",
    "books & toys": "books|toys|book|toy",
    "web": "webs",
    "app": "mobile app",
    "store": "shop counter",
}
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def table(vocabulary: Vocabulary) -> Table:
    """Return the phrases that name fields and values of this vocabulary."""
    return _table(
        tuple(vocabulary.values.items()),
        tuple(vocabulary.segments.items()),
        tuple(vocabulary.campaigns.items()),
        tuple(vocabulary.catalogue.fields),
    )


@lru_cache(maxsize=8)
def _table(
    known: tuple[tuple[str, tuple[str, ...]], ...],
    segments: tuple[tuple[str, str], ...],
    campaigns: tuple[tuple[str, str], ...],
    fields: tuple[str, ...],
) -> Table:
    found: Table = {}
    meanings: dict[str, list[tuple[str, str]]] = {}
    alike: dict[str, list[tuple[str, str]]] = {}
    for phrase, option, exact in _all_spellings(known):
        (meanings if exact else alike).setdefault(phrase, []).append(option)
    for kind, names in ((SEGMENT, segments), (CAMPAIGN, campaigns)):
        for identifier, name in names:
            meanings.setdefault(fold(plain(name)), []).append((kind, identifier))
    for phrase, options in meanings.items():
        _put(found, phrase, tuple(dict.fromkeys(options)), "")
    for phrase, options in alike.items():
        if phrase not in meanings:
            kept = tuple(dict.fromkeys(options))
            _put(found, phrase, kept, kept[0][1])
    for name in filter(lambda name: name.startswith(ATTRIBUTE), fields):
        for phrase in _names(name.removeprefix(ATTRIBUTE)):
            add(found, phrase, Kind.FIELD, name)
    return ordered(found)


def _all_spellings(
    known: tuple[tuple[str, tuple[str, ...]], ...],
) -> Iterator[tuple[str, tuple[str, str], bool]]:
    for field, values in known:
        for value in values:
            yield from (
                (phrase, (field, value), exact) for phrase, exact in _spellings(field, value)
            )
    status = f"{ORDERS}status"
    for value, phrases in naming.STATUSES.items():
        yield from ((phrase, (status, value), True) for phrase in phrases.split("|"))
    yield from ((phrase, (status, "refunded"), False) for phrase in RETURNS.split("|"))


def _put(found: Table, phrase: str, options: tuple[tuple[str, str], ...], read_as: str) -> None:
    words = split(phrase)
    if not words:
        return
    entry = Entry(
        words,
        Kind.VALUE,
        options[0][0],
        Meaning(options, read_as),
        glued=any(token.glued for token in tokenise(plain(phrase))) if "-" in phrase else False,
    )
    entries = found.setdefault(words[0], [])
    if all(one.words != words for one in entries):
        entries.append(entry)


def _names(attribute: str) -> Iterator[str]:
    split = _CAMEL.sub(" ", attribute).replace("_", " ").replace("-", " ").replace(".", " ")
    yield split.casefold()
    yield from naming.ATTRIBUTE_WORDS.get(attribute.casefold(), "").split("|")


def _spellings(field: str, value: str) -> Iterator[tuple[str, bool]]:
    """Yield how people write a value, and whether that is the value itself and no wider word."""
    folded = fold(plain(value))
    for phrase in _variants(folded):
        yield phrase, True
        yield from ((one, True) for one in _numbers(phrase))
    if field == "city":
        for phrase in CITY_NAMES.get(value, "").split("|"):
            yield phrase, True
    if field == "gender":
        for phrase in GENDERS.get(folded, "").split("|"):
            yield phrase, True
    if field in {f"{ORDERS}category", "attributes.interests", f"{ORDERS}channel"}:
        for phrase in KINDRED.get(folded, "").split("|"):
            yield phrase, False


def _variants(folded: str) -> Iterator[str]:
    yield folded
    if " & " in folded:
        yield folded.replace(" & ", " and ")
        yield folded.replace(" & ", " ")
        yield folded.replace(" & ", " n ")
    elif " and " in folded:
        yield folded.replace(" and ", " & ")


def _numbers(phrase: str) -> Iterator[str]:
    """The plural of a singular, and the other way round."""
    if len(phrase) < 3 or not phrase[-1].isalpha():  # noqa: PLR2004 - codes have no plural
        return
    if phrase.endswith("s"):
        if not phrase.endswith("ss"):
            yield phrase[:-1]
    elif phrase.endswith("y"):
        yield phrase[:-1] + "ies"
    else:
        yield phrase + "s"
