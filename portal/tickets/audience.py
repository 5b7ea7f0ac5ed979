"""Who sees this: the people, companies and mailboxes that a message will reach, as its author may know them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from flask_babel import gettext as _
from flask_babel import ngettext

from portal.access import Action, FieldGroup, Level, Principal, Role
from portal.access.words import ROLES
from portal.languages import number_text
from portal.text import sort_key
from portal.tickets.models import Ticket
from portal.tickets.readers import Company, Reader, StaffReader, TeamOf, told_outside, told_staff

# More names than this say less than their number.
MOST_NAMES = 24


@dataclass(frozen=True, slots=True)
class Group:
    """Some who will read it: a company or the staff, the people that may be named, and where mail goes."""

    name: str
    people: list[str] = field(default_factory=list)
    mailboxes: list[str] = field(default_factory=list)


def who_sees(
    who: Principal,
    companies: Sequence[Company],
    staff: Sequence[StaffReader],
    team: TeamOf,
    mailed: Iterable[Reader],
) -> list[Group]:
    """Those who will read a message to these companies on a ticket of this team; no company makes it a note."""
    outside = [_company(who, company, mailed) for company in companies]
    readers = staff if outside else [reader for reader in staff if reader.reads_notes]
    return outside + (_staff(who, readers, mailed) if who.is_staff else _as_teams(readers, team))


def mailed_of_message(
    who: Principal, ticket: Ticket, companies: Sequence[Company], staff: Sequence[StaffReader]
) -> list[Reader]:
    """Whom a reply to these companies is mailed to; or, without any company, an internal note."""
    kind = "reply" if companies else "note"
    readers = [reader for reader in staff if companies or reader.reads_notes]
    outside = told_outside([person for company in companies for person in company.people])
    return wanting([*outside, *told_staff(ticket, readers)], kind, who)


def wanting(readers: Iterable[Reader], kind: str, who: Principal) -> list[Reader]:
    """Those who want mail of this kind; nobody is told of what they did themselves."""
    return [r for r in readers if r.person_id != who.person_id and r.mail_choices.get(kind, True)]


def _company(who: Principal, company: Company, mailed: Iterable[Reader]) -> Group:
    known = [reader.name for reader in company.people if reader.is_known]
    if len(known) < len(company.people):
        # How many there are is nobody's business but the company's own.
        known.append(_("others of this company") if known else _("those of this company who look after it"))
    of_company = [reader for reader in mailed if reader.organisation_id == company.id]
    return Group(company.name, _few(known), _mailboxes(who, of_company))


def _staff(who: Principal, readers: Sequence[StaffReader], mailed: Iterable[Reader]) -> list[Group]:
    if not readers:
        return []
    people = _few([reader.name for reader in readers if reader.is_known])
    return [Group(_("Our staff"), people, _mailboxes(who, [r for r in mailed if r.organisation_id is None]))]


def _mailboxes(who: Principal, mailed: Iterable[Reader]) -> list[str]:
    """Where mail goes, as far as the author may see addresses."""
    return _few([reader.email for reader in mailed if reader.is_known and _sees_address(who, reader)])


def _sees_address(who: Principal, reader: Reader) -> bool:
    if who.is_staff:
        return who.sees(FieldGroup.STAFF_EMAILS if reader.organisation_id is None else FieldGroup.CONTACT)
    is_admin = who.acting is not None and who.acting.level == Level.ADMIN and who.may(Action.PEOPLE_MANAGE)
    return is_admin and reader.organisation_id == who.organisation_id


def _as_teams(readers: Sequence[StaffReader], own: TeamOf) -> list[Group]:
    """Outsiders see staff as teams, the ticket's own first; who is in none is named by what they do."""
    shown = {own.id: own} | {team.id: team for reader in readers for team in reader.teams if not team.is_restricted}
    shown |= {team.id: team for reader in readers for team in reader.teams if team.id == own.id}
    # How one of the administrators comes to read it is no outsider's business.
    as_shown = {Role.BREAK_GLASS: Role.ADMIN}
    others = [min(reader.roles) for reader in readers if not any(team.id in shown for team in reader.teams)]
    roles = {as_shown.get(role, role) for role in others}
    named = sorted(shown.values(), key=lambda team: (team.id != own.id, sort_key(team.name)))
    people = [team.name for team in named] + sorted(str(ROLES[role]) for role in roles)
    return [Group(_("Our staff"), people, [team.mailbox for team in named if team.mailbox])]


def _few(names: list[str]) -> list[str]:
    if len(names) <= MOST_NAMES:
        return names
    left = len(names) - MOST_NAMES
    more = ngettext("and %(count)s more", "and %(count)s more", left, count=number_text(left))
    return [*names[:MOST_NAMES], str(more)]
