"""What follows from a step in the life of a registration, in its transaction: a receipt, notices, promised work."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from portal.access import Principal
from portal.database import session_of
from portal.deals.lifecycle import State, Verb
from portal.jobs.outbox import enqueue
from portal.notices.deals import tell_channel, tell_partner

if TYPE_CHECKING:
    from portal.deals.models import Deal, DealEvent

# Days before the end of a protection on which the partner is reminded, and after it.
REMINDERS = (14, 3, -7)
RECEIPTED = frozenset(
    {
        Verb.SUBMIT,
        Verb.RESUBMIT,
        Verb.ACCEPT_PLACE,
        Verb.WITHDRAW,
        Verb.APPROVE,
        Verb.RETURN,
        Verb.REJECT,
        Verb.MARK_DUPLICATE,
        Verb.REVOKE,
        Verb.EXPIRE,
        "grant-extension",
        "refuse-extension",
    }
)
TOLD_TO_CHANNEL = frozenset({Verb.SUBMIT, Verb.RESUBMIT, Verb.ACCEPT_PLACE, Verb.WITHDRAW, "ask-extension"})
# So long before a protection ends for want of work is the partner warned.
WARNING = timedelta(days=7)
# After these, a place that was offered may be the next one's in line.
GIVEN_UP = frozenset({"leave-line", Verb.WITHDRAW, Verb.REJECT, Verb.MARK_DUPLICATE, Verb.APPROVE, Verb.RESUBMIT})
TOLD_TO_PARTNER = frozenset(
    {
        "shorten",
        Verb.APPROVE,
        Verb.RETURN,
        Verb.REJECT,
        Verb.MARK_DUPLICATE,
        Verb.REVOKE,
        Verb.EXPIRE,
        Verb.CONVERT,
        "opportunity-won",
        "opportunity-lost",
        "offer-place",
        "lapse-place",
        "grant-extension",
        "refuse-extension",
    }
)


def follow(session: Session, deal: "Deal", event: "DealEvent", who: Principal, at: datetime) -> None:
    """Called by `Deal.happened` for every step, so that none can be forgotten."""
    if event.verb in RECEIPTED:
        _issue(session, deal, event, at)
    if event.verb in TOLD_TO_CHANNEL:
        tell_channel(session, deal, event, who, at)
    if event.verb in TOLD_TO_PARTNER:
        tell_partner(session, deal, event.verb, who, at, event_id=event.id)
    _promise(deal, event, at)


def _promise(deal: "Deal", event: "DealEvent", at: datetime) -> None:
    from portal.deals.clock import next_morning

    if event.verb in (Verb.SUBMIT, Verb.RESUBMIT, Verb.ACCEPT_PLACE) and deal.due_at is not None:
        _at("deal.late", deal, deal.due_at)
        # In a job, so that nothing that the partner can see or time depends on what it finds.
        enqueue("deal.match", key=f"deal.match:{deal.ref}:{deal.public_version}", deal=deal.ref)
    if event.verb in (Verb.APPROVE, "grant-extension") and deal.state == State.APPROVED and deal.protected_until:
        _at("deal.expire", deal, deal.protected_until)
        for days in REMINDERS:
            moment = deal.protected_until - timedelta(days=days)
            if moment > at:
                _at("deal.remind", deal, moment, until=deal.protected_until.isoformat(), days=days)
    if event.verb in (Verb.APPROVE, "log-work"):
        watch_idleness(deal, at)
    if event.verb == Verb.EXPIRE:
        _at("deal.release", deal, next_morning(session_of(deal), at))
    if event.verb in GIVEN_UP:
        # In a job, since a partner neither sees nor waits for what becomes of the others in line.
        enqueue("deal.pass-on", key=f"deal.pass-on:{deal.ref}:{deal.public_version}", deal=deal.ref)
    if event.verb == "offer-place" and deal.offered_until is not None:
        _at("deal.lapse", deal, deal.offered_until)


def watch_idleness(deal: "Deal", at: datetime) -> None:
    """Promise the warning, and the early end of a protection on which nobody works."""
    from portal.deals.protection import idle_since

    if (ends := idle_since(deal)) is not None and ends > at:
        _at("deal.warn", deal, max(ends - WARNING, at), ends=ends.isoformat())
        _at("deal.shorten", deal, ends)


def _at(kind: str, deal: "Deal", moment: datetime, **params: Any) -> None:
    """Once for the moment and what is promised for it: two reminders of different ends may fall on one day."""
    told = [f"{moment.timestamp():.0f}", *(str(params[name]) for name in sorted(params))]
    enqueue(kind, key=":".join([kind, deal.ref, *told]), run_at=moment, deal=deal.ref, **params)


def _issue(session: Session, deal: "Deal", event: "DealEvent", at: datetime) -> None:
    from portal.receipts.issuing import issue

    issue(
        session,
        kind="deal",
        record_id=deal.id,
        record_ref=deal.ref,
        organisation_id=deal.organisation_id,
        event=event.verb,
        at=at,
        content=content_of(deal, event),
    )


def content_of(deal: "Deal", event: "DealEvent") -> dict[str, Any]:
    """What the partner sees of the registration at this step. People's names are left out: a receipt is for ever."""
    return {
        "customer": {
            "name": deal.customer_name,
            "domain": deal.customer_domain,
            "country": deal.customer_country,
            "registration_number": deal.registration_number,
            "tax_number": deal.tax_number,
        },
        "programme": deal.programme.name_in("en") if deal.programme else None,
        "lines": [
            {"product": line.product.code, "quantity": line.quantity, "unit_price": line.unit_price}
            for line in deal.lines
        ],
        "amount": deal.amount,
        "currency": deal.currency,
        "close_on": deal.close_on.isoformat() if deal.close_on else None,
        "state": deal.state,
        "outcome": deal.outcome or None,
        "reason": event.reason,
        "due_at": _text(deal.due_at),
        "late_minutes": deal.late_minutes,
        "protected_from": _text(deal.protected_from),
        "protected_until": _text(deal.protected_until),
    }


def _text(moment: datetime | None) -> str | None:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None
