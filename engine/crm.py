"""The house that every door opens on: pages, command line and notebooks call these methods.

One file on purpose: this is the whole public interface, and each method is a line or two.
"""

from __future__ import annotations

import logging
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

from engine.ai.copy import check
from engine.ai.grammar.interpret import NOT_TAKEN
from engine.ai.measured import Measured
from engine.ai.vocabulary import Vocabulary
from engine.analytics import overview
from engine.audience import daily_sizes, directory, lifetime, suggestions
from engine.audience.readers import readers
from engine.audience.seen import Seen
from engine.auth import audited
from engine.auth.addresses import address_of, checked_address, is_demo
from engine.auth.api_keys import checked_key_name
from engine.auth.permitted import needs
from engine.campaigns import templates
from engine.domain.actor import SYSTEM, Actor
from engine.domain.audit import Action, Outcome
from engine.domain.credential import checked_label
from engine.domain.customer import checked_customer_id
from engine.domain.naming import checked_name
from engine.domain.permission import Permission
from engine.errors import SettingsError, Unavailable
from engine.ingest import fields, inspection, mapping_check, mapping_choice, presets, record_stream
from engine.ingest import mapping as mappings
from engine.ingest.intake import SOURCE as API
from engine.ingest.rejects import Reason
from engine.ingest.seeding import SOURCE
from engine.redaction import Redactor
from engine.rules import words
from engine.rules.catalogue import Catalogue
from engine.streams.consumer import Consumer
from engine.streams.taking import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    import polars as pl

    from engine.ai.copy.writer import CopyWriter
    from engine.ai.rule_writer import RuleWriter
    from engine.ai.usage import Usage
    from engine.analytics.overview import Overview
    from engine.audience.audiences import Audiences
    from engine.audience.daily_sizes import DailySizes
    from engine.audience.directory import CustomerRecord, DirectoryPage
    from engine.audience.explanation import Explanation
    from engine.audience.lifetime import Lifetime
    from engine.audience.member_files import MemberFile
    from engine.audience.members import Members
    from engine.audience.preview import Preview
    from engine.audience.pushdown import Counted, Pushdown
    from engine.audience.references import StoredReferences
    from engine.audience.segments import Segments
    from engine.auth.access import Access
    from engine.auth.api_keys import ApiKeys
    from engine.auth.audit import AuditLog, Line
    from engine.auth.credentials import Credentials
    from engine.auth.people import People
    from engine.campaigns.lifecycle import Campaigns, CampaignSummary, Example
    from engine.delivery.worker import Worker
    from engine.domain.api_key import ApiKey, ApiRates
    from engine.domain.asking import Interpretation
    from engine.domain.audit import AuditEntry, AuditFilter, AuditPage
    from engine.domain.campaign import Campaign, Message
    from engine.domain.clock import Clock
    from engine.domain.cluster_time import ClusterTime
    from engine.domain.credential import Credential
    from engine.domain.delivery import Delivery, DeliveryFigures, DeliveryStatus
    from engine.domain.erasure import Erasure
    from engine.domain.message_copy import Brief, Copy, Finding, Readers, SubjectLines
    from engine.domain.model_usage import ModelUsage
    from engine.domain.outcomes import RowOutcome, StreamTaken, Taken
    from engine.domain.permission import Role
    from engine.domain.records import RecordForm, RecordKind
    from engine.domain.rules import Rule
    from engine.domain.segment import Segment, SegmentContent, SegmentUsage, SegmentVersion
    from engine.domain.segment_change import Change, SegmentConflict
    from engine.domain.takeout import TakeoutProgress
    from engine.domain.user import Session, User
    from engine.domain.workspace import Workspace, WorkspaceChoice
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
    from engine.takeout.everything import Takeout
    from engine.workspace import CurrentWorkspace


logger = logging.getLogger(__name__)
CATCH_UP_SECONDS = 20.0
"""A write that is done waits so long for the figures; they may just be read anew as a whole."""
MOST_MASKED = 10
"""Masked rows of one preview: an example of who is meant, and no list of everybody."""
REDACT = Redactor()


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

    current_workspace: CurrentWorkspace
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
    revisions: Callable[[], int]
    """Tells the revision of what is accepted now."""
    ping: Callable[[], None]
    seeder: Seeder
    eraser: Eraser
    audit: AuditLog
    keys: ApiKeys
    known_people: People
    credentials: Credentials
    takeout: Takeout
    access: Access
    """Sign-in and sessions; it checks itself who may do what with it."""
    api_rates: ApiRates
    saved_segments: Segments
    rule_writer: RuleWriter
    copy_writer: CopyWriter
    usage: Usage
    """What the language model was asked."""
    daily_sizes: DailySizes
    saved_campaigns: Campaigns
    worker: Worker
    resources: ExitStack
    actor: Actor = field(default=SYSTEM)

    @property
    def workspace(self) -> Workspace:
        """The workspace as it stood a few seconds ago at most."""
        return self.current_workspace()

    def acting_as(self, actor: Actor) -> Crm:
        """Return the same engine as somebody else uses it; changes carry the actor's name."""
        return replace(self, actor=actor)

    def note_refusal(self, call: str, needed: str) -> None:
        """Write down that the actor was refused a call; the same one once a minute."""
        logger.warning("refused: %s needs %s to call %s", self.actor.name, needed, call)
        self.audit.record(
            self.actor,
            Action.CALL,
            about=("call", call),
            outcome=Outcome.REFUSED,
            reason=f"it needs {needed}",
        )

    def _announced(
        self, action: Action, kind: str | None = None, its_id: str | None = None, name: str = ""
    ) -> AbstractContextManager[Line]:
        """Write in the audit log that something begins, and how it ended when that is left."""
        about = None if kind is None or its_id is None else (kind, audited.its_id(kind, its_id))
        return self.audit.recording(self.actor, action, about=about, name=name)

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

    @needs(Permission.FIGURES)
    def freshness(self) -> Freshness:
        """Return what the present figures are made from."""
        return self._freshness()

    def _freshness(self) -> Freshness:
        snapshot = self.mirror.snapshot()
        return Freshness(
            customers=snapshot.height,
            orders=snapshot.order_count,
            as_of=snapshot.as_of,
            changed_at=snapshot.changed_at,
            behind=self.mirror.behind,
        )

    @needs(Permission.FIGURES)
    def refresh(self) -> Freshness:
        """Catch up; what was acknowledged before this call is in the figures."""
        self.mirror.refresh()
        return self.freshness()

    @needs(Permission.PEOPLE)
    def snapshot_at_least(self, position: ClusterTime, *, timeout: float = 10.0) -> Snapshot:
        """Return figures that hold everything up to a cluster time, as a write returns it.

        Raises StoreUnavailable where they do not come in ``timeout`` seconds.
        """
        return self.mirror.snapshot_at_least(position, timeout=timeout)

    @needs(Permission.OPERATE)
    def verify_mirror(self) -> tuple[Checksum, Checksum]:
        """Read everything anew; return what the mirror sums up to, and what MongoDB does.

        They are equal where nobody writes meanwhile.
        """
        return self.mirror.verify()

    @needs(Permission.EXPORT)
    def customers_frame(self) -> pl.DataFrame:
        """Return one row per customer, with the columns that engine.mirror.layer lists, by id."""
        self._note_frame("customers")
        return self.mirror.snapshot().customers.sort("customer_id")

    @needs(Permission.EXPORT)
    def orders_frame(self) -> pl.DataFrame:
        """Return one row per order: the columns of engine.mirror.snapshot and customer_id."""
        self._note_frame("orders")
        snapshot = self.mirror.snapshot()
        ids = snapshot.customer_ids.gather(snapshot.orders["row"])
        return snapshot.orders.with_columns(ids)

    def _note_frame(self, which: str) -> None:
        self.audit.record(self.actor, Action.EXPORT, about=("frame", which), seldom=True)

    @needs(Permission.PEOPLE)
    def search_customers(
        self, text: str = "", *, offset: int = 0, limit: int = 100
    ) -> DirectoryPage:
        """Return customers whose id, name, address or city contains the text.

        Up to ``limit`` (1 to 100) after the first ``offset``; raises InvalidInput.
        """
        snapshot = self.mirror.snapshot()
        return directory.search(self.audiences, snapshot, text, offset=offset, limit=limit)

    @needs(Permission.PEOPLE)
    def customer(self, customer_id: str) -> CustomerRecord:
        """Return one customer with the latest 100 orders; raises NotFound."""
        return directory.CustomerRecord(
            customer=self.stores.customers.get(customer_id),
            orders=self.stores.orders.of_customer(customer_id, limit=100),
        )

    @needs(Permission.PEOPLE)
    def lifetime(self, customer_id: str) -> Lifetime:
        """Return what a customer's orders add up to; nothing yet where none is known."""
        found = lifetime.lifetimes(self.mirror.snapshot(), [customer_id])
        return found.get(customer_id, lifetime.NOTHING_YET)

    @needs(Permission.FIGURES)
    def overview(self) -> Overview:
        """Return the figures over all customers and orders, by month too."""
        snapshot = self.mirror.snapshot()
        return overview.overview(snapshot, self._present(snapshot), self.workspace, self.audiences)

    @needs(Permission.FIGURES)
    def demo_counts(self) -> DemoCounts:
        """Count the demo data that is still there."""
        return self._demo_counts()

    def _demo_counts(self) -> DemoCounts:
        return DemoCounts(
            customers=self.stores.customers.count(source=SOURCE),
            orders=self.stores.orders.count(source=SOURCE),
        )

    @needs(Permission.OPERATE)
    def give_demo_when_new(self) -> None:
        """Give demo data to a workspace that is empty and never had any."""
        if self.seeder.seed_when_new():
            self.audit.record(self.actor, Action.DEMO_LOAD, changes=_counted(self._demo_counts()))

    @needs(Permission.OPERATE)
    def load_demo(self) -> DemoCounts:
        """Write the demo data anew, beside whatever else is there; return how much it is."""
        with self._announced(Action.DEMO_LOAD) as line:
            self.seeder.seed()
            self._catch_up()
            counts = self._demo_counts()
            line.changes = _counted(counts)
        return counts

    @needs(Permission.OPERATE)
    def remove_demo(self) -> DemoCounts:
        """Delete the demo data, and nothing else; return how much it was."""
        with self._announced(Action.DEMO_REMOVE) as line:
            customers, orders = self.seeder.remove()
            self._catch_up()
            counts = DemoCounts(customers=customers, orders=orders)
            line.changes = {name: (n, 0) for name, (_, n) in _counted(counts).items()}
        return counts

    def _catch_up(self) -> None:
        """Let the figures hold what was just written, which stays written if that fails now.

        Whoever follows the changes catches up later, and the pages say so meanwhile. Where no
        figures are loaded, whoever asks for them first will read what was written.
        """
        if not self.mirror.is_loaded:
            return
        try:
            self.mirror.refresh(timeout=CATCH_UP_SECONDS)
        except Unavailable as error:
            logger.warning("what was written is not in the figures yet: %s", error)

    # --- records ---------------------------------------------------------------------------

    @needs(Permission.INGEST)
    def take_orders(
        self, rows: Sequence[object], *, source: str = API, revision: int | None = None
    ) -> Taken:
        """Write orders' records (engine.domain.records), and say what became of each.

        Without a ``revision``, as accepted now.
        """
        if revision is None:
            revision = self._revision_of_now()
        return self.intake.take_orders(rows, source=source, revision=revision)

    @needs(Permission.INGEST)
    def take_customers(
        self, rows: Sequence[object], *, source: str = API, revision: int | None = None
    ) -> Taken:
        """Write customers' records (engine.domain.records), and say what became of each.

        Without a ``revision``, as accepted now.
        """
        if revision is None:
            revision = self._revision_of_now()
        return self.intake.take_customers(rows, source=source, revision=revision)

    @needs(Permission.INGEST)
    def take_stream(
        self,
        kind: RecordKind,
        form: RecordForm,
        blocks: Iterable[bytes],
        *,
        source: str = API,
        tell: Callable[[StreamTaken], None] | None = None,
    ) -> StreamTaken:
        """Write a stream of records of any length, batch by batch as it comes.

        An empty block says that nothing comes for now. ``tell`` is given what became of all so far
        after each batch. A batch that was accepted for later before does not overwrite it.
        """
        revision = self._revision_of_now
        return record_stream.take(
            self.intake, kind, form, blocks, source=source, revision=revision, tell=tell
        )

    @needs(Permission.INGEST)
    def revision(self) -> int:
        """Return the revision of what is accepted now: microseconds since 1970, by MongoDB."""
        return self.revisions()

    def _revision_of_now(self) -> int | None:
        """Return the revision of a direct write; None where no batch waits that it could meet."""
        return None if self.stream is None else self.revisions()

    @needs(Permission.INGEST)
    def check_orders(self, rows: Sequence[object]) -> tuple[RowOutcome, ...]:
        """Say what would become of orders' records, and write nothing."""
        return self.intake.check_orders(rows)

    @needs(Permission.INGEST)
    def check_customers(self, rows: Sequence[object]) -> tuple[RowOutcome, ...]:
        """Say what would become of customers' records; only new attributes' types are kept."""
        return self.intake.check_customers(rows)

    # --- streams ---------------------------------------------------------------------------

    @needs(Permission.OPERATE)
    def consumer(self, *, concurrency: int = 4) -> Consumer:
        """Return a consumer that writes what was published, ``concurrency`` batches at once.

        This and the rest raise SettingsError without CRM_STREAM_URL, and StreamUnavailable where
        the broker does not answer.
        """
        erased, take = self.eraser.turned_away, self._take
        return Consumer(self._stream(), take, erased, self.clock, concurrency=concurrency)

    @needs(Permission.OPERATE)
    def stream_figures(self) -> StreamFigures:
        """Count the batches that wait, and the dead letters."""
        return self._stream().figures()

    @needs(Permission.OPERATE)
    def dead_letters(self) -> tuple[DeadLetter, ...]:
        """Return what could not be taken, the first that failed first."""
        return self._stream().dead_letters()

    @needs(Permission.OPERATE)
    def dead_letter(self, letter_id: str) -> DeadLetter:
        """Return one dead letter; raises NotFound."""
        return self._stream().dead_letter(letter_id)

    @needs(Permission.OPERATE)
    def replay_dead_letter(self, letter_id: str) -> None:
        """Publish a dead letter again, as accepted when it first was; raises NotFound."""
        stream = self._stream()
        with self._announced(Action.LETTER_REPLAY, "dead letter", letter_id):
            stream.replay(letter_id)

    @needs(Permission.OPERATE)
    def drop_dead_letter(self, letter_id: str) -> None:
        """Delete a dead letter for good; raises NotFound."""
        stream = self._stream()
        with self._announced(Action.LETTER_DROP, "dead letter", letter_id):
            stream.drop(letter_id)

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
        """Say how the mirror stands.

        Raises StoreUnavailable where MongoDB is silent for 2 s, and StreamUnavailable where the
        broker does not answer, if there is one.
        """
        self.ping()
        if self.stream is not None:
            self.stream.ping()
        if not self.mirror.is_loaded:
            return "not loaded"
        return "catching up" if self.mirror.behind else "current"

    def mirror_figures(self) -> Freshness | None:
        """Return what the mirror holds; None where it is not loaded, which this does not change."""
        return self._freshness() if self.mirror.is_loaded else None

    @needs(Permission.ERASE)
    def erasure_preview(self, customer_id: str) -> Erasure:
        """Return what erasing a customer would take away."""
        return self.eraser.preview(customer_id)

    @needs(Permission.ERASE)
    def erase_customer(self, customer_id: str) -> Erasure:
        """Erase a person for good; nothing brings them back. Doing it again answers the same.

        Raises InvalidInput for what no customer's id can be, and StreamUnavailable where all is
        done but what lies in the broker: erasing again completes it, and so does the next start.
        """
        customer_id = checked_customer_id(customer_id)
        with self._announced(Action.ERASE, "customer", self.eraser.mark(customer_id)) as line:
            try:
                gone = self.eraser.erase(customer_id, by=self.actor.name)
            finally:
                self.mirror.forget()
                self._catch_up()
            line.changes = {
                "customers": (gone.customers, 0),
                "orders": (gone.orders, 0),
                "deliveries": (gone.deliveries, 0),
            }
        return gone

    # --- API keys --------------------------------------------------------------------------

    @needs(Permission.ADMIN)
    def create_api_key(self, name: str, scopes: Iterable[str]) -> tuple[ApiKey, str]:
        """Make a key for programs; return it with its token, which cannot be told again."""
        name = checked_key_name(name)
        with self._announced(Action.KEY_CREATE, name=name) as line:
            key, token = self.keys.create(name, scopes, by=self.actor.name)
            line.about, line.name = ("API key", key.id), key.name
            line.changes = {"scopes": (None, ", ".join(sorted(key.scopes)))}
        return key, token

    @needs(Permission.ADMIN)
    def api_keys(self) -> tuple[ApiKey, ...]:
        """Return every API key, revoked ones too, latest first."""
        return self.keys.all()

    @needs(Permission.ADMIN)
    def api_keys_of(self, email: str) -> tuple[ApiKey, ...]:
        """Return the API keys that a person made and that are good, latest first."""
        return self.keys.active_of(address_of(email))

    @needs(Permission.ADMIN)
    def revoke_api_key(self, key_id: str) -> ApiKey:
        """End a key: here at once, in other processes within 5 s. Raises NotFound."""
        with self._announced(Action.KEY_REVOKE, "API key", key_id) as line:
            key = self.keys.revoke(key_id, by=self.actor.name)
            line.name = key.name
        return key

    def authenticate(self, token: str) -> ApiKey:
        """Return the key that a token belongs to; raises NotAuthenticated."""
        return self.keys.authenticate(token)

    # --- people ----------------------------------------------------------------------------

    @needs(Permission.ADMIN)
    def people(self) -> tuple[User, ...]:
        """Return everybody who may sign in, might, or was put out, by address."""
        return self.known_people.all()

    @needs(Permission.ADMIN)
    def invite_person(self, email: str, role: Role) -> User:
        """Let an address sign in with a role. No message is sent: tell the person.

        Raises InvalidInput for what is no address, and Conflict for who is known already.
        """
        email = checked_address(email)
        with self._decided(Action.PERSON_INVITE, email) as line:
            line.changes = {"role": (None, role)}
            return self.known_people.invite(email, role, by=self.actor.name)

    @needs(Permission.ADMIN)
    def set_role(self, email: str, role: Role, *, was: Role | None = None) -> User:
        """Give a person another role, in open pages too, within seconds.

        This and what follows raise NotFound, and Conflict for oneself, for whom CRM_ADMIN_EMAILS
        names, for the last active admin, and where the role is no longer ``was``, if it is given.
        """
        with self._decided(Action.PERSON_ROLE, email) as line:
            line.changes = {"role": (self.known_people.get(email).role, role)}
            return self.known_people.set_role(email, role, by=self.actor.name, was=was)

    @needs(Permission.ADMIN)
    def disable_person(self, email: str, *, revoke_keys: bool = False) -> User:
        """Put a person out until they are enabled; their sessions end within seconds.

        API keys that they made stay good, unless they are revoked with ``revoke_keys``.
        """
        with self._decided(Action.PERSON_DISABLE, email):
            disabled = self.known_people.disable(email, by=self.actor.name)
        self._after(disabled, revoke_keys=revoke_keys)
        return disabled

    @needs(Permission.ADMIN)
    def enable_person(self, email: str) -> User:
        """Let a person sign in again, with the role they had."""
        with self._decided(Action.PERSON_ENABLE, email):
            return self.known_people.enable(email, by=self.actor.name)

    @needs(Permission.ADMIN)
    def remove_person(self, email: str, *, revoke_keys: bool = False) -> User:
        """Forget a person and the account they signed in with; their sessions end.

        Whom a list of the settings lets in may come again; disabling keeps them out. API keys are
        as with :meth:`disable_person`.
        """
        with self._decided(Action.PERSON_REMOVE, email) as line:
            line.changes = {"role": (self.known_people.get(email).role, None)}
            removed = self.known_people.remove(email, by=self.actor.name)
        self._after(removed, revoke_keys=revoke_keys)
        return removed

    def _after(self, put_out: User, *, revoke_keys: bool) -> None:
        """End the sessions of who was put out, and then, if that is wanted, the keys."""
        self.access.sign_out_everywhere(put_out.email, by=self.actor)
        if revoke_keys:
            for key in self.keys.active_of(put_out.email):
                self.revoke_api_key(key.id)

    @needs(Permission.ADMIN)
    def sessions_of(self, email: str) -> tuple[Session, ...]:
        """Return the sessions of a person, the latest first; a demo user's own only."""
        return self.access.sessions_of(address_of(email), by=self.actor)

    @needs(Permission.ADMIN)
    def sign_person_out(self, email: str) -> int:
        """End all sessions of a person, within seconds; a demo user's own only. Return how many."""
        return self.access.sign_out_everywhere(address_of(email), by=self.actor)

    def _decided(self, action: Action, email: str) -> AbstractContextManager[Line]:
        return self._announced(action, "person", address_of(email))

    # --- vendors' credentials --------------------------------------------------------------

    @needs(Permission.ADMIN)
    def vendor_credentials(self) -> tuple[Credential, ...]:
        """Return the credentials that are kept, without their values, which nobody is shown."""
        return self.credentials.all()

    @needs(Permission.ADMIN)
    def can_keep_credentials(self) -> bool:
        """Tell whether CRM_SECRETS_KEY is set, under which credentials are encrypted."""
        return self.credentials.has_key

    @needs(Permission.ADMIN)
    def set_vendor_credential(self, vendor: str, name: str, value: str) -> Credential:
        """Keep a credential, over an older one; it cannot be read back.

        Raises InvalidInput for what cannot be taken, and SettingsError without CRM_SECRETS_KEY.
        """
        with self._credential(Action.CREDENTIAL_SET, vendor, name):
            return self.credentials.set(vendor, name, value, by=self.actor.name)

    @needs(Permission.ADMIN)
    def remove_vendor_credential(self, vendor: str, name: str) -> None:
        """Delete a credential; raises NotFound, and InvalidInput for what can name none."""
        with self._credential(Action.CREDENTIAL_REMOVE, vendor, name):
            self.credentials.remove(vendor, name)

    def _credential(self, action: Action, vendor: str, name: str) -> AbstractContextManager[Line]:
        """Announce it, but nothing that is no label: a value may have got into the wrong box."""
        vendor, name = checked_label(vendor, "vendor"), checked_label(name, "credential")
        return self._announced(action, "credential", f"{vendor}/{name}")

    # --- the workspace ---------------------------------------------------------------------

    @needs(Permission.ADMIN)
    def workspace_choices(self) -> tuple[tuple[WorkspaceChoice, ...], int]:
        """Return how name, zone, currency and sender stand, and the version that a change names."""
        return self.current_workspace.choices()

    @needs(Permission.ADMIN)
    def choose_workspace(
        self, values: Mapping[str, str], *, version: int
    ) -> Mapping[str, tuple[str, str]]:
        """Choose values, by field; an empty text takes a choice back. Return what changed.

        Zone and currency hold from the next start on. Raises InvalidInput, and Conflict for what
        the settings fix, for a currency that the orders are not in, and after another change.
        """
        with self.audit.recording(self.actor, Action.WORKSPACE_SET) as line:
            changed = self.current_workspace.choose(
                values, version=version, now=self.clock.now(), by=self.actor.name
            )
            line.changes = changed
            return changed

    @needs(Permission.ADMIN)
    @needs(Permission.EXPORT)
    def export_everything(
        self,
        to: Path,
        *,
        progress: Callable[[TakeoutProgress], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> TakeoutProgress:
        """Write customers, orders, segments, campaigns, deliveries and people to a ZIP file.

        Each lies in a file of NDJSON, and a manifest counts them. No secret is in it. Raises
        Cancelled where ``cancelled`` returned true; the file is removed then, and after any error.
        """
        with self.audit.recording(self.actor, Action.EXPORT_EVERYTHING) as line:
            done = self.takeout.write(to, progress=progress, cancelled=cancelled)
            line.changes = {name: (None, count) for name, count in done.written.items()}
            return done

    # --- imports ---------------------------------------------------------------------------

    @needs(Permission.IMPORTS)
    def inspect_file(
        self, path: Path, *, encoding: str | None = None, delimiter: str | None = None
    ) -> FileInspection:
        """Return what a file is, its columns and its first rows; raises ImportFileError."""
        return inspection.inspect(path, encoding=encoding, delimiter=delimiter)

    @needs(Permission.IMPORTS)
    def import_presets(self) -> Mapping[str, ColumnMapping]:
        """Return the mappings that come with the product, by name."""
        return presets.PRESETS

    @needs(Permission.IMPORTS)
    def saved_mappings(self) -> Mapping[str, ColumnMapping]:
        """Return the mappings that were saved, by name."""
        saved = self.stores.mappings
        return {name: mappings.mapping_from_dict(saved.get(name)) for name in saved.names()}

    @needs(Permission.IMPORTS)
    def save_mapping(self, chosen: ColumnMapping) -> None:
        """Save a mapping under its name, over an older one of that name; raises InvalidInput."""
        chosen = replace(chosen, name=checked_name(chosen.name, "mapping"))
        document = mappings.mapping_to_dict(chosen)
        now = self.clock.now()
        with self._announced(Action.MAPPING_SAVE, "mapping", chosen.name, chosen.name):
            self.stores.mappings.save(chosen.name, document, by=self.actor.name, now=now)

    @needs(Permission.IMPORTS)
    def guess_mapping(
        self, inspected: FileInspection, kind: FileKind | None = None
    ) -> ColumnMapping:
        """Return the mapping that a file's column names suggest, if it is one of this kind."""
        return mappings.guess(inspected.columns, kind)

    @needs(Permission.IMPORTS)
    def fitting_mappings(self, inspected: FileInspection) -> tuple[ColumnMapping, ...]:
        """Return the saved mappings that fit a file, or else the presets that do."""
        saved, shipped = self.saved_mappings().values(), self.import_presets().values()
        fits = mapping_choice.fitting(saved, inspected, self.workspace)
        return fits or mapping_choice.fitting(shipped, inspected, self.workspace)

    @needs(Permission.IMPORTS)
    def import_fields(self, kind: FileKind) -> Mapping[str, FieldSpec]:
        """Return the fields a file of this kind can fill, by name."""
        return fields.fields_of(kind)

    @needs(Permission.IMPORTS)
    def mapping_problems(self, chosen: ColumnMapping, inspected: FileInspection) -> tuple[str, ...]:
        """Return one sentence for each thing that keeps a mapping from reading a file."""
        return mapping_check.problems(chosen, inspected, self.workspace)

    @needs(Permission.IMPORTS)
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

    @needs(Permission.IMPORTS)
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
        with self._announced(Action.IMPORT, name=file_name or path.name) as line:
            result = self.importer.run(
                path,
                chosen,
                by=self.actor.name,
                file_name=file_name,
                progress=progress,
                cancelled=cancelled,
                rejects_to=rejects_to,
                revision=self._revision_of_now,
            )
            line.about = ("import", result.import_id)
            line.changes = {
                "kind": (None, result.kind),
                "mapping": (None, chosen.name),
                "customers": (None, result.customers),
                "orders": (None, result.orders),
                "rows left out": (None, sum(result.rejected.values())),
            }
            self._catch_up()
        return result

    @needs(Permission.IMPORTS)
    def imports(self) -> tuple[ImportRecord, ...]:
        """Return the latest 50 imports, latest first."""
        return self.stores.imports.recent(now=self.clock.now())

    # --- audiences -------------------------------------------------------------------------

    @needs(Permission.FIGURES)
    def catalogue(self) -> Catalogue:
        """Return the fields and operators that a rule may name now."""
        return Catalogue.build(self.mirror.snapshot().attribute_types)

    @needs(Permission.PEOPLE)
    def suggestions(self) -> Mapping[str, tuple[str, ...]]:
        """Return frequent values of fields that say nothing personal, by field.

        An attribute that a file brought may name everybody, so this is not for who sees figures
        only.
        """
        return suggestions.suggestions(self.mirror.snapshot())

    @needs(Permission.PEOPLE)
    def preview(self, rule: Rule, *, now: datetime | None = None, sample: int = 0) -> Preview:
        """Count a rule's members at ``now`` (the present if None), with a few of them.

        ``sample`` is 0 to 100 rows; raises InvalidInput.
        """
        snapshot = self.mirror.snapshot()
        return self.audiences.preview(rule, snapshot, now or self._present(snapshot), sample=sample)

    @needs(Permission.FIGURES)
    def preview_segment(self, segment_id: str, *, sample: int = 0) -> Preview:
        """Count a saved segment's members at present, with a few of them; raises NotFound.

        ``sample`` is 0 to 100 rows. Who may not see people gets ten at most, with ids, names and
        addresses masked, and none where there are fewer than ten members.
        """
        seen, snapshot = self._seen, self.mirror.snapshot()
        sample = sample if seen.people else min(sample, MOST_MASKED)
        with seen.evaluating():
            rule = self.stores.segments.get(segment_id).rule
            found = self.audiences.preview(rule, snapshot, self._present(snapshot), sample=sample)
        return seen.preview(found)

    @needs(Permission.EXPORT)
    def members(self, rule: Rule, *, now: datetime | None = None) -> pl.Series:
        """Return the ids of a rule's members at ``now``, ascending."""
        snapshot = self.mirror.snapshot()
        with self._announced(Action.EXPORT, "rule", "") as line:
            found = self.audiences.member_ids(rule, snapshot, now or self._present(snapshot))
            line.changes = {"members": (None, len(found))}
        return found

    @needs(Permission.EXPORT)
    def member_page(
        self, segment: Segment, members: Members, *, after: str | None = None, limit: int
    ) -> tuple[list[dict[str, object]], str | None]:
        """Return up to ``limit`` members of a segment, and the id to go on after."""
        self.audit.record(
            self.actor,
            Action.EXPORT,
            about=("segment", segment.segment_id),
            name=segment.name,
            changes=_taken_out("pages", members),
            seldom=True,
        )
        return members.page(after=after, limit=limit)

    @needs(Permission.EXPORT)
    def member_file(self, segment: Segment, members: Members, form: MemberFile) -> Iterator[bytes]:
        """Yield all members of a segment as a file, piece by piece."""
        opened = ExitStack()
        told = self._announced(Action.EXPORT, "segment", segment.segment_id, segment.name)
        opened.enter_context(told).changes = _taken_out(form, members)
        return audited.until_read(opened, members.file(form))

    def _present(self, snapshot: Snapshot) -> datetime:
        """Return the instant that previews are evaluated at: the same for up to a minute.

        It is no earlier than the snapshot, so that what has just come in counts, and moves on by
        whole minutes otherwise, so that conditions on time need not be asked anew at every edit.
        """
        return max(snapshot.changed_at, self.clock.now().replace(second=0, microsecond=0))

    @needs(Permission.PEOPLE)
    def explain(
        self, rule: Rule, *, now: datetime | None = None, at_least: ClusterTime | None = None
    ) -> Explanation:
        """Evaluate a rule, and return all that can be said about it and its members.

        What was written up to ``at_least`` is in it; raises Unavailable where that takes too long.
        """
        snapshot = self.snapshot_at_least(at_least) if at_least else self.mirror.snapshot()
        now = now or self._present(snapshot)
        return self.audiences.explain(rule, snapshot, now, self.names_in(rule))

    @needs(Permission.PEOPLE)
    def count_in_mongodb(self, rule: Rule, *, now: datetime | None = None) -> Counted:
        """Count a rule's members without the mirror, in MongoDB itself."""
        catalogue = Catalogue.build(self.mirror.attribute_types())
        return self.pushdown.count(rule, now or self.clock.now(), catalogue)

    @needs(Permission.FIGURES)
    def names_in(self, rule: Rule) -> Mapping[str, str]:
        """Return the names of the segments and campaigns that a rule refers to, by id."""
        return self._seen.names(self.references.names_in(rule))

    @needs(Permission.FIGURES)
    def words(self, rule: Rule) -> tuple[tuple[int, str], ...]:
        """Return a rule in plain words: lines with their depth."""
        rule, names = self._seen.rule(rule), self.names_in(rule)
        return tuple(words.lines(rule, self.catalogue(), self.workspace, names))

    @needs(Permission.PEOPLE)
    def ask(
        self,
        words: str,
        *,
        now: datetime | None = None,
        base: Rule | None = None,
        taken: Mapping[str, int] = NOT_TAKEN,
        offline: bool = False,
        editing: str | None = None,
    ) -> Interpretation:
        """Turn words into a rule to look at (engine.domain.asking); nothing is saved.

        ``now`` is what relative dates count from (the present if None), ``base`` a rule that the
        words edit, ``taken`` the option taken for phrases that can be taken in several ways. With
        ``offline`` no language model is asked. ``editing`` is the segment that the rule is of, if
        it is saved: no rule names its own segment. It takes 20 s at most.
        """
        snapshot = self.mirror.snapshot()
        now = now or self._present(snapshot)
        vocabulary = Vocabulary(
            catalogue=Catalogue.build(snapshot.attribute_types),
            workspace=self.workspace,
            values=suggestions.suggestions(snapshot),
            told=suggestions.shared(snapshot),
            segments={
                one.segment_id: one.name
                for one in self.stores.segments.all()
                if one.segment_id != editing
            },
            campaigns={one.campaign_id: one.name for one in self.stores.campaigns.all()},
        )

        def measure(rule: Rule) -> Measured:
            return Measured.of(self.audiences.evaluate(rule, snapshot, now).members)

        return self.rule_writer.ask(
            words, vocabulary, now, measure=measure, base=base, taken=taken, offline=offline
        )

    @needs(Permission.FIGURES)
    def model_usage(self) -> tuple[ModelUsage, ...]:
        """Return what this process asked of a language model, by purpose; nothing without one."""
        return self.usage.by_purpose()

    def model_figures(self) -> tuple[ModelUsage, ...]:
        """Return the same for whoever watches the server."""
        return self.usage.by_purpose()

    # --- segments --------------------------------------------------------------------------

    @property
    def _seen(self) -> Seen:
        """How segments and campaigns are shown to the actor: whom they name is hidden, or not."""
        return Seen(self.actor.may(Permission.PEOPLE), REDACT)

    @needs(Permission.FIGURES)
    def segments(self) -> tuple[Segment, ...]:
        """Return every saved segment, by name.

        Here and below, who may not see people reads a rule without the persons it names, and names
        and texts without addresses and phone numbers (engine.audience.seen).
        """
        return tuple(map(self._seen.segment, self.stores.segments.all()))

    @needs(Permission.FIGURES)
    def segment(self, segment_id: str) -> Segment:
        """Return one saved segment; raises NotFound."""
        return self._seen.segment(self.stores.segments.get(segment_id))

    @needs(Permission.SEGMENTS)
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
        name = checked_name(name, "segment")
        with self._announced(Action.SEGMENT_SAVE, "segment", segment_id, name) as line:
            before = None if segment_id is None else self.stores.segments.get(segment_id)
            saved = self.saved_segments.save(
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
            audited.segment(line, before, saved)
        return saved

    @needs(Permission.SEGMENTS)
    def delete_segment(self, segment_id: str, *, version: int) -> None:
        """Delete a segment and its history; raises Conflict where something uses it."""
        with self._announced(Action.SEGMENT_DELETE, "segment", segment_id) as line:
            line.name = self.stores.segments.get(segment_id).name
            line.changes = {"version": (version, None)}
            self.stores.segments.delete(segment_id, version=version)

    @needs(Permission.FIGURES)
    def segment_history(self, segment_id: str, *, limit: int = 0) -> tuple[SegmentVersion, ...]:
        """Return the latest versions of a segment, latest first; all if ``limit`` is 0."""
        versions = self.stores.segments.history(segment_id, limit=limit)
        return tuple(map(self._seen.version, versions))

    @needs(Permission.SEGMENTS)
    def restore_segment(self, segment_id: str, *, version: int, to: int) -> Segment:
        """Save over ``version`` what the version ``to`` held, as a new version."""
        with self._announced(Action.SEGMENT_RESTORE, "segment", segment_id) as line:
            before = self.stores.segments.get(segment_id)
            saved = self.saved_segments.restore(
                segment_id,
                version=version,
                to=to,
                snapshot=self.mirror.snapshot(),
                now=self.clock.now(),
                by=self.actor.name,
            )
            audited.segment(line, before, saved)
            line.changes = {**line.changes, "restored": (None, to)}
        return saved

    @needs(Permission.FIGURES)
    def segment_difference(
        self, before: SegmentContent, after: SegmentContent
    ) -> tuple[Change, ...]:
        """Return what changed from one version's content to another's, in plain words."""
        seen, snapshot = self._seen, self.mirror.snapshot()
        found = self.saved_segments.difference(seen.content(before), seen.content(after), snapshot)
        return seen.changes(found)

    @needs(Permission.SEGMENTS)
    def segment_conflict(
        self, segment_id: str, *, opened: int, mine: SegmentContent
    ) -> SegmentConflict:
        """Return what others changed since the version that was opened, and what one did oneself.

        Raises NotFound where the segment, or that version of it, is gone.
        """
        return self.saved_segments.conflict(
            segment_id, opened=opened, mine=mine, snapshot=self.mirror.snapshot()
        )

    @needs(Permission.FIGURES)
    def segment_usage(self, segment_ids: Sequence[str]) -> Mapping[str, SegmentUsage]:
        """Return by which campaigns and other segments each of the segments is used."""
        seen, found = self._seen, self.stores.segments.usage(segment_ids)
        return {segment_id: seen.usage(one) for segment_id, one in found.items()}

    @needs(Permission.FIGURES)
    def segment_sizes(self, segment_id: str) -> pl.DataFrame:
        """Return one row per day on which a segment's size was recorded, by day.

        The columns are those of :func:`engine.audience.daily_sizes.frame`.
        """
        return daily_sizes.frame(self.stores.segment_sizes.of(segment_id))

    # --- campaigns -------------------------------------------------------------------------

    @needs(Permission.FIGURES)
    def campaigns(self) -> tuple[CampaignSummary, ...]:
        """Return every campaign with its figures, latest first."""
        seen, found = self._seen, self.saved_campaigns.history(now=self.clock.now())
        return tuple(
            replace(
                one, campaign=seen.campaign(one.campaign), segment_name=seen.text(one.segment_name)
            )
            for one in found
        )

    @needs(Permission.FIGURES)
    def campaign(self, campaign_id: str) -> Campaign:
        """Return one campaign; raises NotFound."""
        return self._seen.campaign(self.stores.campaigns.get(campaign_id))

    @needs(Permission.CAMPAIGNS)
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
        name = checked_name(name, "campaign")
        with self._announced(Action.CAMPAIGN_SAVE, "campaign", campaign_id, name) as line:
            before = None if campaign_id is None else self.stores.campaigns.get(campaign_id)
            saved = self.saved_campaigns.save(
                name=name,
                segment_id=segment_id,
                message=message,
                campaign_id=campaign_id,
                version=version,
                now=self.clock.now(),
                by=self.actor.name,
            )
            audited.campaign(line, before, saved)
        return saved

    @needs(Permission.CAMPAIGNS)
    def delete_campaign_draft(self, campaign_id: str, *, version: int) -> None:
        """Delete a draft; raises Conflict if it changed or is launched."""
        with self._announced(Action.CAMPAIGN_DELETE, "campaign", campaign_id) as line:
            line.name = self.stores.campaigns.get(campaign_id).name
            line.changes = {"version": (version, None)}
            self.stores.campaigns.delete_draft(campaign_id, version=version)

    @needs(Permission.FIGURES)
    def template_fields(self) -> Mapping[str, str]:
        """Return the fields that a message may name, with what each holds."""
        return templates.FIELDS

    @needs(Permission.CAMPAIGNS)
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

    @needs(Permission.CAMPAIGNS)
    def write_copy(self, brief: Brief, *, segment_id: str | None = None) -> Copy:
        """Write three variants of a message to choose from; nothing is saved or sent.

        A model is told the segment's name and sums, no member. Raises InvalidInput for a brief
        that says too little or too much, NotFound for the segment.
        """
        known = None if segment_id is None else self._readers(segment_id)
        return self.copy_writer.write(brief, self.workspace, known)

    @needs(Permission.CAMPAIGNS)
    def rewrite_copy(self, message: Message, how: str) -> Copy:
        """Write a message anew: shorter, warmer, clearer, or as ``how`` says in other words.

        Raises InvalidInput without a message, or without a word on how.
        """
        return self.copy_writer.rewrite(message, how, self.workspace)

    @needs(Permission.CAMPAIGNS)
    def subject_lines(self, brief: Brief, *, message: Message | None = None) -> SubjectLines:
        """Write five subjects to choose from: for a brief, and for the message if there is one."""
        return self.copy_writer.subject_lines(brief, self.workspace, message)

    @needs(Permission.CAMPAIGNS)
    def check_copy(self, message: Message, *, segment_id: str | None = None) -> tuple[Finding, ...]:
        """Return what is wrong with a message, or worth another look.

        With a segment a field without a default says how many members lack it.
        """
        known = None if segment_id is None else partial(self._readers, segment_id)
        return check.check(message, self.workspace, readers=known)

    def _readers(self, segment_id: str) -> Readers:
        segment = self.stores.segments.get(segment_id)
        snapshot = self.mirror.snapshot()
        return readers(segment, self.audiences, snapshot, self._present(snapshot))

    @needs(Permission.CAMPAIGNS)
    def launch_campaign(self, campaign_id: str, *, version: int) -> Campaign:
        """Launch a draft, once; launching it again returns it as it stands."""
        with self._announced(Action.CAMPAIGN_LAUNCH, "campaign", campaign_id) as line:
            before = self.stores.campaigns.get(campaign_id)
            launched = self.saved_campaigns.launch(
                campaign_id,
                version=version,
                snapshot=self.mirror.snapshot(),
                now=self.clock.now(),
                by=self.actor.name,
            )
            audited.launch(line, before, launched)
        return launched

    @needs(Permission.FIGURES)
    def delivery_figures(self, campaign_id: str) -> DeliveryFigures:
        """Return how a campaign's deliveries stand now."""
        return self.stores.deliveries.figures([campaign_id], now=self.clock.now())[campaign_id]

    @needs(Permission.FIGURES)
    def failures(self, campaign_id: str) -> Mapping[str, int]:
        """Count a campaign's failed deliveries by reason, most frequent first."""
        return self._seen.counted(self.stores.deliveries.failures(campaign_id))

    @needs(Permission.PEOPLE)
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

    @needs(Permission.EXPORT)
    def delivery_log(self, campaign_id: str) -> Iterator[Delivery]:
        """Yield a campaign's whole delivery log, by customer id."""
        opened = ExitStack()
        line = opened.enter_context(self._announced(Action.EXPORT, "campaign", campaign_id))
        line.changes = {"what": (None, "delivery log")}
        return audited.until_read(opened, self.stores.deliveries.stream(campaign_id))

    # --- the audit log ---------------------------------------------------------------------

    @needs(Permission.ADMIN)
    def audit_page(
        self, wanted: AuditFilter, *, after: str | None = None, limit: int = 100
    ) -> AuditPage:
        """Return up to ``limit`` (1 to 1,000) lines of the audit log, the latest first.

        ``after`` is that of the page before. A demo user is shown networks, not addresses.
        """
        found = self.audit.select(wanted, after=after, limit=limit)
        return replace(found, entries=tuple(map(self._line_seen, found.entries)))

    @needs(Permission.ADMIN)
    def audit_lines(self, wanted: AuditFilter) -> Iterator[AuditEntry]:
        """Yield all those lines of the audit log, the latest first; that they were read is one."""
        opened = ExitStack()
        opened.enter_context(self._announced(Action.EXPORT, "audit log", ""))
        return audited.until_read(opened, map(self._line_seen, self.audit.lines(wanted)))

    def _line_seen(self, entry: AuditEntry) -> AuditEntry:
        return audited.without_address(entry) if is_demo(self.actor.name) else entry

    @needs(Permission.ADMIN)
    def audit_actors(self) -> tuple[str, ...]:
        """Return the name of everyone who is in the audit log, ascending."""
        return self.audit.actors()


def _counted(counts: DemoCounts) -> dict[str, tuple[object, object]]:
    return {"customers": (None, counts.customers), "orders": (None, counts.orders)}


def _taken_out(form: str, members: Members) -> dict[str, tuple[object, object]]:
    fields = ", ".join(members.fields)
    return {"as": (None, form), "members": (None, members.count), "fields": (None, fields)}
