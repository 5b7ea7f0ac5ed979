"""Who reaches what, who may do what, who sees which fields: the three tables that the code enforces.

`/who-sees-what` is drawn from these very objects. A role that is not named in a row has nothing there.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from portal.access.vocabulary import Action, FieldGroup, Ground, Noun, Role


@dataclass(frozen=True, slots=True)
class Reach:
    """One ground on which a role reaches the rows of a noun, and whether it may write there.

    `allows` are the few verbs that are for it on rows that it otherwise only reads.
    """

    ground: Ground
    writes: bool = False
    allows: frozenset[Action] = frozenset()

    def lets(self, action: Action | None) -> bool:
        return self.writes or action in self.allows

    def __or__(self, other: "Reach") -> "Reach":
        """What two roles have together on the same ground."""
        return Reach(self.ground, self.writes or other.writes, self.allows | other.allows)


def _reads(*grounds: Ground) -> tuple[Reach, ...]:
    return tuple(Reach(ground) for ground in grounds)


def _writes(*grounds: Ground) -> tuple[Reach, ...]:
    return tuple(Reach(ground, writes=True) for ground in grounds)


_MEMBER = _writes(Ground.OWN, Ground.COPIED, Ground.SHARED)
_COMPANY_ADMIN = _writes(Ground.OWN, Ground.COPIED, Ground.COMPANY, Ground.SHARED)
_HISTORY = _reads(Ground.AUDIENCE)
# Own company, its people by name, and for a company's admin the right to change both; of those that share a room
# with us, the name.
_COMPANY = _reads(Ground.COMPANY, Ground.SHARED)
_RESALE = (Reach(Ground.RESALE, allows=frozenset({Action.ORDER_ASK})), Reach(Ground.LINKED))
_COMPANY_WRITE = _writes(Ground.COMPANY) + _reads(Ground.SHARED)

REACH: Mapping[Role, Mapping[Noun, tuple[Reach, ...]]] = {
    Role.ANONYMOUS: {},
    Role.NEWCOMER: {},
    Role.CUSTOMER_MEMBER: {
        Noun.TICKETS: _MEMBER,
        # They ask for things; a quotation they decide on where their administrator lets them.
        Noun.ORDERS: (Reach(Ground.COMPANY, allows=frozenset({Action.ORDER_ASK, Action.QUOTATION_DECIDE})),),
        Noun.FEEDBACK: _writes(Ground.OWN) + _reads(Ground.PUBLISHED),
        Noun.ORGANISATIONS: _COMPANY,
        Noun.HISTORY: _HISTORY,
    },
    Role.CUSTOMER_ADMIN: {
        Noun.TICKETS: _COMPANY_ADMIN,
        Noun.ORDERS: _writes(Ground.COMPANY),
        Noun.FEEDBACK: _writes(Ground.COMPANY) + _reads(Ground.PUBLISHED),
        Noun.ORGANISATIONS: _COMPANY_WRITE,
        Noun.HISTORY: _HISTORY,
    },
    Role.SUPPLIER_MEMBER: {
        Noun.TICKETS: _MEMBER,
        Noun.ORDERS: _writes(Ground.COMPANY),
        Noun.FEEDBACK: _writes(Ground.OWN) + _reads(Ground.PUBLISHED),
        Noun.ORGANISATIONS: _COMPANY,
        Noun.HISTORY: _HISTORY,
    },
    Role.SUPPLIER_ADMIN: {
        Noun.TICKETS: _COMPANY_ADMIN,
        Noun.ORDERS: _writes(Ground.COMPANY),
        Noun.FEEDBACK: _writes(Ground.COMPANY) + _reads(Ground.PUBLISHED),
        Noun.ORGANISATIONS: _COMPANY_WRITE,
        Noun.HISTORY: _HISTORY,
    },
    Role.PARTNER_MEMBER: {
        Noun.TICKETS: _MEMBER + _writes(Ground.OPENED_FOR),
        Noun.ORDERS: _RESALE,
        Noun.DEALS: _writes(Ground.OWN, Ground.SHARED),
        Noun.FEEDBACK: _writes(Ground.OWN) + _reads(Ground.PUBLISHED),
        Noun.ORGANISATIONS: _COMPANY + _reads(Ground.LINKED),
        Noun.HISTORY: _HISTORY,
    },
    Role.PARTNER_ADMIN: {
        Noun.TICKETS: _COMPANY_ADMIN + _writes(Ground.OPENED_FOR),
        Noun.ORDERS: _RESALE,
        Noun.DEALS: _writes(Ground.COMPANY, Ground.SHARED),
        Noun.FEEDBACK: _writes(Ground.COMPANY) + _reads(Ground.PUBLISHED),
        Noun.ORGANISATIONS: _COMPANY_WRITE + _reads(Ground.LINKED),
        Noun.HISTORY: _HISTORY,
    },
    Role.AGENT: {
        Noun.TICKETS: _writes(Ground.TEAM) + _reads(Ground.UNRESTRICTED),
        Noun.ORDERS: _reads(Ground.SALES),
        Noun.FEEDBACK: _reads(Ground.ALL),
        Noun.ORGANISATIONS: _reads(Ground.ALL),
        Noun.HISTORY: _reads(Ground.ALL),
    },
    Role.MODERATOR: {
        Noun.TICKETS: _reads(Ground.REPORTED),
        Noun.FEEDBACK: _writes(Ground.ALL),
    },
    Role.ACCOUNT_MANAGER: {
        Noun.TICKETS: _writes(Ground.PORTFOLIO) + _reads(Ground.ALL),
        Noun.ORDERS: _writes(Ground.PORTFOLIO) + _reads(Ground.SALES),
        Noun.DEALS: _reads(Ground.PORTFOLIO),
        Noun.FEEDBACK: _writes(Ground.PORTFOLIO) + _reads(Ground.ALL),
        Noun.ORGANISATIONS: _writes(Ground.PORTFOLIO) + _reads(Ground.ALL),
        Noun.HISTORY: _writes(Ground.PORTFOLIO) + _reads(Ground.ALL),
    },
    Role.BUYER: {
        Noun.TICKETS: _writes(Ground.SUPPLIERS),
        Noun.ORDERS: _writes(Ground.PURCHASE),
        Noun.FEEDBACK: _reads(Ground.PUBLISHED),
        Noun.ORGANISATIONS: _writes(Ground.SUPPLIERS),
        Noun.HISTORY: _writes(Ground.SUPPLIERS),
    },
    Role.CHANNEL_MANAGER: {
        Noun.TICKETS: _writes(Ground.PARTNERS),
        Noun.ORDERS: _reads(Ground.RESALE),
        Noun.DEALS: _writes(Ground.ALL),
        Noun.FEEDBACK: _reads(Ground.PARTNERS),
        Noun.ORGANISATIONS: _writes(Ground.PARTNERS) + _reads(Ground.CUSTOMERS_IN_DEALS),
        Noun.HISTORY: _writes(Ground.PARTNERS),
    },
    Role.AUDITOR: {
        Noun.TICKETS: _reads(Ground.ALL),
        Noun.ORDERS: _reads(Ground.ALL),
        Noun.DEALS: _reads(Ground.ALL),
        Noun.FEEDBACK: _reads(Ground.ALL),
        Noun.ORGANISATIONS: _reads(Ground.ALL),
        Noun.HISTORY: _reads(Ground.ALL),
    },
    # Content only by break-glass, the role that stands below.
    Role.ADMIN: {Noun.ORGANISATIONS: _writes(Ground.ALL)},
    Role.BREAK_GLASS: {
        Noun.TICKETS: (Reach(Ground.ALL, allows=frozenset({Action.MESSAGE_REDACT})),),
        Noun.ORDERS: _reads(Ground.ALL),
        Noun.DEALS: _reads(Ground.ALL),
        Noun.FEEDBACK: _reads(Ground.ALL),
        Noun.HISTORY: _reads(Ground.ALL),
    },
}


@dataclass(frozen=True, slots=True)
class Grant:
    """The roles that an action is granted to; `built` is false while the portal has no such page yet."""

    roles: frozenset[Role]
    built: bool = True


_MEMBERS = (Role.CUSTOMER_MEMBER, Role.SUPPLIER_MEMBER, Role.PARTNER_MEMBER)
_ADMINS = (Role.CUSTOMER_ADMIN, Role.SUPPLIER_ADMIN, Role.PARTNER_ADMIN)
_OUTSIDERS = _MEMBERS + _ADMINS
_DESK = (Role.AGENT, Role.ACCOUNT_MANAGER, Role.BUYER, Role.CHANNEL_MANAGER)
_READERS = (*_DESK, Role.AUDITOR, Role.BREAK_GLASS)
_KEEPERS = (Role.ACCOUNT_MANAGER, Role.BUYER, Role.CHANNEL_MANAGER, Role.ADMIN)
_EVERY_STAFF = (*_DESK, Role.MODERATOR, Role.AUDITOR, Role.ADMIN)


def _to(*roles: Role) -> Grant:
    return Grant(frozenset(roles))


def _later(*roles: Role) -> Grant:
    return Grant(frozenset(roles), built=False)


VERBS: Mapping[Action, Grant] = {
    Action.TICKET_READ: _to(*_OUTSIDERS, *_READERS),
    Action.TICKET_OPEN: _to(*_OUTSIDERS, *_DESK),
    Action.TICKET_REPLY: _to(*_OUTSIDERS, *_DESK),
    Action.TICKET_COPY: _to(*_OUTSIDERS, *_DESK),
    Action.TICKET_NOTE: _to(*_DESK),
    Action.TICKET_WORK: _to(*_DESK),
    Action.TICKET_TAG: _later(*_DESK),
    Action.TICKET_HAND_ON: _to(*_DESK),
    Action.TICKET_CLOSE: _to(*_OUTSIDERS, *_DESK),
    Action.MESSAGE_WITHDRAW: _to(*_OUTSIDERS, *_DESK),
    Action.MESSAGE_REDACT: _to(Role.ACCOUNT_MANAGER, Role.BREAK_GLASS),
    Action.RECORD_SHARE: _to(*_OUTSIDERS, *_DESK),
    Action.DEAL_READ: _to(
        Role.PARTNER_MEMBER,
        Role.PARTNER_ADMIN,
        Role.CHANNEL_MANAGER,
        Role.ACCOUNT_MANAGER,
        Role.AUDITOR,
        Role.BREAK_GLASS,
    ),
    Action.DEAL_WRITE: _to(Role.PARTNER_MEMBER, Role.PARTNER_ADMIN, Role.CHANNEL_MANAGER),
    Action.DEAL_DECIDE: _to(Role.CHANNEL_MANAGER),
    Action.SCORECARD_READ: _to(
        Role.PARTNER_MEMBER, Role.PARTNER_ADMIN, Role.CHANNEL_MANAGER, Role.ACCOUNT_MANAGER, Role.AUDITOR
    ),
    Action.PARTNER_TERMS_MANAGE: _to(Role.CHANNEL_MANAGER),
    Action.OPPORTUNITY_WRITE: _to(Role.ACCOUNT_MANAGER, Role.CHANNEL_MANAGER),
    Action.OPPORTUNITY_UPDATE: _to(Role.PARTNER_MEMBER, Role.PARTNER_ADMIN, Role.ACCOUNT_MANAGER, Role.CHANNEL_MANAGER),
    Action.PRODUCT_MANAGE: _to(Role.ACCOUNT_MANAGER, Role.CHANNEL_MANAGER, Role.ADMIN),
    Action.LEAD_READ: _to(
        Role.PARTNER_MEMBER, Role.PARTNER_ADMIN, Role.CHANNEL_MANAGER, Role.AUDITOR, Role.BREAK_GLASS
    ),
    Action.LEAD_HAND_OUT: _to(Role.CHANNEL_MANAGER),
    Action.LEAD_ANSWER: _to(Role.PARTNER_MEMBER, Role.PARTNER_ADMIN),
    Action.ORDER_READ: _to(*_OUTSIDERS, *_READERS),
    Action.PURCHASE_ANSWER: _to(Role.SUPPLIER_MEMBER, Role.SUPPLIER_ADMIN),
    Action.PURCHASE_CHECK: _to(Role.BUYER),
    Action.RFQ_READ: _to(Role.SUPPLIER_MEMBER, Role.SUPPLIER_ADMIN, Role.BUYER, Role.AUDITOR, Role.BREAK_GLASS),
    Action.RFQ_WRITE: _to(Role.BUYER),
    Action.RFQ_ANSWER: _to(Role.SUPPLIER_MEMBER, Role.SUPPLIER_ADMIN),
    Action.SUPPLIER_SCORECARD_READ: _to(Role.SUPPLIER_MEMBER, Role.SUPPLIER_ADMIN, Role.BUYER, Role.AUDITOR),
    Action.QUOTATION_DECIDE: _to(Role.CUSTOMER_MEMBER, Role.CUSTOMER_ADMIN),
    Action.ORDER_ASK: _to(*_OUTSIDERS),
    Action.ORDER_CONFIRM: _to(Role.ACCOUNT_MANAGER),
    Action.IMPORT_RUN: _to(Role.ACCOUNT_MANAGER, Role.BUYER, Role.ADMIN),
    Action.API_KEY_MANAGE: _to(*_ADMINS, Role.ADMIN),
    Action.FEEDBACK_POST: _later(*_OUTSIDERS, *_EVERY_STAFF),
    Action.FEEDBACK_MODERATE: _later(Role.MODERATOR),
    Action.IDEA_ANSWER: _later(Role.ACCOUNT_MANAGER, Role.MODERATOR),
    Action.ORGANISATION_READ: _to(*_OUTSIDERS, *_READERS, Role.ADMIN),
    Action.ORGANISATION_WRITE: _to(*_ADMINS, *_KEEPERS),
    Action.ORGANISATION_PROVE_DOMAIN: _later(*_ADMINS, *_KEEPERS),
    Action.PEOPLE_MANAGE: _to(*_ADMINS, *_KEEPERS),
    Action.CONTACT_LOG: _to(*_DESK),
    Action.HISTORY_READ: _to(*_OUTSIDERS, *_READERS),
    Action.PREVIEW_AS: _later(*_DESK),
    Action.STAFF_GRANT: _to(Role.ADMIN),
    Action.TEAMS_MANAGE: _to(Role.ADMIN),
    Action.HOURS_MANAGE: _to(Role.ADMIN),
    Action.BREAK_GLASS: _to(Role.ADMIN),
    Action.BREAK_GLASS_READ: _to(Role.ADMIN, Role.AUDITOR),
    Action.DATA_EXPORT_OWN: _later(Role.NEWCOMER, *_OUTSIDERS, *_EVERY_STAFF),
    Action.DATA_EXPORT_COMPANY: _later(*_ADMINS, Role.ADMIN),
    Action.DATA_ERASE: _later(Role.ADMIN),
    Action.ACCESS_LOG_READ: _to(*_ADMINS, Role.AUDITOR),
}

# For a group named here, the grounds on which a role sees it; None stands for every row within its reach.
Lens = Mapping[FieldGroup, frozenset[Ground] | None]
_OWN_SIDE = frozenset({Ground.OWN, Ground.COMPANY})

_OUTSIDER_LENS: Lens = {
    FieldGroup.SHARED_MESSAGES: None,
    FieldGroup.STAFF_NAMES: None,
    FieldGroup.CONTACT: _OWN_SIDE,
}
_CUSTOMER_LENS: Lens = {**_OUTSIDER_LENS, FieldGroup.SALES_PRICES: _OWN_SIDE}
_SUPPLIER_LENS: Lens = {**_OUTSIDER_LENS, FieldGroup.PURCHASE_PRICES: _OWN_SIDE}
_PARTNER_LENS: Lens = {
    **_OUTSIDER_LENS,
    FieldGroup.SALES_PRICES: frozenset({Ground.RESALE}),
    FieldGroup.PARTNER_TERMS: _OWN_SIDE,
}
_STAFF_LENS: Lens = {FieldGroup.STAFF_NAMES: None, FieldGroup.STAFF_EMAILS: None}
_DESK_LENS: Lens = {
    **_STAFF_LENS,
    FieldGroup.SHARED_MESSAGES: None,
    FieldGroup.INTERNAL_NOTES: None,
    FieldGroup.CONTACT: None,
}

LENS: Mapping[Role, Lens] = {
    Role.ANONYMOUS: {},
    Role.NEWCOMER: {},
    Role.CUSTOMER_MEMBER: _CUSTOMER_LENS,
    Role.CUSTOMER_ADMIN: _CUSTOMER_LENS,
    Role.SUPPLIER_MEMBER: _SUPPLIER_LENS,
    Role.SUPPLIER_ADMIN: _SUPPLIER_LENS,
    Role.PARTNER_MEMBER: _PARTNER_LENS,
    Role.PARTNER_ADMIN: _PARTNER_LENS,
    Role.AGENT: {**_DESK_LENS, FieldGroup.SALES_PRICES: None, FieldGroup.PHASE: None},
    Role.MODERATOR: {**_STAFF_LENS, FieldGroup.SHARED_MESSAGES: frozenset({Ground.REPORTED})},
    Role.ACCOUNT_MANAGER: {
        **_DESK_LENS,
        FieldGroup.SALES_PRICES: None,
        FieldGroup.FINANCE: None,
        FieldGroup.PHASE: None,
        FieldGroup.SEGMENT: None,
        FieldGroup.PARTNER_TERMS: None,
    },
    Role.CHANNEL_MANAGER: {
        **_DESK_LENS,
        FieldGroup.SALES_PRICES: frozenset({Ground.RESALE}),
        FieldGroup.PHASE: frozenset({Ground.PARTNERS}),
        FieldGroup.SEGMENT: frozenset({Ground.PARTNERS}),
        FieldGroup.DEAL_RIVALS: None,
        FieldGroup.PARTNER_TERMS: None,
    },
    Role.BUYER: {**_DESK_LENS, FieldGroup.PURCHASE_PRICES: None},
    Role.AUDITOR: dict.fromkeys(FieldGroup),
    Role.ADMIN: {**_STAFF_LENS, FieldGroup.CONTACT: None},
    Role.BREAK_GLASS: dict.fromkeys(FieldGroup),
}
