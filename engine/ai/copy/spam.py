"""What filters and readers take for spam: words, capitals, exclamation marks, false replies."""

from __future__ import annotations

import re

from engine.domain.message_copy import Check, Finding

PHRASES = (
    *("100% free", "absolutely free", "act fast", "act immediately", "act now", "all for free"),
    *("apply now", "as seen on", "be your own boss", "best price ever", "big bucks", "buy direct"),
    *(
        "buy now",
        "call now",
        "cash bonus",
        "cheap",
        "claim your prize",
        "click below",
        "click here",
    ),
    *("congratulations you", "dear friend", "do it today", "don't delete", "double your"),
    *("earn extra cash", "earn money", "exclusive deal", "extra income", "fast cash"),
    *("final notice", "financial freedom", "free gift", "free money", "free trial", "full refund"),
    *(
        "get it now",
        "get paid",
        "get rich",
        "guaranteed",
        "hidden charges",
        "hurry",
        "income from home",
    ),
    *("incredible deal", "instant access", "last chance", "limited time only", "lowest price"),
    *("make money", "million dollars", "miracle", "money back", "no catch", "no cost", "no fees"),
    *("no obligation", "no purchase necessary", "no questions asked", "no strings attached"),
    *("not spam", "now or never", "once in a lifetime", "one time only", "order now", "passwords"),
    *("pre-approved", "prize", "pure profit", "risk free", "risk-free", "satisfaction guaranteed"),
    *(
        "save big",
        "special promotion",
        "this is not spam",
        "this won't last",
        "time is running out",
    ),
    *("unbeatable offer", "urgent", "verify your account", "while stocks last", "why pay more"),
    *(
        "winner",
        "work from home",
        "you are a winner",
        "you have been chosen",
        "you have been selected",
    ),
    *("you won", "you've won", "your account has been"),
)
"""A list of our own of what such filters are commonly said to weigh; one alone decides nothing."""

_PHRASES = re.compile(
    r"(?<!\w)(?:"
    + "|".join(re.escape(one) for one in sorted(PHRASES, key=len, reverse=True)).replace(
        r"\ ", r"\s+"
    )
    + r")(?!\w)",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]{3,}")
_REPLY = re.compile(r"\s*(?:re|fw|fwd|aw)\s*:", re.IGNORECASE)
_OPT_OUT = {"STOP"}
LOUD_SHARE = 0.3
"""Of the words of three letters and more: past it capitals are a voice that is raised."""
MOST_EXCLAMATIONS = 2


def spam(subject: str, body: str) -> list[Finding]:
    """Return what in a message, as it is read, looks like spam."""
    found = []
    text = f"{subject}\n{body}".replace("\u2019", "'")
    phrases = list(dict.fromkeys(" ".join(one.lower().split()) for one in _PHRASES.findall(text)))
    if phrases:
        named = ", ".join(f"\u201c{one}\u201d" for one in phrases)
        found.append(Finding(Check.SPAM, f"Spam filters look for {named}"))
    if _loud(subject) or _loud(body):
        found.append(Finding(Check.CAPITALS, "Much of it is in capitals, which reads as shouting"))
    marks = text.count("!")
    if marks > MOST_EXCLAMATIONS or "!!" in text or subject.count("!") > 1:
        found.append(Finding(Check.EXCLAMATION, "It has many exclamation marks: one is plenty"))
    if _REPLY.match(subject):
        found.append(
            Finding(Check.REPLY, "The subject pretends to answer or forward an earlier message")
        )
    return found


def _loud(text: str) -> bool:
    words = [one for one in _WORD.findall(text) if one not in _OPT_OUT]
    loud = sum(one.isupper() for one in words)
    return bool(loud > 1 and loud > LOUD_SHARE * len(words))
