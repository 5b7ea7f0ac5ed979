"""What phases, tiers, channels and fields are called, in the reader's language."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from portal.organisations.models import Channel, PartnerTier, Phase

Words = Mapping[Any, Any]

PHASES: Words = {
    Phase.PROSPECT: _l("Prospect"),
    Phase.NEW: _l("New customer"),
    Phase.REPEAT: _l("Repeat"),
    Phase.LOYAL: _l("Loyal"),
    Phase.LEAVING: _l("Leaving"),
}

TIERS: Words = {
    PartnerTier.REGISTERED: lazy_pgettext("tier", "Registered"),
    PartnerTier.SILVER: _l("Silver"),
    PartnerTier.GOLD: _l("Gold"),
}

CHANNELS: Words = {
    Channel.WEB: _l("Web"),
    Channel.EMAIL: _l("E-mail"),
    Channel.PHONE: _l("Phone call"),
    Channel.FAX: _l("Fax"),
    Channel.SHOP: _l("Visit to a shop"),
    Channel.VISIT: _l("Personal visit"),
    Channel.CHAT: _l("Chat"),
    Channel.API: _l("Another system"),
}

# Channels of which nothing is known unless somebody writes it down.
BY_HAND = (Channel.PHONE, Channel.FAX, Channel.SHOP, Channel.VISIT, Channel.CHAT)

FIELDS: Words = {
    "name": _l("Organisation name"),
    "country": _l("Country"),
    "website": _l("Website"),
    "domain": _l("Mail domain"),
    "language": _l("Language"),
    "capacities": _l("Relation to us"),
    "email": _l("E-mail"),
    "phone": _l("Phone"),
    "address": _l("Address"),
    "phase": _l("Life-cycle phase"),
    "segment": _l("Segment"),
    "abc_class": _l("ABC class"),
    "partner_tier": _l("Partner tier"),
}
