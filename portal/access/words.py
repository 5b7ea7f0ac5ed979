"""What the nouns of access control are called, in the reader's language."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from portal.access.vocabulary import Action, Area, Capacity, FieldGroup, Ground, Level, Noun, Role

Words = Mapping[Any, Any]

ROLES: Words = {
    Role.ANONYMOUS: _l("Anyone, not signed in"),
    Role.NEWCOMER: _l("Newcomer, signed in without a company"),
    Role.CUSTOMER_MEMBER: _l("Customer"),
    Role.CUSTOMER_ADMIN: _l("Customer, company administrator"),
    Role.SUPPLIER_MEMBER: _l("Supplier"),
    Role.SUPPLIER_ADMIN: _l("Supplier, company administrator"),
    Role.PARTNER_MEMBER: _l("Partner"),
    Role.PARTNER_ADMIN: _l("Partner, company administrator"),
    Role.AGENT: _l("Agent"),
    Role.MODERATOR: _l("Moderator"),
    Role.ACCOUNT_MANAGER: _l("Account manager"),
    Role.BUYER: _l("Buyer"),
    Role.CHANNEL_MANAGER: _l("Channel manager"),
    Role.AUDITOR: _l("Auditor"),
    Role.ADMIN: _l("Administrator of the portal"),
    Role.BREAK_GLASS: _l("Administrator of the portal, by break-glass access"),
}

CAPACITIES: Words = {
    Capacity.CUSTOMER: _l("Customer"),
    Capacity.SUPPLIER: _l("Supplier"),
    Capacity.PARTNER: _l("Partner"),
}

LEVELS: Words = {Level.MEMBER: _l("Member"), Level.ADMIN: _l("Company administrator")}

AREAS: Words = {
    Area.SUPPORT: _l("Support"),
    Area.ORDERS: _l("Orders"),
    Area.DEALS: _l("Deals"),
    Area.FEEDBACK: _l("Feedback"),
}

NOUNS: Words = {
    Noun.TICKETS: _l("Tickets"),
    Noun.ORDERS: _l("Orders and documents"),
    Noun.DEALS: _l("Deal registrations"),
    Noun.FEEDBACK: _l("Feedback"),
    Noun.ORGANISATIONS: _l("Organisations and people"),
    Noun.HISTORY: _l("Contact history"),
}

GROUNDS: Words = {
    Ground.OWN: _l("Their own"),
    Ground.COPIED: _l("Those they are copied into"),
    Ground.COMPANY: _l("Their whole company's"),
    Ground.OPENED_FOR: _l("Those their company opened for a linked customer who agreed"),
    Ground.SHARED: _l("Those shared with them or their company, until the share ends"),
    Ground.TEAM: _l("Those of their teams"),
    Ground.PORTFOLIO: _l("Those of organisations in their portfolio"),
    Ground.LINKED: _l("Those of customers whose partner of record their company is"),
    Ground.SUPPLIERS: _l("Those of suppliers"),
    Ground.PARTNERS: _l("Those of partners"),
    Ground.CUSTOMERS_IN_DEALS: _l("Customers named in deals"),
    Ground.RESALE: _l("Resale orders"),
    Ground.SALES: _l("Sales orders"),
    Ground.PURCHASE: _l("Purchase orders"),
    Ground.PUBLISHED: _l("What is published"),
    Ground.REPORTED: _l("What was reported"),
    Ground.AUDIENCE: _l("What is addressed to their company"),
    Ground.UNRESTRICTED: _l("All but those of restricted teams"),
    Ground.ALL: _l("All"),
}

# Where a ground means something of its own for one noun.
GROUNDS_OF_NOUN: Words = {
    (Noun.ORGANISATIONS, Ground.COMPANY): _l("Their own company and its people"),
    (Noun.ORGANISATIONS, Ground.SHARED): _l("Companies that they share a conversation with: the name"),
    (Noun.ORGANISATIONS, Ground.PORTFOLIO): _l("Organisations in their portfolio"),
    (Noun.ORGANISATIONS, Ground.LINKED): _l("Linked customers: name, country and one contact"),
    (Noun.ORGANISATIONS, Ground.SUPPLIERS): _l("Suppliers"),
    (Noun.ORGANISATIONS, Ground.PARTNERS): _l("Partners"),
    (Noun.ORDERS, Ground.LINKED): _l("Of linked customers: states and dates, no prices"),
    (Noun.ORDERS, Ground.PORTFOLIO): _l("Sales orders of organisations in their portfolio"),
}

FIELD_GROUPS: Words = {
    FieldGroup.SHARED_MESSAGES: _l("Messages addressed to the company"),
    FieldGroup.INTERNAL_NOTES: _l("Internal notes"),
    FieldGroup.SALES_PRICES: _l("Sales prices"),
    FieldGroup.PURCHASE_PRICES: _l("Purchase prices"),
    FieldGroup.FINANCE: _l("Margin, credit and payment behaviour"),
    FieldGroup.PHASE: _l("Life-cycle phase"),
    FieldGroup.SEGMENT: _l("Segment and ABC class"),
    FieldGroup.DEAL_RIVALS: _l("The other party of a deal conflict"),
    FieldGroup.PARTNER_TERMS: _l("Partner tier and targets"),
    FieldGroup.STAFF_NAMES: _l("Staff by name"),
    FieldGroup.STAFF_EMAILS: _l("E-mail addresses of staff"),
    FieldGroup.CONTACT: _l("Contact data: e-mail, phone, address"),
}

ACTIONS: Words = {
    Action.TICKET_READ: _l("Read tickets"),
    Action.TICKET_OPEN: _l("Open a ticket"),
    Action.TICKET_REPLY: _l("Reply to a ticket"),
    Action.TICKET_COPY: _l("Copy colleagues into a ticket"),
    Action.TICKET_NOTE: _l("Write internal notes"),
    Action.TICKET_WORK: _l("Take and assign tickets, change state and priority"),
    Action.TICKET_TAG: _l("Tag tickets"),
    Action.TICKET_HAND_ON: _l("Hand a ticket on to another team"),
    Action.TICKET_CLOSE: _l("Close and reopen a ticket"),
    Action.MESSAGE_WITHDRAW: _l("Withdraw an own message within 15 minutes"),
    Action.MESSAGE_REDACT: _l("Redact a message"),
    Action.RECORD_SHARE: _l("Share a ticket, deal or order"),
    Action.DEAL_READ: _l("Read deal registrations"),
    Action.DEAL_WRITE: _l("Register and edit deals"),
    Action.DEAL_DECIDE: _l("Decide on deals"),
    Action.SCORECARD_READ: _l("See a partner’s results, tier and targets"),
    Action.PARTNER_TERMS_MANAGE: _l("Set tiers and targets of partners"),
    Action.OPPORTUNITY_WRITE: _l("Keep opportunities on the customer’s record"),
    Action.OPPORTUNITY_UPDATE: _l("Say how far an opportunity has come"),
    Action.PRODUCT_MANAGE: _l("Keep the catalogue of products"),
    Action.LEAD_READ: _l("Read leads: partners those that are offered to them just now, or that they accepted"),
    Action.LEAD_HAND_OUT: _l("Write leads and hand them out to partners"),
    Action.LEAD_ANSWER: _l("Accept or decline a lead"),
    Action.ORDER_READ: _l("Read orders and their documents"),
    Action.PURCHASE_ANSWER: _l("Confirm or propose changes of purchase orders"),
    Action.PURCHASE_CHECK: _l("Accept proposals and check invoices"),
    Action.RFQ_READ: _l("Read requests for quotation: suppliers those that they are invited to, and their own offers"),
    Action.RFQ_WRITE: _l("Write requests for quotation, send them to suppliers and award them"),
    Action.RFQ_ANSWER: _l("Answer a request for quotation"),
    Action.SUPPLIER_SCORECARD_READ: _l("See how a supplier confirms and delivers"),
    Action.QUOTATION_DECIDE: _l("Accept or decline a quotation"),
    Action.ORDER_ASK: _l("Ask for a return, a reorder or a document"),
    Action.ORDER_CONFIRM: _l("Confirm a return or a reorder"),
    Action.IMPORT_RUN: _l("Import and undo an import"),
    Action.API_KEY_MANAGE: _l("Issue and revoke API keys"),
    Action.FEEDBACK_POST: _l("Post, comment, vote and report"),
    Action.FEEDBACK_MODERATE: _l("Publish, hide and merge feedback"),
    Action.IDEA_ANSWER: _l("Answer an idea and set its state"),
    Action.ORGANISATION_READ: _l("Look at organisations"),
    Action.ORGANISATION_WRITE: _l("Create or edit organisations"),
    Action.ORGANISATION_PROVE_DOMAIN: _l("Prove a domain"),
    Action.PEOPLE_MANAGE: _l("Invite people, accept newcomers, set rights, end memberships"),
    Action.CONTACT_LOG: _l("Log a phone call, fax, visit or chat"),
    Action.HISTORY_READ: _l("Read the contact history"),
    Action.PREVIEW_AS: _l("See the portal as a customer, supplier or partner sees it"),
    Action.STAFF_GRANT: _l("Grant roles to staff"),
    Action.TEAMS_MANAGE: _l("Set up teams"),
    Action.HOURS_MANAGE: _l("Set the business hours"),
    Action.BREAK_GLASS: _l("Open break-glass access: with a reason, for a while, told to the other administrators"),
    Action.BREAK_GLASS_READ: _l("See who opened break-glass access, when and why"),
    Action.DATA_EXPORT_OWN: _l("Export one's own data"),
    Action.DATA_EXPORT_COMPANY: _l("Export the company's data"),
    Action.DATA_ERASE: _l("Erase data"),
    Action.ACCESS_LOG_READ: _l("Read the access log"),
}


def ground_words(noun: Noun, ground: Ground) -> str:
    return str(GROUNDS_OF_NOUN.get((noun, ground)) or GROUNDS[ground])
