"""How a registration is told on its page: where it stands in one sentence, and each step of its life."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from markupsafe import Markup, escape

from portal.deals.lifecycle import Side, State, Verb
from portal.deals.models import Deal
from portal.languages import datetime_text, number_text

DECIDED = frozenset({Verb.APPROVE, Verb.REJECT, Verb.MARK_DUPLICATE})

SENTENCES: Mapping[str, Any] = {
    Verb.SUBMIT: _l("%(actor)s submitted the registration"),
    Verb.TAKE: _l("%(actor)s began the review"),
    Verb.PUT_BACK: _l("%(actor)s left the review to others"),
    Verb.RETURN: _l("%(actor)s returned the registration with a question"),
    Verb.RESUBMIT: _l("%(actor)s submitted the registration again"),
    Verb.APPROVE: _l("%(actor)s approved the registration"),
    "approve-first": _l("%(actor)s approved the registration as the first of two"),
    Verb.REJECT: _l("%(actor)s rejected the registration"),
    Verb.MARK_DUPLICATE: _l("%(actor)s marked the registration as a duplicate"),
    "offer-place": _l("The place became free and was offered"),
    Verb.ACCEPT_PLACE: _l("%(actor)s took the place that had become free"),
    "lapse-place": _l("The offer of the place ended"),
    "leave-line": _l("%(actor)s left the line"),
    Verb.WITHDRAW: _l("%(actor)s withdrew the registration"),
    Verb.CONVERT: _l("%(actor)s made an opportunity of the registration"),
    Verb.REVOKE: _l("%(actor)s revoked the registration"),
    Verb.EXPIRE: _l("The protection ended"),
    "ask-extension": _l("%(actor)s asked for an extension of the protection"),
    "grant-extension": _l("%(actor)s extended the protection"),
    "refuse-extension": _l("%(actor)s refused the extension"),
    "name-customer": _l("%(actor)s named the customer"),
    "log-work": _l("%(actor)s logged work on the deal"),
    "warn-idle": _l("The partner was warned that the protection ends without logged work"),
    "shorten": _l("The protection was shortened, as no work was logged"),
    "late": _l("The decision is late: a second person was told"),
    "opportunity-changed": _l("%(actor)s changed the opportunity"),
    "opportunity-won": _l("%(actor)s won the opportunity"),
    "opportunity-lost": _l("%(actor)s gave the opportunity up as lost"),
    "opportunity-reopened": _l("%(actor)s took the opportunity up again"),
}

ICONS: Mapping[str, str] = {
    Verb.SUBMIT: "arrow-end",
    Verb.RESUBMIT: "arrow-end",
    Verb.TAKE: "hand",
    Verb.RETURN: "reply",
    Verb.APPROVE: "check",
    Verb.REJECT: "close",
    Verb.MARK_DUPLICATE: "close",
    Verb.EXPIRE: "clock",
    "log-work": "edit",
    "warn-idle": "warning",
    "ask-extension": "calendar",
    "grant-extension": "calendar",
    "refuse-extension": "calendar",
}


def tell(verb: str, actor: str | None, side: Side) -> str:
    """The sentence of a step, in which names are isolated; outsiders know the staff as `Our staff`."""
    sentence = SENTENCES.get(verb)
    if sentence is None:
        return str(_("Something was recorded."))
    others = {Side.STAFF: _("Our staff"), Side.CLOCK: _("The portal"), Side.PARTNER: _("Somebody at the partner")}
    name = Markup("<bdi>%s</bdi>") % (actor or others[side])
    # The sentence is escaped here, the name by `%`.
    return Markup(escape(str(sentence))) % {"actor": name}  # noqa: S704  # as said above


# ── Where it stands ───────────────────────────────────────────────────────────────────────────────


def standing(deal: Deal, at: datetime, late_minutes: int, *, is_ours: bool) -> list[str]:
    """What it waits for, in a sentence or two. `late_minutes`: business minutes by which a decision is late now.

    `is_ours`: the reader is of the staff.
    """
    if deal.due_at is not None:
        return _waiting(deal.due_at, at, late_minutes)
    match deal.state:
        case State.RETURNED:
            return [
                _("The partner has to answer before we can go on. Until then the clock stands still.")
                if is_ours
                else _("We have a question. Answer it and submit the registration again; our clock stands still.")
            ]
        case State.APPROVED:
            return [_protected(deal, at)]
        case State.DUPLICATE:
            return [_in_line(deal, at)]
    return [str(_STANDING[State(deal.state)])]


_STANDING: Mapping[State, Any] = {
    State.DRAFT: _l("This is a draft. It protects nothing until it is submitted and approved."),
    State.CONVERTED: _l("The deal goes on as an opportunity."),
    State.REJECTED: _l("The registration was rejected. The reason is given below."),
    State.WITHDRAWN: _l("The registration was withdrawn."),
    State.EXPIRED: _l("The protection has ended."),
    State.REVOKED: _l("The protection was revoked. The reason is given below."),
}


def _waiting(due_at: datetime, at: datetime, late_minutes: int) -> list[str]:
    due = datetime_text(due_at)
    if at < due_at:
        return [
            _("A decision is due by %(time)s.", time=due),
            _("If we are late, each business hour adds one hour of protection."),
        ]
    hours = late_minutes // 60
    return [
        _("A decision was due by %(time)s. We are late.", time=due),
        _("Each business hour that we are late adds one hour of protection.")
        if not hours
        else ngettext(
            "Each business hour that we are late adds one hour of protection: %(count)s hour so far.",
            "Each business hour that we are late adds one hour of protection: %(count)s hours so far.",
            hours,
            count=number_text(hours),
        ),
    ]


def _protected(deal: Deal, at: datetime) -> str:
    if deal.protected_until is None:
        return str(_("The registration is approved. Its programme gives no protection."))
    if at >= deal.protected_until:
        return str(_("The protection has ended."))
    return str(
        _(
            "Protected until %(time)s: %(left)s.",
            time=datetime_text(deal.protected_until),
            left=days_left(deal.protected_until - at),
        )
    )


def days_left(left: timedelta) -> str:
    """Whole days and the one that has begun."""
    days = left.days
    if days < 1:
        return str(_("less than a day left"))
    return str(ngettext("%(count)s day left", "%(count)s days left", days, count=number_text(days)))


def _in_line(deal: Deal, at: datetime) -> str:
    if deal.in_line_since is None:
        return str(_("The registration was found to be a duplicate. The reason is given below."))
    if deal.offered_until is not None and at < deal.offered_until:
        return str(_("The place has become free: take it by %(time)s.", time=datetime_text(deal.offered_until)))
    return str(_("The registration waits in line. When the place becomes free, it is offered here."))
