"""JSON is read without losing anything, or refused."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.json_text import MAX_DEPTH, parse
from engine.errors import InvalidInput

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(VALUES, st.sampled_from([None, 1]))
def test_what_json_can_say_is_read_as_it_was_said(value: object, indent: int | None) -> None:
    assert (
        parse(json.dumps(value, indent=indent, ensure_ascii=False).encode("utf-8", "surrogatepass"))
        == value
    )


@given(st.dictionaries(st.text(), VALUES, min_size=1, max_size=4), st.text(), st.data())
def test_a_key_that_stands_twice_is_refused_wherever_it_stands(
    value: dict[str, object], text: str, data: st.DataObject
) -> None:
    twin = data.draw(st.sampled_from(sorted(value)))
    body = json.dumps([text, value])[:-2] + f", {json.dumps(twin)} \t: 1}}]"
    with pytest.raises(InvalidInput, match="stands twice in one object"):
        parse(body.encode())


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (rb'{"a": "\":", "b": "x\": 1"}', {"a": '":', "b": 'x": 1'}),
        (rb'{"": {"": 1}}', {"": {"": 1}}),
        (rb'{"a\"": 1, "a": 2}', {'a"': 1, "a": 2}),
        (rb'["a", ":"]', ["a", ":"]),
        (b"7", 7),
        (
            b'{"a": 123456789012345678901234567890, "b": "\\":"}',
            {"a": 1.2345678901234568e29, "b": '":'},
        ),
    ],
)
def test_a_text_that_looks_like_a_key_is_none(text: bytes, value: object) -> None:
    assert parse(text) == value


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (b"", "line 1 column 1"),
        (b'{"a": NaN}', "column 7"),
        (b"[Infinity]", "column 2"),
        (b"[1e999]", "column 2"),
        (b'{"a": 1,}', "column 8"),
        (b'{"a": 1} x', "column 10"),
        (b'{"a"\n: 1', "line 2"),
        (b'"\\ud800"', "column 2"),
        (b'["\xff"]', "UTF-8"),
        (b'["\xed\xa0\x80"]', "UTF-8"),
        (b"\xef\xbb\xbf{}", "column 1"),
        (b"[" * 100_000, "depth"),
        (b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), "nests deeper than 16 levels"),
        (b'{"a":' * 17 + b"1" + b"}" * 17, "nests deeper than 16 levels"),
    ],
)
def test_what_is_no_json_is_refused_with_its_place(text: bytes, place: str) -> None:
    with pytest.raises(InvalidInput, match=place):
        parse(text)


def test_sixteen_levels_are_taken() -> None:
    assert parse(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)
