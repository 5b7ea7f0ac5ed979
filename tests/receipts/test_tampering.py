"""Whatever is done to a receipt or to a chain of them, it is found: without a database, a network or the portal."""

import copy
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from portal.receipts.checking import FORMAT, HEAD, RECEIPT, Fault, Refused, Verdict, check, read_bundle
from portal.receipts.jws import canonical, from_base64, key_set, sha256, sign, thumbprint, to_base64
from portal.receipts.merkle import Tree

Made = dict[str, Any]
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def pair(seed: int) -> tuple[bytes, bytes]:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    private = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
    return private.public_key().public_bytes_raw(), private.private_bytes_raw()


OURS, OTHERS = pair(1), pair(2)


def signed(payload: dict[str, Any], typ: str = RECEIPT, by: tuple[bytes, bytes] = OURS) -> str:
    return sign(payload, typ=typ, public=by[0], private=by[1])


def chain_of(record: str, count: int, *, by: tuple[bytes, bytes] = OURS) -> list[str]:
    made: list[str] = []
    for number in range(1, count + 1):
        payload = {
            "content": {"amount": {"amount": number * 100, "currency": "EUR"}, "customer": "Ąžuolas"},
            "event": "extended",
            "issuer": {"name": "Portal", "url": "https://portal.example.com"},
            "kind": "deal",
            "previous": sha256(made[-1]) if made else None,
            "receipt": f"R-0000000{number}",
            "record": record,
            "salt": to_base64(hashlib.sha256(f"{record}{number}".encode()).digest()),
            "sequence": number,
            "time": f"2026-11-{number:02}T10:00:00Z",
        }
        made.append(signed(payload, by=by))
    return made


def download(receipts: list[str], *, also: tuple[str, ...] = ()) -> Made:
    """With a head for every two receipts."""
    value: Made = {"format": FORMAT, "receipts": receipts, "heads": [], "proofs": [], "keys": key_set(KEYS)}
    for start in range(0, len(receipts), 2):
        held = [sha256(receipt) for receipt in receipts[start : start + 2]]
        tree = Tree([*held, *(sha256(other) for other in also)], b"seed")
        day = (date(2026, 11, 20) + timedelta(days=start)).isoformat()
        said = {"day": day, "issuer": {}, "previous": None, "root": tree.root, "time": f"{day}T23:59:59Z"}
        value["heads"].append(signed(said, HEAD))
        value["proofs"] += [{"day": day, "path": tree.proof(one), "receipt": one} for one in held]
    return value


KEYS = {thumbprint(OURS[0]): OURS[0]}
CHAIN, OTHER_CHAIN = chain_of("D-00000001", 5), chain_of("D-00000002", 5)
WHOLE = download(CHAIN, also=tuple(OTHER_CHAIN))


def judged(value: Made | str, **known: Any) -> Verdict | None:
    """None where the file is refused as a whole."""
    try:
        return check(read_bundle(value if isinstance(value, str) else json.dumps(value)), **known)
    except Refused:
        return None


def is_found(value: Made | str, **known: Any) -> bool:
    verdict = judged(value, **known)
    return verdict is None or not verdict.is_valid


def faults(value: Made | str, **known: Any) -> set[Fault]:
    verdict = judged(value, **known)
    assert verdict is not None
    return {problem.fault for problem in verdict.problems}


def changed(change: Callable[[Made], Any]) -> Made:
    value = copy.deepcopy(WHOLE)
    change(value)
    return value


def test_a_whole_chain_holds() -> None:
    verdict = judged(WHOLE)
    assert verdict is not None
    assert verdict.problems == []
    assert [said["sequence"] for said in verdict.receipts] == [1, 2, 3, 4, 5]
    assert sorted(number for numbers in verdict.days.values() for number in numbers) == [1, 2, 3, 4, 5]
    assert not is_found(WHOLE, keys=KEYS, saved_heads=WHOLE["heads"])
    assert not is_found(CHAIN[2], keys=KEYS)


@given(which=st.integers(0, 4), where=st.integers(0, 10_000), to=st.sampled_from(ALPHABET + ".=+/ é"))
def test_any_character_of_a_receipt(which: int, where: int, to: str) -> None:
    """Header, payload and signature, the very last bits included."""
    compact = CHAIN[which]
    at = where % len(compact)
    assume(compact[at] != to)
    bad = compact[:at] + to + compact[at + 1 :]
    assert is_found(changed(lambda value: value["receipts"].__setitem__(which, bad)))
    assert is_found(bad, keys=KEYS)


@given(where=st.integers(0, 100_000), to=st.characters(codec="utf-8"))
def test_any_character_of_a_download(where: int, to: str) -> None:
    """Unless it says the very same, as white space between its parts does."""
    text = json.dumps(WHOLE, indent=1)
    at = where % len(text)
    bad = text[:at] + to + text[at + 1 :]
    try:
        same = json.loads(bad) == WHOLE
    except ValueError:
        same = False
    assert same or is_found(bad)


@given(where=st.integers(0, 100_000), length=st.integers(1, 400))
def test_any_part_that_is_cut_out(where: int, length: int) -> None:
    text = json.dumps(WHOLE, separators=(",", ":"))
    at = where % len(text)
    assert is_found(text[:at] + text[at + length :])


@given(drop=st.sets(st.integers(0, 4), min_size=1, max_size=4))
def test_dropped_receipts(drop: set[int]) -> None:
    left = [receipt for n, receipt in enumerate(CHAIN) if n not in drop]
    # What is left says more than that it holds by itself only where it is the beginning, or one alone.
    bare = download(left) | {"heads": [], "proofs": []}
    is_beginning = left == CHAIN[: len(left)]
    assert is_found(bare) == (not is_beginning and len(left) > 1)
    # The proofs that came with the download miss every one of them, the last ones too.
    assert Fault.BAD_PROOF in faults(WHOLE | {"receipts": left})


@given(order=st.permutations(range(5)))
def test_another_order(order: list[int]) -> None:
    assume(order != sorted(order))
    assert is_found(WHOLE | {"receipts": [CHAIN[n] for n in order]})


@given(st.integers(0, 5), st.integers(0, 4), st.booleans())
def test_an_inserted_receipt(where: int, which: int, is_other: bool) -> None:
    more = [*CHAIN[:where], (OTHER_CHAIN if is_other else CHAIN)[which], *CHAIN[where:]]
    assert is_found(WHOLE | {"receipts": more})


@given(st.integers(0, 4))
def test_a_receipt_of_another_chain_in_its_place(which: int) -> None:
    mixed = [*CHAIN[:which], OTHER_CHAIN[which], *CHAIN[which + 1 :]]
    assert Fault.TWO_RECORDS in faults(download(mixed))


def test_a_history_that_was_rewritten_does_not_lead_to_the_head_that_was_kept() -> None:
    """The issuer itself signs everything anew; only who kept a head can tell."""
    again = chain_of("D-00000001", 4)
    payload = json.loads(from_base64(again[3].split(".")[1]))
    again[3] = signed(payload | {"event": "rejected"})
    forged = download(again)
    assert not is_found(forged, keys=KEYS)
    assert faults(forged, keys=KEYS, saved_heads=[WHOLE["heads"][1]]) >= {Fault.OTHER_HEAD, Fault.BAD_PROOF}
    hidden = forged | {"heads": [], "proofs": []}
    assert faults(hidden, keys=KEYS, saved_heads=[WHOLE["heads"][1]]) == {Fault.NOT_IN_HEAD}
    # Both in one file, the one that fits last.
    both = WHOLE | {"heads": [*forged["heads"], *WHOLE["heads"]]}
    assert Fault.OTHER_HEAD in faults(both, keys=KEYS)


def test_the_last_ones_are_missed_by_who_kept_a_head() -> None:
    shorter = {**WHOLE, "receipts": CHAIN[:4], "heads": [], "proofs": WHOLE["proofs"][:4]}
    assert Fault.NOT_IN_HEAD in faults(shorter | {"proofs": []}, saved_heads=[WHOLE["heads"][2]])


def test_a_proof_in_other_letters() -> None:
    upper = changed(lambda value: value["proofs"][0].update(path=[part.upper() for part in value["proofs"][0]["path"]]))
    assert faults(upper) == {Fault.BAD_PROOF}


@given(which=st.integers(0, 4), level=st.integers(0, 31), to=st.integers(0, 255))
def test_a_changed_proof(which: int, level: int, to: int) -> None:
    def change(value: Made) -> None:
        path = value["proofs"][which]["path"]
        assume(not path[level].startswith(f"{to:02x}"))
        path[level] = f"{to:02x}" + path[level][2:]

    assert Fault.BAD_PROOF in faults(changed(change))


def with_header(header: dict[str, Any], by: tuple[bytes, bytes] = OURS) -> str:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    said = f"{to_base64(canonical(header))}.{CHAIN[0].split('.')[1]}"
    return f"{said}.{to_base64(Ed25519PrivateKey.from_private_bytes(by[1]).sign(said.encode()))}"


KID = thumbprint(OURS[0])
GOOD = {"alg": "EdDSA", "kid": KID, "typ": RECEIPT}


@pytest.mark.parametrize(
    ("header", "fault"),
    [
        ({**GOOD, "alg": "none"}, Fault.WRONG_HEADER),
        ({**GOOD, "alg": "HS256"}, Fault.WRONG_HEADER),
        ({**GOOD, "alg": "eddsa"}, Fault.WRONG_HEADER),
        ({**GOOD, "crit": ["b64"], "b64": False}, Fault.WRONG_HEADER),
        ({**GOOD, "jwk": key_set(KEYS)["keys"][0]}, Fault.WRONG_HEADER),
        ({**GOOD, "jku": "https://keys.example.net/"}, Fault.WRONG_HEADER),
        ({"alg": "EdDSA", "typ": RECEIPT}, Fault.WRONG_HEADER),
        ({**GOOD, "kid": thumbprint(OTHERS[0])}, Fault.UNKNOWN_KEY),
        ({**GOOD, "typ": HEAD}, Fault.NOT_A_RECEIPT),
        ({**GOOD, "typ": "JWT"}, Fault.NOT_A_RECEIPT),
    ],
)
def test_any_other_header_though_it_be_signed(header: dict[str, Any], fault: Fault) -> None:
    assert faults(with_header(header), keys=KEYS) == {fault}


def test_a_public_key_is_no_secret_to_sign_with() -> None:
    """The confusion of algorithms: HMAC with what everybody knows, and no signature at all."""
    for alg, signature in (("HS256", None), ("none", b"")):
        said = f"{to_base64(canonical({**GOOD, 'alg': alg}))}.{CHAIN[0].split('.')[1]}"
        mac = hmac.digest(OURS[0], said.encode(), "sha256") if signature is None else signature
        assert faults(f"{said}.{to_base64(mac)}", keys=KEYS) == {Fault.WRONG_HEADER}
    assert is_found(CHAIN[0].rpartition(".")[0] + ".", keys=KEYS)


def test_a_key_of_somebody_else() -> None:
    """In the file it is believed, and named so that it can be compared; against saved keys it is not."""
    theirs = download(chain_of("D-00000001", 2, by=OTHERS)) | {"heads": [], "proofs": []}
    assert is_found(theirs)
    theirs["keys"] = key_set({thumbprint(OTHERS[0]): OTHERS[0]})
    verdict = judged(theirs)
    assert verdict is not None
    assert verdict.is_valid
    assert (verdict.kids, verdict.are_keys_from_file) == ([thumbprint(OTHERS[0])], True)
    assert faults(theirs, keys=KEYS) == {Fault.UNKNOWN_KEY}


def test_a_key_under_the_name_of_another() -> None:
    def change(value: Made) -> None:
        value["keys"]["keys"][0]["x"] = to_base64(OTHERS[0])

    assert faults(changed(change)) == {Fault.BAD_KEYS}


def test_words_that_are_signed_but_not_in_the_one_form() -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    header, payload, _ = CHAIN[0].split(".")
    spread = to_base64(json.dumps(json.loads(from_base64(payload)), indent=1).encode())
    signature = Ed25519PrivateKey.from_private_bytes(OURS[1]).sign(f"{header}.{spread}".encode())
    assert faults(f"{header}.{spread}.{to_base64(signature)}", keys=KEYS) == {Fault.NOT_CANONICAL}


def test_a_receipt_that_says_too_little() -> None:
    assert faults(signed({"event": "approved"}), keys=KEYS) == {Fault.NOT_A_RECEIPT}


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda raw: raw.decode("latin-1")))
def test_anything_else_is_no_receipt(text: str) -> None:
    assert is_found(text, keys=KEYS)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda part: st.lists(part, max_size=3) | st.dictionaries(st.sampled_from(sorted(WHOLE)), part, max_size=4),
        max_leaves=10,
    )
)
def test_any_other_json_is_none_either(value: Any) -> None:
    given_members = value if isinstance(value, dict) else {}
    assert is_found(json.dumps({"format": FORMAT, **given_members}))
    assert is_found(json.dumps(WHOLE | {"proofs": value}) if value else "{}")


def test_a_name_that_stands_twice_is_no_way_to_say_two_things() -> None:
    text = json.dumps(WHOLE)
    assert is_found(text.replace('"heads":', '"receipts": [], "heads":', 1))


def test_deep_and_large_files_are_refused_at_once() -> None:
    assert is_found("[" * 100_000)
    assert is_found('{"a":' * 100_000)
    assert is_found(" " * 10 + "a" * 3_000_000)
