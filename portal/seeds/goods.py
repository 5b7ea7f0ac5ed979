"""What is bought and sold in the sample world beside the catalogue, and what each company pays with."""

# What our own works buys: names by language, price in euros for one unit, unit of UN/ECE Recommendation 20.
SUPPLIES: tuple[tuple[dict[str, str], str, str], ...] = (
    (
        {
            "en": "Woven lamp wick, flat",
            "cs": "Tkaný plochý knot",
            "uk": "Тканий плаский ґніт",
            "pl": "Tkany knot płaski",
            "lt": "Austas plokščias dagtis",
            "fa": "فتیلهٔ بافتهٔ تخت",
        },
        "1.85",
        "MTR",
    ),
    (
        {
            "en": "Linen shade, natural",
            "cs": "Lněné stínidlo, přírodní",
            "uk": "Лляний абажур, натуральний",
            "pl": "Abażur lniany, naturalny",
            "lt": "Lininis gaubtas, natūralus",
            "fa": "حباب کتانی، رنگ طبیعی",
        },
        "14.20",
        "C62",
    ),
    (
        {
            "en": "Cast-iron wall bracket",
            "cs": "Litinová nástěnná konzola",
            "uk": "Чавунний настінний кронштейн",
            "pl": "Żeliwny wspornik ścienny",
            "lt": "Ketaus sieninis laikiklis",
            "fa": "پایهٔ دیواری چدنی",
        },
        "23.40",
        "C62",
    ),
    (
        {
            "en": "Packing paper, recycled",
            "cs": "Balicí papír, recyklovaný",
            "uk": "Пакувальний папір, перероблений",
            "pl": "Papier pakowy z recyklingu",
            "lt": "Pakavimo popierius, perdirbtas",
            "fa": "کاغذ بسته‌بندی بازیافتی",
        },
        "1.12",
        "KGM",
    ),
    (
        {
            "en": "Brass screws M4",
            "cs": "Mosazné šrouby M4",
            "uk": "Латунні гвинти М4",
            "pl": "Śruby mosiężne M4",
            "lt": "Žalvariniai varžtai M4",
            "fa": "پیچ برنجی M4",
        },
        # For a hundred: 0.0735 each.
        "7.35",
        "C62",
    ),
)
PER_HUNDRED = 4

# Euros for one, by the codes of the catalogue, and what such a one costs us.
LIST_PRICES = {
    "LN-100": ("125.00", "71.30"),
    "LN-200": ("480.50", "301.00"),
    "LN-300": ("1890.00", "1204.50"),
    "LN-400": ("96.75", "58.10"),
    "LN-500": ("3240.00", "1715.00"),
    "LN-900": ("85.00", "22.00"),
}
UNITS = {"LN-900": "MON"}

# By country: the currency, how much of it one euro is, and the tax in per cent.
MONEY = {
    "CZ": ("CZK", "25", "21"),
    "UA": ("UAH", "44", "20"),
    "PL": ("PLN", "4.3", "23"),
    "LT": ("EUR", "1", "21"),
    "GB": ("GBP", "0.86", "20"),
    "IR": ("EUR", "1", "0"),
}
# As the ERP prints them, in the language of the company.
PAYMENT_TERMS = {
    "en": "14 days net",
    "cs": "14 dní netto",
    "uk": "14 днів без знижки",
    "pl": "14 dni netto",
    "lt": "14 dienų be nuolaidos",
    "fa": "۱۴ روزه، بدون تخفیف",
}
CARRIERS = (
    ("Willow & Wheel", "https://track.willow-wheel.example.com/{}"),
    ("Zlatý roh expres", "https://zlaty-roh.example.org/zasilky/{}"),
    ("Северний Лелека", "https://leleka.example.net/t/{}"),
)
TOWNS = ("Reedhaven", "Mistleford", "Jasanov", "Gintarava", "Srebrna Zatoka")
OUR_ADDRESS = "Lanternfield Works\nGoods in, gate 2\n14 Wick Lane\nReedhaven RH4 7LX"
