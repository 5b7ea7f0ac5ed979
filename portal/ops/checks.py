"""What the portal needs around it, each looked at on its own: for `portal doctor` and `/readyz`."""

import smtplib
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Literal

import redis
import requests
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory

from portal import paths
from portal.access.scope import unscoped
from portal.accounts.oidc.discovery import keys_of, metadata_of
from portal.accounts.oidc.refusals import SignInRefused
from portal.config import ProviderSettings, Settings, secret_weakness
from portal.extensions import db
from portal.files.storage import storage
from portal.jobs.outbox import backlog
from portal.receipts import keys as receipt_keys
from portal.webhooks.models import State, WebhookDelivery

SECONDS_TO_ANSWER = 10
LATE = timedelta(minutes=10)
# Alembic's own reader would log two lines at each look.
VERSION = sa.table("alembic_version", sa.column("version_num", sa.String()))


@dataclass(frozen=True)
class Finding:
    """One line of the doctor. A note is worth knowing and breaks nothing."""

    subject: str
    state: Literal["ok", "note", "wrong"]
    says: str


Check = Callable[[], Finding]


def examine(settings: Settings, at: datetime) -> Iterator[Finding]:
    """Everything, one after the other; what is broken keeps nothing else from being looked at."""
    broken: set[str] = set()
    for subject, needs, check in _checks(settings, at):
        if needs & broken:
            finding = Finding(subject, "note", f"not looked at: first mend {' and '.join(sorted(needs & broken))}")
        else:
            finding = _examine_one(subject, check)
        if finding.state == "wrong" or needs & broken:
            broken.add(subject)
        yield finding


def _checks(settings: Settings, at: datetime) -> list[tuple[str, set[str], Check]]:
    """What to look at, which of the others it needs, and how."""
    return [
        ("settings", set(), lambda: check_settings(settings)),
        ("secret key", set(), lambda: check_secret(settings)),
        ("database", set(), check_database),
        ("migrations", {"database"}, check_migrations),
        ("storage", set(), lambda: check_storage(settings)),
        ("queue", {"database", "migrations"}, lambda: check_queue(settings, at)),
        ("receipts", {"database", "migrations"}, check_receipts),
        ("webhooks", {"database", "migrations"}, lambda: check_webhooks(at)),
        ("smtp", set(), lambda: check_smtp(settings)),
        *((f"sign-in {p.name}", set[str](), partial(check_provider, p)) for p in settings.providers),
    ]


def _examine_one(subject: str, check: Check) -> Finding:
    try:
        return check()
    except Exception as error:  # the doctor must not die of what it finds
        return Finding(subject, "wrong", _reason(error))


def check_settings(settings: Settings) -> Finding:
    if not settings.is_production:
        return Finding("settings", "note", f"the environment is {settings.environment}, not production")
    if not settings.providers:
        return Finding("settings", "wrong", "no provider is configured, so nobody can sign in")
    if settings.mail_from.endswith(("@example.com", "@example.com>")):
        return Finding("settings", "wrong", "mail_from is still the example")
    return Finding("settings", "ok", f"production at {settings.base_url}")


def check_secret(settings: Settings) -> Finding:
    if weakness := secret_weakness(settings.secret_key):
        return Finding("secret key", "wrong" if settings.is_production else "note", f"the key {weakness}")
    return Finding("secret key", "ok", "long and random enough")


def check_database() -> Finding:
    """Connects, and says to what; an SQLite file is not made by looking for it."""
    url = db.engine.url
    if _is_absent():
        return Finding("database", "wrong", f"{url.database} does not exist yet: portal db upgrade")
    with unscoped("doctor"), db.engine.connect() as connection:
        version = ".".join(str(part) for part in connection.dialect.server_version_info or ())
    place = url.database if url.drivername == "sqlite" else f"{url.database} at {url.host or 'the local socket'}"
    return Finding("database", "ok", f"{db.engine.dialect.name} {version}, {place}")


def check_migrations() -> Finding:
    found, wanted = current_revision(), newest_revision()
    if found == wanted:
        return Finding("migrations", "ok", f"at {wanted}")
    if found and not _is_known(found):
        return Finding("migrations", "wrong", f"at {found}, which this version does not know: is it an old one?")
    return Finding("migrations", "wrong", f"at {found or 'none'}, not at {wanted}: portal db upgrade")


def check_storage(settings: Settings) -> Finding:
    """Writes, reads and deletes a small file."""
    place = settings.storage_folder or settings.storage_url
    try:
        storage().probe()
    except Exception as error:
        return Finding("storage", "wrong", f"{place}: {_reason(error)}")
    return Finding("storage", "ok", "can be written and read")


def check_queue(settings: Settings, at: datetime) -> Finding:
    if settings.redis_url:
        with redis.Redis.from_url(settings.redis_url, socket_connect_timeout=SECONDS_TO_ANSWER) as client:
            client.ping()
    stand = backlog(at)
    if stand.due_since and stand.due_since < at - LATE:
        minutes = int((at - stand.due_since).total_seconds() // 60)
        return Finding("queue", "wrong", f"{stand.due} jobs wait, the oldest for {minutes} minutes: portal worker")
    if stand.given_up:
        return Finding("queue", "note", f"{stand.given_up} jobs were given up after several attempts: portal jobs")
    return Finding("queue", "ok", "nothing is late")


def check_receipts() -> Finding:
    can_sign = receipt_keys.can_sign(db.session())
    db.session.rollback()
    if can_sign is None:
        return Finding("receipts", "ok", "no key yet: the first receipt makes one")
    if can_sign:
        return Finding("receipts", "ok", "the signing key can be used")
    return Finding("receipts", "note", "secret_key does not open the signing key: the next receipt makes another")


def check_webhooks(at: datetime) -> Finding:
    dead = sa.select(sa.func.count(WebhookDelivery.id)).where(
        WebhookDelivery.state == State.DEAD, WebhookDelivery.settled_at >= at - timedelta(days=1)
    )
    with unscoped("doctor"), db.engine.connect() as connection:
        count = connection.scalar(dead) or 0
    if count:
        return Finding(
            "webhooks", "note", f"{count} deliveries were given up within a day: their owners can send again"
        )
    return Finding("webhooks", "ok", "nothing was given up within a day")


def check_smtp(settings: Settings) -> Finding:
    """Signs in at the mail server and says NOOP; no mail is sent."""
    host, port, user, password, tls = settings.smtp
    trusted = ssl.create_default_context()
    try:
        with (
            smtplib.SMTP_SSL(host, port, timeout=SECONDS_TO_ANSWER, context=trusted)
            if tls == "implicit"
            else smtplib.SMTP(host, port, timeout=SECONDS_TO_ANSWER)
        ) as server:
            if tls == "starttls":
                server.starttls(context=trusted)
            if user is not None:
                server.login(user, password or "")
            server.noop()
    except (OSError, smtplib.SMTPException) as error:
        return Finding("smtp", "wrong", f"{host}:{port}: {_reason(error)}")
    return Finding("smtp", "ok", f"{host}:{port} answers{'' if tls == 'none' else ' over TLS'}")


def check_provider(provider: ProviderSettings) -> Finding:
    """Reads what an OpenID Connect provider publishes; of a plain OAuth 2 one, only that it answers."""
    subject = f"sign-in {provider.name}"
    if provider.kind == "oauth2":
        return _check_plain_provider(subject, provider.authorize_url)
    try:
        issuer = metadata_of(provider)["issuer"]
        keys = keys_of(provider)
    except SignInRefused as error:
        return Finding(subject, "wrong", f"{provider.issuer}: {error.reason.replace('_', ' ')} {error.detail}".strip())
    if not keys:
        return Finding(subject, "wrong", f"{issuer} publishes no keys")
    return Finding(subject, "ok", f"{issuer}, keys: {len(keys)}")


def _check_plain_provider(subject: str, address: str) -> Finding:
    try:
        answer = requests.get(address, timeout=SECONDS_TO_ANSWER, allow_redirects=False, stream=True)
    except requests.RequestException as error:
        return Finding(subject, "wrong", f"{address}: {type(error).__name__}")
    answer.close()
    if answer.status_code == 404:
        return Finding(subject, "note", f"{address} answers 404: is this the address?")
    return Finding(subject, "wrong" if answer.status_code >= 500 else "ok", f"{address} answers {answer.status_code}")


def current_revision() -> str | None:
    """The migration that the database is at; None for an empty one."""
    if _is_absent():
        return None
    with unscoped("migration check"), db.engine.connect() as connection:
        if not sa.inspect(connection).has_table(VERSION.name):
            return None
        found: str | None = connection.scalar(sa.select(VERSION.c.version_num))
        return found


@cache
def newest_revision() -> str | None:
    return _scripts().get_current_head()


def _is_known(revision: str) -> bool:
    return any(script.revision == revision for script in _scripts().walk_revisions())


def _scripts() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(paths.MIGRATIONS))
    return ScriptDirectory.from_config(config)


def _is_absent() -> bool:
    """An SQLite file that is not there, which connecting would make."""
    url = db.engine.url
    is_file = url.drivername == "sqlite" and url.database not in (None, "", ":memory:")
    return is_file and not Path(str(url.database)).exists()


def _reason(error: Exception) -> str:
    """The kind and first line of an error, without the statement and the addresses that follow."""
    first = str(error).strip().splitlines()[:1]
    return f"{type(error).__name__}: {first[0]}" if first else type(error).__name__
