"""People who are not of the cast: made up for an address, so that whoever is invited at it can come in."""

import re

from portal.demo.cast import NO_ORGANISATION, Person

PREFIX = "guest:"
ADDRESS = re.compile(r"[^\s@<>\"']{1,64}@[^\s@<>\"']{3,180}")


def guest(address: str) -> Person | None:
    """Whoever has this mailbox, the same person each time; None where it is no address."""
    address = address.strip().casefold()
    if not ADDRESS.fullmatch(address):
        return None
    words = re.split(r"[._+-]+", address.partition("@")[0])
    return Person(
        hint=address,
        subject=PREFIX + address,
        name=" ".join(word.capitalize() for word in words if word) or address,
        email=address,
        # Theirs to say: the portal asks their browser.
        locale="",
        time_zone="",
        role="",
        organisation=NO_ORGANISATION,
    )
