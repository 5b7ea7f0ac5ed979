"""Requests for quotation: what we ask of several suppliers, none of whom learns of another."""

from portal.rfqs.awarding import RfqAward
from portal.rfqs.invitations import RfqClarification, RfqInvitation, RfqQuestion
from portal.rfqs.offers import RfqOffer, RfqOfferLine
from portal.rfqs.requests import Rfq, RfqLine, RfqTerms

__all__ = [
    "Rfq",
    "RfqAward",
    "RfqClarification",
    "RfqInvitation",
    "RfqLine",
    "RfqOffer",
    "RfqOfferLine",
    "RfqQuestion",
    "RfqTerms",
]
