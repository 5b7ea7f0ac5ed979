"""Where webhooks may be sent: every spelling of every private address is refused."""

import socket
from ipaddress import ip_address, ip_network

import pytest

from portal.webhooks import addresses
from portal.webhooks.addresses import NotAnAddress, NotThere, is_allowed, read_address, resolve

PRIVATE = [
    *("127.0.0.1", "127.255.0.9", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1"),
    *("169.254.169.254", "100.64.0.1", "100.127.255.255", "192.0.0.8", "192.0.2.1", "198.18.0.1", "198.51.100.7"),
    *("203.0.113.9", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "192.88.99.1"),
    *("::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::8.8.8.8"),
    *("fe80::1", "fec0::1", "fc00::1", "fd12:3456::1", "ff02::1", "2001:db8::1", "3fff::1", "5f00::1"),
    *("2002:7f00:1::", "2002:808:808::1", "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2"),
    *("64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::808:808", "100::1"),
]
PUBLIC = ["8.8.8.8", "93.184.216.34", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "172.32.0.1"]


@pytest.mark.parametrize("text", PRIVATE)
def test_a_private_address_is_refused(text: str) -> None:
    assert not is_allowed(ip_address(text), [])
    with pytest.raises(NotThere, match="address"):
        resolve(text, 443, [])


@pytest.mark.parametrize("text", PUBLIC)
def test_a_public_address_is_allowed(text: str) -> None:
    assert is_allowed(ip_address(text), [])


def test_an_operator_allows_a_network_of_theirs() -> None:
    networks = [ip_network("10.20.0.0/16"), ip_network("fd00::/8")]
    assert is_allowed(ip_address("10.20.3.4"), networks)
    assert is_allowed(ip_address("::ffff:10.20.3.4"), networks)
    assert is_allowed(ip_address("fd00::5"), networks)
    assert not is_allowed(ip_address("10.21.0.1"), networks)
    assert not is_allowed(ip_address("127.0.0.1"), networks)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://erp.example.com/", "plain"),
        ("ftp://erp.example.com/", "url"),
        ("//erp.example.com/", "url"),
        ("https://", "url"),
        ("https://user@erp.example.com/", "credentials"),
        ("https://user:word@erp.example.com/", "credentials"),
        ("https://@erp.example.com/", "credentials"),
        ("https://erp.example.com\\@127.0.0.1/", "url"),
        ("https://erp.example.com:22/", "port"),
        ("https://erp.example.com:25/", "port"),
        ("https://erp.example.com:80/", "port"),
        ("https://erp.example.com:99999/", "url"),
        ("https://erp.example.com:x/", "url"),
        ("https://erp example.com/", "url"),
        ("https://erp.example.com/\r\nHost: other", "url"),
        ("https://erp..example.com/", "url"),
        ("https://-erp.example.com/", "url"),
        ("https://[::1/", "url"),
        ("https://[fe80::1%25eth0]/", "url"),
        ("https://2130706433/", "numeric"),
        ("https://0x7f000001/", "numeric"),
        ("https://0x7f.0.0.1/", "numeric"),
        ("https://0177.0.0.1/", "numeric"),
        ("https://127.1/", "numeric"),
        ("https://127.0.0.0x1/", "numeric"),
        ("https://erp.example.com/" + "x" * 2000, "url"),
    ],
)
def test_what_is_no_address_is_refused(url: str, code: str) -> None:
    with pytest.raises(NotAnAddress, match=code):
        read_address(url, allow_plain=False)


@pytest.mark.parametrize(
    ("url", "host", "whole"),
    [
        ("https://ERP.Example.com", "erp.example.com", "https://erp.example.com/"),
        ("https://erp.example.com.:443/a?b=c#d", "erp.example.com", "https://erp.example.com/a?b=c"),
        (
            "https://erp.example.com:8443/ä b".replace(" ", ""),
            "erp.example.com",
            "https://erp.example.com:8443/%C3%A4b",
        ),
        ("https://žluťoučký.example.com/", "xn--luouk-uva4it5a4g.example.com", ""),
        # What looks like digits becomes them, and is read as an address again.
        ("https://１２７.０.０.１/", "127.0.0.1", ""),
        ("https://127。0。0。1/", "127.0.0.1", ""),
        ("https://127.0.0.1./", "127.0.0.1", ""),
        ("https://[::FFFF:127.0.0.1]/", "::ffff:7f00:1", ""),
        ("http://erp.example.com:8000/", "erp.example.com", "http://erp.example.com:8000/"),
    ],
)
def test_an_address_has_one_spelling(url: str, host: str, whole: str) -> None:
    found = read_address(url, allow_plain=True)
    assert found.host == host or ip_address(found.host) == ip_address(host)
    assert not whole or found.url == whole
    assert read_address(found.url, allow_plain=True) == found


def test_one_private_address_among_public_ones_is_enough_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "look_up", lambda host, port: ["93.184.216.34", "10.0.0.1"])
    with pytest.raises(NotThere, match="address"):
        resolve("erp.example.com", 443, [])
    monkeypatch.setattr(addresses, "look_up", lambda host, port: ["93.184.216.34", "93.184.216.34"])
    assert [str(ip) for ip in resolve("erp.example.com", 443, [])] == ["93.184.216.34"]


def test_what_the_systems_resolver_makes_of_odd_names_is_refused() -> None:
    for name in ("localhost", "0x7f.1", "2130706433"):
        with pytest.raises(NotThere, match=r"address|lookup"):
            resolve(name, 443, [])


def test_a_resolver_that_does_not_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    hangs = threading.Event()
    monkeypatch.setattr(addresses, "look_up", lambda host, port: [hangs.wait(10)])
    monkeypatch.setattr(addresses, "SECONDS_TO_LOOK_UP", 0.1)
    with pytest.raises(NotThere, match="lookup"):
        resolve("erp.example.com", 443, [])
    hangs.set()


def test_an_unknown_name_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror

    monkeypatch.setattr(addresses, "look_up", unknown)
    with pytest.raises(NotThere, match="lookup"):
        resolve("nowhere.example.com", 443, [])
