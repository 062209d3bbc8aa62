"""What "and", "or", "either" and commas between conditions of one level say.

A comma joins more loosely than a word: "A or B, C" asks for C and for one of A and B. In a list
("A, B or C") a comma says what the word at the end of the list says. What is left of both "and" and
"or" is read with "and" first, and the other reading is a choice.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from engine.ai.grammar.tree import Fork, Moment, Named, Purchase, Test, all_of, any_of, denied

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.ai.grammar.lexemes import Text
    from engine.ai.grammar.tree import Tree

BEHIND = frozenset({"with", "without", "having", "in", "from", "on", "at", "near", "outside"})
"""Words that begin what stands behind a noun."""
_LONGEST = 40
"""Characters of a phrase in the label of an option."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Conditions side by side, and what joins them to those before: and, or, comma, nothing."""

    conn: str
    trees: tuple[Tree, ...]
    verb: bool = False
    comma: bool = False
    """A comma stands before the word that joins."""
    either: bool = False
    """"Either" stands before it."""
    told: bool = False
    """More stands behind what names customers by a value: "VIPs in Pune"."""
    first: int = 0
    end: int = 0


def resolved(entries: Sequence[Entry], text: Text, *, sentence: bool) -> Tree:
    """Return the tree of conditions that are joined on one level.

    ``sentence`` says that they stand in one, behind a noun or "who", rather than in a mere list.
    """
    entries = list(entries)
    at = next((index for index, one in enumerate(entries) if one.either), None)
    if at is not None:
        return _with_either(entries, at, text, sentence=sentence)
    chunks = _chunks(entries)
    if len(chunks) == 1:
        return _plain(entries, text)
    last = chunks[-1]
    listed = _is_list(chunks)
    if listed and (sentence or _one_moment(entries)):
        return _plain([replace(one, conn="or" if one.conn else "") for one in entries], text)
    joined = _joined_chunks(chunks, text)
    if listed and last[0].conn == "comma":
        options = (
            (f"each of: {_labelled(chunks, text)}", joined),
            ("any of them", any_of(*(all_of(*one.trees) for one in entries))),
        )
        phrase = text.phrase(entries[0].first, entries[-1].end)
        return Fork(phrase, f"How does “{phrase}” hang together?", options)
    return joined


def _one_moment(entries: Sequence[Entry]) -> bool:
    """Whether it tells when one thing was: "joined 2022, 2023 or 2024", "ordered in May or June".

    What was said of orders may be true of several times, but it is said once.
    """
    trees = [tree for entry in entries for tree in entry.trees]
    if all(isinstance(one, Purchase) and (one.goes_on or not at) for at, one in enumerate(trees)):
        return True
    fields = {tree.field if isinstance(tree, Moment) else "" for tree in trees}
    return len(fields) == 1 and "" not in fields


def _with_either(entries: list[Entry], at: int, text: Text, *, sentence: bool) -> Tree:
    """Make one of "either A or B": up to the next comma, or the word behind one."""
    end, alternatives = at + 1, False
    while end < len(entries):
        entry = entries[end]
        if alternatives and entry.conn != "or" and (entry.comma or entry.conn == "comma"):
            break
        alternatives = alternatives or entry.conn == "or"
        end += 1
    inner = [
        replace(one, either=False, comma=False, conn="or" if one.conn == "comma" else one.conn)
        for one in entries[at:end]
    ]
    inner[0] = replace(inner[0], conn="")
    if not alternatives:
        whole = [replace(one, either=False) for one in entries]
        return resolved(whole, text, sentence=sentence)
    tree = _split(inner, "or", "and")
    one = replace(entries[at], trees=(tree,), either=False, end=inner[-1].end)
    return resolved([*entries[:at], one, *entries[end:]], text, sentence=sentence)


def _chunks(entries: Sequence[Entry]) -> list[list[Entry]]:
    found: list[list[Entry]] = [[]]
    for entry in entries:
        if found[-1] and (entry.comma or entry.conn == "comma"):
            found.append([])
        found[-1].append(entry)
    return found


def _is_list(chunks: Sequence[Sequence[Entry]]) -> bool:
    """Whether commas part single conditions up to a last "or": "A, B or C", "A, B, or C"."""
    *others, last = chunks
    single = all(len(chunk) == 1 for chunk in others)
    commas = all(chunk[0].conn in {"", "comma"} for chunk in others)
    tail = {entry.conn for entry in last[1:]}
    ends = last[0].conn == "or" and not tail
    return single and commas and (ends or (last[0].conn == "comma" and tail == {"or"}))


def _joined_chunks(chunks: Sequence[Sequence[Entry]], text: Text) -> Tree:
    meaning, conns = "and", []
    for chunk in reversed(chunks):
        conn = chunk[0].conn
        if conn in {"and", "or"}:
            meaning = conn
        elif len(chunk) > 1:
            meaning = "and"
        conns.append(conn if conn in {"and", "or", ""} else meaning)
    conns.reverse()
    trees = [_plain([replace(chunk[0], conn=""), *chunk[1:]], text) for chunk in chunks]
    whole = [
        Entry(conn if index else "", (tree,), first=chunk[0].first, end=chunk[-1].end)
        for index, (conn, tree, chunk) in enumerate(zip(conns, trees, chunks, strict=True))
    ]
    return _plain(whole, text)


def _plain(entries: Sequence[Entry], text: Text) -> Tree:
    """Join by words alone."""
    conns = {entry.conn for entry in entries[1:]}
    if "or" not in conns:
        return all_of(*(tree for entry in entries for tree in entry.trees))
    if conns == {"or"}:
        return _alternatives(entries, text)
    tight, loose = _split(entries, "or", "and"), _split(entries, "and", "or")
    phrase = text.phrase(entries[0].first, entries[-1].end)
    options = (
        (f"“and” first: {_grouped(entries, 'or', text)}", tight),
        (f"“or” first: {_grouped(entries, 'and', text)}", loose),
    )
    return Fork(phrase, f"How does “{phrase}” hang together?", options)


def _split(entries: Sequence[Entry], outer: str, inner: str) -> Tree:
    groups: list[list[Tree]] = [[]]
    for entry in entries:
        if entry.conn == outer and groups[-1]:
            groups.append([])
        groups[-1].append(all_of(*entry.trees))
    trees = [all_of(*group) if inner == "and" else any_of(*group) for group in groups]
    return any_of(*trees) if outer == "or" else all_of(*trees)


def _alternatives(entries: Sequence[Entry], text: Text) -> Tree:
    """A or B; where more stands beside A ("vip bought A or B"), that may hold for both.

    Not in "gold in Pune or silver in Mumbai", where B says of its own what stands beside A.
    """
    flat = any_of(*(all_of(*entry.trees) for entry in entries))
    head, rest = entries[0], entries[1:]
    if _may_deny(head, rest, text):
        each = (denied(tree) for entry in rest for tree in entry.trees)
        phrase = text.phrase(head.first, rest[-1].end)
        options = (("none of them", all_of(*head.trees, *each)), ("the first only", flat))
        return Fork(phrase, f"What does the “not” of “{phrase}” deny?", options)
    if len(head.trees) == 1 or not rest or all(_alike(head, entry) for entry in rest):
        return flat
    shared = all_of(*head.trees[:-1], any_of(head.trees[-1], *(all_of(*one.trees) for one in rest)))
    phrase = text.phrase(head.first, rest[-1].end)
    options = (
        ("the first words hold for both", shared),
        ("they hold up to the “or” only", flat),
    )
    question = f"How far do the first words of “{phrase}” reach?"
    anew = any(_begins_anew(head, entry, text) for entry in rest)
    return Fork(phrase, question, options[::-1] if anew else options)


def _begins_anew(head: Entry, entry: Entry, text: Text) -> bool:
    """Whether B rather stands by itself: "vip in Pune or gold", "vip in Pune or have no e-mail"."""
    said = {about(tree) for tree in head.trees[:-1]}
    if any(about(tree) in said for tree in entry.trees):
        return True
    return head.told and not head.verb and text.tokens[entry.first].word not in {*BEHIND, "no"}


def _may_deny(head: Entry, rest: Sequence[Entry], text: Text) -> bool:
    """Whether "not" may go on over "or": "not vip or gold", but not in "not vip or are gold"."""
    last = head.trees[-1]
    if not (isinstance(last, Named) and last.negated):
        return False
    for entry in rest:
        tree = entry.trees[0]
        if len(entry.trees) > 1 or not isinstance(tree, Named) or tree.negated:
            return False
        if tree.first != entry.first and text.tokens[entry.first].word not in BEHIND:
            return False
    return bool(rest)


def _alike(one: Entry, other: Entry) -> bool:
    return len(one.trees) == len(other.trees) and all(
        about(tree) == about(twin) != "" for tree, twin in zip(one.trees, other.trees, strict=True)
    )


def about(tree: Tree) -> str:
    """Return the field that a condition tests, or "orders"; empty where it is not one thing."""
    match tree:
        case Named(values=values) if len(values.fields) == 1:
            return values.fields[0]
        case Test(field=field) | Moment(field=field):
            return field
        case Purchase():
            return "orders"
        case _:
            return ""


def _labelled(chunks: Sequence[Sequence[Entry]], text: Text) -> str:
    return ", ".join(_short(text.phrase(chunk[0].first, chunk[-1].end)) for chunk in chunks)


def _grouped(entries: Sequence[Entry], outer: str, text: Text) -> str:
    groups: list[list[str]] = [[]]
    for entry in entries:
        if entry.conn == outer and groups[-1]:
            groups.append([])
        groups[-1].append(_short(text.phrase(entry.first, entry.end)))
    inner = " and " if outer == "or" else " or "
    joined = [inner.join(group) for group in groups]
    return f" {outer} ".join(f"({one})" if inner in one else one for one in joined)


def _short(phrase: str) -> str:
    return phrase if len(phrase) <= _LONGEST else phrase[: _LONGEST - 1] + "…"
