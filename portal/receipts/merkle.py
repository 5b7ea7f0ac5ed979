"""One root over all that was issued in a day, of which each holder can prove their own part, and nobody sees more.

Hashed as in RFC 9162 (0x00 before a leaf, 0x01 before a pair), but of a fixed depth and sparse: a leaf stands at the
place that its own hash names, and where nothing stands the tree is filled with values that only its keeper can tell
from real ones. So neither the root nor a proof says how many receipts there were: every proof is as long, and the
places are as good as drawn by lot.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable

# Two receipts of one day at one place: with 10,000 of them, once in a hundred days. The second one waits for the next.
DEPTH = 32

_HASH = re.compile("[0-9a-f]{64}")
Node = tuple[int, int]  # level (0 is the leaves), place in it


def leaf_of(receipt_hash: str) -> bytes:
    """The leaf of a receipt, whose SHA-256 is given in hexadecimal."""
    return hashlib.sha256(b"\x00" + bytes.fromhex(receipt_hash)).digest()


def place_of(receipt_hash: str) -> int:
    return int.from_bytes(leaf_of(receipt_hash)[: DEPTH // 8], "big")


def _pair(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """The tree over these receipts (SHA-256 in hexadecimal, each at a place of its own); `seed` fills the rest."""

    def __init__(self, receipt_hashes: Iterable[str], seed: bytes) -> None:
        self._seed = seed
        self._nodes: dict[Node, bytes] = {(0, place_of(found)): leaf_of(found) for found in receipt_hashes}
        places = {place for _, place in self._nodes}
        for level in range(DEPTH):
            places = {place >> 1 for place in places}
            for place in places:
                self._nodes[level + 1, place] = _pair(self._at(level, 2 * place), self._at(level, 2 * place + 1))

    def _at(self, level: int, place: int) -> bytes:
        found = self._nodes.get((level, place))
        if found is None:
            found = hmac.digest(self._seed, level.to_bytes(1, "big") + place.to_bytes(DEPTH // 8 + 1, "big"), "sha256")
        return found

    @property
    def root(self) -> str:
        return self._at(DEPTH, 0).hex()

    def proof(self, receipt_hash: str) -> list[str]:
        """The neighbours on the way up, in hexadecimal, from the leaf's own on."""
        place = place_of(receipt_hash)
        return [self._at(level, (place >> level) ^ 1).hex() for level in range(DEPTH)]


def root_of(receipt_hash: str, proof: list[str]) -> str:
    """The root that a proof leads to. Raises ValueError for what is no proof."""
    if len(proof) != DEPTH or not all(map(_HASH.fullmatch, [receipt_hash, *proof])):
        raise ValueError("no proof of ours")
    node, place = leaf_of(receipt_hash), place_of(receipt_hash)
    for level, part in enumerate(proof):
        other = bytes.fromhex(part)
        node = _pair(other, node) if place >> level & 1 else _pair(node, other)
    return node.hex()
