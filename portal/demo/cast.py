"""The sample world: the one source of its companies, people and teams for seeds, tests and the demo provider.

Plain data without a database, so that each of the three can read it as it needs. Everybody here is made up.
A `key` or `hint` is stable: addresses, tests and people's notes refer to it.
"""

from dataclasses import dataclass

CUSTOMER, SUPPLIER, PARTNER = "customer", "supplier", "partner"
MEMBER, ADMIN = "member", "admin"
SUPPORT, ORDERS, DEALS, FEEDBACK = "support", "orders", "deals", "feedback"


def N_(message: str) -> str:
    """Mark a string for extraction; it is translated where it is shown."""
    return message


@dataclass(frozen=True)
class Company:
    """An organisation. `country` is ISO 3166-1 alpha-2, `locale` one of the six languages."""

    key: str
    name: str
    country: str
    locale: str
    capacities: frozenset[str]
    domain: str

    @property
    def website(self) -> str:
        return f"https://{self.domain}/"


@dataclass(frozen=True)
class Membership:
    """A person's place in a company; `company` is a `Company.key`."""

    company: str
    capacities: frozenset[str]
    level: str
    areas: frozenset[str]


@dataclass(frozen=True)
class Team:
    """A staff team. Tickets of its `categories` start there; a restricted team's are for its members."""

    key: str
    name: str
    categories: frozenset[str] = frozenset()
    restricted: bool = False


@dataclass(frozen=True)
class PartnerLink:
    """A partner of record for a customer, in days counted back from today; open without `until_days_ago`."""

    partner: str
    customer: str
    since_days_ago: int
    until_days_ago: int | None = None


@dataclass(frozen=True)
class Person:
    """One button on the demo identity provider's page.

    `hint` is what `login_hint` carries, `subject` the provider's immutable `sub`, `role` an English msgid.
    Staff have `staff_roles`; only account managers have a `portfolio` of company keys.
    """

    hint: str
    subject: str
    name: str
    email: str
    locale: str
    time_zone: str
    role: str
    organisation: str
    memberships: tuple[Membership, ...] = ()
    staff_roles: frozenset[str] = frozenset()
    teams: frozenset[str] = frozenset()
    portfolio: frozenset[str] = frozenset()

    @property
    def is_staff(self) -> bool:
        return bool(self.staff_roles)

    @property
    def organisations(self) -> tuple[str, ...]:
        """Names of the companies that they belong to, or of the operator."""
        if self.is_staff:
            return (OPERATOR.name,)
        return tuple(company_of(membership.company).name for membership in self.memberships)


OPERATOR = Company("operator", "Lanternfield Works", "GB", "en", frozenset(), "lanternfield.example.com")
NO_ORGANISATION = N_("No organisation yet")

GLASS = Company("glass", "Sklárny Měsíční Lípa", "CZ", "cs", frozenset({CUSTOMER}), "mesicni-lipa.example.com")
BAKERY = Company("bakery", "Пекарня «Сьомий Місяць»", "UA", "uk", frozenset({CUSTOMER}), "somyi-misiats.example.org")
CARPETS = Company("carpets", "فرش ابر و باران", "IR", "fa", frozenset({CUSTOMER}), "abr-o-baran.example.net")
LOOMS = Company("looms", "Debesų staklės", "LT", "lt", frozenset({SUPPLIER}), "debesu-stakles.example.com")
PAPER = Company("paper", "Papírny U Tří draků", "CZ", "cs", frozenset({SUPPLIER}), "u-tri-draku.example.org")
FOUNDRY = Company(
    "foundry",
    "Odlewnia Srebrny Lis",
    "PL",
    "pl",
    frozenset({CUSTOMER, SUPPLIER}),
    "srebrny-lis.example.net",
)
WOLF = Company("wolf", "Latarnia i Wilk", "PL", "pl", frozenset({PARTNER}), "latarnia-i-wilk.example.com")
HERONS = Company("herons", "Nine Herons Consulting", "GB", "en", frozenset({PARTNER}), "nine-herons.example.org")

COMPANIES: tuple[Company, ...] = (GLASS, BAKERY, CARPETS, LOOMS, PAPER, FOUNDRY, WOLF, HERONS)

TEAMS: tuple[Team, ...] = (
    Team("care", "Customer care", frozenset({"question", "complaint", "request"})),
    Team("technical", "Technical support", frozenset({"problem", "claim"})),
    Team("confidential", "Confidential matters", restricted=True),
)

LINKS: tuple[PartnerLink, ...] = (
    PartnerLink(WOLF.key, GLASS.key, since_days_ago=400),
    PartnerLink(HERONS.key, BAKERY.key, since_days_ago=200),
    # Ended, so that nothing of this customer may still reach the former partner.
    PartnerLink(HERONS.key, GLASS.key, since_days_ago=900, until_days_ago=401),
)

_AREAS = {
    CUSTOMER: frozenset({SUPPORT, ORDERS, FEEDBACK}),
    SUPPLIER: frozenset({SUPPORT, ORDERS, FEEDBACK}),
    PARTNER: frozenset({SUPPORT, ORDERS, DEALS, FEEDBACK}),
}


def _in(company: Company, level: str = MEMBER) -> Membership:
    """A membership in every capacity of the company, with all areas that those capacities know."""
    areas = frozenset[str]().union(*(_AREAS[capacity] for capacity in company.capacities))
    return Membership(company.key, company.capacities, level, areas)


def _outsider(
    hint: str, name: str, mailbox: str, locale: str, time_zone: str, role: str, *memberships: Membership
) -> Person:
    """Somebody from outside; address and organisation on the button are those of the first membership."""
    company = company_of(memberships[0].company)
    return Person(
        hint=hint,
        subject=f"demo-{hint}",
        name=name,
        email=f"{mailbox}@{company.domain}",
        locale=locale,
        time_zone=time_zone,
        role=role,
        organisation=" · ".join(company_of(membership.company).name for membership in memberships),
        memberships=memberships,
    )


def _colleague(
    hint: str,
    name: str,
    mailbox: str,
    locale: str,
    time_zone: str,
    role: str,
    staff_role: str,
    *,
    teams: frozenset[str] = frozenset(),
    portfolio: frozenset[str] = frozenset(),
) -> Person:
    return Person(
        hint=hint,
        subject=f"demo-{hint}",
        name=name,
        email=f"{mailbox}@{OPERATOR.domain}",
        locale=locale,
        time_zone=time_zone,
        role=role,
        organisation=OPERATOR.name,
        staff_roles=frozenset({staff_role}),
        teams=teams,
        portfolio=portfolio,
    )


def company_of(key: str) -> Company:
    """The company with this key; KeyError where there is none."""
    return _COMPANY_BY_KEY[key]


def person_of(hint: str) -> Person:
    """The person with this hint; KeyError where there is none."""
    return _PERSON_BY_HINT[hint]


_COMPANY_BY_KEY = {company.key: company for company in COMPANIES}

_PRAGUE, _KYIV, _WARSAW = "Europe/Prague", "Europe/Kyiv", "Europe/Warsaw"
_VILNIUS, _TEHRAN, _LONDON = "Europe/Vilnius", "Asia/Tehran", "Europe/London"

CAST: tuple[Person, ...] = (
    _outsider("customer", "Božena Tichá", "bozena.ticha", "cs", _PRAGUE, N_("Customer"), _in(GLASS)),
    _outsider(
        "customer-admin",
        "لاله بهرامی",
        "laleh.bahrami",
        "fa",
        _PRAGUE,
        N_("Customer, company administrator"),
        _in(GLASS, ADMIN),
    ),
    _outsider(
        "rival",
        "Остап Вишневецький",
        "ostap.vyshnevetskyi",
        "uk",
        _KYIV,
        N_("Customer of another company"),
        _in(BAKERY, ADMIN),
    ),
    _outsider("supplier", "Rūta Žemaitytė", "ruta.zemaityte", "lt", _VILNIUS, N_("Supplier"), _in(LOOMS)),
    _outsider(
        "supplier-admin",
        "Jonas Ąžuolaitis",
        "jonas.azuolaitis",
        "lt",
        _VILNIUS,
        N_("Supplier, company administrator"),
        _in(LOOMS, ADMIN),
    ),
    _outsider(
        "rival-supplier",
        "Řehoř Papírník",
        "rehor.papirnik",
        "cs",
        _PRAGUE,
        N_("Supplier, another company"),
        _in(PAPER, ADMIN),
    ),
    _outsider("partner", "Grażyna Wilczyńska", "grazyna.wilczynska", "pl", _WARSAW, N_("Partner"), _in(WOLF)),
    _outsider(
        "partner-admin",
        "Łukasz Żuraw",
        "lukasz.zuraw",
        "pl",
        _WARSAW,
        N_("Partner, company administrator"),
        _in(WOLF, ADMIN),
    ),
    _outsider(
        "rival-partner",
        "Eleanor Marshwick",
        "eleanor.marshwick",
        "en",
        _LONDON,
        N_("Partner, another company"),
        _in(HERONS, ADMIN),
    ),
    _colleague(
        "agent",
        "Alice Hartwell",
        "alice.hartwell",
        "en",
        _LONDON,
        N_("Agent"),
        "agent",
        teams=frozenset({"care"}),
    ),
    _colleague(
        "agent-2",
        "Vojtěch Havránek",
        "vojtech.havranek",
        "cs",
        _PRAGUE,
        N_("Agent, another team"),
        "agent",
        teams=frozenset({"technical", "confidential"}),
    ),
    _colleague("moderator", "Соломія Гайова", "solomiia.haiova", "uk", _KYIV, N_("Moderator"), "moderator"),
    _colleague("moderator-2", "Eglė Šilaitė", "egle.silaite", "lt", _VILNIUS, N_("Second moderator"), "moderator"),
    _colleague(
        "account-manager",
        "Stanisław Brzózka",
        "stanislaw.brzozka",
        "pl",
        _WARSAW,
        N_("Account manager"),
        "account_manager",
        portfolio=frozenset({GLASS.key, FOUNDRY.key, CARPETS.key}),
    ),
    _colleague("buyer", "Kęstutis Girėnas", "kestutis.girenas", "lt", _VILNIUS, N_("Buyer"), "buyer"),
    _colleague(
        "channel-manager",
        "Jiřina Křížková",
        "jirina.krizkova",
        "cs",
        _PRAGUE,
        N_("Channel manager"),
        "channel_manager",
    ),
    _colleague(
        "channel-manager-2",
        "Thomas Fenwright",
        "thomas.fenwright",
        "en",
        _LONDON,
        N_("Second channel manager"),
        "channel_manager",
    ),
    _colleague("auditor", "Мирослава Ковальчук", "myroslava.kovalchuk", "uk", _KYIV, N_("Auditor"), "auditor"),
    _colleague("admin", "Harriet Quillfeather", "harriet.quillfeather", "en", _LONDON, N_("Administrator"), "admin"),
    Person(
        hint="newcomer",
        subject="demo-newcomer",
        name="آرش نوری",
        email="arash.nouri@mail.example.org",
        locale="fa",
        time_zone=_TEHRAN,
        role=N_("Newcomer"),
        organisation=NO_ORGANISATION,
    ),
    _outsider(
        "many",
        "پریسا دریایی",
        "parisa.daryaei",
        "fa",
        _TEHRAN,
        N_("Member of three organisations"),
        _in(CARPETS, ADMIN),
        _in(FOUNDRY),
        _in(HERONS),
    ),
)

_PERSON_BY_HINT = {person.hint: person for person in CAST}
