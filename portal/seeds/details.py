"""What the sample world knows beyond the cast: teams by language, terms, job titles, companies next door."""

from dataclasses import dataclass, field
from datetime import date, time
from zoneinfo import ZoneInfo

from portal.business_hours import Calendar
from portal.demo.cast import CUSTOMER, MEMBER, PARTNER, SUPPLIER, SUPPORT, Company, Membership, Team


@dataclass(frozen=True)
class Terms:
    """What staff know of a company; `credit` in whole units of the currency, none without one."""

    phone: str
    address: str
    phase: str = ""
    segment: str = ""
    abc_class: str = ""
    tier: str = ""
    credit: int = 0
    currency: str = "EUR"
    days: int = 30
    # How it is called in the accounts.
    number: str = ""


@dataclass(frozen=True)
class Contact:
    """Somebody of a company next door; nobody signs in as them."""

    hint: str
    name: str
    mailbox: str
    time_zone: str
    job_title: str = ""


@dataclass(frozen=True)
class Neighbour:
    company: Company
    terms: Terms
    contacts: tuple[Contact, ...]

    def membership(self) -> Membership:
        return Membership(self.company.key, self.company.capacities, MEMBER, frozenset({SUPPORT}))


@dataclass(frozen=True)
class Desk:
    """A team of the demonstration, with the hints of those who sit at it."""

    team: Team
    staff: tuple[str, ...] = field(default=())


DESKS: tuple[Desk, ...] = (
    Desk(Team("partners", "Obsluha partnerů"), ("channel-manager", "channel-manager-2")),
    Desk(Team("purchasing", "Tiekėjų skyrius"), ("buyer",)),
    Desk(Team("ukrainian", "Підтримка українською"), ("agent-2",)),
    Desk(Team("persian", "پشتیبانی فارسی"), ("account-manager", "agent")),
)

# Numbers that no exchange gives out: blocks of zeros, and in the United Kingdom those kept free for stories (Ofcom).
TERMS: dict[str, Terms] = {
    "glass": Terms(
        "+420 200 000 114", "U Pece 12\n473 01 Měsíční Lípa", "loyal", "OEM", "A", credit=900_000, currency="CZK",
        number="K-10021",
    ),
    "bakery": Terms(
        "+380 44 000 00 27", "вул. Пшенична, 7\n04070 Київ", "repeat", "HoReCa", "B", credit=600_000, currency="UAH",
        days=14, number="K-10058",
    ),
    "carpets": Terms(
        "+98 21 0000 0041", "تهران، خیابان نسترن، شمارهٔ ۱۸", "new", "Export", "B", credit=12_000, days=21,
        number="K-10077",
    ),
    "looms": Terms("+370 5 000 0063", "Audėjų g. 4\nLT-01123 Vilnius", segment="Textil", abc_class="A"),
    "paper": Terms("+420 200 000 209", "Papírenská 31\n280 02 Kolín", segment="B2B", abc_class="C"),
    "foundry": Terms(
        "+48 22 000 00 88", "ul. Odlewnicza 9\n41-200 Sosnowiec", "leaving", "OEM", "A", credit=180_000,
        currency="PLN", days=45, number="K-10034",
    ),
    "wolf": Terms("+48 22 000 00 15", "ul. Latarników 2\n80-001 Gdańsk", "loyal", "SMB", "A", tier="gold"),
    "herons": Terms("+44 1632 960441", "9 Heron Wharf\nSaltmoor SM1 4HW", "repeat", "SMB", "B", tier="silver"),
}  # fmt: skip

JOB_TITLES: dict[str, str] = {
    "customer": "plánovačka výroby",
    "customer-admin": "مدیر خرید",
    "rival": "власник пекарні",
    "supplier": "pardavimų vadybininkė",
    "supplier-admin": "direktorius",
    "rival-supplier": "vedoucí prodeje",
    "partner": "opiekunka klientów",
    "partner-admin": "właściciel",
    "rival-partner": "managing partner",
    "agent": "customer care adviser",
    "agent-2": "technik podpory",
    "account-manager": "opiekun kluczowych klientów",
    "buyer": "pirkimų vadybininkas",
    "channel-manager": "manažerka partnerské sítě",
    "many": "صاحب کارگاه",
}

_CUSTOMER, _SUPPLIER, _PARTNER = frozenset({CUSTOMER}), frozenset({SUPPLIER}), frozenset({PARTNER})

NEIGHBOURS: tuple[Neighbour, ...] = (
    Neighbour(
        Company("brewery", "Pivovar Stříbrná studna", "CZ", "cs", _CUSTOMER, "stribrna-studna.example.org"),
        Terms("+420 200 000 377", "Sladovní 5\n390 01 Tábor", "prospect", "HoReCa", "C"),
        (Contact("brewer", "Oldřich Sládek", "oldrich.sladek", "Europe/Prague", "sládek"),),
    ),
    Neighbour(
        Company("joinery", "Truhlárna U Dvou ježků", "CZ", "cs", _CUSTOMER, "dva-jezci.example.com"),
        Terms("+420 200 000 518", "Dubová 88\n602 00 Brno", "new", "SMB", "C", credit=90_000, currency="CZK", days=14),
        (Contact("joiner", "Eliška Dubohlavová", "eliska.dubohlavova", "Europe/Prague", "jednatelka"),),
    ),
    Neighbour(
        Company("coffee", "Кав’ярня «Тиха гавань»", "UA", "uk", _CUSTOMER, "tykha-havan.example.net"),
        Terms("+380 32 000 00 90", "пл. Ринкова, 3\n79000 Львів", "repeat", "HoReCa", "B", credit=400_000,
              currency="UAH"),
        (Contact("barista", "Мирослава Калинець", "myroslava.kalynets", "Europe/Kyiv", "керівниця"),),
    ),
    Neighbour(
        Company("anvil", "Метал і Ковадло", "UA", "uk", _SUPPLIER, "kovadlo.example.com"),
        Terms("+380 61 000 00 12", "вул. Ковальська, 40\n69000 Запоріжжя", segment="OEM", abc_class="B"),
        (Contact("smith", "Гордій Громобій", "hordii.hromobii", "Europe/Kyiv", "начальник збуту"),),
    ),
    Neighbour(
        Company("ceramics", "Ceramika Zielona Sowa", "PL", "pl", _CUSTOMER, "zielona-sowa.example.org"),
        Terms("+48 71 000 00 46", "ul. Gliniana 21\n50-525 Wrocław", "loyal", "Export", "A", credit=75_000,
              currency="PLN"),
        (Contact("potter", "Kinga Rosińska", "kinga.rosinska", "Europe/Warsaw", "kierowniczka sprzedaży"),),
    ),
    Neighbour(
        Company("amber", "Gintaro dirbtuvė „Jūros akis“", "LT", "lt", _CUSTOMER, "juros-akis.example.net"),
        Terms("+370 46 000 070", "Kopų g. 15\nLT-93100 Neringa", "repeat", "Export", "B", credit=15_000),
        (Contact("jeweller", "Saulė Varpaitė", "saule.varpaite", "Europe/Vilnius", "juvelyrė"),),
    ),
    Neighbour(
        Company("forest", "Miško kelias", "LT", "lt", _PARTNER, "misko-kelias.example.com"),
        Terms("+370 37 000 052", "Ąžuolų al. 1\nLT-44001 Kaunas", "new", "SMB", "C", tier="registered"),
        (Contact("forester", "Rytis Girinis", "rytis.girinis", "Europe/Vilnius", "vadovas"),),
    ),
    Neighbour(
        Company("tea", "چای کوهسار مه‌آلود", "IR", "fa", _CUSTOMER, "kuhsar-tea.example.org"),
        Terms("+98 13 0000 0036", "لاهیجان، کوی باغ چای، شمارهٔ ۷", "loyal", "HoReCa", "B", credit=9_000),
        (Contact("tea-master", "داریوش ستاره‌چین", "dariush.setarechin", "Asia/Tehran", "مدیر فروش"),),
    ),
    Neighbour(
        Company("companions", "همراهان سپهر", "IR", "fa", _PARTNER, "sepehr.example.net"),
        Terms("+98 31 0000 0058", "اصفهان، چهارباغ، شمارهٔ ۴۰", "repeat", "SMB", "B", tier="silver"),
        (Contact("companion", "ترانه نسیم‌آرا", "taraneh.nasimara", "Asia/Tehran", "مدیر همکاری‌ها"),),
    ),
    Neighbour(
        Company("harbour", "Harbour & Pine", "GB", "en", _CUSTOMER, "harbour-pine.example.com"),
        Terms("+44 1632 960127", "3 Rope Walk\nMistleford MF2 8PX", "leaving", "SMB", "C", credit=8_000,
              currency="GBP"),
        (Contact("harbourmaster", "Flora Pebbleton", "flora.pebbleton", "Europe/London", "office manager"),),
    ),
)  # fmt: skip

_OFFICE = ((time(9), time(12, 30)), (time(13), time(17, 30)))
_FRIDAY = ((time(9), time(12, 30)), (time(13), time(16)))


def business_hours(year: int) -> Calendar:
    """Lanternfield Works, whose portal it is, stands in England and takes stock before the new year."""
    stocktaking = frozenset(date(year, 12, day) for day in (30, 31))
    week = (*(_OFFICE,) * 4, _FRIDAY, (), ())
    return Calendar(ZoneInfo("Europe/London"), week, "GB", "ENG", stocktaking)
