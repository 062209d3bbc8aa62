"""Every error the engine raises on purpose.

    CrmError                          base; its text is a sentence for the person at the screen
    ├── InvalidInput                  names the place, what was given and the valid choices
    │   ├── SettingsError             an environment variable or secret
    │   ├── RuleError                 a segment rule; carries every problem with its path
    │   ├── TemplateError             a message template
    │   └── ImportFileError           a file or its mapping as a whole (bad rows are returned)
    ├── NotEvaluatedYet               a valid rule node that this version cannot evaluate
    ├── NotFound                      no object with this id
    ├── Conflict                      changed meanwhile, in use, or in a state that forbids it
    │   └── SavedMeanwhile            somebody saved another version; says who, which and when
    ├── NotAuthenticated              nobody is known to ask: no good key, no session that holds
    │   └── SignInRefused             a sign-in that did not succeed; says why and what to do
    ├── Forbidden                     who asks is known, and may not do this
    ├── Cancelled                     the caller asked a long call to stop
    ├── ModelUnusable                 the language model's answer cannot be used
    └── Unavailable                   a part the engine needs is out of reach
        ├── EmbeddedServerUnavailable no mongod can run here; says the three ways out
        ├── StoreUnavailable          MongoDB did not answer in time (transient)
        ├── StreamUnavailable         the broker did not take, or give, in time (transient)
        └── ModelUnavailable          the language model did not answer in time (transient)

``transient`` is true where trying the same call again may work, and false elsewhere.
Bad rows of a file are not errors: they are returned, counted by reason.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime


class CrmError(Exception):
    """Base of every error the engine raises on purpose."""

    transient = False


class InvalidInput(CrmError):
    """What was given cannot be taken."""


class SettingsError(InvalidInput):
    """A setting is missing or wrong."""


class RuleError(InvalidInput):
    """A rule is malformed; ``problems`` holds one sentence for each place that is wrong."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(self.problems))


class TemplateError(InvalidInput):
    """A message template cannot be rendered for anyone."""


class ImportFileError(InvalidInput):
    """A file cannot be imported at all; nothing of it was written."""


class NotEvaluatedYet(CrmError):
    """A valid rule node that this version cannot evaluate."""


class NotFound(CrmError):
    """There is no object with this id."""


class Conflict(CrmError):
    """The object changed meanwhile, is in use, or is in a state that forbids the call."""


class SavedMeanwhile(Conflict):
    """Somebody saved ``version`` at ``saved_at`` (UTC) after the version that was edited."""

    def __init__(self, message: str, *, version: int, saved_by: str, saved_at: datetime) -> None:
        self.version = version
        self.saved_by = saved_by
        self.saved_at = saved_at
        super().__init__(message)


class NotAuthenticated(CrmError):
    """The caller has not shown who they are."""


class SignInRefused(NotAuthenticated):
    """Somebody tried to sign in and was not let in."""


class Forbidden(CrmError):
    """Who asks is known, and may not do this."""


class Cancelled(CrmError):
    """The caller asked a long call to stop."""


class ModelUnusable(CrmError):
    """The language model answered what cannot be used, or will not answer this.

    ``tokens`` are what that took, in and out, where it is known.
    """

    def __init__(self, message: str, *, tokens: tuple[int, int] = (0, 0)) -> None:
        self.tokens = tokens
        super().__init__(message)


class Unavailable(CrmError):
    """A part the engine needs is out of reach."""


class EmbeddedServerUnavailable(Unavailable):
    """No embedded MongoDB can run here."""


class StoreUnavailable(Unavailable):
    """MongoDB did not answer in time."""

    transient = True


class StreamUnavailable(Unavailable):
    """The broker of CRM_STREAM_URL did not answer in time."""

    transient = True


class ModelUnavailable(Unavailable):
    """The language model did not answer in time; ``retry_after`` seconds are what it asks for."""

    transient = True

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(message)
