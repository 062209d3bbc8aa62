"""Bring in orders and customers from a file: look, map, run, and read what became of each row."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl
import streamlit as st

from engine import ImportStatus
from engine.domain.permission import Permission
from engine.errors import ImportFileError
from pages._ui import import_jobs
from pages._ui.engine import crm, may, present
from pages._ui.feedback import as_of, flash, guard, sentence, show_error
from pages._ui.format import count, number, plain, size
from pages._ui.frames import Column, table
from pages._ui.import_report import report
from pages._ui.mapping_form import edited, reading
from pages._ui.places import select, selected
from pages._ui.state import IMPORT_JOB, UPLOAD, UPLOADS
from pages._ui.uploads import received

if TYPE_CHECKING:
    from engine import ColumnMapping, FileInspection, ImportRecord
    from pages._ui.import_jobs import ImportJob
    from pages._ui.uploads import Upload

LARGEST_MB = 1024
PROGRESS_SECONDS = 0.5
DELIMITER_NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}


def new_import() -> None:
    """Take a file and lead to its import."""
    given = st.file_uploader(
        "Order or customer file",
        key=f"file_{UPLOADS.get()}",
        max_upload_size=LARGEST_MB,
        help="CSV, CSV.gz or Parquet. What a file is is told from its content, not its name.",
    )
    if given is None:
        st.caption(
            "A CSV, CSV.gz or Parquet file with one row per order, per order line or per "
            f"customer, up to {number(LARGEST_MB)} MB. Importing a file twice changes nothing."
        )
        return
    with st.spinner("Copying the file…"):
        upload = received(given)
    with st.expander("How the file is read", key="reading"):
        encoding, delimiter = reading(upload.file_id)
    try:
        look = crm().inspect_file(upload.path, encoding=encoding, delimiter=delimiter)
    except ImportFileError as error:
        # The message names our private copy; people know the file by the name they gave it.
        show_error(ImportFileError(str(error).replace(upload.path.name, upload.name, 1)))
        return
    inspection(look)
    st.subheader("Columns", anchor=False)
    mapping = edited(look, upload.file_id, encoding, delimiter)
    problems = crm().mapping_problems(mapping, look)
    if problems:
        st.warning(
            "\n".join(f"- {plain(sentence(problem))}" for problem in problems),
            title="Before this file can be imported",
        )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input(
            "Save this mapping as",
            key="mapping_name",
            max_chars=120,
            placeholder="Name, to use it again",
            width=260,
        )
        if st.button("Save mapping", key="save_mapping", disabled=not name or bool(problems)):
            with guard() as saving:
                crm().save_mapping(replace(mapping, name=name))
            if saving.ok:
                flash(f"Mapping saved as {name}")
                st.rerun()
    if st.button(
        "Start import",
        key="start_import",
        type="primary",
        icon=":material/play_arrow:",
        disabled=bool(problems),
    ):
        begin(upload, mapping)


def inspection(look: FileInspection) -> None:
    """Show what the file is and its first rows."""
    facts = [look.format.value, size(look.size), count(len(look.columns), "column")]
    if look.format.value != "Parquet":
        facts += [look.encoding, f"divided by {DELIMITER_NAMES[look.delimiter]}"]
    st.markdown(" · ".join(plain(fact) for fact in facts))
    if look.suggested_encoding:
        st.warning(
            f"Some of the text is not {plain(look.encoding)}. Under “How the file is read”, try "
            f"{plain(look.suggested_encoding)}; otherwise those rows are left out.",
            icon=":material/translate:",
        )
    width = len(look.columns)
    rows = [[*row, *[""] * width][:width] for row in look.sample]
    table(
        pl.DataFrame(rows, schema=[str(n) for n in range(width)], orient="row").cast(pl.String),
        {str(n): Column(name) for n, name in enumerate(look.columns)},
        alt="The first rows of the file",
        key="first_rows",
        height=213,
    )
    st.caption(f"The first {count(len(rows), 'row')} as the file has them")


def begin(upload: Upload, mapping: ColumnMapping) -> None:
    """Start the import and show it."""
    job = import_jobs.start(crm(), upload, mapping)
    UPLOAD.take()
    UPLOADS.set(UPLOADS.get() + 1)
    IMPORT_JOB.set(job.job_id)
    select("import", job.job_id)
    st.rerun()


def follow(job: ImportJob) -> None:
    """Show an import: its progress while it runs, and then what it did."""
    st.subheader(plain(job.upload.name), anchor=False)
    if job.is_running:
        progress(job.job_id)
        return
    report(job)
    if st.button("Import another file", key="another_import", type="primary"):
        IMPORT_JOB.take()
        select("import", None)
        st.rerun()


@st.fragment(run_every=PROGRESS_SECONDS)
def progress(job_id: str) -> None:
    """Draw how far an import is, twice a second; the whole page when it has ended."""
    job = import_jobs.find(job_id) if may(Permission.IMPORTS) else None
    if job is None or not job.is_running:
        st.rerun()
    with guard():
        now = job.progress
        if now is None:
            st.progress(0.0, "Looking at the file")
        else:
            done = f"{count(now.rows, 'row')} read, {size(now.done_bytes)} of "
            done += size(now.total_bytes)
            if now.to_write:
                done += f"; {number(now.written)} of {number(now.to_write)} records written"
            phase = "Updating the figures" if now.fraction >= 1 else sentence(now.phase.value)[:-1]
            st.progress(now.fraction, f"{phase}: {done}")
        if job.is_stopping:
            st.caption("Stopping…")
        else:
            st.caption("You can leave this page: the import goes on, and this address shows it.")
            st.button("Cancel import", key="cancel_import", on_click=stop, args=(job,))


def stop(job: ImportJob) -> None:
    """Stop an import, for who may import: a button's call comes before the shell asks who it is."""
    if may(Permission.IMPORTS):
        job.stop()


def history() -> None:
    """List the imports there were."""
    records = crm().imports()
    st.subheader("History", anchor=False)
    if not records:
        st.markdown("Nothing was imported yet.")
        return
    any_reason = any(one.reason for one in records)
    running = {one.import_id for one in records if one.status is ImportStatus.RUNNING}

    def known(one: ImportRecord, n: int) -> int | None:
        return None if one.import_id in running else n

    outcome = {
        ImportStatus.RUNNING: "Running",
        ImportStatus.FINISHED: "Finished",
        ImportStatus.STOPPED: "Stopped",
        ImportStatus.FAILED: "Failed",
    }
    table(
        pl.DataFrame(
            {
                "file": [one.file_name for one in records],
                "status": [
                    "Finished, nothing changed"
                    if one.status is ImportStatus.FINISHED and one.counts.changed_nothing
                    else outcome[one.status]
                    for one in records
                ],
                "started": [one.started_at for one in records],
                "ended": [one.ended_at for one in records],
                "by": [one.by for one in records],
                "rows": [known(one, one.counts.rows) for one in records],
                "rejected": [known(one, sum(one.counts.rejected.values())) for one in records],
                "customers": [known(one, one.counts.customers) for one in records],
                "orders": [known(one, one.counts.orders) for one in records],
                "amount": [known(one, one.counts.net_amount) for one in records],
                "reason": [sentence(one.reason or "") for one in records],
            },
            schema_overrides={
                **dict.fromkeys(("started", "ended"), pl.Datetime("us", "UTC")),
                **dict.fromkeys(("rows", "rejected", "customers", "orders", "amount"), pl.Int64),
            },
        ),
        {
            "file": Column("File", pinned=True, width="medium"),
            "status": Column("Status"),
            "started": Column("Started", "instant"),
            "rows": Column("Rows", "number", help="Rows read, rejected ones among them"),
            "rejected": Column("Left out", "number", help="Rows that could not be taken"),
            "customers": Column("Customers", "number", help="Customers in the rows taken"),
            "orders": Column("Orders", "number", help="Orders in the rows taken"),
            "amount": Column("Net amount", "money", help="All orders taken, refunds negative"),
            "ended": Column("Ended", "instant"),
            "by": Column("By"),
            **({"reason": Column("Why it ended early", width="large")} if any_reason else {}),
        },
        alt="Imports, latest first",
        key="import_history",
    )
    as_of(present(), f"{count(len(records), 'import')}, latest first")


st.title("Imports", anchor=False)
asked = selected("import") or IMPORT_JOB.get()
found = import_jobs.find(asked) if asked else None
if found is not None:
    # The address follows the import over a reload, the session over a change of page.
    IMPORT_JOB.set(found.job_id)
    select("import", found.job_id)
    follow(found)
else:
    if asked:
        IMPORT_JOB.take()
        select("import", None)
        st.info(
            "This import is no longer followed here. The history below says how it ended.",
            icon=":material/history:",
        )
    new_import()
st.space("small")
history()
