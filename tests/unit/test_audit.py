from __future__ import annotations

import json
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from typing import Any

AUDIT = Path(__file__).resolve().parents[2] / ".ci" / "audit"


def told(report: str, why_none: str = "") -> tuple[str, bool]:
    loader = SourceFileLoader("audit", str(AUDIT))
    spec = spec_from_loader("audit", loader)
    assert spec is not None
    module = module_from_spec(spec)
    loader.exec_module(module)
    said: tuple[str, bool] = module.told(report, why_none)
    return said


def report(*dependencies: dict[str, Any]) -> str:
    return json.dumps({"dependencies": list(dependencies), "fixes": []})


SOUND = {"name": "a", "version": "1", "vulns": []}
UNKNOWN = {"name": "b", "skip_reason": "not found"}


def test_a_known_vulnerability_fails_and_is_named_with_what_fixes_it() -> None:
    hole = {"id": "PYSEC-1", "fix_versions": ["1.1"], "aliases": [], "description": "bad"}
    text, vulnerable = told(report(SOUND, {"name": "c", "version": "1.0", "vulns": [hole]}))
    assert vulnerable
    assert text.splitlines()[1:] == ["  c 1.0: PYSEC-1, fixed in 1.1"]


def test_what_could_not_be_looked_up_is_counted_and_fails_nothing() -> None:
    text, vulnerable = told(report(SOUND, UNKNOWN))
    assert (text, vulnerable) == ("  1 of 2 packages could be looked up", False)
    text, vulnerable = told("", "no route to the service")
    assert (text, vulnerable) == (
        "  nothing could be looked up: no route to the service",
        False,
    )
