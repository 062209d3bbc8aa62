"""A file that somebody gave: a private copy on disk, gone when nobody holds it any more."""

from __future__ import annotations

import os
import shutil
import stat
import sys
import tempfile
import time
import weakref
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from pages._ui.state import UPLOAD

if sys.platform != "win32":
    import fcntl

if TYPE_CHECKING:
    from typing import BinaryIO, Final

    from streamlit.typing import UploadedFile

CHUNK = 1 << 20
PREFIX: Final = "crm-upload-"
OWNER = "owner"
"""A file in each folder that its process holds locked; the lock goes with the process."""
YOUNG_SECONDS = 60
"""A folder younger than this may be about to be locked."""
OLD_SECONDS = 86_400


class Upload:
    """A copy of a file in a folder of its own, which only this process's user may read.

    The folder is deleted by :meth:`delete`, and otherwise when the last reference goes: with the
    browser's session, the job that read it, or the process.
    """

    def __init__(self, content: BinaryIO, name: str, file_id: str = "") -> None:
        self.file_id = file_id
        shown = "".join(one if one.isprintable() else " " for one in Path(name).name)
        self.name = shown.strip() or "file"
        self._folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        owner = (self._folder / OWNER).open("wb")
        if sys.platform != "win32":
            fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._delete = weakref.finalize(self, _discard, self._folder, owner)
        # A name of our own: the given one may be longer than the file system takes.
        self.path = self._folder / "upload"
        with self.path.open("wb") as file:
            shutil.copyfileobj(content, file, CHUNK)

    @property
    def rejects_path(self) -> Path:
        """Where an import writes the rows it leaves out; kept until the folder goes."""
        return self._folder / "rejected.csv"

    def forget_content(self) -> None:
        """Delete the copy, and keep the rows that were left out."""
        self.path.unlink(missing_ok=True)

    def delete(self) -> None:
        """Delete the folder now."""
        self._delete()


def received(file: UploadedFile) -> Upload:
    """Return this session's copy of what the uploader holds, copying it the first time."""
    held = UPLOAD.get()
    if held is None or held.file_id != file.file_id:
        if held is not None:
            held.delete()
        file.seek(0)
        held = Upload(file, file.name, file.file_id)
        UPLOAD.set(held)
    return held


def sweep() -> None:
    """Delete the folders that killed processes of this user left behind."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):  # somebody else is sweeping it
            if _left_behind(folder):
                shutil.rmtree(folder)


def _discard(folder: Path, owner: BinaryIO) -> None:
    owner.close()
    shutil.rmtree(folder, ignore_errors=True)


def _left_behind(folder: Path) -> bool:
    if sys.platform == "win32":  # it has no such locks
        return False
    found = folder.lstat()
    age = time.time() - found.st_mtime
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or age < YOUNG_SECONDS:
        return False
    owner = folder / OWNER
    if not owner.exists():
        return age > OLD_SECONDS
    with owner.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True
