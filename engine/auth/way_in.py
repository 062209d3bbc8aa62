"""Which way of signing in a server has. It fails closed: where none is safe, it does not start."""

from __future__ import annotations

from urllib.parse import urlsplit

from engine.domain.sign_in import SignInMode
from engine.errors import SettingsError

SIGNED_IN = "people have signed in here with accounts"
_HERE = frozenset({"127.0.0.1", "localhost", "::1"})


def way_in(
    *,
    has_issuer: bool,
    has_mongodb: bool,
    demo: bool | None,
    bound_here: bool,
    public_url: str | None = None,
    meant: tuple[str, ...] = (),
) -> SignInMode:
    """Return how people sign in.

    Args:
        has_issuer: whether GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET are set.
        has_mongodb: whether MONGODB_URI is set.
        demo: CRM_DEMO; None where it is not set.
        bound_here: whether the server listens to this machine alone.
        public_url: CRM_PUBLIC_URL. One elsewhere tells of a proxy that lets other machines in.
        meant: the variables that are set and mean nothing without accounts. With one of them, an
            issuer that is missing was lost, and real data must not become a demo's by that.

    Raises:
        SettingsError: where there is no way in, or two that contradict each other.
    """
    if has_issuer and demo:
        msg = (
            "CRM_DEMO is true, so that anybody may enter, and GOOGLE_CLIENT_ID is set, so that "
            "only who is invited may: unset one of them"
        )
        raise SettingsError(msg)
    if has_issuer:
        return SignInMode.GOOGLE
    here = bound_here and (public_url is None or urlsplit(public_url).hostname in _HERE)
    implicit = demo is None and here and not has_mongodb
    if implicit and meant:
        verb = "is" if len(meant) == 1 else "are"
        set_for = f"{', '.join(meant)} {verb} set, for people who sign in with accounts"
        raise issuer_lost(set_for)
    if demo or implicit:
        return SignInMode.DEMO
    because = (
        "CRM_DEMO is false"
        if demo is False
        else "MONGODB_URI is set"
        if has_mongodb
        else "other machines can reach the server"
    )
    msg = (
        f"nobody could sign in: {because}, and there is no issuer. Set GOOGLE_CLIENT_ID and "
        "GOOGLE_CLIENT_SECRET (and CRM_ADMIN_EMAILS to the first admin's address); or set "
        "CRM_DEMO=true to let anybody in who reaches the server, as a demo user; or bind the "
        "server to this machine (--server.address=127.0.0.1) without MONGODB_URI and CRM_DEMO"
    )
    raise SettingsError(msg)


def issuer_lost(because: str) -> SettingsError:
    """Return what a server says that would become a demo because its issuer is not set."""
    return SettingsError(
        f"{because}, but GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET are not: set both; or set "
        "CRM_DEMO=true to let anybody in who reaches the server, as a demo user, to all that is "
        "kept here; or, for a demo apart, unset what is for accounts and set CRM_DATA_DIR to "
        "another folder"
    )
