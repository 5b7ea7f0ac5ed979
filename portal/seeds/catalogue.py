"""What the sample company sells, and on what terms its partners register deals. Amounts are minor units."""

from typing import Any

from sqlalchemy.orm import Session

from portal.deals.programmes import ExtensionPolicy, Programme
from portal.partners.models import TierTerms
from portal.products.models import Product

# By code; names by language.
PRODUCTS: dict[str, dict[str, str]] = {
    "LN-100": {
        "en": "Meadow garden lantern",
        "cs": "Zahradní lucerna Luka",
        "uk": "Садовий ліхтар «Лука»",
        "pl": "Latarnia ogrodowa Łąka",
        "lt": "Sodo žibintas „Pieva“",
        "fa": "فانوس باغی «دشت»",
    },
    "LN-200": {
        "en": "Harbour street light",
        "cs": "Pouliční svítidlo Přístav",
        "uk": "Вуличний світильник «Гавань»",
        "pl": "Oprawa uliczna Przystań",
        "lt": "Gatvės šviestuvas „Uostas“",
        "fa": "چراغ خیابانی «بندر»",
    },
    "LN-300": {
        "en": "Aurora hall chandelier",
        "cs": "Sálový lustr Polární záře",
        "uk": "Люстра для зали «Сяйво»",
        "pl": "Żyrandol do sali Zorza",
        "lt": "Salės sietynas „Pašvaistė“",
        "fa": "لوستر تالار «شفق»",
    },
    "LN-400": {
        "en": "Workshop panel light",
        "cs": "Panelové svítidlo Dílna",
        "uk": "Панельний світильник «Майстерня»",
        "pl": "Panel świetlny Warsztat",
        "lt": "Šviesos plokštė „Dirbtuvė“",
        "fa": "پنل روشنایی «کارگاه»",
    },
    "LN-500": {
        "en": "Night watch control system",
        "cs": "Řídicí systém Noční hlídka",
        "uk": "Система керування «Нічна варта»",
        "pl": "System sterowania Nocna Straż",
        "lt": "Valdymo sistema „Nakties sargyba“",
        "fa": "سامانهٔ کنترل «نگهبان شب»",
    },
    "LN-900": {
        "en": "Care and maintenance contract",
        "cs": "Smlouva o péči a údržbě",
        "uk": "Договір догляду та обслуговування",
        "pl": "Umowa o opiekę i konserwację",
        "lt": "Priežiūros sutartis",
        "fa": "قرارداد نگهداری و سرویس",
    },
}

STANDARD, GROWTH, STRATEGIC, REFERRAL = "Standard", "Growth", "Strategic projects", "Referral"

_PROGRAMMES: tuple[tuple[dict[str, str], dict[str, Any]], ...] = (
    (
        {"en": STANDARD, "cs": "Standard", "uk": "Стандарт", "pl": "Standard", "lt": "Standartinė", "fa": "استاندارد"},
        {"protection_days": 90, "decision_hours": 16, "two_approvals_above": 5_000_000, "extension_days": 30},
    ),
    (
        {"en": GROWTH, "cs": "Růst", "uk": "Зростання", "pl": "Wzrost", "lt": "Augimas", "fa": "رشد"},
        {
            "protection_days": 60,
            "decision_hours": 8,
            "extension_policy": ExtensionPolicy.OFF,
            "idle_days": 30,
            "most_open": 10,
        },
    ),
    (
        {
            "en": STRATEGIC,
            "cs": "Strategické projekty",
            "uk": "Стратегічні проєкти",
            "pl": "Projekty strategiczne",
            "lt": "Strateginiai projektai",
            "fa": "پروژه‌های راهبردی",
        },
        {
            "protection_days": 120,
            "decision_hours": 24,
            "two_approvals_above": 10_000_000,
            "extension_policy": ExtensionPolicy.UNLIMITED,
            "extension_days": 60,
        },
    ),
    (
        {
            "en": REFERRAL,
            "cs": "Doporučení",
            "uk": "Рекомендації",
            "pl": "Polecenia",
            "lt": "Rekomendacijos",
            "fa": "معرفی مشتری",
        },
        {"protection_days": None, "decision_hours": 40, "extension_policy": ExtensionPolicy.OFF},
    ),
)


# By tier: deals and value to be won within twelve months, and what it brings.
_TIERS: dict[str, tuple[int, int, dict[str, str]]] = {
    "silver": (
        3,
        5_000_000,
        {
            "en": "A named channel manager and priority in training.",
            "cs": "Vlastní manažer partnerů a přednost při školeních.",
            "uk": "Особистий менеджер партнерів і першість на навчаннях.",
            "pl": "Własny opiekun partnera i pierwszeństwo na szkoleniach.",
            "lt": "Asmeninis partnerių vadybininkas ir pirmenybė mokymuose.",
            "fa": "مدیر شرکای اختصاصی و اولویت در دوره‌های آموزشی.",
        },
    ),
    "gold": (
        8,
        20_000_000,
        {
            "en": "Joint marketing, and leads are handed to you first.",
            "cs": "Společný marketing a přednost při předávání leadů.",
            "uk": "Спільний маркетинг і першість під час передавання лідів.",
            "pl": "Wspólny marketing i pierwszeństwo w przekazywaniu leadów.",
            "lt": "Bendra rinkodara ir pirmenybė perduodant potencialius klientus.",
            "fa": "بازاریابی مشترک و اولویت در دریافت سرنخ‌ها.",
        },
    ),
}


def plant_catalogue(session: Session) -> None:
    session.add_all(Product(code=code, names=names) for code, names in PRODUCTS.items())
    session.add_all(Programme(names=names, currency="EUR", **terms) for names, terms in _PROGRAMMES)
    session.add_all(
        TierTerms(tier=tier, won_count=count, won_amount=amount, currency="EUR", benefits=benefits)
        for tier, (count, amount, benefits) in _TIERS.items()
    )
