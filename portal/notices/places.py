"""Where a notice leads."""

_ELSEWHERE = {
    "request-to-join": "/requests",
    "invitation-accepted": "/",
    "request-decided": "/",
    "lead-offered": "/leads",
    "webhook-paused": "/webhooks",
    "break-glass": "/settings/break-glass",
}


def place_of(
    kind: str,
    ticket_ref: str | None,
    message_ref: str | None = None,
    *,
    deal_ref: str | None = None,
    order_ref: str | None = None,
    share_ref: str | None = None,
    lead_ref: str | None = None,
    rfq_ref: str | None = None,
) -> str:
    """A path on this site; the addresses are those of the design, which mail keeps for years."""
    if share_ref is not None:
        return f"/rooms/{share_ref}"
    if lead_ref is not None:
        return f"/leads/{lead_ref}"
    if deal_ref is not None:
        return f"/deals/{deal_ref}"
    if order_ref is not None:
        return f"/orders/{order_ref}"
    if rfq_ref is not None:
        return f"/requests-for-quotation/{rfq_ref}"
    if ticket_ref is None:
        return _ELSEWHERE.get(kind, "/notices")
    return f"/tickets/{ticket_ref}" + (f"#{message_ref}" if message_ref else "")
