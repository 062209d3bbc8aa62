"""Who may import what, where files lie and what they are called. The tables below are the rules.

Every import counts: at the top, inside functions, under ``TYPE_CHECKING``, and by a literal name
through ``import_module``.
"""

from __future__ import annotations

import ast
import re
import sys
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

PROJECT = Path(__file__).resolve().parents[2]

BASE = ("engine.errors", "engine.domain")
STAGES = ("store", "ingest", "mirror", "rules", "audience", "campaigns", "delivery", "analytics")
"""A stage imports BASE, itself and the stages before it. A new folder of engine/ asks for a row."""

ENGINE: dict[str, tuple[str, ...]] = {
    "engine.errors": (),
    "engine.domain": BASE,
    "engine.settings": BASE,
    "engine.redaction": (),
    "engine.logs": ("engine.domain", "engine.redaction"),
    **{
        f"engine.{stage}": (*BASE, *(f"engine.{earlier}" for earlier in STAGES[: n + 1]))
        for n, stage in enumerate(STAGES)
    },
    "engine.bench": (
        *("engine.bootstrap", "engine.crm", "engine.settings"),
        *(f"engine.{name}" for name in ("errors", "domain", *STAGES)),
    ),
    "engine.crm": ("engine",),
    "engine.bootstrap": ("engine",),
    "engine.diagnosis": ("engine",),
    "engine.cli": (
        *BASE,
        *("engine.crm", "engine.bootstrap", "engine.diagnosis", "engine.settings"),
        *("engine.bench", "engine.api", "engine.takeout", "engine.web", "engine.logs"),
        *("engine.ColumnMapping", "engine.ImportResult", "engine.audience.explanation"),
        "engine.ai.evaluation",
    ),
    "engine.ai": (*BASE, "engine.rules", "engine.audience", "engine.campaigns.templates"),
    "engine.workspace": (*BASE, "engine.settings", "engine.store", "engine.auth.addresses"),
    "engine.takeout": (*BASE, "engine.store"),
    "engine.auth": (*BASE, "engine.store", "engine.logs", "engine.redaction"),
    "engine.streams": BASE,
    "engine.api": (
        *BASE,
        *("engine.crm", "engine.settings", "engine.streams", "engine.audience.members"),
    ),
    "engine.web": (*BASE, "engine.auth.access", "engine.logs"),
    "engine.client": (),
    "engine.__main__": ("engine.cli",),
    "engine": ("engine",),
}
"""What of the engine each of its modules may import; the longest name that fits decides."""

ONLY_IN: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        ("pymongo", "bson", "gridfs", "pymongoarrow"),
        ("engine.store", "engine.mirror", "engine.bench"),
    ),
    "fiftyone": ("engine.store",),
    "duckdb": ("engine.mirror", "engine.rules", "engine.bench"),
    "chdb": ("engine.bench",),
    "liquid": ("engine.campaigns",),
    "google": ("engine.ai.gemini",),
    "requests": ("engine.ai.gemini", "engine.ai.bounded_http"),
    **dict.fromkeys(("jsonschema", "tenacity", "pybreaker"), ("engine.ai",)),
    "rapidfuzz": ("engine.ai",),
    "prometheus_client": ("engine.api",),
    **dict.fromkeys(
        ("fastapi", "starlette"), ("engine.api", "engine.web", "engine.cli", "streamlit_app")
    ),
    "joserfc": ("engine.auth",),
    "uvicorn": ("engine.cli", "engine.api"),
    "limits": ("engine.api",),
    **dict.fromkeys(("faststream", "redis", "confluent_kafka"), ("engine.streams",)),
    **dict.fromkeys(("email_validator", "phonenumbers"), ("engine.ingest", "engine.auth")),
    "cryptography": ("engine.auth",),
    "idna": ("engine.auth.addresses",),
    "httpx": ("engine.client", "engine.auth"),
    "typer": ("engine.cli",),
    "dotenv": ("engine.settings",),
    "structlog": ("engine.logs",),
    "streamlit": ("pages", "streamlit_app"),
    "streamlit_oauth": ("pages._ui.sign_in",),
    "altair": ("pages",),
}
"""Libraries that stay where they are wrapped. The tests may use all of them."""

DOMAIN_LIBRARIES = ("pydantic", "babel", "orjson")
PAGE_LIBRARIES = ("streamlit", "streamlit_oauth", "altair", "polars")
PAGE_ENGINE = (*BASE, "pages._ui")

TESTS = ("unit", "integration", "pages", "browser", "faults", "benchmarks", "reference")
TOP = {
    *("streamlit_app.py", "pages", "engine", "tests", "requirements.txt", "README.md"),
    *("requirements.in", "requirements-dev.in", "requirements-dev.txt", "packages.txt"),
    *("requirements-bench.in", "requirements-bench.txt"),
    *("pyproject.toml", "Makefile", "compose.yaml", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE"),
    *("SECURITY.md", "SECURITY-ASVS.md"),
}
VAGUE = {"util", "utils", "helper", "helpers", "common", "misc"}
VAGUE |= {"manager", "managers", "handler", "handlers"}
LONGEST = 300
LONGER: dict[str, str] = {
    "engine/bootstrap.py": "the one place where all parts are put together",
    "engine/client.py": "is copied as it stands, so it must be one file",
    "engine/crm.py": "the whole public interface in one place; each method is a line or two",
    "engine/settings.py": "every setting, and how they are read: one table and its reader",
    "engine/store/guard.py": "runs as a script of its own, so it must be one file",
}
"""Modules that may be longer, each with its reason."""


@dataclass(frozen=True, slots=True)
class Import:
    """One imported name as a dotted path: ``from engine import store`` is engine.store."""

    line: int
    name: str


def within(name: str, packages: tuple[str, ...]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def module_name(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path, source: str) -> Iterator[Import]:
    module = module_name(path)
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(source, str(path))):
        if isinstance(node, ast.Import):
            yield from (Import(node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            origin = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                origin = ".".join([*above, origin] if origin else above)
            yield from (Import(node.lineno, f"{origin}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call):
            called = ast.unparse(node.func).rpartition(".")[2]
            if called in {"import_module", "__import__"} and node.args:
                name = node.args[0].value if isinstance(node.args[0], ast.Constant) else None
                yield Import(node.lineno, name if isinstance(name, str) else "(computed)")


@cache
def is_module(name: str) -> bool:
    path = PROJECT.joinpath(*name.split("."))
    return name in ENGINE or path.is_dir() or path.with_suffix(".py").is_file()


def engine_may(module: str, name: str) -> bool:
    """Whether a module of the engine may import this name of the engine."""
    row = max((row for row in ENGINE if within(module, (row,))), key=len)
    if row == "engine":  # the package itself, or a module without a row
        return module == row and within(name, ENGINE[row])
    return within(name, (row, *ENGINE[row]))


def door_may(name: str) -> bool:
    """Whether a page or the server may import this name of the engine or of the pages."""
    public = re.fullmatch(r"engine(\.\w+)?", name) and (name == "engine" or not is_module(name))
    return bool(public) or within(name, PAGE_ENGINE)


def allowed(module: str, name: str) -> bool:
    """Whether ``module`` may import the dotted ``name``."""
    library = name.partition(".")[0]
    inside = module.partition(".")[0]
    if library == "(computed)":
        return module == "engine"  # its public names are loaded when they are used
    if library == "tests" or not within(module, ONLY_IN.get(library, (inside,))):
        return False
    if library in {"engine", "pages", "streamlit_app"}:
        return engine_may(module, name) if inside == "engine" else door_may(name)
    if within(module, ("engine.domain", "engine.errors")):
        return library in sys.stdlib_module_names or library in DOMAIN_LIBRARIES
    if inside == "pages":
        return library in sys.stdlib_module_names or library in PAGE_LIBRARIES
    return True


def trespasses(path: Path, source: str) -> list[str]:
    """Name each import of a file (its path from the project's root) that the rules forbid."""
    module = module_name(path)
    return [
        f"{path.as_posix()}:{found.line} may not import {found.name}"
        for found in sorted(set(imports(path, source)), key=lambda found: (found.line, found.name))
        if not allowed(module, found.name)
    ]


@cache
def files() -> tuple[Path, ...]:
    """List the project's files, relative to its root, less what .gitignore names."""
    ignored = [line.rstrip("/") for line in (PROJECT / ".gitignore").read_text().split()]

    def walk(folder: Path) -> Iterator[Path]:
        for entry in sorted(folder.iterdir()):
            path = entry.relative_to(PROJECT)
            names = (entry.name, path.as_posix())
            if entry.name == ".git" or any(fnmatch(n, p) for n in names for p in ignored):
                continue
            if entry.is_dir():
                yield from walk(entry)
            else:
                yield path

    return tuple(walk(PROJECT))


def code(*folders: str) -> list[Path]:
    python = [path for path in files() if path.suffix == ".py"]
    return [path for path in python if not folders or path.parts[0] in folders]


def test_no_module_imports_what_it_may_not() -> None:
    paths = code("engine", "pages", "streamlit_app.py")
    assert len(paths) > 20, "the walk found too little to prove anything"
    found = [t for path in paths for t in trespasses(path, (PROJECT / path).read_text())]
    assert found == []


@pytest.mark.parametrize(
    ("path", "line", "name"),
    [
        ("engine/domain/order.py", "import pymongo", "pymongo"),
        ("engine/domain/order.py", "import polars as pl", "polars"),
        ("engine/domain/order.py", "from engine.store import client", "engine.store.client"),
        ("engine/errors.py", "from engine.domain import order", "engine.domain.order"),
        ("engine/settings.py", "from engine.store import client", "engine.store.client"),
        ("engine/store/x.py", "from engine.ingest import csv", "engine.ingest.csv"),
        ("engine/store/x.py", "from engine import mirror", "engine.mirror"),
        ("engine/store/__init__.py", "from ..mirror import load", "engine.mirror.load"),
        ("engine/store/x.py", "from .. import rules", "engine.rules"),
        ("engine/store/x.py", "import engine.crm", "engine.crm"),
        ("engine/store/x.py", "from engine import Crm", "engine.Crm"),
        ("engine/store/x.py", "import streamlit as st", "streamlit"),
        ("engine/store/x.py", "import duckdb", "duckdb"),
        ("engine/audience/x.py", "import duckdb", "duckdb"),
        ("engine/rules/x.py", "from bson import ObjectId", "bson.ObjectId"),
        ("engine/rules/x.py", "from engine.audience.preview import p", "engine.audience.preview.p"),
        ("engine/campaigns/x.py", "from engine.delivery import worker", "engine.delivery.worker"),
        ("engine/delivery/x.py", "from pages import shell", "pages.shell"),
        ("engine/crm.py", "import pymongo.errors", "pymongo.errors"),
        ("engine/bootstrap.py", "import streamlit", "streamlit"),
        ("engine/cli.py", "from engine.store import client", "engine.store.client"),
        ("engine/newroom/x.py", "from engine.store import client", "engine.store.client"),
        ("pages/overview.py", "from engine.crm import Crm", "engine.crm.Crm"),
        ("pages/overview.py", "from engine import store", "engine.store"),
        ("pages/overview.py", "import engine.rules.codec", "engine.rules.codec"),
        ("pages/overview.py", "import duckdb", "duckdb"),
        ("pages/overview.py", "import pandas", "pandas"),
        ("pages/overview.py", "from pages import customers", "pages.customers"),
        ("streamlit_app.py", "from engine.bootstrap import x", "engine.bootstrap.x"),
        ("streamlit_app.py", "import pymongo", "pymongo"),
        ("engine/store/x.py", "from tests import conftest", "tests.conftest"),
        ("engine/store/x.py", "import_module('engine.mirror')", "engine.mirror"),
        ("engine/store/x.py", "importlib.import_module(name)", "(computed)"),
    ],
)
@pytest.mark.parametrize(
    "place",
    ["{}", "def late():\n    {}", "if TYPE_CHECKING:\n    {}", "try:\n    {}\nfinally: ..."],
)
def test_a_bad_import_is_named_wherever_it_stands(
    path: str, line: str, name: str, place: str
) -> None:
    where = place[: place.index("{")].count("\n") + 1
    assert trespasses(Path(path), place.format(line)) == [f"{path}:{where} may not import {name}"]


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("engine/domain/order.py", "import decimal, babel.core, engine.domain.money"),
        ("engine/store/client.py", "import pymongo, engine.domain.order, engine.store.indexes"),
        ("engine/ingest/csv.py", "from engine.store import orders"),
        ("engine/ingest/csv.py", "from . import mapping"),
        ("engine/mirror/load.py", "import pymongoarrow, duckdb, polars, engine.store.client"),
        ("engine/delivery/vendors/simulated.py", "from engine.delivery import worker"),
        ("engine/crm.py", "from engine.delivery import worker"),
        ("engine/bootstrap.py", "import engine.crm, engine.store.client, engine.settings"),
        ("engine/cli.py", "import typer, engine.crm, engine.bootstrap, engine.domain.order"),
        ("engine/__init__.py", "from engine.crm import Crm"),
        ("engine/__main__.py", "from engine.cli import app"),
        ("pages/overview.py", "import streamlit, altair, polars, datetime, pages._ui.charts"),
        ("pages/overview.py", "from engine import Crm, open_crm"),
        ("pages/_ui/charts.py", "from engine.domain.order import Order"),
        ("streamlit_app.py", "import streamlit, starlette; from engine import open_crm"),
    ],
)
def test_a_good_import_is_not_named(path: str, line: str) -> None:
    assert trespasses(Path(path), line) == []


def test_every_folder_of_the_engine_has_its_row() -> None:
    rooms = {module_name(Path(*path.parts[:2])) for path in code("engine")}
    assert rooms - {"engine"} - ENGINE.keys() == set()


def test_the_top_level_holds_what_it_was_given_and_what_tools_need() -> None:
    top = {path.parts[0] for path in files() if not path.parts[0].startswith(".")}
    assert top - TOP == set()
    assert [str(path) for path in code() if path.parts[0] not in TOP] == []


def test_every_test_lies_in_the_folder_of_its_kind() -> None:
    loose = [path for path in code("tests") if path.parts[1] not in (*TESTS, "conftest.py")]
    assert [str(path) for path in loose] == []


def vague(path: Path) -> bool:
    return path.stem == "data" or not VAGUE.isdisjoint(path.stem.split("_"))


def test_no_file_is_named_by_a_word_that_says_nothing() -> None:
    assert [str(path) for path in code() if vague(path)] == []
    assert vague(Path("engine/store/mongo_utils.py"))
    assert vague(Path("pages/data.py"))
    assert not vague(Path("engine/ingest/demo_data.py"))


def test_a_module_longer_than_one_concept_takes_has_a_reason() -> None:
    lengths = {p.as_posix(): (PROJECT / p).read_text().count("\n") for p in code("engine", "pages")}
    long = {path: lines for path, lines in lengths.items() if lines > LONGEST}
    assert {path: lines for path, lines in long.items() if path not in LONGER} == {}
    assert LONGER.keys() - long.keys() == set(), "reasons that are no longer needed"


HOSTS = [".".join(parts) for parts in (("pypi", "org"), ("pythonhosted", "org"))]
HOSTS += [".".join(parts) for parts in (("npmjs", "org"), ("npmjs", "com"), ("yarnpkg", "com"))]
FOREIGN = re.compile(
    "|".join(re.escape(host) for host in HOSTS)
    + r"|(?<![\w.])/(?:work|root|opt|Users/\w+|home/\w+)/\w|[A-Z]:\\Users"
)


@pytest.mark.parametrize(
    "text", [f"https://{HOSTS[0]}/simple", "at /" + "home/someone/x", "/" + "root/x", "/" + "opt/x"]
)
def test_a_registry_or_a_path_of_one_machine_is_recognised(text: str) -> None:
    assert FOREIGN.search(text)
    assert not FOREIGN.search("https://example.test/work/x ./home/page /usr/bin/env /dev/null")


def test_no_file_names_a_package_registry_or_a_path_of_one_machine() -> None:
    found = []
    for path in files():
        try:
            text = (PROJECT / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # an image or a data file
        found += [f"{path}: {match[0]}" for match in FOREIGN.finditer(text)]
    assert found == []
