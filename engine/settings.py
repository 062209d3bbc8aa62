"""Settings: one frozen, validated object, read from four places when it is asked for.

A name is looked up in the environment, then in ``.env``, then among the top-level entries of
``.streamlit/secrets.toml`` here, then in the home directory's; the first place where it is not
empty decides. Names are ``MONGODB_*``, ``GOOGLE_CLIENT_*``, ``GEMINI_*`` and ``CRM_*``: see
``.env.example``.
"""

from __future__ import annotations

import io
import os
import re
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo, available_timezones

from babel.core import Locale
from babel.localedata import exists
from dotenv.parser import parse_stream
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    ValidationError,
)

from engine.domain.money import currency as currency_of
from engine.domain.workspace import Workspace
from engine.errors import InvalidInput, SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SECRETS_FILE = ".streamlit/secrets.toml"
HIDDEN = "(hidden)"
NOT_SET = "(not set)"
_PROJECT = Path(__file__).resolve().parent.parent
_ESCAPE = "an @, /, ? or # in its user, password or options is written %40, %2F, %3F or %23."
_LOCALES = MappingProxyType({"INR": "en_IN", "GBP": "en_GB"})


class _ToldError(ValueError):
    """A value that cannot be taken, with a sentence to be told that quotes nothing of it."""


def _zone(text: str) -> str:
    if text not in _zone_names():
        raise ValueError(_near(text, _zone_names()))
    return text


def _currency(text: str) -> str:
    try:
        return currency_of(text.upper()).code
    except InvalidInput as error:
        raise ValueError from error


def _locale(text: str) -> str:
    if not exists(text.replace("-", "_")):
        raise ValueError
    return str(Locale.parse(text, sep="-" if "-" in text else "_"))


def _with_scheme(*schemes: str) -> Callable[[SecretStr], SecretStr]:
    def checked(url: SecretStr) -> SecretStr:
        scheme, _, rest = url.get_secret_value().partition("://")
        who, _, where = rest.rpartition("@")
        if scheme in schemes and any(sign in who for sign in "/@?#"):
            # Drivers take what stands before it for a server's name, and name it in their errors.
            raise _ToldError(_ESCAPE)
        if scheme not in schemes or not where.strip("/?"):
            raise ValueError
        return url

    return checked


def _web_address(text: str) -> str:
    parts = urlsplit(text)
    local = parts.hostname in {"127.0.0.1", "localhost", "::1"}
    if parts.scheme not in ({"https", "http"} if local else {"https"}) or not parts.hostname:
        raise ValueError
    if any(sign in text for sign in "@?#"):  # a user, a password or a key could stand there
        raise ValueError
    return text.rstrip("/")


def shown_address(text: str) -> str:
    """Return an address as it may be shown: scheme and host, for the rest may hold a secret."""
    found = re.match(r"[a-z]+://[A-Za-z0-9.-]+(?::\d{1,5})?(?=(/?)(.?))", text)
    if found is None or "@" in text:
        return HIDDEN
    return f"{found[0]}/…" if found[2] else found[0]


def _list_of(checked: Callable[[str], str]) -> Callable[[object], object]:
    def listed(given: object) -> object:
        if not isinstance(given, str):
            return given
        return tuple(checked(one.strip().lower()) for one in given.split(",") if one.strip())

    return listed


def _email(text: str) -> str:
    name, _, domain = text.rpartition("@")
    if not name or any(sign.isspace() for sign in text):
        raise ValueError
    return f"{name}@{_domain(domain)}"


def _domain(text: str) -> str:
    if not re.fullmatch(r"([\w-]+\.)+[\w-]+", text):
        raise ValueError
    return text


def _directory(path: Path) -> Path:
    nearest = next(place for place in (path, *path.parents) if place.exists())
    if not nearest.is_dir():
        raise ValueError
    return path


def _one_line(text: str) -> str:
    if not text.isprintable():
        raise ValueError
    return text


Secret = Annotated[SecretStr, Field(min_length=1)]
Rate = Annotated[int, Field(ge=1, le=10_000_000)]
_RATE = "whole requests a minute, from 1 to 10000000"
Price = Annotated[Decimal, Field(ge=0, le=1_000_000)]
_PRICE = "US dollars per million tokens such as 0.10, from 0 to 1000000"
_ADDRESSES = frozenset({"oidc_issuer", "public_url", "gemini_endpoint"})
_MODEL = r"^(models/|tunedModels/)?[A-Za-z0-9._-]{1,100}$"


class Settings(BaseModel):
    """Everything that is configured. A field's description says what its variable may hold."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    mongodb_uri: (
        Annotated[Secret, AfterValidator(_with_scheme("mongodb", "mongodb+srv"))] | None
    ) = Field(default=None, description="a connection string, mongodb://… or mongodb+srv://…")
    mongodb_database: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,38}$")] = Field(
        default="mini_crm", description="1 to 38 letters, digits, - or _"
    )
    google_client_id: str | None = Field(default=None, description="an OAuth client's id")
    google_client_secret: Secret | None = Field(
        default=None, description="that OAuth client's secret"
    )
    oidc_issuer: Annotated[str, AfterValidator(_web_address)] = Field(
        default="https://accounts.google.com",
        description="an OpenID Connect issuer, https://… (http:// on this machine only)",
    )
    public_url: Annotated[str, AfterValidator(_web_address)] | None = Field(
        default=None, description="the pages' address in a browser, https://…"
    )
    admin_emails: Annotated[tuple[str, ...], BeforeValidator(_list_of(_email))] = Field(
        default=(), description="e-mail addresses, separated by commas"
    )
    allowed_emails: Annotated[tuple[str, ...], BeforeValidator(_list_of(_email))] = Field(
        default=(), description="e-mail addresses, separated by commas"
    )
    allowed_domains: Annotated[tuple[str, ...], BeforeValidator(_list_of(_domain))] = Field(
        default=(), description="domains such as example.com, separated by commas"
    )
    demo: bool | None = Field(default=None, description="true or false")
    secrets_key: Annotated[SecretStr, Field(min_length=32)] | None = Field(
        default=None, description="a secret of 32 characters or more"
    )
    gemini_api_key: Secret | None = Field(default=None, description="a Gemini API key")
    gemini_model: Annotated[str, StringConstraints(pattern=_MODEL)] = Field(
        default="gemini-3.5-flash-lite", description="a Gemini model's name"
    )
    gemini_endpoint: Annotated[str, AfterValidator(_web_address)] | None = Field(
        default=None,
        description="where Gemini's API answers, https://… (http:// on this machine only)",
    )
    gemini_price_input: Price | None = Field(default=None, description=_PRICE)
    gemini_price_output: Price | None = Field(default=None, description=_PRICE)
    data_dir: Annotated[Path, AfterValidator(_directory)] = Field(
        default=_PROJECT / ".data", description="a directory, or a path where one can be made"
    )
    workspace_name: Annotated[str, Field(max_length=80), AfterValidator(_one_line)] = Field(
        default="Mini CRM", description="one line of at most 80 characters"
    )
    timezone: Annotated[str, AfterValidator(_zone)] = Field(
        default="Asia/Kolkata", description="an IANA time zone such as Asia/Kolkata or UTC"
    )
    currency: Annotated[str, AfterValidator(_currency)] = Field(
        default="INR", description="an ISO 4217 currency code such as INR, GBP, EUR or USD"
    )
    locale: Annotated[str, AfterValidator(_locale)] = Field(
        default_factory=lambda data: _LOCALES.get(data.get("currency", ""), "en_US"),
        description="a CLDR locale such as en_IN, hi_IN or de_DE",
    )
    demo_data: bool = Field(default=True, description="true or false")
    worker: bool = Field(default=True, description="true or false")
    stream_url: (
        Annotated[Secret, AfterValidator(_with_scheme("redis", "rediss", "kafka"))] | None
    ) = Field(
        default=None, description="a broker's address, redis://…, rediss://… or kafka://host:port"
    )
    simulated_seed: Annotated[int, Field(ge=0, lt=2**63)] = Field(
        default=0, description="a whole number, 0 or more"
    )
    simulated_failure_rate: Annotated[float, Field(ge=0, le=1)] = Field(
        default=0.1, description="a number from 0 to 1"
    )
    simulated_latency_ms: Annotated[int, Field(ge=0, le=60_000)] = Field(
        default=20, description="whole milliseconds, from 0 to 60000"
    )
    api_rate: Rate = Field(default=60_000, description=_RATE)
    api_failure_rate: Rate = Field(default=60, description=_RATE)
    erasure_key: Annotated[SecretStr, Field(min_length=32)] | None = Field(
        default=None, description="a secret of 32 characters or more"
    )
    log_level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(str.upper)
    ] = Field(default="INFO", description="DEBUG, INFO, WARNING or ERROR")
    sources: Mapping[str, str] = Field(default_factory=lambda: MappingProxyType({}), repr=False)
    """Where each value that is not a default came from, by variable."""

    def workspace(self) -> Workspace:
        """Return what amounts and dates are read against."""
        zone = ZoneInfo(self.timezone)
        return Workspace(self.workspace_name, currency_of(self.currency), zone, self.locale)

    def meant_for_accounts(self) -> tuple[str, ...]:
        """Return the variables that are set and are of use only where people have accounts."""
        fields = ("oidc_issuer", "admin_emails", "allowed_emails", "allowed_domains")
        given = self.model_fields_set
        return tuple(
            name for name, field in variables().items() if field in fields and field in given
        )

    def secrets(self) -> tuple[str, ...]:
        """Return every secret, and the passwords in addresses: what no log may hold."""
        values = [getattr(self, field) for field in variables().values()]
        return _with_passwords(
            [one.get_secret_value() for one in values if isinstance(one, SecretStr)]
        )

    def described(self) -> list[tuple[str, str, str]]:
        """Return (variable, value as shown, source) for each setting; secrets stay hidden."""
        return [
            (name, _shown(field, getattr(self, field)), self.sources.get(name, "default"))
            for name, field in variables().items()
        ]


def time_zones() -> tuple[str, ...]:
    """Return every time zone that a workspace may have, by name."""
    return tuple(sorted(_zone_names()))


def checked(field: str, text: str) -> str:
    """Return a value of one setting as it is used; raises SettingsError with what it must be."""
    try:
        return str(getattr(Settings.model_validate({field: text}), field))
    except ValidationError as error:
        [problem] = [one for one in error.errors() if one["loc"] == (field,)]
        hint = str(problem.get("ctx", {}).get("error", ""))
        hint = f"; {hint}" if hint.startswith("did you mean") else ""
        must = Settings.model_fields[field].description
        msg = f"{text[:80]!r} cannot be taken: it must be {must}{hint}"
        raise SettingsError(msg) from None


def with_chosen(settings: Settings, chosen: Mapping[str, str]) -> Settings:
    """Return the settings with values that were chosen elsewhere, where no place names them.

    Raises SettingsError as :func:`checked` does.
    """
    given = {field: getattr(settings, field) for field in settings.model_fields_set}
    values = {field: checked(field, text) for field, text in chosen.items() if field not in given}
    return Settings.model_validate({**given, **values})


@lru_cache
def variables() -> Mapping[str, str]:
    """Return the field of each variable: ``{"MONGODB_URI": "mongodb_uri", …}``."""
    bare = ("mongodb_", "google_client_", "gemini_")
    fields = [field for field in Settings.model_fields if field != "sources"]
    return MappingProxyType(
        {(f if f.startswith(bare) else f"crm_{f}").upper(): f for f in fields},
    )


def load(root: Path | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """Read and check every setting.

    Args:
        root: The directory of ``.env`` and ``.streamlit``; relative paths start there. The
            project's own directory unless given.
        environment: Stands for the process's environment, which is read unless this is given.

    Raises:
        SettingsError: One sentence for each setting that is wrong, and each unknown ``CRM_`` name.
    """
    root = (root or _PROJECT).resolve()
    places = _places(root, environment)
    known = variables()
    values: dict[str, Any] = {"data_dir": root / ".data"}
    sources: dict[str, str] = {}
    for source, found in reversed(places):
        for name in known.keys() & found.keys():
            if text := found[name].strip():
                values[known[name]] = text
                sources[name] = source
    problems = [*_unknown(places), *_unpaired(values)]
    if "CRM_DATA_DIR" in sources:
        given = values["data_dir"]
        try:
            values["data_dir"] = root / Path(given).expanduser()
        except RuntimeError:
            problems.append(
                f"CRM_DATA_DIR (from {sources['CRM_DATA_DIR']}) is {given!r}, but there is no such "
                "user."
            )
    try:
        settings = Settings(**values, sources=MappingProxyType(sources))
    except ValidationError as error:
        settings = None
        problems += _sentences(error, values, sources)
    if problems or settings is None:
        raise SettingsError("\n".join(problems))
    return settings


def secrets_given(
    root: Path | None = None, environment: Mapping[str, str] | None = None
) -> tuple[str, ...]:
    """Return the secrets that stand in any place, right or wrong: what no report may hold.

    A file that cannot be read has none, and is what :func:`load` complains of.
    """
    try:
        places = _places((root or _PROJECT).resolve(), environment)
    except SettingsError:
        return ()
    names = [name for name, field in variables().items() if _is_secret(field)]
    texts = [found.get(name, "").strip() for _, found in places for name in names]
    return _with_passwords([text for text in texts if text])


def _places(
    root: Path, environment: Mapping[str, str] | None
) -> list[tuple[str, Mapping[str, str]]]:
    """Return what each place holds, the first to be looked at first."""
    environment = os.environ if environment is None else environment
    places: list[tuple[str, Mapping[str, str]]] = [
        ("environment", environment),
        (".env", _read(root / ".env", _dotenv)),
        (SECRETS_FILE, _read(root / SECRETS_FILE, _toml)),
    ]
    if home := environment.get("HOME"):  # where hosts of Streamlit apps put their secrets
        places.append((f"~/{SECRETS_FILE}", _read(Path(home) / SECRETS_FILE, _toml)))
    return places


def _with_passwords(secrets: list[str]) -> tuple[str, ...]:
    """Return secrets, and the passwords in those that are addresses, unescaped too."""
    users = [text.partition("://")[2].rpartition("@")[0] for text in secrets]
    passwords = [one.partition(":")[2] for one in users]
    return (*secrets, *(spelt for one in passwords if one for spelt in (one, unquote(one))))


def _is_secret(field: str) -> bool:
    return "SecretStr" in repr(Settings.model_fields[field].annotation)


def _sentences(
    refused: ValidationError, values: Mapping[str, Any], sources: Mapping[str, str]
) -> Iterator[str]:
    names = {field: name for name, field in variables().items()}
    for problem in refused.errors(include_url=False, include_input=False):
        if problem["type"] == "default_factory_not_called":  # follows from another problem
            continue
        field = str(problem["loc"][0])
        name, info = names[field], Settings.model_fields[field]
        shown = HIDDEN if _is_secret(field) else repr(str(values[field])[:80])
        if field in _ADDRESSES and (shown := shown_address(str(values[field]))) != HIDDEN:
            shown = repr(shown)
        error = problem.get("ctx", {}).get("error", "")
        hint = str(error)
        hint = hint if isinstance(error, _ToldError) or hint.startswith("did you mean") else ""
        yield (
            f"{name} (from {sources[name]}) is {shown}, but must be {info.description}"
            f"{'; ' + hint if hint else '.'}"
        )


def _unknown(places: list[tuple[str, Mapping[str, str]]]) -> Iterator[str]:
    for source, found in places:
        for name in sorted(found):
            if name.upper().startswith("CRM_") and name not in variables():
                hint = _near(name.upper(), variables()) or (
                    f"valid are {', '.join(n for n in variables() if n.startswith('CRM_'))}."
                )
                yield f"{name} (from {source}) is not a setting; {hint}"


def _unpaired(values: Mapping[str, Any]) -> Iterator[str]:
    missing = {"google_client_id", "google_client_secret"} - values.keys()
    if len(missing) == 1:
        name = missing.pop().upper()
        yield f"{name} is not set; set GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET, or neither."


def _shown(field: str, value: object) -> str:
    if value is None:
        return NOT_SET
    if isinstance(value, SecretStr):
        return HIDDEN
    if field in _ADDRESSES:
        return shown_address(str(value))
    if isinstance(value, tuple):
        return ", ".join(value) or NOT_SET
    return str(value).lower() if isinstance(value, bool) else str(value)


def _near(text: str, names: Mapping[str, str] | frozenset[str]) -> str:
    folded = {name.casefold(): name for name in names}
    close = get_close_matches(text.casefold(), folded, n=1)
    return f"did you mean {folded[close[0]]}?" if close else ""


@lru_cache
def _zone_names() -> frozenset[str]:
    # "localtime" and "Factory" stand for no zone of their own, and Polars knows neither.
    return frozenset(available_timezones() - {"localtime", "Factory"})


def _read(path: Path, parse: Callable[[str], dict[str, str]]) -> dict[str, str]:
    """Return the entries of a file, none where there is no file. Notepad's BOM is taken off."""
    try:
        return parse(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        reason = "is not UTF-8 text" if isinstance(error, UnicodeError) else str(error)
        msg = f"{path} cannot be read: {reason}."
        raise SettingsError(msg) from None


def _dotenv(text: str) -> dict[str, str]:
    entries: dict[str, str] = {}
    for binding in parse_stream(io.StringIO(text)):
        if binding.error:
            msg = f"line {binding.original.line} is not NAME=value"
            raise ValueError(msg)
        if binding.key:
            entries[binding.key] = binding.value or ""
    return entries


def _toml(text: str) -> dict[str, str]:
    """Return the top-level entries; a table such as ``[auth]`` is Streamlit's own."""
    return {name: str(value) for name, value in tomllib.loads(text).items()}
