"""The engine behind the pages, and the Python API for notebooks and scripts.

    from engine import open_crm, decode_text

    with open_crm() as crm:
        rule = decode_text('{"version": 1, "rule": {"all": []}}')
        print(crm.preview(rule).count)

Importing this opens nothing and loads nothing but the names that are used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.api.application import create_app
    from engine.audience.directory import CustomerRecord
    from engine.audience.explain import Step
    from engine.audience.explanation import Explanation
    from engine.bootstrap import open_crm, serve
    from engine.crm import Crm
    from engine.domain.rule_codec import decode, decode_text, encode
    from engine.ingest.fields import FileKind
    from engine.ingest.inspection import FileInspection
    from engine.ingest.mapping import ColumnMapping, MappingOptions, NumberFormat, TimeFormat
    from engine.ingest.result import ImportResult, Progress
    from engine.settings import load
    from engine.store.imports import ImportCounts, ImportRecord, ImportStatus

__all__ = [
    "ColumnMapping",
    "Crm",
    "CustomerRecord",
    "Explanation",
    "FileInspection",
    "FileKind",
    "ImportCounts",
    "ImportRecord",
    "ImportResult",
    "ImportStatus",
    "MappingOptions",
    "NumberFormat",
    "Progress",
    "Step",
    "TimeFormat",
    "create_app",
    "decode",
    "decode_text",
    "encode",
    "load",
    "open_crm",
    "serve",
]

_HOME = {
    "ColumnMapping": "engine.ingest.mapping",
    "Crm": "engine.crm",
    "CustomerRecord": "engine.audience.directory",
    "Explanation": "engine.audience.explanation",
    "FileInspection": "engine.ingest.inspection",
    "FileKind": "engine.ingest.fields",
    "ImportCounts": "engine.store.imports",
    "ImportRecord": "engine.store.imports",
    "ImportResult": "engine.ingest.result",
    "ImportStatus": "engine.store.imports",
    "MappingOptions": "engine.ingest.mapping",
    "NumberFormat": "engine.ingest.mapping",
    "Progress": "engine.ingest.result",
    "Step": "engine.audience.explain",
    "TimeFormat": "engine.ingest.mapping",
    "create_app": "engine.api.application",
    "decode": "engine.domain.rule_codec",
    "decode_text": "engine.domain.rule_codec",
    "encode": "engine.domain.rule_codec",
    "load": "engine.settings",
    "open_crm": "engine.bootstrap",
    "serve": "engine.bootstrap",
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(_HOME[name]), name)
