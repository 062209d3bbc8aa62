"""A server has one way in that is safe, or does not start."""

from __future__ import annotations

import pytest

from engine.auth.way_in import way_in
from engine.bootstrap import sign_in_mode
from engine.domain.sign_in import SignInMode
from engine.errors import SettingsError
from engine.settings import Settings

YES, NO, UNSET = True, False, None


@pytest.mark.parametrize(
    ("issuer", "mongodb", "demo", "here", "mode"),
    [
        (YES, YES, UNSET, NO, SignInMode.GOOGLE),
        (YES, NO, UNSET, YES, SignInMode.GOOGLE),
        (YES, YES, NO, YES, SignInMode.GOOGLE),
        (NO, NO, UNSET, YES, SignInMode.DEMO),
        (NO, NO, YES, NO, SignInMode.DEMO),
        (NO, YES, YES, NO, SignInMode.DEMO),
    ],
)
def test_a_way_in_is_the_issuer_or_a_demo_that_is_safe_or_was_asked_for(
    *, issuer: bool, mongodb: bool, demo: bool | None, here: bool, mode: SignInMode
) -> None:
    assert way_in(has_issuer=issuer, has_mongodb=mongodb, demo=demo, bound_here=here) is mode


@pytest.mark.parametrize(
    ("mongodb", "demo", "here", "because"),
    [
        (YES, UNSET, YES, "MONGODB_URI is set"),
        (YES, UNSET, NO, "MONGODB_URI is set"),
        (NO, UNSET, NO, "other machines can reach the server"),
        (NO, NO, YES, "CRM_DEMO is false"),
    ],
)
def test_a_server_that_nobody_could_sign_in_to_says_the_ways_out(
    *, mongodb: bool, demo: bool | None, here: bool, because: str
) -> None:
    with pytest.raises(SettingsError, match=because) as caught:
        way_in(has_issuer=False, has_mongodb=mongodb, demo=demo, bound_here=here)
    told = str(caught.value)
    for way in ("GOOGLE_CLIENT_ID", "CRM_ADMIN_EMAILS", "CRM_DEMO=true", "--server.address"):
        assert way in told


@pytest.mark.parametrize("here", [YES, NO])
def test_two_ways_that_contradict_each_other_are_refused(*, here: bool) -> None:
    with pytest.raises(SettingsError, match="unset one of them"):
        way_in(has_issuer=True, has_mongodb=True, demo=True, bound_here=here)


def test_a_proxy_in_front_of_this_machine_opens_no_demo() -> None:
    here = Settings.model_validate({"public_url": "http://localhost:8501"})
    assert sign_in_mode(here, bound_here=True) is SignInMode.DEMO
    proxied = Settings.model_validate({"public_url": "https://crm.example"})
    with pytest.raises(SettingsError, match="other machines can reach the server"):
        sign_in_mode(proxied, bound_here=True)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"admin_emails": "asha@example.com"}, "CRM_ADMIN_EMAILS"),
        ({"allowed_emails": "asha@example.com"}, "CRM_ALLOWED_EMAILS"),
        ({"allowed_domains": "example.com"}, "CRM_ALLOWED_DOMAINS"),
        ({"oidc_issuer": "https://login.example.com"}, "CRM_OIDC_ISSUER"),
    ],
)
def test_an_issuer_that_was_lost_opens_no_demo_unless_it_is_said_outright(
    given: dict[str, str], name: str
) -> None:
    with pytest.raises(SettingsError, match=f"{name} is set, for people") as caught:
        sign_in_mode(Settings.model_validate(given), bound_here=True)
    for way in ("GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET", "CRM_DEMO=true", "CRM_DATA_DIR"):
        assert way in str(caught.value)
    outright = Settings.model_validate({**given, "demo": True})
    assert sign_in_mode(outright, bound_here=True) is SignInMode.DEMO
