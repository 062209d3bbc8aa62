"""The composition root: settings in, a :class:`engine.crm.Crm` out."""

from __future__ import annotations

import gc
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING

from engine import logs
from engine.ai.copy.writer import CopyWriter
from engine.ai.rule_writer import RuleWriter
from engine.ai.usage import Prices, Usage
from engine.audience.audiences import Audiences
from engine.audience.daily_sizes import DailySizes
from engine.audience.pushdown import Pushdown
from engine.audience.references import StoredReferences
from engine.audience.segments import Segments
from engine.auth.access import Access
from engine.auth.api_keys import ApiKeys
from engine.auth.audit import AuditLog
from engine.auth.credentials import Credentials
from engine.auth.demo_end import end_demo
from engine.auth.lists import Lists
from engine.auth.people import People
from engine.auth.provider import Provider
from engine.auth.sessions import Sessions
from engine.auth.sign_in import SignIn
from engine.auth.way_in import SIGNED_IN, issuer_lost, way_in
from engine.campaigns.lifecycle import Campaigns
from engine.crm import Crm, Stores
from engine.delivery.freeze import Freezer
from engine.delivery.sender import Sender
from engine.delivery.vendors.simulated import SimulatedVendor
from engine.delivery.worker import Worker
from engine.domain.api_key import ApiRates
from engine.domain.clock import SystemClock
from engine.domain.sign_in import SignInMode
from engine.ingest.eraser import Eraser, nowhere_else
from engine.ingest.importer import Importer
from engine.ingest.intake import Intake
from engine.ingest.seeding import SOURCE, Seeder
from engine.mirror.mirror import Mirror
from engine.redaction import Redactor
from engine.rules.evaluate import Evaluator
from engine.settings import load
from engine.store.api_keys import ApiKeyStore
from engine.store.attributes import AttributeStore
from engine.store.audit import AuditStore
from engine.store.campaigns import CampaignStore
from engine.store.client import connect, ping
from engine.store.credentials import CredentialStore
from engine.store.customers import CustomerStore
from engine.store.deliveries import DeliveryStore
from engine.store.embedded import acquire
from engine.store.erasures import ErasureStore
from engine.store.freezes import FreezeStore
from engine.store.idempotency import IdempotencyStore
from engine.store.imports import ImportStore, MappingStore
from engine.store.orders import OrderStore
from engine.store.pushdown import PushdownStore
from engine.store.revision_clock import RevisionClock
from engine.store.secrets import ErasureKey
from engine.store.seeding import SeedStore
from engine.store.segment_sizes import SegmentSizeStore
from engine.store.segments import SegmentStore
from engine.store.sessions import SessionStore
from engine.store.tickets import TicketStore
from engine.store.users import UserStore
from engine.store.workspace import WorkspaceStore
from engine.streams.forgetting import forget
from engine.streams.opening import open_stream
from engine.takeout.everything import Takeout
from engine.workspace import CurrentWorkspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from engine.ai.model import LanguageModel
    from engine.domain.clock import Clock
    from engine.domain.rules import Rule
    from engine.settings import Settings


def open_crm(
    settings: Settings | None = None,
    *,
    clock: Clock | None = None,
    mode: SignInMode = SignInMode.CLOSED,
) -> Crm:
    """Connect, make indexes, and put the parts together. Use it as a context manager.

    Without a MONGODB_URI the embedded server is started, or joined. Nothing follows changes or
    sends messages; :func:`serve` does. ``mode`` says how people sign in.

    Raises:
        SettingsError: for a setting that is wrong.
        Unavailable: where MongoDB, embedded or not, cannot be reached.
    """
    settings = settings or load()
    clock = clock or SystemClock()
    with ExitStack() as opened:
        if settings.mongodb_uri is None:
            uri = opened.enter_context(acquire(settings.data_dir)).uri
        else:
            uri = settings.mongodb_uri.get_secret_value()
        database = connect(uri, settings.mongodb_database)
        opened.callback(database.client.close)
        chosen = WorkspaceStore(database)
        there = partial(OrderStore(database, settings.currency).currency, SOURCE, elsewhere=True)
        current = CurrentWorkspace(chosen, settings, there)
        workspace = current.started
        key = settings.erasure_key.get_secret_value() if settings.erasure_key else None
        erasures = ErasureStore(database, ErasureKey(database, key))
        stores = Stores(
            customers=CustomerStore(database),
            orders=OrderStore(database, workspace.currency.code),
            segments=SegmentStore(database),
            segment_sizes=SegmentSizeStore(database),
            campaigns=CampaignStore(database),
            deliveries=DeliveryStore(database),
            imports=ImportStore(database),
            mappings=MappingStore(database),
            idempotency=IdempotencyStore(database, erasures=erasures),
        )
        stream = None
        if settings.stream_url is not None:
            url = settings.stream_url.get_secret_value()
            stream = open_stream(url, settings.mongodb_database)
            opened.callback(stream.close)
        eraser = Eraser(
            erasures,
            clock,
            partial(forget, stream) if stream else nowhere_else,
        )
        eraser.settle()
        audit = AuditLog(AuditStore(database), clock, Redactor(settings.secrets()))
        people = People(
            UserStore(database),
            Lists.of(
                admins=settings.admin_emails,
                emails=settings.allowed_emails,
                domains=settings.allowed_domains,
            ),
            clock,
            demo_is_over=_demo_is_over(settings),
        )
        api_keys = ApiKeys(ApiKeyStore(database), clock, demo_is_over=_demo_is_over(settings))
        opened.callback(api_keys.close)
        if _demo_is_over(settings):
            end_demo(people, api_keys, audit)
        attributes = AttributeStore(database)
        folder = settings.data_dir / "mirror" / settings.mongodb_database
        mirror = Mirror(database, workspace, clock, folder)
        opened.callback(mirror.close)
        seeder = Seeder(
            stores.customers,
            stores.orders,
            attributes,
            SeedStore(database),
            eraser.turned_away,
            workspace,
            clock,
        )
        seeder.settle()
        references = StoredReferences(stores.segments, stores.campaigns, stores.deliveries)
        audiences = Audiences(Evaluator(workspace, references))
        pushdown = Pushdown(PushdownStore(database), references, workspace)
        stores.segments.settle()

        def size_of(rule: Rule, now: datetime) -> tuple[int, int]:
            snapshot = mirror.snapshot()
            return audiences.preview(rule, snapshot, now).count, snapshot.height

        sizes = DailySizes(stores.segments, stores.segment_sizes, size_of, workspace.zone, clock)
        opened.callback(sizes.close)
        worker = Worker(
            stores.campaigns,
            Freezer(FreezeStore(database), mirror, audiences, clock, eraser.turned_away),
            Sender(
                stores.campaigns,
                stores.deliveries,
                stores.customers,
                mirror,
                SimulatedVendor(
                    seed=settings.simulated_seed,
                    failure_rate=settings.simulated_failure_rate,
                    latency_ms=settings.simulated_latency_ms,
                ),
                current,
                clock,
            ),
        )
        opened.callback(worker.close)
        usage = Usage(_prices(settings))
        model = _model(settings, usage)
        return Crm(
            current_workspace=current,
            clock=clock,
            stores=stores,
            mirror=mirror,
            references=references,
            audiences=audiences,
            pushdown=pushdown,
            importer=Importer(
                stores.customers,
                stores.orders,
                stores.imports,
                attributes,
                eraser.turned_away,
                workspace,
                clock,
            ),
            intake=Intake(
                customers=stores.customers,
                orders=stores.orders,
                attributes=attributes,
                workspace=workspace,
                turned_away=eraser.turned_away,
            ),
            stream=stream,
            revisions=RevisionClock(database),
            ping=partial(ping, database),
            seeder=seeder,
            eraser=eraser,
            audit=audit,
            keys=api_keys,
            known_people=people,
            takeout=Takeout(
                customers=stores.customers,
                orders=stores.orders,
                segments=stores.segments,
                campaigns=stores.campaigns,
                deliveries=stores.deliveries,
                people=people.all,
                currency=workspace.currency,
                clock=clock,
            ),
            credentials=Credentials(
                CredentialStore(database),
                settings.secrets_key.get_secret_value() if settings.secrets_key else None,
                clock,
            ),
            access=Access(
                mode,
                Sessions(SessionStore(database), TicketStore(database), clock),
                people,
                audit,
                _issuer(settings, clock),
                public_url=settings.public_url,
                only_here=mode is SignInMode.DEMO and not settings.demo,
            ),
            api_rates=ApiRates(
                per_key=settings.api_rate, failures_per_address=settings.api_failure_rate
            ),
            saved_segments=Segments(stores.segments, workspace),
            rule_writer=RuleWriter(model),
            copy_writer=CopyWriter(model),
            usage=usage,
            daily_sizes=sizes,
            saved_campaigns=Campaigns(
                stores.campaigns,
                stores.deliveries,
                stores.segments,
                stores.customers,
                audiences,
                current,
            ),
            worker=worker,
            resources=opened.pop_all(),
        )


def _prices(settings: Settings) -> Prices | None:
    given, made = settings.gemini_price_input, settings.gemini_price_output
    return None if given is None or made is None else Prices(given, made)


def _model(settings: Settings, usage: Usage) -> LanguageModel | None:
    if settings.gemini_api_key is None:
        return None
    # 60 ms that a start without a model need not take.
    from engine.ai.calls import Calls  # noqa: PLC0415
    from engine.ai.gemini import Gemini  # noqa: PLC0415

    key, name = settings.gemini_api_key.get_secret_value(), settings.gemini_model
    return Calls(Gemini(key, name, settings.gemini_endpoint), usage, name=name)


def _issuer(settings: Settings, clock: Clock) -> SignIn | None:
    if settings.google_client_id is None or settings.google_client_secret is None:
        return None
    secret = settings.google_client_secret.get_secret_value()
    return SignIn(Provider(settings.oidc_issuer, settings.google_client_id, secret), clock)


def _demo_is_over(settings: Settings) -> bool:
    """Tell whether the settings rule out that there is a demo; without an issuer there may be."""
    return settings.google_client_id is not None or settings.demo is False


def sign_in_mode(settings: Settings, *, bound_here: bool) -> SignInMode:
    """Return how people sign in to a server; ``bound_here`` if it listens to this machine alone.

    Raises SettingsError where there is no way in that is safe.
    """
    return way_in(
        has_issuer=settings.google_client_id is not None,
        has_mongodb=settings.mongodb_uri is not None,
        demo=settings.demo,
        bound_here=bound_here,
        public_url=settings.public_url,
        meant=settings.meant_for_accounts(),
    )


def collect_rarely() -> None:
    """Look for cycles of garbage seldom: batches make many objects at once, and no cycles.

    From JSON to MongoDB an order of a batch costs this process 39 microseconds of its processor's
    time this way, and 48 otherwise (medians of three, 10,000 orders each).
    """
    gc.set_threshold(50_000, 20, 100)


@contextmanager
def serve(
    settings: Settings | None = None, *, mode: SignInMode = SignInMode.CLOSED
) -> Iterator[Crm]:
    """Open the engine as the server runs it: it follows changes, records sizes, and sends.

    Sending can be turned off.

    A new embedded database is given demo data first, unless CRM_DEMO_DATA is false. Raises
    SettingsError for a demo that nobody asked for where people have signed in with accounts.
    """
    settings = settings or load()
    logs.configure(settings.log_level, settings.secrets())
    with open_crm(settings, mode=mode) as crm:
        implicit = mode is SignInMode.DEMO and settings.demo is None
        if implicit and crm.known_people.has_accounts():
            raise issuer_lost(SIGNED_IN)
        if settings.mongodb_uri is None and settings.demo_data:
            crm.give_demo_when_new()
        crm.mirror.start()
        crm.daily_sizes.start()
        if settings.worker:
            crm.worker.start()
        collect_rarely()
        yield crm
