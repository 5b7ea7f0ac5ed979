"""A receipt small enough for a QR code: the JWS without what can be put back, compressed.

The address on the printed page holds all of it, so that whoever scans it reads what was signed and not what the paper
says, and the portal answers from the signature alone, without a look at its records.
"""

import zlib

from portal.receipts.checking import RECEIPT, Fault, Refused
from portal.receipts.jws import ALGORITHM, canonical, from_base64, take_apart, to_base64

# What still can be read from a printed square of seven centimetres.
LONGEST = 1800
MOST_BYTES = 64 * 1024


def pack(compact: str) -> str | None:
    """The slip of a receipt of ours; None where it would be too long to be printed."""
    signed, signature = take_apart(compact)
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    small = squeeze.compress(canonical(signed.payload)) + squeeze.flush()
    slip = f"{signed.kid}.{to_base64(small)}.{to_base64(signature)}"
    return slip if len(slip) <= LONGEST else None


def unpack(slip: str) -> str:
    """The compact JWS, with which nobody has been content yet. Raises Refused."""
    try:
        kid, small, signature = slip.split(".")
        expand = zlib.decompressobj(-15)
        payload = expand.decompress(from_base64(small), MOST_BYTES)
        is_whole = expand.eof and not expand.unused_data
    except (ValueError, zlib.error):
        is_whole = False
    if not is_whole:
        raise Refused(Fault.UNREADABLE)
    header = canonical({"alg": ALGORITHM, "kid": kid, "typ": RECEIPT})
    return f"{to_base64(header)}.{to_base64(payload)}.{signature}"
