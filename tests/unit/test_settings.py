"""Settings: where they come from, what stops the start, and that secrets stay secret."""

from __future__ import annotations

import os
import re
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from engine.domain.money import currency
from engine.errors import SettingsError
from engine.settings import HIDDEN, NOT_SET, load, secrets_given, variables

if TYPE_CHECKING:
    from collections.abc import Mapping

PROJECT = Path(__file__).resolve().parents[2]
SECRETS = (
    *("MONGODB_URI", "GOOGLE_CLIENT_SECRET", "GEMINI_API_KEY"),
    *("CRM_ERASURE_KEY", "CRM_STREAM_URL"),
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / ".streamlit").mkdir()
    return tmp_path


def write(root: Path, *, env: str = "", secrets: str = "") -> None:
    (root / ".env").write_text(env, encoding="utf-8")
    (root / ".streamlit" / "secrets.toml").write_text(secrets, encoding="utf-8")


def problems(root: Path, **environment: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(root, environment)
    return str(caught.value).splitlines()


def test_with_nothing_set_the_defaults_make_an_indian_shop(root: Path) -> None:
    settings = load(root, {})
    assert settings.mongodb_uri is None
    assert settings.data_dir == root / ".data"
    assert settings.demo_data
    assert settings.worker
    workspace = settings.workspace()
    assert workspace.currency == currency("INR")
    assert workspace.zone.key == "Asia/Kolkata"
    assert workspace.money(12_345_678) == "₹1,23,456.78"


def test_the_environment_comes_before_dotenv_and_dotenv_before_secrets(root: Path) -> None:
    write(
        root,
        env="CRM_WORKSPACE_NAME=from-env-file\nCRM_TIMEZONE=Europe/London\n",
        secrets='CRM_WORKSPACE_NAME = "s"\nCRM_TIMEZONE = "UTC"\nCRM_CURRENCY = "GBP"\n',
    )
    settings = load(root, {"CRM_WORKSPACE_NAME": "from-environment"})
    assert settings.workspace_name == "from-environment"
    assert settings.timezone == "Europe/London"
    assert settings.currency == "GBP"
    sources = {name: source for name, _, source in settings.described()}
    assert sources["CRM_WORKSPACE_NAME"] == "environment"
    assert sources["CRM_TIMEZONE"] == ".env"
    assert sources["CRM_CURRENCY"] == ".streamlit/secrets.toml"
    assert sources["CRM_LOCALE"] == "default"


@pytest.mark.parametrize("empty", ["", "  "])
def test_an_empty_value_counts_as_not_set(root: Path, empty: str) -> None:
    write(root, env="CRM_CURRENCY=\nMONGODB_URI=\n", secrets='CRM_CURRENCY = "GBP"\n')
    settings = load(root, {"CRM_CURRENCY": empty, "GEMINI_API_KEY": empty})
    assert settings.currency == "GBP"
    assert settings.mongodb_uri is None
    assert settings.gemini_api_key is None


def test_toml_numbers_and_booleans_are_taken_and_tables_left_to_streamlit(root: Path) -> None:
    write(
        root,
        secrets="CRM_DEMO_DATA = false\nCRM_SIMULATED_FAILURE_RATE = 0.25\n[auth]\nCRM_X = 1\n",
    )
    settings = load(root, {})
    assert not settings.demo_data
    assert settings.simulated_failure_rate == 0.25


def test_a_list_where_one_value_belongs_is_refused(root: Path) -> None:
    write(root, secrets='CRM_CURRENCY = ["GBP"]\n')
    [sentence] = problems(root)
    assert sentence.startswith("CRM_CURRENCY (from .streamlit/secrets.toml) is \"['GBP']\"")


def test_a_dollar_sign_in_a_password_is_taken_literally(root: Path) -> None:
    write(root, env="GEMINI_API_KEY='a${HOME}b$c'\n")
    key = load(root, {}).gemini_api_key
    assert key is not None
    assert key.get_secret_value() == "a${HOME}b$c"


def test_a_byte_order_mark_is_taken_off(root: Path) -> None:
    (root / ".env").write_bytes(b"\xef\xbb\xbfCRM_CURRENCY=EUR\r\n")
    assert load(root, {}).currency == "EUR"


@pytest.mark.parametrize(
    ("code", "locale"), [("INR", "en_IN"), ("GBP", "en_GB"), ("USD", "en_US"), ("JPY", "en_US")]
)
def test_the_locale_follows_the_currency_unless_it_is_given(
    root: Path, code: str, locale: str
) -> None:
    assert load(root, {"CRM_CURRENCY": code}).locale == locale
    assert load(root, {"CRM_CURRENCY": code, "CRM_LOCALE": "hi-IN"}).locale == "hi_IN"


def test_the_secrets_of_the_home_directory_come_last(root: Path) -> None:
    home = root / "home"
    (home / ".streamlit").mkdir(parents=True)
    (home / ".streamlit" / "secrets.toml").write_text('CRM_CURRENCY = "EUR"')
    assert load(root, {"HOME": str(home)}).currency == "EUR"
    (root / ".streamlit").mkdir(exist_ok=True)
    (root / ".streamlit" / "secrets.toml").write_text('CRM_CURRENCY = "GBP"')
    assert load(root, {"HOME": str(home)}).currency == "GBP"


def test_relative_data_directories_start_at_the_root(root: Path) -> None:
    assert load(root, {"CRM_DATA_DIR": "here/data"}).data_dir == root / "here" / "data"
    assert load(root, {"CRM_DATA_DIR": str(root / "there")}).data_dir == root / "there"


@pytest.mark.parametrize(
    ("name", "value", "valid"),
    [
        ("MONGODB_DATABASE", "a.b", "letters, digits"),
        ("CRM_TIMEZONE", "Asia/Bombay", "IANA time zone such as Asia/Kolkata"),
        ("CRM_TIMEZONE", "../../etc/passwd", "IANA time zone"),
        ("CRM_CURRENCY", "INX", "ISO 4217"),
        ("CRM_LOCALE", "xx_YY", "CLDR locale such as en_IN"),
        ("CRM_DEMO_DATA", "maybe", "true or false"),
        ("CRM_WORKER", "2", "true or false"),
        ("CRM_SIMULATED_SEED", "-1", "a whole number, 0 or more"),
        ("CRM_SIMULATED_SEED", "1.5", "a whole number, 0 or more"),
        ("CRM_SIMULATED_FAILURE_RATE", "1.01", "from 0 to 1"),
        ("CRM_SIMULATED_FAILURE_RATE", "nan", "from 0 to 1"),
        ("CRM_SIMULATED_LATENCY_MS", "60001", "from 0 to 60000"),
        ("CRM_LOG_LEVEL", "loud", "DEBUG, INFO, WARNING or ERROR"),
        ("GEMINI_MODEL", "gemini pro", "a Gemini model's name"),
        ("GEMINI_MODEL", "../models/x:delete", "a Gemini model's name"),
        ("GEMINI_ENDPOINT", "http://gateway.example", "(http:// on this machine only)"),
        ("GEMINI_PRICE_INPUT", "-1", "US dollars per million tokens"),
        ("GEMINI_PRICE_OUTPUT", "nan", "US dollars per million tokens"),
        ("CRM_WORKSPACE_NAME", "x" * 81, "at most 80 characters"),
        ("CRM_WORKSPACE_NAME", "two\nlines", "one line"),
    ],
)
def test_a_bad_value_is_one_sentence_with_name_value_and_what_is_valid(
    root: Path, name: str, value: str, valid: str
) -> None:
    [sentence] = problems(root, **{name: value})
    assert sentence.startswith(f"{name} (from environment) is {value[:80]!r}, but must be ")
    assert valid in sentence


def test_a_data_directory_that_is_a_file_or_under_one_is_refused(root: Path) -> None:
    (root / "file").touch()
    for value in ("file", "file/below"):
        [sentence] = problems(root, CRM_DATA_DIR=value)
        assert "must be a directory" in sentence


def test_every_problem_is_named_at_once(root: Path) -> None:
    write(root, secrets='CRM_LOG_LEVEL = "loud"\n')
    sentences = problems(root, CRM_CURRENCY="INX", CRM_WORKER="2", CRM_FOO="1")
    assert [sentence.split()[0] for sentence in sentences] == [
        "CRM_FOO",
        "CRM_CURRENCY",
        "CRM_WORKER",
        "CRM_LOG_LEVEL",
    ]
    assert "(from .streamlit/secrets.toml)" in sentences[-1]


def test_an_unknown_crm_name_is_refused_with_the_likely_one(root: Path) -> None:
    [sentence] = problems(root, CRM_TIMEZON="UTC")
    assert sentence == (
        "CRM_TIMEZON (from environment) is not a setting; did you mean CRM_TIMEZONE?"
    )
    write(root, env="crm_currency=GBP\n")
    [sentence] = problems(root)
    assert "crm_currency (from .env)" in sentence
    assert "did you mean CRM_CURRENCY?" in sentence
    assert load(root / "elsewhere", {"SOME_OTHER_PROGRAM": "1"})


@pytest.mark.parametrize("given", ["GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET"])
def test_half_of_googles_pair_is_refused_not_taken_for_no_sign_in(root: Path, given: str) -> None:
    [sentence] = problems(root, **{given: "geheim"})
    assert "is not set; set GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET, or neither." in sentence
    assert "geheim" not in sentence


@pytest.mark.parametrize(
    "uri", ["http://u:geheim@h", "geheim", "mongodb://", "mongodb://u:geheim@/"]
)
def test_a_wrong_secret_is_named_but_not_shown(root: Path, uri: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(root, {"MONGODB_URI": uri})
    assert str(caught.value).startswith(
        f"MONGODB_URI (from environment) is {HIDDEN}, but must be a connection string"
    )
    error: BaseException | None = caught.value
    while error is not None:
        assert "geheim" not in repr(error)
        error = error.__cause__


@pytest.mark.parametrize("name", ["GEMINI_ENDPOINT", "CRM_OIDC_ISSUER", "CRM_PUBLIC_URL"])
@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("https://u:geheim@x.example", HIDDEN),
        ("https://:geheim@x.example", HIDDEN),
        ("https://u:geh/eim@x.example", HIDDEN),
        ("https://x.example/?key=geheim", "https://x.example/…"),
        ("https://x.example?geheim", "https://x.example/…"),
        ("https://x.example/#geheim", "https://x.example/…"),
        ("http://x.example:80/geheim/v1", "http://x.example:80/…"),
        ("geheim.example", HIDDEN),
    ],
)
def test_of_an_address_that_cannot_be_taken_scheme_and_host_are_shown_at_most(
    root: Path, name: str, value: str, shown: str
) -> None:
    [sentence] = problems(root, **{name: value})
    shown = shown if shown == HIDDEN else repr(shown)
    assert sentence.startswith(f"{name} (from environment) is {shown}, but must be ")
    assert not re.search("geh|eim", sentence)


def test_of_an_address_that_is_taken_they_are_shown_too(root: Path) -> None:
    given = {
        "GEMINI_ENDPOINT": "https://gateway.example/geheim/v1",
        "CRM_OIDC_ISSUER": "http://127.0.0.1:8080",
        "CRM_PUBLIC_URL": "https://crm.example/",
    }
    shown = {name: value for name, value, _ in load(root, given).described()}
    assert shown["GEMINI_ENDPOINT"] == "https://gateway.example/…"
    assert shown["CRM_OIDC_ISSUER"] == "http://127.0.0.1:8080"
    assert shown["CRM_PUBLIC_URL"] == "https://crm.example"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MONGODB_URI", "mongodb://u:geh@t/eim@127.0.0.1:1/"),
        ("MONGODB_URI", "mongodb://u:geh/eim@127.0.0.1:1/"),
        ("MONGODB_URI", "mongodb+srv://u:geh@eim@x.example/"),
        ("MONGODB_URI", "mongodb://u:geh?eim@x.example/"),
        ("CRM_STREAM_URL", "redis://:geh/eim@127.0.0.1:1/0"),
        ("CRM_STREAM_URL", "rediss://:geh#eim@127.0.0.1:1/0"),
    ],
)
def test_a_password_that_is_not_escaped_is_refused_with_how_to_and_none_of_it(
    root: Path, name: str, value: str
) -> None:
    [sentence] = problems(root, **{name: value})
    assert sentence.startswith(f"{name} (from environment) is {HIDDEN}, but must be ")
    assert sentence.endswith("is written %40, %2F, %3F or %23.")
    assert not re.search("geh|eim", sentence)
    good = "mongodb://u:geh%40t%2Feim@127.0.0.1:1/?replicaSet=rs0"
    assert load(root, {"MONGODB_URI": good}).mongodb_uri


def test_secrets_are_found_in_every_place_right_or_wrong(root: Path) -> None:
    write(root, env="GEMINI_API_KEY=in-dotenv\n", secrets='CRM_ERASURE_KEY = "short"\n')
    given = secrets_given(root, {"MONGODB_URI": "mongodb://u:p%40/w@h", "CRM_CURRENCY": "INX"})
    assert {"in-dotenv", "short", "mongodb://u:p%40/w@h", "p%40/w", "p@/w"} == set(given)
    write(root, secrets="no toml")
    assert secrets_given(root, {"GEMINI_API_KEY": "x"}) == ()


def test_an_erasure_key_that_could_be_guessed_is_refused_and_not_shown(root: Path) -> None:
    [sentence] = problems(root, CRM_ERASURE_KEY="geheim")
    assert sentence.startswith(f"CRM_ERASURE_KEY (from environment) is {HIDDEN}, but must be ")
    assert "32 characters" in sentence


@pytest.mark.parametrize(
    "url", ["amqp://:geheim@h", "geheim", "redis://", "kafka://u:geheim@", "redis+x://h"]
)
def test_a_stream_that_no_broker_here_speaks_is_named_but_not_shown(root: Path, url: str) -> None:
    [sentence] = problems(root, CRM_STREAM_URL=url)
    assert sentence == (
        f"CRM_STREAM_URL (from environment) is {HIDDEN}, but must be a broker's address, "
        "redis://…, rediss://… or kafka://host:port."
    )


def test_a_model_is_chosen_with_its_address_and_prices(root: Path) -> None:
    settings = load(root, {})
    assert settings.gemini_model == "gemini-3.5-flash-lite"
    assert settings.gemini_endpoint is None
    assert settings.gemini_price_input is None
    chosen = load(
        root,
        {
            "GEMINI_MODEL": "models/gemini-x",
            "GEMINI_ENDPOINT": "http://127.0.0.1:8080/",
            "GEMINI_PRICE_INPUT": "0.10",
            "GEMINI_PRICE_OUTPUT": "0",
        },
    )
    assert chosen.gemini_model == "models/gemini-x"
    assert chosen.gemini_endpoint == "http://127.0.0.1:8080"
    assert chosen.gemini_price_input == Decimal("0.10")
    assert chosen.gemini_price_output == 0


def test_no_secret_is_in_the_repr_or_the_description(root: Path) -> None:
    environment = dict.fromkeys(SECRETS, "geheim") | {
        "MONGODB_URI": "mongodb+srv://u:geheim@example.test/x",
        "CRM_STREAM_URL": "redis://:geheim@example.test/0",
        "GOOGLE_CLIENT_ID": "id",
        "CRM_ERASURE_KEY": "geheim" * 6,
    }
    settings = load(root, environment)
    assert settings.mongodb_uri is not None
    assert settings.mongodb_uri.get_secret_value() == environment["MONGODB_URI"]
    assert "geheim" not in f"{settings!r} {settings} {settings.described()}"
    shown = {name: value for name, value, _ in settings.described()}
    assert {name for name, value in shown.items() if value == HIDDEN} == set(SECRETS)
    assert {value for name, value, _ in load(root, {}).described() if name in SECRETS} == {NOT_SET}


def test_settings_cannot_be_changed(root: Path) -> None:
    settings = load(root, {})
    with pytest.raises(ValidationError, match="frozen"):
        settings.currency = "USD"


@pytest.mark.parametrize(
    ("file", "content", "reason"),
    [
        (".env", b"CRM_CURRENCY=GBP\n= oops\n", "line 2 is not NAME=value"),
        (".env", b"CRM_WORKSPACE_NAME=\xff\n", "is not UTF-8 text"),
        (".streamlit/secrets.toml", b"CRM_CURRENCY = GBP\n", "line 1"),
        (".streamlit/secrets.toml", b'CRM_CURRENCY = "\xff"\n', "is not UTF-8 text"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_the_reason(
    root: Path, file: str, content: bytes, reason: str
) -> None:
    (root / file).write_bytes(content)
    [sentence] = problems(root)
    assert str(root / file) in sentence
    assert reason in sentence


def test_the_process_environment_is_read_only_when_asked(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name in variables()]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CRM_CURRENCY", "GBP")
    assert load(root).currency == "GBP"
    assert load(root, {}).currency == "INR"


def test_env_example_the_secrets_example_and_the_settings_list_the_same_names() -> None:
    dotenv = (PROJECT / ".env.example").read_text(encoding="utf-8")
    secrets: Mapping[str, Any] = tomllib.loads(
        (PROJECT / ".streamlit" / "secrets.toml.example").read_text(encoding="utf-8")
    )
    assert re.findall(r"^([A-Z_]+)=", dotenv, re.MULTILINE) == list(variables())
    assert list(secrets) == list(variables())


def test_both_examples_load_as_they_are(root: Path) -> None:
    write(
        root,
        env=(PROJECT / ".env.example").read_text(encoding="utf-8"),
        secrets=(PROJECT / ".streamlit" / "secrets.toml.example").read_text(encoding="utf-8"),
    )
    assert load(root, {}).sources == {}


def test_env_example_says_the_defaults_that_hold(root: Path) -> None:
    text = (PROJECT / ".env.example").read_text(encoding="utf-8")
    said = {
        name: default
        for comment, name in re.findall(r"((?:^#.*\n)+)([A-Z_]+)=", text, re.MULTILINE)
        for default in re.findall(r"Default: (.+)", comment)
    }
    shown = {name: value for name, value, _ in load(root, {}).described()}
    shown["CRM_DATA_DIR"] = load(root, {}).data_dir.name
    shown["CRM_LOCALE"] = "en_IN for INR, en_GB for GBP, en_US otherwise"
    assert said == {name: shown[name] for name in said}
    assert len(said) == len([value for value in shown.values() if value != NOT_SET])


@pytest.mark.parametrize("zone", ["localtime", "Factory"])
def test_a_zone_that_is_none_of_its_own_is_refused(root: Path, zone: str) -> None:
    [sentence] = problems(root, CRM_TIMEZONE=zone)
    assert sentence.startswith(f"CRM_TIMEZONE (from environment) is '{zone}'")


def test_a_home_directory_of_nobody_is_one_sentence(root: Path) -> None:
    [sentence] = problems(root, CRM_DATA_DIR="~nobody-of-this-name/x")
    assert sentence == (
        "CRM_DATA_DIR (from environment) is '~nobody-of-this-name/x', but there is no such user."
    )
