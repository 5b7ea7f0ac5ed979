"""The nouns of access control: who asks, on what ground, for which field groups, to do what."""

from enum import StrEnum


class Kind(StrEnum):
    """What sort of principal asks."""

    ANONYMOUS = "anonymous"
    NEWCOMER = "newcomer"
    PERSON = "person"
    API_KEY = "api-key"
    SYSTEM = "system"


class Capacity(StrEnum):
    """In what relation an organisation stands to ours."""

    CUSTOMER = "customer"
    SUPPLIER = "supplier"
    PARTNER = "partner"


class Level(StrEnum):
    MEMBER = "member"
    ADMIN = "admin"


class Area(StrEnum):
    SUPPORT = "support"
    ORDERS = "orders"
    DEALS = "deals"
    FEEDBACK = "feedback"


class Role(StrEnum):
    """A column of the access tables: outsiders by capacity and level, staff by what they were granted."""

    ANONYMOUS = "anonymous"
    NEWCOMER = "newcomer"
    CUSTOMER_MEMBER = "customer-member"
    CUSTOMER_ADMIN = "customer-admin"
    SUPPLIER_MEMBER = "supplier-member"
    SUPPLIER_ADMIN = "supplier-admin"
    PARTNER_MEMBER = "partner-member"
    PARTNER_ADMIN = "partner-admin"
    AGENT = "agent"
    MODERATOR = "moderator"
    ACCOUNT_MANAGER = "account-manager"
    BUYER = "buyer"
    CHANNEL_MANAGER = "channel-manager"
    AUDITOR = "auditor"
    ADMIN = "admin"
    # Nobody is granted it: an administrator holds it besides, for as long as their break-glass access lasts.
    BREAK_GLASS = "break-glass"


STAFF_ROLES = (
    Role.AGENT,
    Role.MODERATOR,
    Role.ACCOUNT_MANAGER,
    Role.BUYER,
    Role.CHANNEL_MANAGER,
    Role.AUDITOR,
    Role.ADMIN,
)


class Noun(StrEnum):
    """A row of the scope table."""

    TICKETS = "tickets"
    ORDERS = "orders"
    DEALS = "deals"
    FEEDBACK = "feedback"
    ORGANISATIONS = "organisations"
    HISTORY = "history"


AREA_OF = {
    Noun.TICKETS: Area.SUPPORT,
    Noun.ORDERS: Area.ORDERS,
    Noun.DEALS: Area.DEALS,
    Noun.FEEDBACK: Area.FEEDBACK,
}


class Ground(StrEnum):
    """Why a row is within reach; declared from the closest ground to the widest."""

    OWN = "own"
    COPIED = "copied"
    COMPANY = "company"
    OPENED_FOR = "opened-for"  # opened by my company for a linked customer who consented
    SHARED = "shared"
    TEAM = "team"
    PORTFOLIO = "portfolio"
    LINKED = "linked"
    SUPPLIERS = "suppliers"  # whatever stands in the supplier capacity
    PARTNERS = "partners"
    CUSTOMERS_IN_DEALS = "customers-in-deals"
    RESALE = "resale"
    SALES = "sales"
    PURCHASE = "purchase"
    PUBLISHED = "published"
    REPORTED = "reported"
    AUDIENCE = "audience"
    UNRESTRICTED = "unrestricted"  # all but what belongs to restricted teams
    ALL = "all"


class FieldGroup(StrEnum):
    """A row of the lens table."""

    SHARED_MESSAGES = "shared-messages"
    INTERNAL_NOTES = "internal-notes"
    SALES_PRICES = "sales-prices"
    PURCHASE_PRICES = "purchase-prices"
    FINANCE = "finance"
    PHASE = "phase"
    SEGMENT = "segment"
    DEAL_RIVALS = "deal-rivals"
    PARTNER_TERMS = "partner-terms"
    STAFF_NAMES = "staff-names"
    STAFF_EMAILS = "staff-emails"
    # Contact data is no row of the lens table: the scope table gives it ("name, country, one contact" for linked).
    CONTACT = "contact"


class Action(StrEnum):
    """A verb that a route declares; the value reads `noun:verb`."""

    TICKET_READ = "ticket:read"
    TICKET_OPEN = "ticket:open"
    TICKET_REPLY = "ticket:reply"
    TICKET_COPY = "ticket:copy"
    TICKET_NOTE = "ticket:note"
    TICKET_WORK = "ticket:work"
    TICKET_TAG = "ticket:tag"
    TICKET_HAND_ON = "ticket:hand-on"
    TICKET_CLOSE = "ticket:close"
    MESSAGE_WITHDRAW = "message:withdraw"
    MESSAGE_REDACT = "message:redact"
    RECORD_SHARE = "record:share"
    DEAL_READ = "deal:read"
    DEAL_WRITE = "deal:write"
    DEAL_DECIDE = "deal:decide"
    OPPORTUNITY_WRITE = "opportunity:write"
    OPPORTUNITY_UPDATE = "opportunity:update"
    PRODUCT_MANAGE = "product:manage"
    SCORECARD_READ = "deal:scorecard"
    PARTNER_TERMS_MANAGE = "partner-terms:manage"
    LEAD_READ = "lead:read"
    LEAD_HAND_OUT = "lead:hand-out"
    LEAD_ANSWER = "lead:answer"
    ORDER_READ = "order:read"
    PURCHASE_ANSWER = "purchase:answer"
    PURCHASE_CHECK = "purchase:check"
    RFQ_READ = "rfq:read"
    RFQ_WRITE = "rfq:write"
    RFQ_ANSWER = "rfq:answer"
    SUPPLIER_SCORECARD_READ = "purchase:scorecard"
    QUOTATION_DECIDE = "quotation:decide"
    ORDER_ASK = "order:ask"
    ORDER_CONFIRM = "order:confirm"
    IMPORT_RUN = "import:run"
    API_KEY_MANAGE = "api-key:manage"
    FEEDBACK_POST = "feedback:post"
    FEEDBACK_MODERATE = "feedback:moderate"
    IDEA_ANSWER = "idea:answer"
    ORGANISATION_READ = "organisation:read"
    ORGANISATION_WRITE = "organisation:write"
    ORGANISATION_PROVE_DOMAIN = "organisation:prove-domain"
    PEOPLE_MANAGE = "people:manage"
    CONTACT_LOG = "contact:log"
    HISTORY_READ = "history:read"
    PREVIEW_AS = "preview:start"
    STAFF_GRANT = "staff:grant"
    TEAMS_MANAGE = "teams:manage"
    HOURS_MANAGE = "hours:manage"
    BREAK_GLASS = "break-glass:open"
    BREAK_GLASS_READ = "break-glass:read"
    DATA_EXPORT_OWN = "data:export-own"
    DATA_EXPORT_COMPANY = "data:export-company"
    DATA_ERASE = "data:erase"
    ACCESS_LOG_READ = "access-log:read"
