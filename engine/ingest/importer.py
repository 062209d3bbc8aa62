"""The import of a file: look, check, stage, write, and tell the history how it ended."""

from __future__ import annotations

from contextlib import suppress
from time import perf_counter
from typing import TYPE_CHECKING

from engine.domain.attributes import MOST_ATTRIBUTES, no_room
from engine.domain.customer import AttributeType
from engine.errors import Cancelled, CrmError, ImportFileError
from engine.ingest.customer_import import read_customer_rows, write_customers
from engine.ingest.customer_rows import CustomerRows
from engine.ingest.fields import ATTRIBUTE_PREFIX, FileKind, attribute_name
from engine.ingest.inspection import inspect
from engine.ingest.mapping import mapping_to_dict
from engine.ingest.mapping_check import check
from engine.ingest.order_import import check_orders, read_order_rows, write_orders
from engine.ingest.order_rows import OrderRows
from engine.ingest.parquet_rows import LIST_END
from engine.ingest.rejects import RejectLog
from engine.ingest.result import ImportResult, Phase
from engine.ingest.rows import RowSource
from engine.ingest.run import Run
from engine.ingest.staging import staging
from engine.store.imports import ImportCounts, ImportStatus

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from engine.domain.clock import Clock
    from engine.domain.workspace import Workspace
    from engine.ingest.eraser import TurnedAway
    from engine.ingest.inspection import FileInspection
    from engine.ingest.mapping import ColumnMapping
    from engine.ingest.result import Progress
    from engine.store.attributes import AttributeStore
    from engine.store.customers import CustomerStore
    from engine.store.imports import ImportStore
    from engine.store.orders import OrderStore

SOURCE = "import"
"""What imported documents are marked with; the same for every file, so that a second import of
the same rows changes nothing."""


class Importer:
    """Brings files into the stores of one workspace."""

    def __init__(  # noqa: PLR0917 - the parts it is put together from
        self,
        customers: CustomerStore,
        orders: OrderStore,
        imports: ImportStore,
        attributes: AttributeStore,
        turned_away: TurnedAway,
        workspace: Workspace,
        clock: Clock,
    ) -> None:
        self._customers = customers
        self._orders = orders
        self._imports = imports
        self._attributes = attributes
        self._turned_away = turned_away
        self._workspace = workspace
        self._clock = clock

    def run(
        self,
        path: Path,
        mapping: ColumnMapping,
        *,
        by: str,
        file_name: str | None = None,
        progress: Callable[[Progress], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
        rejects_to: Path | None = None,
        revision: Callable[[], int | None] | None = None,
    ) -> ImportResult:
        """Import a file. The whole of it is read and checked before the first write.

        Args:
            path: a CSV, CSV.gz or Parquet file, of any size.
            mapping: which column fills which field.
            by: who asks; kept in the history.
            file_name: the name the history shows, where ``path`` is a copy with another name.
            progress: called some 20 times a second while reading and once a batch while writing.
            cancelled: asked as often; True stops the import.
            rejects_to: where to write every rejected row as CSV; replaced if it exists.
            revision: asked for each batch's, which is None where nothing else writes later.

        Raises:
            ImportFileError: the file or the mapping cannot be used; nothing was written.
            Cancelled: the caller stopped it; the text says what was written.
            StoreUnavailable: MongoDB went away; importing the same file again completes it.
        """
        started = perf_counter()
        name = file_name or path.name
        import_id = self._imports.start(
            name, mapping_to_dict(mapping), by=by, now=self._clock.now()
        )
        run: Run | None = None
        source: RowSource | None = None
        try:
            look = self._look(path, mapping)
            source = RowSource(look, tuple(mapping.columns.values()), _separators(mapping))
            with _reject_log(path, rejects_to) as rejects:
                run = Run(
                    import_id,
                    total_bytes=look.size,
                    rejects=rejects,
                    imports=self._imports,
                    clock=self._clock,
                    progress=progress or _tell_nobody,
                    cancelled=cancelled or _never,
                )
                self._bring_in(look, mapping, source, run, revision or _none)
        except BaseException as error:
            # Whatever ends the import, the history says so; a kill is told by the heartbeat.
            with suppress(CrmError):
                self._end(import_id, run, source, error)
            raise
        self._end(import_id, run, source, None)
        counts = run.counts
        return ImportResult(
            **{name: getattr(counts, name) for name in ImportCounts.__dataclass_fields__},
            import_id=import_id,
            file_name=name,
            kind=mapping.kind,
            sha256=source.sha256,
            seconds=perf_counter() - started,
            samples=run.rejects.samples,
            rejects_file=rejects_to,
        )

    def _look(self, path: Path, mapping: ColumnMapping) -> FileInspection:
        options = mapping.options
        look = inspect(path, encoding=options.encoding, delimiter=options.delimiter)
        check(mapping, look, self._workspace)
        _check_attributes(_attribute_types(mapping), self._attributes.types())
        return look

    def _bring_in(
        self,
        look: FileInspection,
        mapping: ColumnMapping,
        source: RowSource,
        run: Run,
        revision: Callable[[], int | None],
    ) -> None:
        with staging() as staged:
            run.enter(Phase.READING)
            if mapping.kind is FileKind.ORDERS:
                lines = OrderRows(mapping, source.columns, look.typed, self._workspace)
                has_lines = mapping.has_lines
                read_order_rows(source, lines, staged, run)
                run.read_all()
                run.enter(Phase.CHECKING)
                check_orders(lines, staged, run, turned_away=self._turned_away, has_lines=has_lines)
                write_orders(
                    lines,
                    staged,
                    run,
                    self._customers,
                    self._orders,
                    turned_away=self._turned_away,
                    has_lines=has_lines,
                    source=SOURCE,
                    revision=revision,
                )
            else:
                people = CustomerRows(mapping, source.columns, look, self._workspace)
                read_customer_rows(source, people, staged, run)
                run.read_all()
                types = _attribute_types(mapping)
                seen = {name: type_ for name, type_ in types.items() if name in people.filled}
                _check_attributes(seen, self._attributes.learn(seen))
                write_customers(
                    people,
                    staged,
                    run,
                    self._customers,
                    turned_away=self._turned_away,
                    source=SOURCE,
                    revision=revision,
                )

    def _end(
        self,
        import_id: str,
        run: Run | None,
        source: RowSource | None,
        error: BaseException | None,
    ) -> None:
        status = ImportStatus.FINISHED
        if error is not None:
            asked = isinstance(error, (Cancelled, KeyboardInterrupt, SystemExit, GeneratorExit))
            status = ImportStatus.STOPPED if asked else ImportStatus.FAILED
        reason = None if error is None else str(error) or type(error).__name__
        self._imports.end(
            import_id,
            status,
            run.counts if run else ImportCounts(),
            now=self._clock.now(),
            reason=reason,
            sha256=source.sha256 if source and run and run.is_read else None,
        )


def _attribute_types(mapping: ColumnMapping) -> dict[str, AttributeType]:
    names = (attribute_name(field) for field in mapping.columns)
    given = mapping.options.attribute_types
    return {name: given.get(name, AttributeType.TEXT) for name in names if name}


def _separators(mapping: ColumnMapping) -> dict[str, str]:
    lists = {
        f"{ATTRIBUTE_PREFIX}{name}"
        for name, type_ in _attribute_types(mapping).items()
        if type_ is AttributeType.LIST
    }
    joined = mapping.options.list_separator
    return {
        column: LIST_END if field == "tags" or field in lists else joined
        for field, column in mapping.columns.items()
    }


def _check_attributes(asked: dict[str, AttributeType], known: dict[str, AttributeType]) -> None:
    wrong = [
        f"attribute {name!r} holds {known[name].value}, the mapping says {type_.value}; "
        "choose that type, or give the attribute another name"
        for name, type_ in asked.items()
        if known.get(name, type_) is not type_
    ]
    # The mirror's columns are told apart without regard to case, and folded text has its own.
    taken = {name.casefold(): name for name in (*asked, *known)}
    wrong += [
        f"attribute {name!r} differs only by case from {taken[name.casefold()]!r}; use one of them"
        for name in asked
        if taken[name.casefold()] != name
    ]
    wrong += [
        f"attribute {name!r} must not end in '_folded'; give it another name"
        for name in asked
        if name.casefold().endswith("_folded")
    ]
    if len(asked.keys() | known.keys()) > max(MOST_ATTRIBUTES, len(known)):
        wrong.append(no_room(len(known)))
    if wrong:
        raise ImportFileError("; ".join(wrong))


def _reject_log(path: Path, rejects_to: Path | None) -> RejectLog:
    if rejects_to is not None:
        if rejects_to.exists() and rejects_to.samefile(path):
            msg = f"the rejected rows cannot be written over the file itself, {str(path)!r}"
            raise ImportFileError(msg)
        if not rejects_to.parent.is_dir():
            msg = f"there is no folder {str(rejects_to.parent)!r} to write the rejected rows to"
            raise ImportFileError(msg)
    try:
        return RejectLog(rejects_to)
    except OSError as error:
        msg = f"the rejected rows cannot be written to {str(rejects_to)!r}: {error.strerror}"
        raise ImportFileError(msg) from error


def _tell_nobody(_progress: Progress) -> None:
    return None


def _never() -> bool:
    return False


def _none() -> None:
    return None
