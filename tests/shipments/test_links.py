import pytest

from portal.shipments.links import is_public_link


@pytest.mark.parametrize(
    "address",
    [
        "https://track.example.com/PN123?x=1#y",
        "https://track.example.com:443/",
        "https://TRACK.example.com./a",
        "https://doprava.příklad.cz/1",
        "https://93.184.215.14/1",
    ],
)
def test_public_addresses(address: str) -> None:
    assert is_public_link(address)


@pytest.mark.parametrize(
    "address",
    [
        "http://track.example.com/",
        "javascript:alert(1)",
        "https:track.example.com",
        "//track.example.com/",
        "https://carrier/",
        "https://localhost/",
        "https://erp.local/",
        "https://erp.internal/",
        "https://127.0.0.1/",
        "https://10.0.0.1/",
        "https://169.254.169.254/",
        "https://[::1]/",
        "https://[fd00::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://track.example.com:8443/",
        "https://track.example.com:bad/",
        "https://user@track.example.com/",
        "https://track.example.com\\@evil.example/",
        "https://track.example.com/a b",
        'https://track.example.com/"x',
        "https://track.example.com/\u202etxt",
        "https://-track.example.com/",
        "https://..example.com/",
        "https://",
    ],
)
def test_others(address: str) -> None:
    assert not is_public_link(address)
