"""The grammar's words for time: units, bounds, months, and what points back at a time."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from engine.ai.grammar.lexemes import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

UNITS: Mapping[str, str] = MappingProxyType(
    {
        "minute": "minute|minutes|min|mins",
        "hour": "hour|hours|hr|hrs",
        "day": "day|days|dy|dys",
        "week": "week|weeks|wk|wks",
        "fortnight": "fortnight|fortnights",
        "month": "month|months|moths|moth|mnts|monts|mth|mths|mnth|mnths",
        "quarter": "quarter|quarters|qtr|qtrs",
        "half_year": "half year|half years|half a year|half-year",
        "year": "year|years|yr|yrs|twelvemonth",
        "decade": "decade|decades",
    },
)
PERIODS = (
    "time|period|window|month|months|year|years|week|weeks|quarter|duration|span|days|"
    "timeframe|interval"
)
AGAIN: Mapping[str, str] = MappingProxyType(
    {
        "same": "in those|in them|in it|in that time|in that period|in the same period|"
        "since then|in these months|in those months|in that year|in that month|in that window|"
        "during that time|in this period|during that period|in the same time|in the same window|"
        "over that period|in this time|over the same period|within that time|in that span|"
        "in that duration|in same period|in the same year|in the same months|"
        "during the same period|in the same month|in that week|within that period|in those days|"
        "in that quarter|in the same duration|of that period|in same time|within the same period|"
        "in this same period|during it|in that timeframe|in the same timeframe|in the period|"
        "then|from then|from then on|over that time|same period|in that interval|"
        "in that same period|in that same time|in these days|in the same quarter",
        "after": "after that|since that|thereafter|afterwards|after it|after then|has since|"
        "have since|after this|later on|subsequently|ever since|ever after|afterward",
        "before": "before that|prior to that|before then|before it|earlier than that|before this",
    },
)
TIMING: Mapping[Kind, Mapping[str, str]] = MappingProxyType(
    {
        Kind.LAST: {
            "last": "last|lst|recent|most recent|trailing|preceding|latest",
            "past": "past|pst",
            "previous": "previous|prev",
        },
        Kind.NEXT: {"next": "next|coming|upcoming|following|forthcoming", "within": ""},
        Kind.THIS: {"this": "this|current|the current|present|the present|ongoing"},
        Kind.AGO: {
            "ago": "ago|back|earlier|prior",
            "old": "old|olds|of age|yo",
        },
        Kind.SINCE: {
            "since": "since|on or after|on and after|on or since|from on|starting on|"
            "beginning on|from onwards|starting|beginning|as of|right from"
        },
        Kind.BEFORE: {
            "before": "before|prior to|earlier than|pre|preceding to|older than|ahead of|"
            "by the start of"
        },
        Kind.AFTER: {"after": "after|later than|following after|post|newer than|subsequent to"},
        Kind.UNTIL: {
            "until": "until|on or before|no later than|not later than|by the end of|till|"
            "upto and including|through to|up until|up till|til|upto|up to"
        },
        Kind.BETWEEN: {
            "between": "between|btw|btwn|in between|ranging from|ranging between|bw|b/w|"
            "anywhere between|in the range of|in the range|from between"
        },
        Kind.TO: {"to": "to|-|through|thru|until|till"},
        Kind.CALENDAR: {
            "today": "today|2day|today itself",
            "yesterday": "yesterday|yday",
            "day_before": "day before yesterday|the day before yesterday",
            "tomorrow": "tomorrow|tmrw",
            "ytd": "year to date|ytd|so far this year|this year so far|"
            "since the start of the year|since the beginning of the year|"
            "since the start of this year|from the start of this year|since start of year|"
            "since the beginning of this year",
            "mtd": "month to date|mtd|so far this month|this month so far|"
            "since the start of the month|since the beginning of the month|"
            "since the start of this month",
            "fy": "fy|f y|financial year|fiscal year|fiscal|financial yr",
            "quarter_of": "q",
            "half_of": "h",
            "first": "first",
            "second": "second",
            "third": "third",
            "fourth": "fourth",
            "weekend": "weekend|weekends",
        },
    },
)
MONTHS = (
    "january|jan",
    "february|feb|febr",
    "march|mar",
    "april|apr",
    "may",
    "june|jun",
    "july|jul",
    "august|aug",
    "september|sep|sept",
    "october|oct",
    "november|nov",
    "december|dec",
)
ORDINALS = frozenset({"st", "nd", "rd", "th"})
