"""What the portal takes as settings, and what stops its start with one line."""

import logging
import os
import re
import subprocess
import sys
import tomllib
from ipaddress import ip_network
from pathlib import Path

import pytest

from portal.config import Settings, SettingsError, flask_config, load_settings, secret_weakness

ROOT = Path(__file__).parents[2]
STRONG = "Zk3-vT9_qLw0RbXy7Hs2Nf5Gc8Jd1Pm4Ua6"
OIDC = {"name": "corporate", "label": "Corporate", "issuer": "https://login.example.com", "client_id": "portal"}
OAUTH2 = {
    "name": "forge",
    "label": "Forge",
    "kind": "oauth2",
    "client_id": "portal",
    "authorize_url": "https://forge.example.com/authorize",
    "token_url": "https://forge.example.com/token",
    "userinfo_url": "https://api.forge.example.com/user",
}


@pytest.fixture(autouse=True)
def own_instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No setting of whoever runs the tests."""
    for name in [name for name in os.environ if name.startswith("PORTAL_")]:
        monkeypatch.delenv(name)
    folder = tmp_path / "instance"
    folder.mkdir()
    monkeypatch.setenv("PORTAL_INSTANCE", str(folder))
    return folder


def production(**overrides: object) -> Settings:
    return load_settings(
        **{"environment": "production", "secret_key": STRONG, "base_url": "https://portal.example.com"} | overrides
    )


def refusal(**overrides: object) -> str:
    with pytest.raises(SettingsError) as caught:
        load_settings(**{"environment": "test"} | overrides)
    assert "\n" not in caught.value.message
    assert caught.value.exit_code == 2
    return caught.value.message


def test_environment_goes_before_file_and_file_before_default(
    own_instance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own_instance.joinpath("portal.toml").write_text(
        'environment = "development"\nbrand_name = "From file"\nsession_idle_minutes = 5\n'
    )
    monkeypatch.setenv("PORTAL_BRAND_NAME", "From environment")
    found = load_settings()
    assert (found.brand_name, found.session_idle_minutes, found.session_absolute_hours) == (
        "From environment",
        5,
        12,
    )
    assert load_settings(brand_name="Given").brand_name == "Given"


def test_tests_read_no_settings_file(own_instance: Path) -> None:
    own_instance.joinpath("portal.toml").write_text("this is not TOML")
    assert load_settings(environment="test").environment == "test"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("brand_nam = 'x'", "unknown key 'brand_nam' (did you mean brand_name?)"),
        ("brand_name = ", "is not valid TOML"),
        ("session_idle_minutes = 'soon'", "session_idle_minutes: input should be a valid integer"),
        ("[[providers]]\nname = 'x'\nlabel = 'X'\nclient_id = 'p'\nissuers = 'https://a.example'", "is not a setting"),
    ],
)
def test_bad_file_stops_the_start_with_one_line(own_instance: Path, text: str, says: str) -> None:
    own_instance.joinpath("portal.toml").write_text(f"environment = 'development'\n{text}\n")
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert says in caught.value.message
    assert "\n" not in caught.value.message


def test_unknown_environment_name_only_warns(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setenv("PORTAL_SERVICE_HOST", "10.0.0.1")
    monkeypatch.setenv("PORTAL_BRAND_NAMES", "x")
    with caplog.at_level(logging.WARNING):
        load_settings(environment="test")
    lines = [record.getMessage() for record in caplog.records]
    assert "PORTAL_SERVICE_HOST is not a setting of the portal" in lines[1]
    assert "did you mean PORTAL_BRAND_NAME?" in lines[0]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("environment", "staging"),
        ("database_url", "mysql://localhost/portal"),
        ("base_url", "portal.example.com"),
        ("base_url", "https://example.com/portal"),
        ("base_url", "https://portal.example.com:99999"),
        ("base_url", "https://portal.example.com:0"),
        ("trusted_hosts", "[portal.example.com"),
        ("webhook_networks", "10.0.0.1/8"),
        ("webhook_networks", "intranet.example.com"),
        ("webhook_networks", 10),
        ("webhook_networks", "[10.0.0.0/8"),
        ("trusted_proxies", -1),
        ("redis_url", "http://127.0.0.1"),
        ("storage_url", "ftp://example.com"),
        ("smtp_url", "http://example.com"),
        ("smtp_url", "smtp://example.com?tls=maybe"),
        ("smtp_url", "smtp://example.com:99999"),
        ("mail_from", "nobody"),
        ("mail_in_listen", "everywhere"),
        ("session_idle_minutes", 0),
        ("brand_colour", "blue"),
        ("default_language", "de"),
        ("default_time_zone", "Europe/Nowhere"),
        ("rate_writes", "often"),
        ("log_level", "LOUD"),
    ],
)
def test_impossible_value_names_its_setting(name: str, value: object) -> None:
    assert refusal(**{name: value}).startswith(f"{name}: ")


def test_attachment_larger_than_request_is_refused() -> None:
    assert "attachment_max_mb" in refusal(attachment_max_mb=33)


def test_message_never_repeats_a_secret() -> None:
    assert "hunter2" not in refusal(smtp_url="smtp:/user:hunter2@example.com")
    assert "hunter2" not in repr(production(smtp_url="smtp://user:hunter2@example.com"))
    assert STRONG not in repr(production())


@pytest.mark.parametrize(
    ("secret", "says"),
    [
        ("", "is missing"),
        ("short", "shorter than 32"),
        ("a" * 64, "easy to guess"),
        ("please-change-me-0123456789-abcdefgh", "easy to guess"),
    ],
)
def test_production_refuses_a_weak_key(secret: str, says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        production(secret_key=secret)


def test_strong_key_is_accepted() -> None:
    assert secret_weakness(STRONG) is None
    assert production().secret_key == STRONG


def test_production_insists_on_tls() -> None:
    with pytest.raises(SettingsError, match="base_url must begin with https"):
        production(base_url="http://portal.example.com")
    with pytest.raises(SettingsError, match="provider 'corporate'"):
        production(providers=[OIDC | {"issuer": "http://login.example.com"}])


def test_development_makes_a_key_once_and_keeps_it(own_instance: Path) -> None:
    first = load_settings(environment="development").secret_key
    assert load_settings(environment="development").secret_key == first
    assert secret_weakness(first) is None
    assert own_instance.joinpath("secret_key").stat().st_mode & 0o077 == 0


def test_people_read_the_logs_of_development_and_machines_the_others() -> None:
    assert load_settings(environment="development").log_format == "console"
    assert load_settings(environment="development", log_format="json").log_format == "json"
    assert production().log_format == "json"


def test_providers_come_from_the_environment_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "PORTAL_PROVIDERS",
        '[{"name": "corporate", "label": "C", "issuer": "https://login.example.com", "client_id": "p"}]',
    )
    (provider,) = load_settings(environment="test").providers
    assert (provider.kind, provider.scope, provider.email_trust) == ("oidc", "openid email profile", "claim")
    monkeypatch.setenv("PORTAL_PROVIDERS", "[{")
    assert "providers" in refusal()


def test_plain_oauth2_provider_has_an_issuer_all_the_same() -> None:
    (provider,) = load_settings(environment="test", providers=[OAUTH2]).providers
    assert provider.issuer == "https://forge.example.com"


@pytest.mark.parametrize(
    ("provider", "says"),
    [
        (OIDC | {"issuer": ""}, "provider 'corporate' needs issuer"),
        (OAUTH2 | {"token_url": ""}, "provider 'forge' needs token_url"),
        (OIDC | {"issuer": "https://login.example.com/common/v2.0"}, "many tenants"),
        (OIDC | {"name": "Not a slug"}, "providers.0.name"),
    ],
)
def test_incomplete_provider_is_refused(provider: dict[str, str], says: str) -> None:
    assert says in refusal(providers=[provider])


def test_two_providers_of_one_name_are_refused() -> None:
    assert "two providers are called 'corporate'" in refusal(providers=[OIDC, OIDC])


def test_hosts_may_be_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_TRUSTED_HOSTS", "portal.example.com, portal.example.org")
    assert production().allowed_hosts == ["portal.example.com", "portal.example.org"]


def test_networks_for_webhooks_are_separated_by_commas_or_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = (ip_network("10.20.0.0/16"), ip_network("fd00::/8"))
    assert load_settings(environment="test").webhook_networks == ()
    for given in ("10.20.0.0/16, fd00::/8", '["10.20.0.0/16", "fd00::/8"]'):
        monkeypatch.setenv("PORTAL_WEBHOOK_NETWORKS", given)
        assert load_settings(environment="test").webhook_networks == wanted


def test_production_trusts_the_host_of_its_address_alone() -> None:
    assert production().allowed_hosts == ["portal.example.com"]


def test_cookie_is_bound_to_host_and_tls() -> None:
    config = flask_config(production())
    assert config["SESSION_COOKIE_NAME"] == "__Host-portal"
    assert config["SESSION_COOKIE_SECURE"] is True
    plain = flask_config(load_settings(environment="development"))
    assert (plain["SESSION_COOKIE_NAME"], plain["SESSION_COOKIE_SECURE"]) == ("portal", False)


@pytest.mark.parametrize(
    ("given", "becomes"),
    [
        ("postgres://u:p@db/portal", "postgresql+psycopg://u:p@db/portal"),
        ("postgresql://u:p@db/portal", "postgresql+psycopg://u:p@db/portal"),
        ("postgresql+psycopg://db/portal", "postgresql+psycopg://db/portal"),
        ("sqlite:////srv/portal.db", "sqlite:////srv/portal.db"),
    ],
)
def test_database_address_names_its_driver(given: str, becomes: str) -> None:
    assert load_settings(environment="test", database_url=given).sqlalchemy_url == becomes


def test_relative_places_lie_in_the_instance_folder(own_instance: Path) -> None:
    found = load_settings(environment="test")
    assert found.sqlalchemy_url == f"sqlite:///{own_instance}/portal.db"
    assert found.storage_folder == own_instance / "files"


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("smtp://127.0.0.1:1025", ("127.0.0.1", 1025, None, None, "none")),
        ("smtp://u%40x:p%3A1@mail.example.com?tls=starttls", ("mail.example.com", 587, "u@x", "p:1", "starttls")),
        ("smtps://mail.example.com", ("mail.example.com", 465, None, None, "implicit")),
    ],
)
def test_mail_server_address_is_taken_apart(url: str, parts: tuple[object, ...]) -> None:
    assert tuple(load_settings(environment="test", smtp_url=url).smtp) == parts


def test_every_setting_is_in_the_example_and_the_readme() -> None:
    example = ROOT.joinpath("instance/portal.example.toml").read_text(encoding="utf-8")
    readme = ROOT.joinpath("README.md").read_text(encoding="utf-8")
    for name in Settings.model_fields:
        assert re.search(rf"^# (\[\[)?{name}\b", example, re.MULTILINE), name
        assert f"`{name}`" in readme, name


def test_example_is_accepted_with_every_line_switched_on(own_instance: Path) -> None:
    text = ROOT.joinpath("instance/portal.example.toml").read_text(encoding="utf-8")
    switched_on = re.sub(r"^# (?=[a-z_]+ = |\[\[)", "", text, flags=re.MULTILINE)
    switched_on = switched_on.replace('secret_key = ""', f'secret_key = "{STRONG}"')
    assert len(tomllib.loads(switched_on)) == len(Settings.model_fields)
    own_instance.joinpath("portal.toml").write_text(switched_on, encoding="utf-8")
    assert load_settings().is_production


def test_command_ends_with_one_line_and_code_2(own_instance: Path) -> None:
    own_instance.joinpath("portal.toml").write_text("colour = 'blue'\n")
    command = [sys.executable, "-c", "from portal.cli import main; main()", "doctor"]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, cwd=ROOT)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.endswith("portal.toml has an unknown key 'colour' (did you mean brand_colour?)")


def test_unreadable_json_names_its_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_PROVIDERS", "nonsense")
    assert refusal() == "providers: is not valid JSON"


def test_the_prefix_alone_is_no_likeness(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setenv("PORTAL_TYPO", "1")
    with caplog.at_level(logging.WARNING):
        load_settings(environment="test")
    assert caplog.records[-1].getMessage() == "PORTAL_TYPO is not a setting of the portal"


@pytest.mark.parametrize("where", ["postgresql://127.0.0.1:9/portal", "sqlite:///{folder}/none/portal.db", ""])
def test_a_database_that_is_not_ready_is_told_in_one_line(own_instance: Path, where: str) -> None:
    own_instance.joinpath("portal.toml").write_text("environment = 'development'\n")
    address = where.format(folder=own_instance) or f"sqlite:///{own_instance}/empty.db"
    command = [sys.executable, "-c", "from portal.cli import main; main()", "staff", "list"]
    environment = os.environ | {"PORTAL_DATABASE_URL": address}
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, cwd=ROOT, env=environment)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("Error: the database cannot be used: ")
