"""The standards that receipts are built on, tried with their own examples."""

import json
import warnings

import pytest
from joserfc import jws as joserfc_jws
from joserfc.jwk import OKPKey

from portal.receipts.jws import NotSigned, as_jwk, canonical, from_base64, open_signed, sign, take_apart, thumbprint

# RFC 8037, appendix A.
PRIVATE = from_base64("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")
PUBLIC = from_base64("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")
SIGNED = (
    "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
)


def test_a_key_is_called_by_its_thumbprint() -> None:
    """RFC 8037, A.3."""
    assert thumbprint(PUBLIC) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_the_signature_is_that_of_the_standard() -> None:
    """RFC 8037, A.4, by the very functions that ours are made with."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    said, _, signature = SIGNED.rpartition(".")
    assert Ed25519PrivateKey.from_private_bytes(PRIVATE).sign(said.encode()) == from_base64(signature)


def test_what_the_standard_allows_and_we_do_not_is_refused() -> None:
    """A header without the name of its key."""
    with pytest.raises(NotSigned, match="wrong-header"):
        take_apart(SIGNED)


def test_another_library_is_content_with_ours() -> None:
    compact = sign({"b": [1, None, "ž"], "a": True}, typ="portal-receipt", public=PUBLIC, private=PRIVATE)
    with warnings.catch_warnings():
        # It would have the new name of RFC 9864, which few programs know yet.
        warnings.simplefilter("ignore")
        found = joserfc_jws.deserialize_compact(compact, OKPKey.import_key(as_jwk(PUBLIC)), algorithms=["EdDSA"])
    assert json.loads(found.payload) == {"a": True, "b": [1, None, "ž"]}
    assert found.protected == {"alg": "EdDSA", "kid": thumbprint(PUBLIC), "typ": "portal-receipt"}


def test_we_are_content_with_that_of_another_library() -> None:
    key = OKPKey.import_key({**as_jwk(PUBLIC), "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"})
    header = {"alg": "EdDSA", "kid": thumbprint(PUBLIC), "typ": "portal-receipt"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        compact = joserfc_jws.serialize_compact(header, b'{"a":1}', key, algorithms=["EdDSA"])
    assert open_signed(compact, {thumbprint(PUBLIC): PUBLIC}, typ="portal-receipt").payload == {"a": 1}


@pytest.mark.parametrize(
    ("given", "written"),
    [
        # RFC 8785, 3.2.2 and 3.2.3: literals, strings, and names sorted by UTF-16.
        ('{"literals": [null, true, false]}', b'{"literals":[null,true,false]}'),
        (
            r'{"string": "\u20ac$\u000F\u000aA\u0027\u0042\u0022\u005c\\\"\/"}',
            '{"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'.encode(),
        ),
        (
            r'{"\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One",'
            r' "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control",'
            r' "\u00f6": "Latin Small Letter O With Diaeresis"}',
            (
                '{"\\r":"Carriage Return","1":"One","\u0080":"Control","ö":"Latin Small Letter O With Diaeresis",'
                '"€":"Euro Sign","😀":"Emoji: Grinning Face","\ufb33":"Hebrew Letter Dalet With Dagesh"}'
            ).encode(),
        ),
        ('{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001]}',
         b'{"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27]}'),
    ],
)  # fmt: skip
def test_content_is_written_as_the_standard_says(given: str, written: bytes) -> None:
    assert canonical(json.loads(given)) == written
