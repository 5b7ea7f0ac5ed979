"""The legal forms of companies in the six languages and in the countries around, and words that half of them share.

Written as people write them: dots, spaces and case do not count, since forms are compared run together.
"""

from collections.abc import Sequence
from functools import cache

from portal.text import fold, words_of

# Before or after the name.
_ANYWHERE = """
společnost s ručením omezeným; spol. s ručením omezeným; společnost s r. o.; akciová společnost; akc. spol.;
veřejná obchodní společnost; veř. obch. spol.; komanditní společnost; kom. spol.; evropská společnost; zapsaný spolek;
obecně prospěšná společnost; státní podnik; příspěvková organizace; nadační fond; bytové družstvo; družstvo; spol.;
ТОВ; ТзОВ; ТДВ; ПАТ; ПрАТ; АТ; ВАТ; ЗАТ; ФОП; СПД; ПП; ДП; КП; ФГ; ООО; ОАО; ЗАО; ПАО; ЛТД; ТОВ ЛТД;
товариство з обмеженою відповідальністю; товариство з додатковою відповідальністю; акціонерне товариство;
публічне акціонерне товариство; приватне акціонерне товариство; приватне підприємство; державне підприємство;
комунальне підприємство; фізична особа-підприємець; фермерське господарство; повне товариство;
КНП; СТОВ; СФГ; ПСП; НВП; НВФ; НПП; ВКФ; ВКП; МПП; МП; СП; ПТ; АКБ; ОСББ; ТОВ з ІІ; з іноземними інвестиціями;
комунальне некомерційне підприємство; мале приватне підприємство; мале підприємство; спільне підприємство;
науково-виробниче підприємство; науково-виробнича фірма; виробничо-комерційна фірма; державна установа;
громадська організація; благодійна організація; благодійний фонд;
TOV; TzOV; PrAT; FOP; LLC; JSC; PJSC; PrJSC;
spółka z ograniczoną odpowiedzialnością; spółka akcyjna; prosta spółka akcyjna; spółka komandytowa; spółka jawna;
spółka komandytowo-akcyjna; spółka cywilna; spółka partnerska; spółka z o.o.; spółka z o.o. spółka komandytowa;
spółdzielnia;
UAB; AB; MB; VšĮ; KŪB; TŪB; ŽŪB; ŽŪK; ŽŪKB; UADBB; uždaroji akcinė bendrovė; akcinė bendrovė; mažoji bendrija;
viešoji įstaiga; individuali įmonė; valstybės įmonė; savivaldybės įmonė; biudžetinė įstaiga; žemės ūkio bendrovė;
žemės ūkio kooperatyvas; kooperatinė bendrovė; kooperatyvas; tikroji ūkinė bendrija; komanditinė ūkinė bendrija;
asociacija; labdaros ir paramos fondas; likviduojama; bankrutavusi; bankrutuojanti; restruktūrizuojama; LUAB; BUAB;
شرکت; شرکت سهامی; شرکت سهامی خاص; شرکت سهامی عام; شرکت با مسئولیت محدود; شرکت تعاونی; شرکت تضامنی; مؤسسه; موسسه; تعاونی;
شرکت با مسوولیت محدود; شرکت مسئولیت محدود; شرکت مسوولیت محدود; شرکت نسبی; شرکت مختلط سهامی; شرکت مختلط غیر سهامی;
شرکت دولتی; شرکت دانش‌بنیان; مؤسسه‌ی;
Sherkat; Sherkate; Oy; Oyj; GmbH; SIA; OÜ; osaühing; aktsiaselts; akciju sabiedrība; MTÜ;
sabiedrība ar ierobežotu atbildību
"""
_BEFORE = """
IĮ; PPHU; PHU; FHU; PPUH; PHUP; F.H.; PUH; P.P.H.; Z.P.U.H.; Z.P.H.; P.W.; P.P.U.; P.H.; AS; A/S; ГО; БО; БФ; ДУ;
przedsiębiorstwo produkcyjno-handlowe; przedsiębiorstwo handlowo-usługowe; firma handlowo-usługowa;
przedsiębiorstwo produkcyjno-handlowo-usługowe; przedsiębiorstwo wielobranżowe
"""
_AFTER = """
s.r.o.; spol. s r.o.; a.s.; v.o.s.; k.s.; z.s.; z.ú.; o.p.s.; s.p.; p.o.; o.z.; j.s.a.; a spol.; organizační složka;
odštěpný závod; v likvidaci; v konkursu; v konkurzu; v úpadku; v insolvenci;
sp. z o.o.; z o.o.; S.A.; P.S.A.; sp. k.; sp. j.; sp. p.; s.c.; s.k.a.; S.K.; w likwidacji; w upadłości;
w restrukturyzacji; oddział w Polsce;
سهامی خاص; سهامی عام; با مسئولیت محدود; با مسئولیت محدود و سهامی; مسئولیت محدود; با مسوولیت محدود; مسوولیت محدود;
س.خ; س.ع;
Ltd; Limited; Private Limited; Pvt; Pte; Pty; LLC; LLP; LP; PLLC; PLC; Inc; Incorporated; Corp; Corporation;
Co; Company; and Co; and Company; und Co; CIC; FZE; FZCO; FZ-LLC; Lda; Ltda; Ltd. Şti.; A.Ş.; S.A. de C.V.; K.K.;
SCE; Aktiengesellschaft; Gesellschaft mit beschränkter Haftung; Ges.m.b.H.; e.U.; SCA; TÜ; FIE;
mbH; gGmbH; AG; KG; KGaA; OHG; UG; UG haftungsbeschränkt; e.V.; e.K.; eG; SE; SARL; SAS; SASU; EURL; SNC; SpA; SRL;
SL; SLU; BV; NV; VOF; AS; ASA; ApS; A/S; HB; Kft; Zrt; Nyrt; Bt; d.o.o.; d.d.; AD; EOOD; OOD; ЕООД; ООД
"""
# What says nothing about which company it is: a name is compared without these too.
_COMMON = """
a and the of for und et i y ir та і й и و
group skupina група grupa grupė گروه holding холдинг holdingas هلدینگ trade trading obchod obchodní торгівля торговий
дім handel handlowy handlowa
prekyba bazar بازرگانی تجارت تجاری company společnost firma фірма компанія spółka bendrovė شرکت کمپانی
کارخانه کارخانجات بنگاه
international mezinárodní міжнародний międzynarodowy tarptautinis بین المللی بین‌المللی global
services service služby послуги сервіс usługi paslaugos خدمات solutions řešení рішення rozwiązania sprendimai
systems system systémy системи systemy sistemos سیستم invest investment інвест consulting konzultace консалтинг
construction stavby stavební будівництво budownictwo statyba ساختمانی engineering
industry industries průmysl промисловість
przemysł pramonė صنعت صنایع صنعتی production produkt výroba виробництво produkcja gamyba تولید تولیدی
technology technologies technologie технології tech transport doprava логістика logistics logistika logistyka
partners partner plus pro energy energo digital media market centrum center centre центр centras مرکز
europe europa praha brno kyiv warszawa vilnius tehran czech česká ukraine україна polska lietuva ایران
"""


def _run_together(forms: str) -> frozenset[str]:
    return frozenset("".join(words_of(form)) for form in forms.replace("\n", " ").split(";") if form.strip())


_ANY = _run_together(_ANYWHERE)
LEADING = _ANY | _run_together(_BEFORE)
TRAILING = _ANY | _run_together(_AFTER)
# The longest spelled-out form, with room for one whose letters stand apart.
_MOST_WORDS = 8


@cache
def common_words() -> frozenset[str]:
    """Folded words that tell no company from another."""
    return frozenset(fold(_COMMON).split())


def strip_forms(words: Sequence[str]) -> list[str]:
    """Folded words without the legal forms at both ends; one word at least stays.

    Of two forms that could go, the longer goes first: in "UAB AB" the name is "AB".
    """
    kept = list(words)
    while len(kept) > 1:
        before, after = _form_before(kept), _form_after(kept)
        if not before and not after:
            break
        is_before = len("".join(kept[:before])) > len("".join(kept[len(kept) - after :]))
        kept = kept[before:] if is_before else kept[: len(kept) - after]
    return kept


def _form_before(words: list[str]) -> int:
    sizes = range(min(_MOST_WORDS, len(words) - 1), 0, -1)
    return next((size for size in sizes if "".join(words[:size]) in LEADING), 0)


def _form_after(words: list[str]) -> int:
    sizes = range(min(_MOST_WORDS, len(words) - 1), 0, -1)
    return next((size for size in sizes if "".join(words[-size:]) in TRAILING), 0)
