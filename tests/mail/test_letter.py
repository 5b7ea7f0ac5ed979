"""Headers arrive as they were meant, in every alphabet, however long they are."""

from email import message_from_bytes
from email.header import decode_header, make_header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import default
from email.utils import parseaddr

from hypothesis import given
from hypothesis import strategies as st

from portal.mail.letter import POLICY
from portal.text import clean_line

WORDS = (
    *("تاریخ‌ها", "در", "گزارش", "به‌درستی", "Кур’єр", "двічі"),
    *("Příliš", "žluťoučký", "kůň", "Łódź", "lamp", "[T-7F3KQ92D]"),
)
lines = st.lists(st.sampled_from(WORDS), min_size=1, max_size=16).map(" ".join)
anything = st.text(min_size=1, max_size=60).map(clean_line).filter(bool)


def sent(**headers: object) -> bytes:
    mail = EmailMessage(policy=POLICY)
    for name, value in headers.items():
        mail[name] = value
    mail.set_content("x")
    data = mail.as_bytes()
    assert data.isascii()
    assert max(len(line) for line in data.splitlines()) <= 998
    return data


@given(subject=st.one_of(lines, anything))
def test_a_subject_arrives_word_for_word(subject: str) -> None:
    assert str(message_from_bytes(sent(Subject=subject), policy=default)["Subject"]) == subject


@given(name=lines)
def test_a_name_arrives_word_for_word(name: str) -> None:
    # Read with the older parser: the newer one puts a blank between two encoded words of a name, against RFC 2047, 6.2.
    header = message_from_bytes(sent(To=Address(name, addr_spec="a@example.com")))["To"]
    read, address = parseaddr(header.replace("\r\n", ""))
    assert (str(make_header(decode_header(read))), address) == (name, "a@example.com")
