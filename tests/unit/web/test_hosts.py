from __future__ import annotations

import pytest

from engine.web.base import base_path, below
from engine.web.hosts import is_beside, is_here, is_ours


@pytest.mark.parametrize(
    "host",
    [
        *("localhost", "localhost:8501", "LOCALHOST:1", "crm.localhost", "localhost."),
        *("127.0.0.1", "127.0.0.1:8501", "127.9.9.9:80", "[::1]", "[::1]:8501"),
    ],
)
def test_this_machine_has_these_names(host: str) -> None:
    assert is_here(host)


@pytest.mark.parametrize(
    "host",
    [
        *("", ":8501", "evil.example", "evil.example:8501", "localhost.evil.example"),
        *("127.0.0.1.evil.example:80", "notlocalhost", "10.0.0.1", "[2001:db8::1]:1"),
        *("127.0.0.1:x", "[::1", "localhost:99999999"),
    ],
)
def test_no_other_name_is_this_machine_s(host: str) -> None:
    assert not is_here(host)


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("http://127.0.0.1:8501", "127.0.0.1:8501"),
        ("http://LocalHost:8501", "localhost:8501"),
        ("https://crm.example", "crm.example"),
        ("https://crm.example", "crm.example:443"),
        ("https://crm.example:443", "crm.example"),
        ("http://crm.example", "crm.example"),
        ("http://crm.example:80", "crm.example"),
        ("http://[::1]:8501", "[::1]:8501"),
    ],
)
def test_a_page_of_the_host_that_is_asked_is_ours(origin: str, host: str) -> None:
    assert is_ours(origin, host=host)
    assert not is_beside(origin, host=host)


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("http://127.0.0.1:9999", "127.0.0.1:8501"),
        ("http://127.0.0.1", "127.0.0.1:8501"),
        ("http://127.0.0.1:8501", "127.0.0.1"),
        ("https://crm.example", "crm.example:80"),
        ("http://crm.example", "crm.example:443"),
        ("https://crm.example:8443", "crm.example"),
    ],
)
def test_another_port_of_the_host_is_not_ours(origin: str, host: str) -> None:
    assert not is_ours(origin, host=host)
    assert is_beside(origin, host=host)


@pytest.mark.parametrize(
    "origin",
    [
        *("", "null", "http://", "http://localhost:8501", "http://127.0.0.1.evil.example:8501"),
        *("http://127.0.0.1:8501@evil.example", "http://127.0.0.1:x", "http://[::1"),
    ],
)
def test_another_host_is_neither_ours_nor_beside(origin: str) -> None:
    assert not is_ours(origin, host="127.0.0.1:8501")
    assert not is_beside(origin, host="127.0.0.1:8501")


def test_a_known_origin_is_ours_by_its_own_scheme_only() -> None:
    known = [None, "https://crm.example", "http://other.example:8080"]
    for origin in ("https://crm.example", "https://crm.example:443", "http://other.example:8080"):
        assert is_ours(origin, host="10.0.0.1:8501", known=known)
    for origin in ("http://crm.example", "https://crm.example:8443", "https://other.example:8080"):
        assert not is_ours(origin, host="10.0.0.1:8501", known=known)


@pytest.mark.parametrize(
    ("option", "base"), [("", ""), (None, ""), ("/", ""), ("crm", "/crm"), ("/a/b/", "/a/b")]
)
def test_a_base_begins_with_a_slash_and_ends_with_none(option: object, base: str) -> None:
    assert base_path(option) == base
    assert below(f"{base}/media/x", base) == "/media/x"


def test_what_only_looks_like_the_base_is_left() -> None:
    assert below("/crmedia/x", "/crm") == "/crmedia/x"
    assert below("/media/crm/x", "/crm") == "/media/crm/x"
