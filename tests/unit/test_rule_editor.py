"""The rule editor: its built module is what its sources make, and it reads what a browser sends."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from engine.domain.rule_decoder import WINDOWS as ENGINE_WINDOWS
from engine.rules.operators import COMPARATORS as ENGINE_COMPARATORS
from engine.rules.validate import OUTCOMES as ENGINE_OUTCOMES
from pages._ui.rule_editor.choices import COMPARATORS, OUTCOMES, WINDOWS
from pages._ui.rule_editor.edit import Edit, read_edit

HOME = Path(__file__).resolve().parents[2] / "pages" / "_ui" / "rule_editor"
FRONTEND = HOME / "frontend"
BESIDE = ("build.mjs", "package.json", "package-lock.json", "tsconfig.json")
NPM = shutil.which("npm")
MODULES = FRONTEND / "node_modules"


def digest(folder: Path) -> str:
    """SHA-256 of the sources, as the build script takes it."""
    inside = (path for path in (folder / "src").rglob("*") if path.is_file())
    names = sorted([*BESIDE, *(path.relative_to(folder).as_posix() for path in inside)])
    found = hashlib.sha256()
    for name in names:
        text = (folder / name).read_bytes()
        found.update(f"{name}\n{len(text)}\n".encode())
        found.update(text)
    return found.hexdigest()


def test_the_built_module_is_of_these_sources() -> None:
    built = (HOME / "rule_editor.js").read_text("utf-8")
    named = re.search(r"sha256 of the sources: ([0-9a-f]{64})", built[:1_000])
    assert named is not None
    assert named[1] == digest(FRONTEND), "run `npm ci && npm run build` in frontend/"


def test_a_changed_source_is_told(tmp_path: Path) -> None:
    copied = sources(tmp_path)
    (copied / "src" / "style.css").write_text("")
    assert digest(copied) != digest(FRONTEND)


def test_the_module_and_its_loader_are_code_and_not_paths_to_streamlit() -> None:
    for name in ("rule_editor.js", "loader.js"):
        assert "\n" in (HOME / name).read_text("utf-8").strip()


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif(
    NPM is None or not MODULES.is_dir(),
    reason="to rebuild the module: `npm ci` in pages/_ui/rule_editor/frontend",
)
def test_a_build_from_scratch_gives_the_same_bytes(tmp_path: Path) -> None:
    copied = sources(tmp_path)
    (copied / "node_modules").symlink_to(MODULES)
    for command in (["run", "check"], ["test"], ["run", "build"]):
        done = subprocess.run(  # noqa: S603 - npm, found on PATH
            [str(NPM), *command], cwd=copied, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, (
            f"npm {command[0]}: {done.stdout[-2_000:]}{done.stderr[-2_000:]}"
        )
    assert (tmp_path / "rule_editor.js").read_bytes() == (HOME / "rule_editor.js").read_bytes()


def sources(folder: Path) -> Path:
    ignored = shutil.ignore_patterns("node_modules")
    return Path(shutil.copytree(FRONTEND, folder / "frontend", ignore=ignored))


def test_what_the_editor_offers_is_what_the_engine_knows() -> None:
    known = [(one.name, one.label, one.takes.name.lower()) for one in ENGINE_COMPARATORS.values()]
    assert [(one.name, one.label, one.takes) for one in COMPARATORS] == known
    assert tuple(OUTCOMES) == ENGINE_OUTCOMES
    assert tuple(one.name for one in WINDOWS) == ENGINE_WINDOWS


SENT = {"serial": 3, "revision": 2, "document": {"version": 1, "rule": {}}, "incomplete": ["a"]}


def test_an_edit_is_read_as_it_was_sent() -> None:
    assert read_edit(SENT) == Edit(
        serial=3,
        revision=2,
        document={"version": 1, "rule": {}},
        incomplete=frozenset({"a"}),
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"serial": "3"},
        {"revision": None},
        {"document": []},
        {"document": {"version": 1}},
        {"document": {"version": 1, "rule": "x"}},
        {"incomplete": "a"},
        {"incomplete": [1]},
    ],
)
def test_what_has_not_the_shape_of_an_edit_is_none(wrong: dict[str, object]) -> None:
    assert read_edit({**SENT, **wrong}) is None
    assert read_edit(None) is None
