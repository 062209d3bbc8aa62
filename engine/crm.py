"""The house that every door opens on: pages, command line and notebooks call these methods.

One file on purpose: this is the whole public interface, and each method is a line or two.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

from engine.analytics import overview
from engine.audience import daily_sizes, directory, lifetime, suggestions
from engine.campaigns import templates
from engine.domain.actor import SYSTEM, Actor
from engine.domain.customer import checked_customer_id
from engine.domain.naming import checked_name
from engine.errors import SettingsError, Unavailable
from engine.ingest import fields, inspection, mapping_check, mapping_choice, presets, record_stream
from engine.ingest import mapping as mappings
from engine.ingest.intake import SOURCE as API
from engine.ingest.rejects import Reason
from engine.ingest.seeding import SOURCE
from engine.rules import words
from engine.rules.catalogue import Catalogue
from engine.streams.consumer import Consumer
from engine.streams.taking import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from contextlib import ExitStack

    import polars as pl

    from engine.analytics.overview import Overview
    from engine.audience.audiences import Audiences
    from engine.audience.daily_sizes import DailySizes
    from engine.audience.directory import CustomerRecord, DirectoryPage
    from engine.audience.explanation import Explanation
    from engine.audience.lifetime import Lifetime
    from engine.audience.preview import Preview
    from engine.audience.pushdown import Counted, Pushdown
    from engine.audience.references import StoredReferences
    from engine.audience.segments import Segments
    from engine.auth.api_keys import ApiKeys
    from engine.campaigns.lifecycle import Campaigns, CampaignSummary, Example
    from engine.delivery.worker import Worker
    from engine.domain.api_key import ApiKey, ApiRates
    from engine.domain.campaign import Campaign, Message
    from engine.domain.clock import Clock
    from engine.domain.cluster_time import ClusterTime
    from engine.domain.delivery import Delivery, DeliveryFigures, DeliveryStatus
    from engine.domain.erasure import Erasure
    from engine.domain.records import RecordForm, RecordKind, RowOutcome, StreamTaken, Taken
    from engine.domain.rules import Rule
    from engine.domain.segment import Segment, SegmentContent, SegmentUsage, SegmentVersion
    from engine.domain.segment_change import Change, SegmentConflict
    from engine.domain.workspace import Workspace
    from engine.ingest.eraser import Eraser
    from engine.ingest.fields import FieldSpec, FileKind
    from engine.ingest.importer import Importer
    from engine.ingest.inspection import FileInspection
    from engine.ingest.intake import Intake
    from engine.ingest.mapping import ColumnMapping
    from engine.ingest.result import ImportResult, Progress
    from engine.ingest.seeding import Seeder
    from engine.mirror.mirror import Mirror
    from engine.mirror.snapshot import Snapshot
    from engine.mirror.verify import Checksum
    from engine.store.campaigns import CampaignStore
    from engine.store.customers import CustomerStore
    from engine.store.deliveries import DeliveryStore
    from engine.store.idempotency import IdempotencyStore
    from engine.store.imports import ImportRecord, ImportStore, MappingStore
    from engine.store.orders import OrderStore
    from engine.store.segment_sizes import SegmentSizeStore
    from engine.store.segments import SegmentStore
    from engine.streams.batch import Kind
    from engine.streams.dead_letter import DeadLetter
    from engine.streams.stream import Stream, StreamFigures


logger = logging.getLogger(__name__)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """One repository per collection."""

    customers: CustomerStore
    orders: OrderStore
    segments: SegmentStore
    segment_sizes: SegmentSizeStore
    campaigns: CampaignStore
    deliveries: DeliveryStore
    imports: ImportStore
    mappings: MappingStore
    idempotency: IdempotencyStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """What the pages look at: how many rows, as of when (UTC), and whether more is coming."""

    customers: int
    orders: int
    as_of: datetime
    changed_at: datetime
    """As of when the figures are as they are: nothing has changed since (UTC)."""
    behind: bool
    """A change has been seen that the figures do not hold yet, or changes cannot be seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoCounts:
    """How much of the data is demo data."""

    customers: int
    orders: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Crm:
    """The engine, put together by :func:`engine.bootstrap.open_crm`, as one actor uses it."""

    workspace: Workspace
    clock: Clock
    stores: Stores
    mirror: Mirror
    references: StoredReferences
    audiences: Audiences
    pushdown: Pushdown
    importer: Importer
    intake: Intake
    stream: Stream | None
    """Where batches go instead of into MongoDB at once; None where CRM_STREAM_URL is not set."""
    ping: Callable[[], None]
    seeder: Seeder
    eraser: Eraser
    keys: ApiKeys
    api_rates: ApiRates
    saved_segments: Segments
    daily_sizes: DailySizes
    saved_campaigns: Campaigns
    worker: Worker
    resources: ExitStack
    actor: Actor = field(default=SYSTEM)

    def acting_as(self, actor: Actor) -> Crm:
        """Return the same engine as somebody else uses it; changes carry the actor's name."""
        return replace(self, actor=actor)

    def close(self) -> None:
        """Stop what runs and let go of the database."""
        self.resources.close()

    def __enter__(self) -> Self:
        """Return the engine; leaving the block closes it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the engine."""
        self.close()

    # --- data ------------------------------------------------------------------------------

    def freshness(self) -> Freshness:
        """Return what the present figures are made from."""
        snapshot = self.mirror.snapshot()
        return Freshness(
            customers=snapshot.height,
            orders=snapshot.order_count,
            as_of=snapshot.as_of,
            changed_at=snapshot.changed_at,
            behind=self.mirror.behind,
        )

    def refresh(self) -> Freshness:
        """Catch up; what was acknowledged before this call is in the figures."""
        self.mirror.refresh()
        return self.freshness()

    def snapshot_at_least(self, position: ClusterTime, *, timeout: float = 10.0) -> Snapshot:
        """Return figures that hold everything up to a cluster time, as a write returns it.

        Raises StoreUnavailable where they do not come in ``timeout`` seconds.
        """
        return self.mirror.snapshot_at_least(position, timeout=timeout)

    def verify_mirror(self) -> tuple[Checksum, Checksum]:
        """Read everything anew; return what the mirror sums up to, and what MongoDB does.

        They are equal where nobody writes meanwhile.
        """
        return self.mirror.verify()

    def customers_frame(self) -> pl.DataFrame:
        """Return one row per customer, with the columns that engine.mirror.layer lists, by id."""
        return self.mirror.snapshot().customers.sort("customer_id")

    def orders_frame(self) -> pl.DataFrame:
        """Return one row per order: the columns of engine.mirror.snapshot and customer_id."""
        snapshot = self.mirror.snapshot()
        ids = snapshot.customer_ids.gather(snapshot.orders["row"])
        return snapshot.orders.with_columns(ids)

    def search_customers(
        self, text: str = "", *, offset: int = 0, limit: int = 100
    ) -> DirectoryPage:
        """Return customers whose id, name, address or city contains the text."""
        snapshot = self.mirror.snapshot()
        return directory.search(self.audiences, snapshot, text, offset=offset, limit=limit)

    def customer(self, customer_id: str) -> CustomerRecord:
        """Return one customer with the latest 100 orders; raises NotFound."""
        return directory.CustomerRecord(
            customer=self.stores.customers.get(customer_id),
            orders=self.stores.orders.of_customer(customer_id, limit=100),
        )

    def lifetime(self, customer_id: str) -> Lifetime:
        """Return what a customer's orders add up to; nothing yet where none is known."""
        found = lifetime.lifetimes(self.mirror.snapshot(), [customer_id])
        return found.get(customer_id, lifetime.NOTHING_YET)

    def overview(self) -> Overview:
        """Return the figures over all customers and orders, by month too."""
        snapshot = self.mirror.snapshot()
        return overview.overview(snapshot, self._present(snapshot), self.workspace, self.audiences)

    def demo_counts(self) -> DemoCounts:
        """Count the demo data that is still there."""
        return DemoCounts(
            customers=self.stores.customers.count(source=SOURCE),
            orders=self.stores.orders.count(source=SOURCE),
        )

    def load_demo(self) -> DemoCounts:
        """Write the demo data anew, beside whatever else is there; return how much it is."""
        self.seeder.seed()
        self._catch_up()
        return self.demo_counts()

    def remove_demo(self) -> DemoCounts:
        """Delete the demo data, and nothing else; return how much it was."""
        customers, orders = self.seeder.remove()
        self._catch_up()
        return DemoCounts(customers=customers, orders=orders)

    def _catch_up(self) -> None:
        """Let the figures hold what was just written, which stays written if that fails now.

        Whoever follows the changes catches up later, and the pages say so meanwhile. Where no
        figures are loaded, whoever asks for them first will read what was written.
        """
        if not self.mirror.is_loaded:
            return
        try:
            self.mirror.refresh()
        except Unavailable as error:
            logger.warning("what was written is not in the figures yet: %s", error)

    # --- records ---------------------------------------------------------------------------

    def take_orders(
        self, rows: Sequence[object], *, source: str = API, revision: int | None = None
    ) -> Taken:
        """Write orders' records (engine.domain.records), and say what became of each."""
        return self.intake.take_orders(rows, source=source, revision=revision)

    def take_customers(
        self, rows: Sequence[object], *, source: str = API, revision: int | None = None
    ) -> Taken:
        """Write customers' records (engine.domain.records), and say what became of each."""
        return self.intake.take_customers(rows, source=source, revision=revision)

    def take_stream(
        self, kind: RecordKind, form: RecordForm, blocks: Iterable[bytes], *, source: str = API
    ) -> StreamTaken:
        """Write a stream of records of any length, batch by batch as it comes.

        A batch that was accepted for later before does not overwrite it.
        """

        def revision() -> int | None:
            return None if self.stream is None else self.revision()

        return record_stream.take(self.intake, kind, form, blocks, source=source, revision=revision)

    def revision(self) -> int:
        """Return the revision of what is accepted now: microseconds since 1970."""
        return (self.clock.now() - EPOCH) // timedelta(microseconds=1)

    def check_orders(self, rows: Sequence[object]) -> tuple[RowOutcome, ...]:
        """Say what would become of orders' records, and write nothing."""
        return self.intake.check_orders(rows)

    def check_customers(self, rows: Sequence[object]) -> tuple[RowOutcome, ...]:
        """Say what would become of customers' records; only new attributes' types are kept."""
        return self.intake.check_customers(rows)

    # --- streams ---------------------------------------------------------------------------

    def consumer(self, *, concurrency: int = 4) -> Consumer:
        """Return a consumer that writes what was published, ``concurrency`` batches at once.

        This and the rest raise SettingsError without CRM_STREAM_URL, and StreamUnavailable where
        the broker does not answer.
        """
        erased, take = self.eraser.turned_away, self._take
        return Consumer(self._stream(), take, erased, self.clock, concurrency=concurrency)

    def stream_figures(self) -> StreamFigures:
        """Count the batches that wait, and the dead letters."""
        return self._stream().figures()

    def dead_letters(self) -> tuple[DeadLetter, ...]:
        """Return what could not be taken, the first that failed first."""
        return self._stream().dead_letters()

    def dead_letter(self, letter_id: str) -> DeadLetter:
        """Return one dead letter; raises NotFound."""
        return self._stream().dead_letter(letter_id)

    def replay_dead_letter(self, letter_id: str) -> None:
        """Publish a dead letter again, as accepted when it first was; raises NotFound."""
        self._stream().replay(letter_id)

    def drop_dead_letter(self, letter_id: str) -> None:
        """Delete a dead letter for good; raises NotFound."""
        self._stream().drop(letter_id)

    def _stream(self) -> Stream:
        if self.stream is None:
            msg = "there is no stream: set CRM_STREAM_URL to redis://…, rediss://… or kafka://…"
            raise SettingsError(msg)
        return self.stream

    def _take(self, kind: Kind, rows: Sequence[object], *, revision: int) -> list[Refused]:
        take = self.take_orders if kind == "orders" else self.take_customers
        return [
            Refused(one.row, "; ".join(f"{found.field}: {found.reason}" for found in one.problems))
            for one in take(rows, revision=revision).rows
            if one.status == "refused"
            # What says too much of somebody who was erased is not kept anywhere.
            and not any(found.kind == Reason.ERASED for found in one.problems)
        ]

    def check_ready(self) -> Literal["not loaded", "current", "catching up"]:
        """Say how the mirror stands; raises StoreUnavailable where MongoDB is silent for 2 s."""
        self.ping()
        if not self.mirror.is_loaded:
            return "not loaded"
        return "catching up" if self.mirror.behind else "current"

    def mirror_figures(self) -> Freshness | None:
        """Return what the mirror holds; None where it is not loaded, which this does not change."""
        return self.freshness() if self.mirror.is_loaded else None

    def erasure_preview(self, customer_id: str) -> Erasure:
        """Return what erasing a customer would take away."""
        return self.eraser.preview(customer_id)

    def erase_customer(self, customer_id: str) -> Erasure:
        """Erase a person for good; nothing brings them back. Doing it again answers the same.

        Raises InvalidInput for what no customer's id can be, and StreamUnavailable where all is
        done but what lies in the broker: erasing again completes it, and so does the next start.
        """
        customer_id = checked_customer_id(customer_id)
        try:
            return self.eraser.erase(customer_id, by=self.actor.name)
        finally:
            self.mirror.forget()
            self._catch_up()

    # --- API keys --------------------------------------------------------------------------

    def create_api_key(self, name: str, scopes: Iterable[str]) -> tuple[ApiKey, str]:
        """Make a key for programs; return it with its token, which cannot be told again."""
        return self.keys.create(name, scopes, by=self.actor.name)

    def api_keys(self) -> tuple[ApiKey, ...]:
        """Return every API key, revoked ones too, latest first."""
        return self.keys.all()

    def revoke_api_key(self, key_id: str) -> ApiKey:
        """End a key: here at once, in other processes within 5 s. Raises NotFound."""
        return self.keys.revoke(key_id, by=self.actor.name)

    def authenticate(self, token: str) -> ApiKey:
        """Return the key that a token belongs to; raises NotAuthenticated."""
        return self.keys.authenticate(token)

    # --- imports ---------------------------------------------------------------------------

    def inspect_file(
        self, path: Path, *, encoding: str | None = None, delimiter: str | None = None
    ) -> FileInspection:
        """Return what a file is, its columns and its first rows; raises ImportFileError."""
        return inspection.inspect(path, encoding=encoding, delimiter=delimiter)

    def import_presets(self) -> Mapping[str, ColumnMapping]:
        """Return the mappings that come with the product, by name."""
        return presets.PRESETS

    def saved_mappings(self) -> Mapping[str, ColumnMapping]:
        """Return the mappings that were saved, by name."""
        saved = self.stores.mappings
        return {name: mappings.mapping_from_dict(saved.get(name)) for name in saved.names()}

    def save_mapping(self, chosen: ColumnMapping) -> None:
        """Save a mapping under its name, over an older one of that name; raises InvalidInput."""
        chosen = replace(chosen, name=checked_name(chosen.name, "mapping"))
        document = mappings.mapping_to_dict(chosen)
        now = self.clock.now()
        self.stores.mappings.save(chosen.name, document, by=self.actor.name, now=now)

    def guess_mapping(
        self, inspected: FileInspection, kind: FileKind | None = None
    ) -> ColumnMapping:
        """Return the mapping that a file's column names suggest, if it is one of this kind."""
        return mappings.guess(inspected.columns, kind)

    def fitting_mappings(self, inspected: FileInspection) -> tuple[ColumnMapping, ...]:
        """Return the saved mappings that fit a file, or else the presets that do."""
        saved, shipped = self.saved_mappings().values(), self.import_presets().values()
        fits = mapping_choice.fitting(saved, inspected, self.workspace)
        return fits or mapping_choice.fitting(shipped, inspected, self.workspace)

    def import_fields(self, kind: FileKind) -> Mapping[str, FieldSpec]:
        """Return the fields a file of this kind can fill, by name."""
        return fields.fields_of(kind)

    def mapping_problems(self, chosen: ColumnMapping, inspected: FileInspection) -> tuple[str, ...]:
        """Return one sentence for each thing that keeps a mapping from reading a file."""
        return mapping_check.problems(chosen, inspected, self.workspace)

    def choose_mapping(
        self, path: Path, *, preset: str | None = None, mapping: str | None = None
    ) -> ColumnMapping:
        """Return the preset, the mapping (a JSON file or a saved name), what fits, or a guess.

        Raises InvalidInput where several saved mappings fit.
        """
        if preset is not None:
            return presets.preset(preset)
        if mapping is None:
            inspected = self.inspect_file(path)
            return mapping_choice.chosen(self.fitting_mappings(inspected), inspected)
        if Path(mapping).is_file():
            return mappings.load_mapping(Path(mapping))
        return mappings.mapping_from_dict(self.stores.mappings.get(mapping))

    def run_import(
        self,
        path: Path,
        chosen: ColumnMapping,
        *,
        file_name: str | None = None,
        progress: Callable[[Progress], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
        rejects_to: Path | None = None,
    ) -> ImportResult:
        """Import a file; afterwards every preview sees it.

        Raises ImportFileError where the file as a whole cannot be taken, Cancelled where
        ``cancelled`` returned true; rows that cannot be taken are counted in the result.
        """
        result = self.importer.run(
            path,
            chosen,
            by=self.actor.name,
            file_name=file_name,
            progress=progress,
            cancelled=cancelled,
            rejects_to=rejects_to,
        )
        self._catch_up()
        return result

    def imports(self) -> tuple[ImportRecord, ...]:
        """Return the latest 50 imports, latest first."""
        return self.stores.imports.recent(now=self.clock.now())

    # --- audiences -------------------------------------------------------------------------

    def catalogue(self) -> Catalogue:
        """Return the fields and operators that a rule may name now."""
        return Catalogue.build(self.mirror.snapshot().attribute_types)

    def suggestions(self) -> Mapping[str, tuple[str, ...]]:
        """Return frequent values of fields that say nothing personal, by field."""
        return suggestions.suggestions(self.mirror.snapshot())

    def preview(self, rule: Rule, *, now: datetime | None = None, sample: int = 0) -> Preview:
        """Count a rule's members at ``now`` (the present if None), with a few of them."""
        snapshot = self.mirror.snapshot()
        return self.audiences.preview(rule, snapshot, now or self._present(snapshot), sample=sample)

    def members(self, rule: Rule, *, now: datetime | None = None) -> pl.Series:
        """Return the ids of a rule's members at ``now``, ascending."""
        snapshot = self.mirror.snapshot()
        return self.audiences.member_ids(rule, snapshot, now or self._present(snapshot))

    def _present(self, snapshot: Snapshot) -> datetime:
        """Return the instant that previews are evaluated at: the same for up to a minute.

        It is no earlier than the snapshot, so that what has just come in counts, and moves on by
        whole minutes otherwise, so that conditions on time need not be asked anew at every edit.
        """
        return max(snapshot.changed_at, self.clock.now().replace(second=0, microsecond=0))

    def explain(
        self, rule: Rule, *, now: datetime | None = None, at_least: ClusterTime | None = None
    ) -> Explanation:
        """Evaluate a rule, and return all that can be said about it and its members.

        What was written up to ``at_least`` is in it; raises Unavailable where that takes too long.
        """
        snapshot = self.snapshot_at_least(at_least) if at_least else self.mirror.snapshot()
        now = now or self._present(snapshot)
        return self.audiences.explain(rule, snapshot, now, self.names_in(rule))

    def count_in_mongodb(self, rule: Rule, *, now: datetime | None = None) -> Counted:
        """Count a rule's members without the mirror, in MongoDB itself."""
        catalogue = Catalogue.build(self.mirror.attribute_types())
        return self.pushdown.count(rule, now or self.clock.now(), catalogue)

    def names_in(self, rule: Rule) -> Mapping[str, str]:
        """Return the names of the segments and campaigns that a rule refers to, by id."""
        return self.references.names_in(rule)

    def words(self, rule: Rule) -> tuple[tuple[int, str], ...]:
        """Return a rule in plain words: lines with their depth."""
        return tuple(words.lines(rule, self.catalogue(), self.workspace, self.names_in(rule)))

    # --- segments --------------------------------------------------------------------------

    def segments(self) -> tuple[Segment, ...]:
        """Return every saved segment, by name."""
        return self.stores.segments.all()

    def segment(self, segment_id: str) -> Segment:
        """Return one saved segment; raises NotFound."""
        return self.stores.segments.get(segment_id)

    def save_segment(
        self,
        *,
        name: str,
        description: str,
        rule: Rule,
        tags: Sequence[str] = (),
        segment_id: str | None = None,
        version: int | None = None,
    ) -> Segment:
        """Save a new segment, or over ``version`` of an existing one; every save is a version.

        Raises SavedMeanwhile where somebody saved after ``version``.
        """
        return self.saved_segments.save(
            name=name,
            description=description,
            tags=tags,
            rule=rule,
            segment_id=segment_id,
            version=version,
            snapshot=self.mirror.snapshot(),
            now=self.clock.now(),
            by=self.actor.name,
        )

    def delete_segment(self, segment_id: str, *, version: int) -> None:
        """Delete a segment and its history; raises Conflict where something uses it."""
        self.stores.segments.delete(segment_id, version=version)

    def segment_history(self, segment_id: str, *, limit: int = 0) -> tuple[SegmentVersion, ...]:
        """Return the latest versions of a segment, latest first; all if ``limit`` is 0."""
        return self.stores.segments.history(segment_id, limit=limit)

    def restore_segment(self, segment_id: str, *, version: int, to: int) -> Segment:
        """Save over ``version`` what the version ``to`` held, as a new version."""
        return self.saved_segments.restore(
            segment_id,
            version=version,
            to=to,
            snapshot=self.mirror.snapshot(),
            now=self.clock.now(),
            by=self.actor.name,
        )

    def segment_difference(
        self, before: SegmentContent, after: SegmentContent
    ) -> tuple[Change, ...]:
        """Return what changed from one version's content to another's, in plain words."""
        return self.saved_segments.difference(before, after, self.mirror.snapshot())

    def segment_conflict(
        self, segment_id: str, *, opened: int, mine: SegmentContent
    ) -> SegmentConflict:
        """Return what others changed since the version that was opened, and what one did oneself.

        Raises NotFound where the segment, or that version of it, is gone.
        """
        return self.saved_segments.conflict(
            segment_id, opened=opened, mine=mine, snapshot=self.mirror.snapshot()
        )

    def segment_usage(self, segment_ids: Sequence[str]) -> Mapping[str, SegmentUsage]:
        """Return by which campaigns and other segments each of the segments is used."""
        return self.stores.segments.usage(segment_ids)

    def segment_sizes(self, segment_id: str) -> pl.DataFrame:
        """Return one row per day on which a segment's size was recorded, by day.

        The columns are those of :func:`engine.audience.daily_sizes.frame`.
        """
        return daily_sizes.frame(self.stores.segment_sizes.of(segment_id))

    # --- campaigns -------------------------------------------------------------------------

    def campaigns(self) -> tuple[CampaignSummary, ...]:
        """Return every campaign with its figures, latest first."""
        return self.saved_campaigns.history(now=self.clock.now())

    def campaign(self, campaign_id: str) -> Campaign:
        """Return one campaign; raises NotFound."""
        return self.stores.campaigns.get(campaign_id)

    def save_campaign(
        self,
        *,
        name: str,
        segment_id: str,
        message: Message,
        campaign_id: str | None = None,
        version: int | None = None,
    ) -> Campaign:
        """Save a draft: a new one, or over ``version`` of an existing one."""
        return self.saved_campaigns.save(
            name=name,
            segment_id=segment_id,
            message=message,
            campaign_id=campaign_id,
            version=version,
            now=self.clock.now(),
            by=self.actor.name,
        )

    def delete_campaign_draft(self, campaign_id: str, *, version: int) -> None:
        """Delete a draft; raises Conflict if it changed or is launched."""
        self.stores.campaigns.delete_draft(campaign_id, version=version)

    def template_fields(self) -> Mapping[str, str]:
        """Return the fields that a message may name, with what each holds."""
        return templates.FIELDS

    def render_examples(
        self, segment_id: str, message: Message, *, limit: int = 5
    ) -> tuple[Example, ...]:
        """Render a message for a segment's first members by id; raises TemplateError."""
        return self.saved_campaigns.examples(
            self.stores.segments.get(segment_id).rule,
            message,
            self.mirror.snapshot(),
            now=self.clock.now(),
            limit=limit,
        )

    def launch_campaign(self, campaign_id: str, *, version: int) -> Campaign:
        """Launch a draft, once; launching it again returns it as it stands."""
        return self.saved_campaigns.launch(
            campaign_id,
            version=version,
            snapshot=self.mirror.snapshot(),
            now=self.clock.now(),
            by=self.actor.name,
        )

    def delivery_figures(self, campaign_id: str) -> DeliveryFigures:
        """Return how a campaign's deliveries stand now."""
        return self.stores.deliveries.figures([campaign_id], now=self.clock.now())[campaign_id]

    def failures(self, campaign_id: str) -> Mapping[str, int]:
        """Count a campaign's failed deliveries by reason, most frequent first."""
        return self.stores.deliveries.failures(campaign_id)

    def deliveries(
        self,
        campaign_id: str,
        *,
        status: DeliveryStatus | None = None,
        after: str | None = None,
        limit: int = 100,
    ) -> tuple[Delivery, ...]:
        """Return a page of the delivery log, by customer id, after a delivery id."""
        return self.stores.deliveries.page(campaign_id, status=status, after=after, limit=limit)

    def delivery_log(self, campaign_id: str) -> Iterator[Delivery]:
        """Yield a campaign's whole delivery log, by customer id."""
        return self.stores.deliveries.stream(campaign_id)
