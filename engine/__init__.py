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
    from engine.auth.access import Access
    from engine.bootstrap import open_crm, serve, sign_in_mode
    from engine.crm import Crm
    from engine.domain.rule_codec import decode, decode_text, encode
    from engine.ingest.fields import FileKind
    from engine.ingest.inspection import FileInspection
    from engine.ingest.mapping import ColumnMapping, MappingOptions, NumberFormat, TimeFormat
    from engine.ingest.result import ImportResult, Progress
    from engine.logs import continue_request, redacted
    from engine.settings import load
    from engine.store.imports import ImportCounts, ImportRecord, ImportStatus
    from engine.web.base import base_path
    from engine.web.doorkeeper import Doorkeeper
    from engine.web.headers import SecurityHeaders
    from engine.web.hosts import Hosts
    from engine.web.request_ids import RequestIds
    from engine.web.session_route import session_route

__all__ = [
    "Access",
    "ColumnMapping",
    "Crm",
    "CustomerRecord",
    "Doorkeeper",
    "Explanation",
    "FileInspection",
    "FileKind",
    "Hosts",
    "ImportCounts",
    "ImportRecord",
    "ImportResult",
    "ImportStatus",
    "MappingOptions",
    "NumberFormat",
    "Progress",
    "RequestIds",
    "SecurityHeaders",
    "Step",
    "TimeFormat",
    "base_path",
    "continue_request",
    "create_app",
    "decode",
    "decode_text",
    "encode",
    "load",
    "open_crm",
    "redacted",
    "serve",
    "session_route",
    "sign_in_mode",
]

_HOME = {
    "Access": "engine.auth.access",
    "ColumnMapping": "engine.ingest.mapping",
    "Crm": "engine.crm",
    "CustomerRecord": "engine.audience.directory",
    "Doorkeeper": "engine.web.doorkeeper",
    "Explanation": "engine.audience.explanation",
    "FileInspection": "engine.ingest.inspection",
    "FileKind": "engine.ingest.fields",
    "Hosts": "engine.web.hosts",
    "ImportCounts": "engine.store.imports",
    "ImportRecord": "engine.store.imports",
    "ImportResult": "engine.ingest.result",
    "ImportStatus": "engine.store.imports",
    "MappingOptions": "engine.ingest.mapping",
    "NumberFormat": "engine.ingest.mapping",
    "Progress": "engine.ingest.result",
    "RequestIds": "engine.web.request_ids",
    "SecurityHeaders": "engine.web.headers",
    "Step": "engine.audience.explain",
    "TimeFormat": "engine.ingest.mapping",
    "base_path": "engine.web.base",
    "continue_request": "engine.logs",
    "create_app": "engine.api.application",
    "decode": "engine.domain.rule_codec",
    "decode_text": "engine.domain.rule_codec",
    "encode": "engine.domain.rule_codec",
    "load": "engine.settings",
    "open_crm": "engine.bootstrap",
    "redacted": "engine.logs",
    "serve": "engine.bootstrap",
    "session_route": "engine.web.session_route",
    "sign_in_mode": "engine.bootstrap",
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(_HOME[name]), name)
