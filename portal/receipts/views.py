"""Receipts for their holders, and for everybody: the keys, the daily heads and the page that checks."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Blueprint, Response, abort, request, url_for

from portal.access.gate import note_read, public, signed_in
from portal.accounts.pages.sign_in import sign_in_rate
from portal.config import settings
from portal.extensions import db, limiter
from portal.receipts import heads, words
from portal.receipts.checking import Refused, Verdict, check, read_bundle
from portal.receipts.downloads import bundle, chain
from portal.receipts.forms import VerifyForm
from portal.receipts.jws import key_set, take_apart
from portal.receipts.keys import published_keys
from portal.receipts.models import Receipt
from portal.receipts.slips import pack, unpack
from portal.web import find_or_404, render

bp = Blueprint("receipts", __name__)

HOUR = 3600


@bp.get("/.well-known/portal-receipt-keys.json")
@public
def show_keys() -> Response:
    """The public keys of all times."""
    return _public_json(key_set(published_keys(db.session())))


@bp.get("/receipts/heads/<day>.json")
@public
def show_head(day: str) -> Response:
    """The signed head of a day, written 2026-11-22, or the latest one."""
    found = heads.head_on(db.session(), _day(day))
    if found is None:
        abort(404)
    return _public_json({"head": found, "says": take_apart(found)[0].payload})


def _day(text: str) -> date | None:
    if text == "latest":
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        abort(404)


@bp.get("/receipts/verify")
@public
@limiter.limit(sign_in_rate)
def show_verification() -> Response:
    """The form; or what is found about the slip in the address, which the QR code of a printed receipt holds."""
    slip = request.args.get("slip", "")
    return _answer(VerifyForm(formdata=None), lambda: unpack(slip)) if slip else _answer(VerifyForm(formdata=None))


@bp.post("/receipts/verify")
@public
@limiter.limit(sign_in_rate)
def verify() -> Response:
    form = VerifyForm()
    if not form.validate_on_submit():
        return render("receipts/verify.html", status=422, form=form)
    return _answer(form, form.read)


def _answer(form: VerifyForm, sent: Any = None) -> Response:
    """Nothing but the keys is read here: the page knows no receipt that it is not given."""
    if sent is None:
        return render("receipts/verify.html", form=form)
    try:
        verdict = check(read_bundle(sent()), published_keys(db.session()))
    except Refused as refused:
        return render("receipts/verify.html", form=form, refused=words.FAULTS[refused.fault])
    return render("receipts/verify.html", form=form, verdict=verdict, found=_found(verdict), words=words)


def _found(verdict: Verdict) -> list[tuple[int, str]]:
    return [(problem.place, str(words.FAULTS[problem.fault])) for problem in verdict.problems]


@bp.get("/receipts/<ref>")
@signed_in
def show(ref: str) -> Response:
    """The receipt as people read and print it."""
    receipt = find_or_404(Receipt, ref=ref)
    note_read(receipt.record_ref, receipt.organisation_id)
    slip = pack(receipt.jws)
    address = settings().base_url + url_for("receipts.show_verification")
    return render(
        "receipts/show.html",
        receipt=receipt,
        says=(says := take_apart(receipt.jws)[0].payload),
        raw=json.dumps(says, indent=2, ensure_ascii=False, sort_keys=True),
        words=words,
        address=address,
        code=_code(f"{address}?slip={slip}" if slip else address),
        is_whole_in_code=slip is not None,
        keys_address=settings().base_url + url_for("receipts.show_keys"),
    )


def _code(text: str) -> str:
    """A QR code as SVG: dark on white in every theme, or no telephone reads it."""
    import segno

    code = segno.make_qr(text, error="l", boost_error=True)
    return str(code.svg_inline(omitsize=True, border=4, dark="#000", light="#fff", svgclass="qr", lineclass=None))


@bp.get("/receipts/<ref>.json")
@signed_in
def download(ref: str) -> Response:
    """This receipt alone."""
    receipt = find_or_404(Receipt, ref=ref)
    note_read(receipt.record_ref, receipt.organisation_id)
    return _download([receipt], receipt.ref)


@bp.get("/receipts/<ref>/chain.json")
@signed_in
def download_chain(ref: str) -> Response:
    """All receipts of the same record."""
    receipt = find_or_404(Receipt, ref=ref)
    note_read(receipt.record_ref, receipt.organisation_id)
    return _download(chain(db.session(), receipt.kind, receipt.record_id), receipt.record_ref)


def _download(receipts: list[Receipt], name: str) -> Response:
    response = _json(bundle(db.session(), receipts))
    response.headers["Content-Disposition"] = f'attachment; filename="{name}-receipts.json"'
    return response


def _json(value: Mapping[str, Any]) -> Response:
    return Response(json.dumps(value, indent=1, ensure_ascii=False) + "\n", mimetype="application/json")


def _public_json(value: Mapping[str, Any]) -> Response:
    """For everybody, and for scripts of other sites too: there is nothing in it that anybody should not have."""
    response = _json(value)
    response.headers["Cache-Control"] = f"public, max-age={HOUR}"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response
