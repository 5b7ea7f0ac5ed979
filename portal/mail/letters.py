"""Mail that goes with no notice: an invitation, and the answer to a reply by mail."""

from flask_babel import gettext as _

from portal.accounts.joining import Invitation
from portal.config import settings
from portal.languages import date_text
from portal.mail.letter import Letter, about, link, mail_host, open_ticket_label, thread_id


def invitation_letter(invitation: Invitation, url: str, organisation: str | None, inviter: str | None) -> Letter:
    brand = settings().brand_name
    return Letter(
        to_name="",
        to_address=invitation.email,
        subject=_("You are invited to %(brand)s", brand=brand),
        template="invitation",
        message_id=f"<invitation.{invitation.ref}@{mail_host()}>",
        headers={"Auto-Submitted": "auto-generated"},
        is_notice=False,
        context={
            "organisation": organisation,
            "inviter": inviter,
            "url": url,
            "until": date_text(invitation.expires_at, "long"),
        },
    )


def answer_letter(key: str, to: str, ticket_ref: str | None, reply_to_id: str) -> Letter:
    title = _("Your reply was not read")
    headers = {"Auto-Submitted": "auto-replied"}
    if reply_to_id:
        headers["In-Reply-To"] = reply_to_id
        headers["References"] = f"{thread_id(ticket_ref)} {reply_to_id}" if ticket_ref else reply_to_id
    return Letter(
        to_name="",
        to_address=to,
        subject=about(ticket_ref, title) if ticket_ref else title,
        template="answer",
        message_id=f"<answer.{key}@{mail_host()}>",
        headers=headers,
        is_notice=False,
        context={
            "title": title,
            "url": link(f"/tickets/{ticket_ref}" if ticket_ref else "/tickets"),
            "url_label": open_ticket_label() if ticket_ref else _("Go to your tickets"),
        },
    )
