"""Tries the installed wheel, with the Python of an environment that holds nothing else but its needs."""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        os.environ.update(
            PORTAL_ENVIRONMENT="development", PORTAL_INSTANCE=f"{folder}/instance", PORTAL_LOG_LEVEL="WARNING"
        )
        try_command("--version")
        try_command("db", "upgrade")
        try_pages()
    print("The wheel works in an empty environment.")


def try_command(*arguments: str) -> None:
    portal = Path(sys.executable).with_name("portal")
    done = subprocess.run([portal, *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    expect(done.returncode == 0, f"portal {' '.join(arguments)} ended with {done.returncode}\n{done.stderr}")


def try_pages() -> None:
    import portal

    expect("site-packages" in portal.__file__, f"portal was imported from {portal.__file__}")
    client = portal.create_app().test_client()
    page = client.get("/", headers={"Accept-Language": "fa"})
    expect(page.status_code == 200, f"GET / answered {page.status_code}")
    expect('dir="rtl"' in page.text, "GET / in Persian is not right to left")
    # The menu of languages names Persian in every language; the heading is Persian in Persian alone.
    heading = re.search(r"<h1[^>]*>(.*?)</h1>", page.text, re.DOTALL)
    expect(heading and re.search(r"[\u0600-\u06ff]{3}", heading[1]), "GET / in Persian has no Persian heading")
    for address in sorted(set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text))):
        answer = client.get(address)
        expect(answer.status_code == 200, f"GET {address} answered {answer.status_code}")
        answer.close()
    font = client.get("/static/vendor/fonts.css")
    expect(font.status_code == 200, "the fonts are missing")
    font.close()
    try_document()


def try_document() -> None:
    import datetime

    from portal.documents.paper import Paper

    paper = Paper("fa", "سفارش", datetime.date(2030, 3, 1), is_rtl=True)
    paper.text("سفارش ۱۲")
    expect(paper.to_bytes().startswith(b"%PDF-"), "no document can be drawn")


def expect(fact: object, otherwise: str) -> None:
    if not fact:
        raise SystemExit(f"The wheel does not work: {otherwise}")


if __name__ == "__main__":
    main()
