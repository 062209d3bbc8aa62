"""What is wrong with a message, by rules that hold for people and for models alike."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from engine.ai.copy.links import links
from engine.ai.copy.sms import UCS, sms_size
from engine.ai.copy.spam import spam
from engine.audience.lifetime import Lifetime
from engine.campaigns.templates import MAX_SUBJECT, Template
from engine.domain.campaign import Channel, Message
from engine.domain.customer import Customer
from engine.domain.message_copy import Check, Finding, Readers, Severity
from engine.errors import TemplateError

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.campaigns.templates import Rendered
    from engine.domain.workspace import Workspace

GOOD_SUBJECT = 60
"""Characters of a subject that most mail programs show."""
MOST_PARTS = 10
"""SMS that one message may take: 1,530 characters of GSM-7, which carriers still join."""
MOST_WHATSAPP = 1_024
"""Characters in the body of a WhatsApp template."""
FILTERS = frozenset({"default", "capitalize", "upcase", "downcase", "strip"})
"""What a model may do with a field. With tags or other filters it could put together, for some
readers only, what is not looked at here."""

EXAMPLE = Customer(
    customer_id="c-1042",
    name="Priya Sharma",
    email="priya.sharma@example.com",
    phone="+919800012345",
    city="Mumbai",
    country="India",
)
"""Somebody made up, of the usual lengths, on whom a message is measured."""
_BOUGHT = Lifetime(4, 1_245_000, datetime(2026, 3, 31, 12, tzinfo=UTC))

_NOUNS = {
    "first_name": "a name",
    "name": "a name",
    "email": "an e-mail address",
    "phone": "a phone number",
    "city": "a city",
    "country": "a country",
    "last_order_on": "a completed order",
}
_OPT_OUT = re.compile(
    r"unsubscrib|\bopt(?:ing)?[- ]?out|\bstop (?:receiving|getting|sending|these|all|hearing)|"
    r"no longer (?:want|wish)|leave (?:this|the|our) list|(?:e-?mail|your) preferences|"
    r"fewer e-?mails|hear less|reply .{0,3}stop",
    re.IGNORECASE,
)
_STOP = re.compile(r"\bSTOP\b|(?i:unsubscrib|\bopt[- ]?out)")
_FIGURE = re.compile(r"\d+(?:[.,:]\d+)*")
_OUTPUT = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_LITERAL = re.compile(r"\"[^\"]*\"|'[^']*'")
_MARKUP = re.compile(r"<(?:/?[a-z][^<>]*>|!--)|!?\[[^\[\]\n]*\]\([^()\n]*\)", re.IGNORECASE)


def check(
    message: Message,
    workspace: Workspace,
    *,
    given: str | None = None,
    opt_out: str = "",
    readers: Readers | Callable[[], Readers] | None = None,
) -> tuple[Finding, ...]:
    """Return what is wrong with a message; nothing where nothing is.

    ``given`` is what a model was given to write from: what it wrote may lead nowhere that is not
    in there, and uses no Liquid but fields and :data:`FILTERS`. None for what a person wrote.
    ``opt_out`` is wording that counts as a way to get no more. ``readers`` say, where a field
    leaves an empty space, how many lack it; they are counted only then.
    """
    try:
        template = Template(message, workspace)
        read = template.render(EXAMPLE, _BOUGHT)
    except TemplateError as error:
        return (Finding(Check.TEMPLATE, sentence(str(error)), Severity.BLOCKS),)
    found = _lengths(message.channel, read)
    if given is not None:
        found += _not_given(message, read, template, f"{given}\n{workspace.name}")
    found += _empty_spaces(template, readers)
    found += spam(read.subject, read.body)
    if _lacks_opt_out(message.channel, read.body, opt_out):
        found.append(Finding(Check.UNSUBSCRIBE, _HOW_TO_LEAVE[message.channel]))
    if _MARKUP.search(f"{read.subject}\n{read.body}"):
        words = "HTML and Markdown are not formatted: the reader sees them as they stand"
        found.append(Finding(Check.MARKUP, words))
    return tuple(found)


def check_subject(
    subject: str, workspace: Workspace, *, given: str | None = None
) -> tuple[Finding, ...]:
    """Return what is wrong with the subject of an e-mail, as :func:`check` does."""
    alone = Message(channel=Channel.EMAIL, subject=subject, body="Unsubscribe")
    return check(alone, workspace, given=given)


def sentence(text: str) -> str:
    """Return a text with a capital letter at its start."""
    return text[0].upper() + text[1:]


def _lengths(channel: Channel, read: Rendered) -> list[Finding]:
    match channel:
        case Channel.EMAIL:
            return _subject_length(len(read.subject))
        case Channel.WHATSAPP if len(read.body) > MOST_WHATSAPP:
            words = (
                f"It has {len(read.body):,} characters; WhatsApp takes {MOST_WHATSAPP:,} at most"
            )
            return [Finding(Check.LENGTH, words, Severity.BLOCKS)]
        case Channel.SMS:
            return _sms_length(read.body)
    return []


def _subject_length(length: int) -> list[Finding]:
    if length > MAX_SUBJECT:
        words = f"The subject has {length:,} characters; {MAX_SUBJECT} are the limit"
        return [Finding(Check.SUBJECT_LENGTH, words, Severity.BLOCKS)]
    if length > GOOD_SUBJECT:
        words = f"The subject has {length} characters; many programs show {GOOD_SUBJECT}"
        return [Finding(Check.SUBJECT_LENGTH, words)]
    return []


def _sms_length(body: str) -> list[Finding]:
    size = sms_size(body)
    why = ""
    if size.encoding == UCS:
        named = " ".join(size.beyond[:5])
        why = f"; with {named} an SMS holds {size.room} characters instead of 160"
    if size.parts > MOST_PARTS:
        words = f"It takes {size.parts} SMS; {MOST_PARTS} are the limit{why}"
        return [Finding(Check.LENGTH, words, Severity.BLOCKS)]
    if size.parts > 1:
        words = f"It is sent as {size.parts} SMS: {size.units} characters for {EXAMPLE.name}{why}"
        return [Finding(Check.PARTS, words)]
    return []


def _not_given(message: Message, read: Rendered, template: Template, given: str) -> list[Finding]:
    """Look for what a model brought of its own, in what it wrote and in what that renders to."""
    found = []
    written = f"{message.subject}\n{message.body}"
    if "{%" in written:
        words = "It uses Liquid tags, such as {% if %}, which only people may write"
        found.append(Finding(Check.LIQUID, words, Severity.BLOCKS))
    elif unfit := sorted(template.filters - FILTERS):
        words = f"It uses {', '.join(unfit)}; only {', '.join(sorted(FILTERS))} are taken"
        found.append(Finding(Check.LIQUID, words, Severity.BLOCKS))
    known = {*links(given), *links(f"{EXAMPLE.email}\n{EXAMPLE.phone}")}
    texts = (written, _OUTPUT.sub(_literals, written), read.subject, read.body)
    brought = dict.fromkeys(one for text in texts for one in links(text) if one not in known)
    if brought:
        words = f"It leads to what you did not name: {', '.join(brought)}"
        found.append(Finding(Check.LINK, words, Severity.BLOCKS))
    figures = dict.fromkeys(_FIGURE.findall(_OUTPUT.sub(_literals, written)))
    if made_up := [one for one in figures if one not in _FIGURE.findall(given)]:
        words = f"It says {', '.join(made_up[:5])}, which you did not: see whether that is true"
        found.append(Finding(Check.FIGURES, words))
    return found


def _literals(output: re.Match[str]) -> str:
    """Return what an output may write of its own: what stands there where a field is missing."""
    return "".join(one[1:-1] for one in _LITERAL.findall(output[1]))


def _empty_spaces(
    template: Template, readers: Readers | Callable[[], Readers] | None
) -> list[Finding]:
    fields = template.empty_spaces(EXAMPLE, _BOUGHT)
    if not fields:
        return []
    known = readers if readers is None or isinstance(readers, Readers) else readers()
    return [
        Finding(
            Check.EMPTY_SPACE,
            f"{_who_lacks(name, known)} an empty space for {{{{ {name} }}}}; "
            f'{{{{ {name} | default: "…" }}}} says what stands there then',
        )
        for name in fields
        if known is None or known.having.get(name, 0) < known.count
    ]


def _who_lacks(name: str, readers: Readers | None) -> str:
    if readers is None or name not in readers.having:
        return f"A customer without {_NOUNS[name]} gets"
    lacking = readers.count - readers.having[name]
    return (
        f"{lacking:,} of {readers.count:,} members have no {_NOUNS[name].split(' ', 1)[1]} and get"
    )


def _lacks_opt_out(channel: Channel, body: str, opt_out: str) -> bool:
    if channel not in _HOW_TO_LEAVE or (opt_out.strip() and opt_out.strip() in body):
        return False
    return not (_STOP if channel is Channel.SMS else _OPT_OUT).search(body)


_HOW_TO_LEAVE = {
    Channel.EMAIL: "It does not say how to get no more of these: add a line to unsubscribe",
    Channel.SMS: "It does not say how to get no more of these: add “Reply STOP to opt out”",
}
"""By channel; WhatsApp has a button of its own for it."""
