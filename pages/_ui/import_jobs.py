"""Imports that run in this process, beside the pages: they go on when a page is left or reloaded.

A job's id is in the address (``?import=``), so whoever has the address follows it. Ids cannot be
guessed, and no job knows of another.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import uuid4

from engine.errors import Cancelled, CrmError

if TYPE_CHECKING:
    from engine import ColumnMapping, Crm, ImportResult, Progress
    from pages._ui.uploads import Upload

logger = logging.getLogger(__name__)

KEPT = 50
"""Jobs that are remembered after their end, with the rows they left out."""
STOP_SECONDS = 30.0

_jobs: OrderedDict[str, ImportJob] = OrderedDict()
_changing = threading.Lock()


@dataclass(slots=True, eq=False)
class ImportJob:
    """One import under way or ended. At its end one of ``result`` and ``problem`` is set."""

    job_id: str
    upload: Upload
    mapping: ColumnMapping
    progress: Progress | None = None
    """None until the first rows are read."""
    result: ImportResult | None = None
    problem: str | None = None
    """Why it ended without a result, as a sentence."""
    was_stopped: bool = False
    """Whether somebody asked it to stop, and it did."""
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    @property
    def is_running(self) -> bool:
        """Whether it goes on."""
        return self.result is None and self.problem is None

    @property
    def is_stopping(self) -> bool:
        """Whether it goes on although it was asked to stop."""
        return self.is_running and self._stop.is_set()

    def stop(self) -> None:
        """Ask it to stop; it does at the next batch of rows."""
        self._stop.set()

    def start(self, crm: Crm) -> None:
        """Begin, in a thread of its own."""
        self._thread = threading.Thread(
            target=self._run, args=(crm,), name=f"import-{self.job_id[:8]}", daemon=True
        )
        self._thread.start()

    def wait(self, seconds: float | None = None) -> None:
        """Wait for its end, at most so long."""
        if self._thread is not None:
            self._thread.join(seconds)

    def _run(self, crm: Crm) -> None:
        try:
            self.result = crm.run_import(
                self.upload.path,
                self.mapping,
                file_name=self.upload.name,
                progress=self._tell,
                cancelled=self._stop.is_set,
                rejects_to=self.upload.rejects_path,
            )
        except Cancelled as error:
            self.was_stopped = True
            self.problem = str(error)
        except CrmError as error:
            self.problem = str(error)
        except Exception:
            reference = uuid4().hex[:8]
            logger.exception("import failed, reference %s", reference)
            self.problem = (
                "something went wrong on our side; importing the same file again is safe. Should "
                f"it happen again, the log holds the details under the reference {reference}"
            )
        finally:
            self.upload.forget_content()

    def _tell(self, progress: Progress) -> None:
        self.progress = progress


def start(crm: Crm, upload: Upload, mapping: ColumnMapping) -> ImportJob:
    """Begin an import and remember it."""
    job = ImportJob(uuid4().hex, upload, mapping)
    with _changing:
        _jobs[job.job_id] = job
        ended = [one.job_id for one in _jobs.values() if not one.is_running]
        for job_id in ended[: max(0, len(ended) - KEPT)]:
            _jobs.pop(job_id).upload.delete()
    job.start(crm)
    return job


def find(job_id: str) -> ImportJob | None:
    """Return a job of this process; None where it is not known, or no longer."""
    return _jobs.get(job_id)


def stop_all() -> None:
    """Stop every import and wait for it, before the engine is closed."""
    with _changing:
        jobs = list(_jobs.values())
        _jobs.clear()
    for job in jobs:
        job.stop()
    for job in jobs:
        job.wait(STOP_SECONDS)
        job.upload.delete()
