"""What words may refer to: fields, values that are in the data, saved segments and campaigns."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.domain.workspace import Workspace
    from engine.rules.catalogue import Catalogue


def _nothing() -> Mapping[str, str]:
    return MappingProxyType({})


def _no_values() -> Mapping[str, tuple[str, ...]]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """What can be named now.

    ``values`` are frequent values by field, the most frequent first, of fields that say nothing
    personal; those of orders' fields begin with ``orders.`` (as ``engine.audience.suggestions``
    returns them). ``told`` are those of them that may be told to a language model: many share each.
    ``segments`` and ``campaigns`` are names by id.
    """

    catalogue: Catalogue
    workspace: Workspace
    values: Mapping[str, tuple[str, ...]]
    told: Mapping[str, tuple[str, ...]] = field(default_factory=_no_values)
    segments: Mapping[str, str] = field(default_factory=_nothing)
    campaigns: Mapping[str, str] = field(default_factory=_nothing)
