"""Checking receipts offline: nothing here asks a database, the network or the time.

A download is JSON: `receipts` (compact JWS in their order), `keys` (a key set), `heads` (compact JWS of daily heads)
and `proofs` (for each receipt that a head holds: its SHA-256 as `receipt`, the `day` and the `path` to the root).
A bare compact JWS is one receipt.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from portal.receipts.jws import Keys, NotSigned, open_signed, read_key_set, sha256
from portal.receipts.merkle import root_of

FORMAT = "portal-receipts-1"
RECEIPT, HEAD = "portal-receipt", "portal-receipt-head"
# A chain of two hundred receipts, with its proofs, is half as long.
MOST_BYTES = 2_000_000
_MEMBERS = {"format", "receipts", "keys", "heads", "proofs"}
_SAYS = {
    "content": dict,
    "event": str,
    "issuer": dict,
    "kind": str,
    "previous": str | None,
    "receipt": str,
    "record": str,
    "salt": str,
    "sequence": int,
    "time": str,
}


class Fault(StrEnum):
    """What is wrong; the words for people are in `words.FAULTS`."""

    TOO_LARGE = "too-large"
    UNREADABLE = "unreadable"
    NOT_A_RECEIPT = "not-a-receipt"
    WRONG_HEADER = "wrong-header"
    NOT_CANONICAL = "not-canonical"
    BAD_KEYS = "bad-keys"
    UNKNOWN_KEY = "unknown-key"
    BAD_SIGNATURE = "bad-signature"
    TWO_RECORDS = "two-records"
    NO_BEGINNING = "no-beginning"
    MISSING = "missing"
    BROKEN_CHAIN = "broken-chain"
    BAD_PROOF = "bad-proof"
    OTHER_HEAD = "other-head"
    NOT_IN_HEAD = "not-in-head"


class Refused(ValueError):
    """The file cannot be read at all."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Problem:
    fault: Fault
    # Which receipt of the file, counted from 1; 0 for the file as a whole.
    place: int = 0


@dataclass(slots=True)
class Bundle:
    """A download, taken apart and believed in nothing."""

    receipts: list[str]
    keys: Any = None
    heads: list[str] = field(default_factory=list)
    proofs: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class Verdict:
    """What was found; `receipts` are what those say whose signature holds."""

    problems: list[Problem] = field(default_factory=list)
    receipts: list[dict[str, Any]] = field(default_factory=list)
    kids: list[str] = field(default_factory=list)
    # Numbers of receipts in their chain, by the day whose head holds them.
    days: dict[str, list[int]] = field(default_factory=dict)
    are_keys_from_file: bool = False

    @property
    def is_valid(self) -> bool:
        return not self.problems


def read_bundle(text: str) -> Bundle:
    """Raises Refused."""
    text = text.strip()
    if len(text.encode(errors="surrogatepass")) > MOST_BYTES:
        raise Refused(Fault.TOO_LARGE)
    if not text.startswith("{"):
        if text.count(".") != 2 or len(text.split()) != 1:
            raise Refused(Fault.UNREADABLE)
        return Bundle([text])
    value = read_json(text)
    if set(value) - _MEMBERS or value.get("format") != FORMAT:
        raise Refused(Fault.UNREADABLE)
    bundle = Bundle(value.get("receipts", []), value.get("keys"), value.get("heads", []), value.get("proofs", []))
    if not bundle.receipts or not all(map(_is_texts, (bundle.receipts, bundle.heads))):
        raise Refused(Fault.UNREADABLE)
    if not isinstance(bundle.proofs, list) or not all(map(_is_proof, bundle.proofs)):
        raise Refused(Fault.UNREADABLE)
    return bundle


def read_json(text: str) -> dict[str, Any]:
    """An object in which no name stands twice. Raises Refused."""
    try:
        value = json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise Refused(Fault.UNREADABLE) from None
    if not isinstance(value, dict):
        raise Refused(Fault.UNREADABLE)
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(part, str) for part in value)


def _is_proof(value: Any) -> bool:
    if not isinstance(value, dict) or set(value) != {"receipt", "day", "path"}:
        return False
    return isinstance(value["receipt"], str) and isinstance(value["day"], str) and _is_texts(value["path"])


def check(bundle: Bundle, keys: Keys | None = None, saved_heads: Iterable[str] = ()) -> Verdict:
    """Everything about a download. `keys` go before the ones in the file; `saved_heads` were kept from before."""
    verdict = Verdict(are_keys_from_file=keys is None)
    if keys is None:
        try:
            keys = read_key_set(bundle.keys or {})
        except NotSigned:
            verdict.problems.append(Problem(Fault.BAD_KEYS))
            return verdict
    hashes = _check_receipts(bundle, keys, verdict)
    if verdict.is_valid:
        _check_chain(bundle, verdict)
    _check_proofs(bundle, keys, hashes, list(saved_heads), verdict)
    return verdict


def _check_receipts(bundle: Bundle, keys: Keys, verdict: Verdict) -> dict[str, int]:
    """Each on its own; returns the number in its chain by the hash of each receipt."""
    hashes: dict[str, int] = {}
    for place, compact in enumerate(bundle.receipts, 1):
        try:
            signed = open_signed(compact, keys, typ=RECEIPT)
            _must_say_everything(signed.payload)
        except NotSigned as fault:
            verdict.problems.append(Problem(Fault(fault.reason), place))
            continue
        verdict.receipts.append(signed.payload)
        hashes[sha256(compact)] = signed.payload["sequence"]
        if signed.kid not in verdict.kids:
            verdict.kids.append(signed.kid)
    return hashes


def _must_say_everything(payload: dict[str, Any]) -> None:
    is_whole = set(payload) == set(_SAYS) and all(isinstance(payload[name], kind) for name, kind in _SAYS.items())
    if not is_whole:
        raise NotSigned(Fault.NOT_A_RECEIPT)


def _check_chain(bundle: Bundle, verdict: Verdict) -> None:
    """Several receipts are a whole chain from its beginning, in order; one may stand alone."""
    says = verdict.receipts
    chains = {(said["issuer"].get("url"), said["kind"], said["record"]) for said in says}
    if len(chains) > 1:
        verdict.problems.append(Problem(Fault.TWO_RECORDS))
    first = says[0]
    if len(says) > 1 and first["sequence"] != 1:
        verdict.problems.append(Problem(Fault.NO_BEGINNING, 1))
    if (first["sequence"] == 1) != (first["previous"] is None):
        verdict.problems.append(Problem(Fault.BROKEN_CHAIN, 1))
    for place in range(1, len(says)):
        if says[place]["sequence"] != says[place - 1]["sequence"] + 1:
            verdict.problems.append(Problem(Fault.MISSING, place + 1))
        elif says[place]["previous"] != sha256(bundle.receipts[place - 1]):
            verdict.problems.append(Problem(Fault.BROKEN_CHAIN, place + 1))


def _check_proofs(bundle: Bundle, keys: Keys, hashes: dict[str, int], saved: list[str], verdict: Verdict) -> None:
    heads = _heads(bundle.heads, keys, verdict)
    kept = _heads(saved, keys, verdict)
    for day in kept.keys() & heads.keys():
        if kept[day] != heads[day]:
            verdict.problems.append(Problem(Fault.OTHER_HEAD))
    roots = heads | kept
    for proof in bundle.proofs:
        if proof["receipt"] not in hashes or not _leads_to(proof, roots.get(proof["day"])):
            verdict.problems.append(Problem(Fault.BAD_PROOF))
        else:
            verdict.days.setdefault(proof["day"], []).append(hashes[proof["receipt"]])
    if any(day not in verdict.days for day in kept):
        verdict.problems.append(Problem(Fault.NOT_IN_HEAD))


def _heads(compacts: list[str], keys: Keys, verdict: Verdict) -> dict[str, str]:
    """Root by day; of two heads for one day, either is a rewritten history."""
    roots: dict[str, str] = {}
    for compact in compacts:
        try:
            payload = open_signed(compact, keys, typ=HEAD).payload
            day, root = str(payload["day"]), str(payload["root"])
            if roots.setdefault(day, root) != root:
                verdict.problems.append(Problem(Fault.OTHER_HEAD))
        except NotSigned as fault:
            verdict.problems.append(Problem(Fault(fault.reason)))
        except KeyError:
            verdict.problems.append(Problem(Fault.BAD_PROOF))
    return roots


def _leads_to(proof: dict[str, Any], root: str | None) -> bool:
    try:
        return root is not None and root_of(proof["receipt"], proof["path"]) == root
    except ValueError:
        return False


def read_head(text: str) -> str:
    """The compact JWS of a head that was saved from its public address. Raises Refused."""
    found = read_json(text).get("head")
    if not isinstance(found, str):
        raise Refused(Fault.UNREADABLE)
    return found
