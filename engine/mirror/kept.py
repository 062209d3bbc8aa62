"""The lowest layer on disk, so that a start need not read millions of orders again.

A folder holds a Parquet file each of customers, their folded texts, orders and items, and
``kept.json``, which names them, and says what they belong to and after which change to go on. It is
replaced last, at once, so that a kill leaves the old one or the new one; what does not fit is read
from MongoDB.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import polars as pl
from polars.exceptions import PolarsError

from engine.domain.customer import AttributeType
from engine.mirror.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from concurrent.futures import Future
    from pathlib import Path

    from engine.mirror.layer import Layer

logger = logging.getLogger(__name__)

FORMAT = 1
WORTH_KEEPING = 200_000
"""Customers and orders: fewer are read from MongoDB in a second."""
INDEX = "kept.json"
FRAMES = ("customers", "folded", "orders", "items")


@dataclass(frozen=True, slots=True)
class Kept:
    """What was found on disk: rows, attributes as they were then, and where to go on."""

    rows: Rows
    attribute_types: Mapping[str, AttributeType]
    token: Mapping[str, Any]


class Keeper:
    """Keeps one layer in a folder that only the owner of the process can read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(
        self,
        layer: Layer,
        *,
        belongs_to: str,
        attribute_types: Mapping[str, AttributeType],
        token: Mapping[str, Any],
        must_go: Callable[[], bool],
    ) -> None:
        """Write a layer that holds everything before the change ``token``; none if it is small.

        ``belongs_to`` names the database and what else the rows hang on. ``must_go`` is asked once
        the layer is written: whether somebody in it may have been erased since. Whoever is erased
        later has :meth:`forget` called, which waits until this is over, or, by another process,
        :meth:`forget_where`. Where another process is writing at this moment, its layer is as good.
        """
        if layer.height + layer.orders.height < WORTH_KEEPING:
            return
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._only_one(wait=False) as mine:
            if mine:
                self._write(layer, belongs_to, attribute_types, token)
                if must_go():
                    self._delete()

    def find(self, *, belongs_to: str) -> Kept | None:
        """Return what is kept of this database; None where there is nothing, or nothing whole."""
        try:
            index = json.loads((self._folder / INDEX).read_text(encoding="utf-8"))
            if (index["format"], index["belongs_to"]) != (FORMAT, belongs_to):
                return None
            frames = {
                name: pl.read_parquet(self._folder / index["files"][name], memory_map=False)
                for name in FRAMES
            }
            types = {name: AttributeType(kind) for name, kind in index["attributes"].items()}
            return Kept(Rows(**frames), types, index["token"])
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, PolarsError) as error:
            logger.warning("the kept mirror cannot be used: %s", error)
            return None

    def forget(self) -> None:
        """Delete what is kept: it may hold somebody who was erased."""
        if self._folder.exists():
            with self._only_one(wait=True):
                self._delete()

    def forget_where(self, must_go: Callable[[Mapping[str, Any]], bool]) -> None:
        """Delete what is kept, where ``must_go`` says so of the token that it goes on after."""
        try:
            token = json.loads((self._folder / INDEX).read_text(encoding="utf-8"))["token"]
        except FileNotFoundError:
            if any(self._folder.glob("*.parquet")):
                self.forget()  # of a first writing that was cut off, or is under way
            return
        except (OSError, ValueError, KeyError, TypeError):
            self.forget()  # nobody can tell, and nobody can use it
            return
        if must_go(token):
            self.forget()

    def _delete(self) -> None:
        (self._folder / INDEX).unlink(missing_ok=True)
        for file in self._folder.glob("*.parquet"):
            file.unlink(missing_ok=True)

    def _write(
        self,
        layer: Layer,
        belongs_to: str,
        attribute_types: Mapping[str, AttributeType],
        token: Mapping[str, Any],
    ) -> None:
        generation = uuid4().hex
        files = {name: f"{name}-{generation}.parquet" for name in FRAMES}
        frames = (layer.customers, layer.folded, layer.orders, layer.items)
        for name, frame in zip(FRAMES, frames, strict=True):
            path = self._folder / files[name]
            path.touch(mode=0o600)
            frame.write_parquet(path, compression="lz4")
            with path.open("rb") as file:
                os.fsync(file.fileno())  # else a power cut leaves an index of files with holes
        index = {
            "format": FORMAT,
            "belongs_to": belongs_to,
            "attributes": {name: kind.value for name, kind in attribute_types.items()},
            "token": dict(token),
            "files": files,
        }
        fresh = self._folder / f"{INDEX}.{generation}"
        fresh.touch(mode=0o600)
        with fresh.open("w", encoding="utf-8") as file:
            json.dump(index, file)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._folder / INDEX)
        for old in self._folder.glob("*.parquet"):
            if generation not in old.name:
                old.unlink(missing_ok=True)

    @contextmanager
    def _only_one(self, *, wait: bool) -> Iterator[bool]:
        with (self._folder / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError:
                yield False
                return
            yield True


def tell(done: Future[None]) -> None:
    """Say what did not go well with the layer on disk."""
    error = None if done.cancelled() else done.exception()
    if error is not None:
        logger.warning("what is kept of the mirror on disk could not be seen to: %s", error)
