"""How many customers a rule holds, saved or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Request

from engine.api.answers import RULE, PreviewAnswer, StepAnswer
from engine.api.asking import Asking, Explain, Sample  # noqa: TC001 - FastAPI reads the annotations
from engine.api.authority import Read
from engine.api.bodies import json_body
from engine.api.context import Engine  # noqa: TC001 - FastAPI reads the annotations
from engine.api.problems import ProblemError, documented
from engine.api.rule_problems import rule_problems
from engine.domain.rule_codec import decode_text

if TYPE_CHECKING:
    from engine.audience.members import Members
    from engine.crm import Crm
    from engine.domain.rules import Rule

router = APIRouter()

SAMPLED = ("name", "email", "city", "country", "order_count", "total_spend", "last_order_at")
"""The fields of a preview's sample, beside the customer's id."""
_DOCUMENT = {
    "type": "object",
    "required": ["version", "rule"],
    "properties": {"version": {"const": 1}, "rule": {"type": "object"}},
    "additionalProperties": False,
    "description": "A rule's document: a tree of conditions under all, any and not.",
}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": _DOCUMENT, "example": RULE}},
    }
}


async def rule_text(request: Request) -> str:
    """Return the body as text; raises ProblemError where it is too large or is no JSON text."""
    body = await json_body(request)
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        detail = f"the rule is not UTF-8: byte {error.start} cannot be read"
        raise ProblemError(422, "Invalid rule", detail) from None


@router.post(
    "/preview",
    dependencies=[Read],
    summary="Preview a rule",
    response_description="How many of how many, and as of when.",
    responses=documented(400, 401, 403, 413, 415, 422, 429, 503),
    openapi_extra=_BODY,
)
def preview_rule(
    crm: Engine,
    text: Annotated[str, Depends(rule_text)],
    asked: Asking,
    sample: Sample = 0,
    *,
    explain: Explain = False,
) -> PreviewAnswer:
    """Count the customers that a rule holds, show the first few, and explain it step by step.

    A rule that cannot be used answers 422; `errors` names each place of it, what stands there and
    the valid choices.
    """
    with rule_problems(text):
        return previewed(crm, decode_text(text), asked, sample=sample, explain=explain)


def previewed(crm: Crm, rule: Rule, asked: Asking, *, sample: int, explain: bool) -> PreviewAnswer:
    """Return the answer to a preview; raises RuleError."""
    found = crm.explain(rule, now=asked.now, at_least=asked.at_least)
    members = found.members(SAMPLED)
    steps = [
        StepAnswer(
            path=step.path,
            words=step.words,
            alone=step.alone,
            before=step.before,
            after=step.after,
        )
        for step in (found.waterfall() if explain else ())
    ]
    return PreviewAnswer(
        **figures(crm, members),
        elapsed_ms=round(found.elapsed_ms, 3),
        sample=members.page(limit=sample)[0],
        steps=steps if explain else None,
    )


def figures(crm: Crm, members: Members) -> dict[str, Any]:
    """Return what every answer of figures says: how many of how many, when, and as of when."""
    return {
        "count": members.count,
        "total": members.total,
        "share": members.count / members.total if members.total else None,
        "now": members.now,
        "as_of": members.as_of,
        "behind": crm.freshness().behind,
        "currency": crm.workspace.currency.code,
    }
