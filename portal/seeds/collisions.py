"""End customers of the sample world whose names collide: in one company's many spellings, and in two companies' one.

All of them are made up. Where a register has check digits, those here are wrong on purpose: no company has such.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EndCustomer:
    """What a partner, or staff, would type; `country` is ISO 3166-1 alpha-2, `language` that of the one who types."""

    name: str
    country: str
    domain: str
    registration_number: str
    language: str


# Each group is one customer, told of more than once.
ONE_CUSTOMER: tuple[tuple[EndCustomer, ...], ...] = (
    # Legal form, accents and the order of words differ; the domain gives it away only once.
    (
        EndCustomer("Zamyšlený Tetřev, spol. s r. o.", "CZ", "zamysleny-tetrev.example.com", "00101012", "cs"),
        EndCustomer("ZAMYSLENY TETREV a.s.", "CZ", "https://www.Zamysleny-Tetrev.example.com/kontakt", "", "en"),
        EndCustomer("Tetřev Zamyšlený, družstvo", "CZ", "", "CZ00101012", "cs"),
    ),
    # Ukrainian, and the same as Englishmen and Poles spell it.
    (
        EndCustomer("ТОВ «Бурштинова Чапля»", "UA", "burshtynova-chaplia.example.org", "30101011", "uk"),
        EndCustomer("Burshtynova Chaplia LLC", "UA", "", "", "en"),
        EndCustomer("Bursztynowa Czapla Sp. z o.o.", "PL", "bursztynowa-czapla.example.net", "", "pl"),
    ),
    # Polish letters, none at all, and Cyrillic; a company that is partner in another one has two forms.
    (
        EndCustomer("Szklane Żurawie Sp. z o.o. Sp. k.", "PL", "szklane-zurawie.example.com", "1010101010", "pl"),
        EndCustomer("SZKLANE ZURAWIE SPÓŁKA KOMANDYTOWA", "PL", "", "PL 101-010-10-10", "pl"),
        EndCustomer("ТОВ «Шклане Журавє»", "UA", "szklane-zurawie.example.com", "", "uk"),
    ),
    # The form stands before the name or after it, in full or short; Lithuanian letters in Cyrillic.
    (
        EndCustomer("UAB „Ąžuolo Žiburys“", "LT", "azuolo-ziburys.example.org", "101010101", "lt"),
        EndCustomer("Azuolo Ziburys, uždaroji akcinė bendrovė", "LT", "", "101010101", "lt"),
        EndCustomer("ТОВ «Ажуоло Жибуріс»", "LT", "", "", "uk"),
    ),
    # Persian letters and Arabic ones, a joiner or a space, and Latin with the vowels that Persian does not write.
    (
        EndCustomer("شرکت آفتاب‌دشت سپیدار (سهامی خاص)", "IR", "aftab-dasht.example.net", "۱۰۱۰۱۰۱۰۱۰۱", "fa"),
        EndCustomer("شركت با مسئوليت محدود افتاب دشت سپيدار", "IR", "", "10101010101", "fa"),
        EndCustomer("Aftab Dasht Sepidar Co.", "IR", "info@aftab-dasht.example.net", "", "en"),
    ),
    # One word or two, with an article and without.
    (
        EndCustomer("Pensive Anvil Ltd", "GB", "pensive-anvil.example.com", "99000101", "en"),
        EndCustomer("The Pensive Anvil Company", "GB", "", "GB 99000101", "en"),
        EndCustomer("PensiveAnvil GmbH", "DE", "pensive-anvil.example.com", "", "cs"),
    ),
    # Two names on one site: the company and its trade name abroad.
    (
        EndCustomer("Kovárna U Tiché ozvěny s.r.o.", "CZ", "ticha-ozvena.example.net", "00202021", "cs"),
        EndCustomer("Silent Echo Forge", "GB", "shop.ticha-ozvena.example.net", "", "en"),
    ),
    # Two names with one number: renamed, and some have not heard of it.
    (
        EndCustomer("Papírny Modrý kočár a.s.", "CZ", "modry-kocar.example.org", "00303030", "cs"),
        EndCustomer("Obalovna Bludička a.s.", "CZ", "bludicka.example.com", "CZ00303030", "cs"),
    ),
    # A misspelling, as it is heard on the phone.
    (
        EndCustomer("Bramblewick Instruments plc", "GB", "bramblewick.example.com", "99000202", "en"),
        EndCustomer("Bramblewik Instruments", "GB", "", "", "lt"),
    ),
)

# Each group is several customers that only look like one.
APART: tuple[tuple[EndCustomer, ...], ...] = (
    # All that they share, half of all companies have in their names.
    (
        EndCustomer("Javorina Trade Group s.r.o.", "CZ", "javorina.example.net", "00404049", "cs"),
        EndCustomer("Kaminec Trade Group UAB", "LT", "kaminec.example.net", "202020202", "lt"),
        EndCustomer("ТОВ «Торговий дім Ластівка»", "UA", "lastivka.example.net", "30202020", "uk"),
    ),
    # A first word in common is no company in common.
    (
        EndCustomer("شرکت صنعتی پولاد نقره", "IR", "pulad-noghreh.example.com", "20202020202", "fa"),
        EndCustomer("شرکت صنعتی پولاد شیرین", "IR", "pulad-shirin.example.com", "30303030303", "fa"),
    ),
)
