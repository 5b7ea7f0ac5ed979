"""The terms of a programme, in the words in which partners read them."""

from flask_babel import gettext as _
from flask_babel import ngettext

from portal.deals.programmes import ExtensionPolicy, Programme
from portal.languages import number_text


def terms_of(programme: Programme) -> str:
    """What a programme gives to its partners, in words."""
    days, hours = programme.protection_days, programme.decision_hours
    parts = [
        ngettext("Protected for %(count)s day", "Protected for %(count)s days", days, count=number_text(days))
        if days
        else _("Without protection"),
        ngettext(
            "a decision within %(count)s business hour",
            "a decision within %(count)s business hours",
            hours,
            count=number_text(hours),
        ),
    ]
    if days:
        parts.append(_extension_of(programme))
    if days and programme.idle_days is not None:
        idle = programme.idle_days
        parts.append(
            ngettext(
                "it ends early after %(count)s day without logged work",
                "it ends early after %(count)s days without logged work",
                idle,
                count=number_text(idle),
            )
        )
    if programme.most_open is not None:
        most = programme.most_open
        parts.append(
            ngettext(
                "at most %(count)s open registration of one partner",
                "at most %(count)s open registrations of one partner",
                most,
                count=number_text(most),
            )
        )
    return " · ".join(parts)


def _extension_of(programme: Programme) -> str:
    days = programme.extension_days
    if programme.extension_policy == ExtensionPolicy.OFF:
        return str(_("no extension"))
    count = number_text(days)
    if programme.extension_policy == ExtensionPolicy.ONCE:
        return str(ngettext("one extension by %(count)s day", "one extension by %(count)s days", days, count=count))
    return str(ngettext("extensions by %(count)s day each", "extensions by %(count)s days each", days, count=count))
