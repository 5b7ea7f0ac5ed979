"""Headings that other systems give their columns, in six languages, by the field that they mean."""

from portal.text import words_of

_KNOWN = """
external_id: id | external id | externí id | erp id | id záznamu | identyfikator | ідентифікатор | ід |
    identifikatorius | شناسه | شناسه خارجی | guid | uuid | key | klíč
order: order | order number | order no | objednávka | číslo objednávky | č. objednávky | zamówienie | numer
    zamówienia | nr zamówienia | замовлення | номер замовлення | № замовлення | užsakymas | užsakymo numeris |
    užsakymo nr | سفارش | شماره سفارش
number: number | order number | order no | order | document number | document no | erp number | delivery note |
    číslo | číslo objednávky | č. objednávky | číslo dokladu | doklad | objednávka | dodací list | číslo dodacího
    listu | numer | nr | numer zamówienia | nr zamówienia | zamówienie | numer dokumentu | nr dokumentu | numer wz |
    номер | номер замовлення | № замовлення | замовлення | номер документа | № документа | номер накладної | numeris
    | užsakymo numeris | užsakymo nr | užsakymas | dokumento numeris | dokumento nr | važtaraštis | شماره | شماره
    سفارش | شماره سند | شماره حواله
kind: kind | kind of order | type | order type | druh | typ | druh objednávky | typ objednávky | typ dokumentu |
    rodzaj | typ zamówienia | rodzaj zamówienia | вид | тип | тип замовлення | rūšis | tipas | užsakymo tipas | نوع
    | نوع سفارش
organisation: organisation | organization | customer | supplier | company | customer number | customer no | customer
    id | supplier number | supplier id | vendor | account | zákazník | odběratel | dodavatel | firma | organizace |
    číslo zákazníka | kód zákazníka | číslo dodavatele | kód dodavatele | id zákazníka | id dodavatele | klient |
    odbiorca | kontrahent | dostawca | organizacja | kod klienta | numer klienta | id klienta | kod dostawcy |
    клієнт | покупець | контрагент | постачальник | організація | компанія | код клієнта | номер клієнта | код
    постачальника | klientas | pirkėjas | tiekėjas | įmonė | organizacija | kliento kodas | tiekėjo kodas | مشتری |
    تأمین کننده | تامین کننده | شرکت | سازمان | کد مشتری | شماره مشتری | کد تأمین کننده | کد تامین کننده
state: state | status | order status | stav | stav objednávky | status zamówienia | стан | статус | стан замовлення
    | būsena | statusas | وضعیت | وضعیت سفارش
prices.currency: currency | měna | waluta | валюта | valiuta | ارز | واحد پول
currency: currency | currency code | měna | kód měny | waluta | kod waluty | валюта | код валюти | valiuta |
    valiutos kodas | ارز | واحد پول | کد ارز
customer_reference: customer reference | customer's reference | purchase number | your reference | customer order
    number | po number | reference zákazníka | vaše objednávka | číslo objednávky zákazníka | vaše značka | numer
    zamówienia klienta | zamówienie klienta | referencja klienta | номер замовлення клієнта | ваш номер | kliento
    užsakymo numeris | kliento nuoroda | شماره سفارش مشتری | شماره خرید
ordered_on: ordered on | order date | date of order | date | datum objednávky | objednáno | objednáno dne | datum |
    data zamówienia | data | дата замовлення | дата | замовлено | užsakymo data | užsakyta | تاریخ سفارش | تاریخ
shipped_on: shipped on | ship date | shipping date | expedováno | datum expedice | odesláno | data wysyłki | wysłano
    | дата відправлення | відправлено | išsiuntimo data | išsiųsta | تاریخ ارسال
expected_on: expected on | expected | expected delivery | eta | očekáváno | předpokládané doručení | spodziewana
    dostawa | przewidywana dostawa | очікувана дата | очікується | numatoma data | numatomas pristatymas | تاریخ
    مورد انتظار
delivered_on: delivered on | delivery date | dodáno | doručeno | datum dodání | datum doručení | data dostawy |
    dostarczono | дата доставки | доставлено | pristatymo data | pristatyta | تاریخ تحویل
invoiced_on: invoiced on | invoice date | datum faktury | fakturováno | datum vystavení faktury | data faktury |
    дата рахунку | дата рахунка фактури | sąskaitos data | تاریخ فاکتور
valid_until: valid until | valid to | platí do | platnost do | ważne do | ważna do | дійсно до | чинна до | galioja
    iki | معتبر تا | اعتبار تا
capacity: capacity | in the capacity of | role
reseller: reseller | partner | přeprodejce | odsprzedawca | partner handlowy | реселер | партнер | perpardavėjas |
    partneris | فروشنده واسط | شریک تجاری
deal: deal | deal registration | registrace obchodního případu | rejestracja transakcji | реєстрація угоди |
    sandorio registracija | ثبت معامله
quotation: quotation | quote | quotation number | nabídka | číslo nabídky | oferta | numer oferty | комерційна
    пропозиція | пропозиція | pasiūlymas | komercinis pasiūlymas | پیش فاکتور
payment_state: payment | payment status | payment state | stav platby | stav úhrady | platba | status płatności |
    płatność | стан оплати | оплата | apmokėjimo būsena | apmokėjimas | وضعیت پرداخت
payment_due_on: due date | payment due | payment due on | splatnost | datum splatnosti | splatno dne | termin
    płatności | термін оплати | сплатити до | apmokėti iki | apmokėjimo terminas | سررسید | تاریخ سررسید
paid: paid | amount paid | uhrazeno | zaplaceno | zapłacono | сплачено | оплачено | apmokėta | پرداخت شده | مبلغ
    پرداختی
payment_terms: payment terms | terms of payment | platební podmínky | warunki płatności | умови оплати | apmokėjimo
    sąlygos | شرایط پرداخت
delivery_terms: delivery terms | terms of delivery | incoterms | dodací podmínky | warunki dostawy | умови поставки
    | умови доставки | pristatymo sąlygos | شرایط تحویل
billing_address: billing address | invoice address | fakturační adresa | adres do faktury | adres rozliczeniowy |
    платіжна адреса | адреса для рахунків | sąskaitos adresas | atsiskaitymo adresas | نشانی صورتحساب | آدرس
    صورتحساب
delivery_address: delivery address | shipping address | dodací adresa | doručovací adresa | adres dostawy | адреса
    доставки | pristatymo adresas | نشانی تحویل | آدرس تحویل
remark: remark | remarks | note | notes | comment | poznámka | uwagi | notatka | примітка | коментар | pastaba |
    pastabos | یادداشت | توضیحات
net: net total | net amount | total net | total without vat | celkem bez dph | základ daně | cena celkem bez dph |
    razem netto | suma netto | wartość netto | сума без пдв | разом без пдв | suma be pvm | iš viso be pvm | جمع
    خالص | مبلغ خالص
tax: tax | vat | tax amount | vat amount | dph | částka dph | daň | vat kwota | kwota vat | podatek | пдв | сума пдв
    | податок | pvm | pvm suma | mokestis | مالیات | مبلغ مالیات
total: total | grand total | order total | total with vat | gross | celkem | celkem s dph | cena celkem | razem |
    razem brutto | suma brutto | wartość brutto | brutto | разом | всього | усього | сума з пдв | iš viso | iš viso
    su pvm | suma su pvm | جمع | جمع کل | مبلغ کل
lines.position: line | line number | line no | position | pos | item | řádek | číslo řádku | položka | číslo položky
    | pozice | pozycja | poz | lp | wiersz | рядок | номер рядка | позиція | № | eilutė | eilutės nr | eil nr |
    pozicija | ردیف | شماره ردیف
code: code | product code | sku | item code | article | kód | kód produktu | kód zboží | kód výrobku | číslo zboží |
    kod | kod produktu | kod towaru | indeks | symbol | код | код товару | артикул | kodas | prekės kodas | produkto
    kodas | کد | کد کالا | کد محصول
lines.product: product code | product | sku | item code | article | code | kód produktu | kód zboží | kód výrobku |
    produkt | zboží | kód | kod produktu | kod towaru | produkt | indeks | symbol | kod | код товару | товар |
    артикул | код | prekės kodas | produkto kodas | prekė | kodas | کد کالا | کد محصول | کالا | محصول | کد
names: name | product name | product | description | název | název produktu | název zboží | popis | nazwa | nazwa
    produktu | nazwa towaru | opis | назва | назва товару | найменування | опис | pavadinimas | prekės pavadinimas |
    aprašymas | نام | نام کالا | نام محصول | شرح
name: name | organisation name | company name | full name | company | customer | název | jméno | název firmy | jméno
    a příjmení | firma | nazwa | nazwa firmy | imię i nazwisko | назва | назва компанії | назва організації | ім'я |
    піб | прізвище та ім'я | pavadinimas | įmonės pavadinimas | vardas | vardas ir pavardė | vardas pavardė | نام |
    نام شرکت | نام سازمان | نام و نام خانوادگی
lines.descriptions: description | item description | product name | name | text | popis | název | název zboží |
    název produktu | označení | opis | nazwa | nazwa towaru | nazwa produktu | опис | назва | назва товару |
    найменування | aprašymas | pavadinimas | prekės pavadinimas | شرح | شرح کالا | نام کالا | نام
lines.quantity: quantity | qty | amount ordered | množství | počet | počet kusů | ks | ilość | liczba | кількість |
    к-сть | kiekis | تعداد | مقدار
lines.unit: unit | uom | unit of measure | jednotka | mj | měrná jednotka | jednostka | jm | j.m. | одиниця | од |
    одиниця виміру | од. вим. | vienetas | mato vienetas | mato vnt | واحد | واحد شمارش | واحد اندازه گیری
unit: unit | uom | unit of measure | jednotka | mj | měrná jednotka | jednostka | jm | j.m. | одиниця | од | одиниця
    виміру | од. вим. | vienetas | mato vienetas | mato vnt | واحد | واحد شمارش
lines.unit_price: unit price | price | price per unit | jednotková cena | cena | cena za jednotku | cena za kus |
    cena bez dph | cena jednostkowa | cena netto | ціна | ціна за одиницю | ціна без пдв | kaina | vieneto kaina |
    vnt kaina | قیمت | قیمت واحد | فی | بهای واحد
prices.unit_price: unit price | price | cena | jednotková cena | cena jednostkowa | ціна | ціна за одиницю | kaina |
    vieneto kaina | قیمت | قیمت واحد
lines.price_per: price per | per | price unit | price for how many units | cena za | za množství | cena za ilość |
    ціна за | kaina už
prices.price_per: price per | per | price unit | price for how many units | cena za | za množství | cena za ilość |
    ціна за | kaina už
prices.organisation: organisation | customer | customer number | zákazník | číslo zákazníka | kód zákazníka | klient
    | kontrahent | kod klienta | клієнт | контрагент | код клієнта | klientas | kliento kodas | مشتری | کد مشتری
prices.minimum: minimum | from quantity | minimum quantity | od množství | minimální množství | od ilości | ilość
    minimalna | від кількості | мінімальна кількість | nuo kiekio | mažiausias kiekis | از تعداد | حداقل تعداد
prices.valid_from: valid from | platí od | platnost od | ważne od | ważna od | дійсно з | чинна з | galioja nuo |
    معتبر از | اعتبار از
prices.valid_until: valid until | valid to | platí do | platnost do | ważne do | ważna do | дійсно до | чинна до |
    galioja iki | معتبر تا | اعتبار تا
lines.discount: discount | discount % | discount percent | sleva | sleva % | sleva v procentech | rabat | rabat % |
    upust | знижка | знижка % | nuolaida | nuolaida % | تخفیف | درصد تخفیف
lines.tax_rate: tax rate | vat rate | vat % | tax % | sazba dph | dph % | stawka vat | vat % | ставка пдв | пдв % |
    pvm tarifas | pvm % | نرخ مالیات | درصد مالیات
lines.promised_on: promised | promised for | promised date | requested date | delivery date | slíbeno | slíbený
    termín | termín | termín dodání | požadovaný termín | termin | termin dostawy | termin realizacji | строк |
    строк поставки | обіцяно | дата поставки | pažadėta | terminas | pristatymo terminas | تاریخ وعده | موعد تحویل
lines.confirmed_on: confirmed | confirmed for | confirmed date | potvrzeno | potvrzený termín | potwierdzono |
    potwierdzony termin | підтверджено | підтверджена дата | patvirtinta | patvirtinta data | تاریخ تأیید | تاریخ
    تایید | تأیید شده برای
lines.delivered_on: line delivered on | line delivery date | received on | goods receipt | goods receipt date | datum
    příjmu | datum příjmu zboží | data przyjęcia | data przyjęcia towaru | дата оприбуткування | дата отримання |
    gavimo data | تاریخ رسید انبار | تاریخ دریافت کالا
content: pdf | file | path | pdf file | soubor | cesta | cesta k souboru | plik | ścieżka | файл | шлях | failas |
    kelias | فایل | مسیر فایل
lines.shipped: shipped | quantity shipped | expedováno | expedované množství | odesláno | wysłano | ilość wysłana |
    відправлено | відправлена кількість | išsiųsta | išsiųstas kiekis | ارسال شده | تعداد ارسال شده
lines.delivered: delivered | quantity delivered | dodáno | dodané množství | dostarczono | ilość dostarczona |
    доставлено | доставлена кількість | pristatyta | pristatytas kiekis | تحویل شده | تعداد تحویل شده
lines.invoiced: invoiced | quantity invoiced | fakturováno | fakturované množství | zafakturowano | ilość
    zafakturowana | виставлено | виставлена кількість | išrašyta | sąskaitoje | فاکتور شده | تعداد فاکتور شده
lines.returned: returned | quantity returned | vráceno | vrácené množství | zwrócono | ilość zwrócona | повернуто |
    повернена кількість | grąžinta | grąžintas kiekis | مرجوع شده | تعداد مرجوعی
lines.cost: cost | cost of goods | náklad | náklady | pořizovací cena | koszt | koszt własny | собівартість |
    savikaina | بهای تمام شده
lines.net: amount | line amount | line total | net | částka | celkem za řádek | cena celkem | kwota | wartość |
    wartość netto | сума | сума рядка | вартість | suma | eilutės suma | مبلغ | مبلغ ردیف
is_active: active | on sale | aktivní | v prodeji | aktywny | w sprzedaży | активний | у продажу | aktyvus |
    parduodama | فعال | در حال فروش
is_reorderable: reorderable | may be ordered again | lze objednat znovu | można zamówić ponownie | можна замовити
    знову | galima užsakyti dar kartą | قابل سفارش مجدد
capacities: capacities | capacity | relation to us | relation | relationship | type | vztah | vztah k nám | typ |
    relacja | rodzaj | typ kontrahenta | відносини | тип | тип контрагента | ryšys | ryšys su mumis | tipas | نوع
    رابطه | رابطه با ما | نوع
country: country | country code | země | stát | kód země | kraj | kod kraju | країна | код країни | šalis | šalies
    kodas | کشور | کد کشور
language: language | jazyk | język | мова | kalba | زبان
website: website | web | url | webové stránky | www | strona internetowa | strona www | вебсайт | сайт | svetainė |
    tinklalapis | وبگاه | وب سایت
domain: domain | mail domain | doména | domena | домен | domenas | دامنه
email: e-mail | email | mail | e-mail address | e-mailová adresa | adres e-mail | електронна пошта | ел. пошта | el.
    paštas | رایانامه | ایمیل
phone: phone | telephone | phone number | mobile | telefon | telefonní číslo | mobil | nr telefonu | numer telefonu
    | телефон | номер телефону | telefonas | telefono numeris | تلفن | شماره تلفن
address: address | adresa | sídlo | adres | адреса | adresas | نشانی | آدرس
credit_limit: credit limit | kreditní limit | úvěrový limit | limit kredytowy | limit kredytu | кредитний ліміт |
    kredito limitas | سقف اعتبار
payment_days: payment days | days to pay | splatnost | splatnost dnů | dny splatnosti | dni płatności | termin
    płatności dni | днів на оплату | відстрочка | apmokėjimo dienos | مهلت پرداخت | روزهای پرداخت
job_title: job title | title | position | function | pozice | funkce | pracovní pozice | stanowisko | funkcja |
    посада | pareigos | سمت | عنوان شغلی
carrier: carrier | dopravce | přepravce | przewoźnik | kurier | перевізник | vežėjas | kurjeris | حمل کننده | شرکت
    حمل
tracking_number: tracking number | tracking no | consignment number | číslo zásilky | sledovací číslo | numer
    przesyłki | nr przesyłki | numer śledzenia | номер відправлення | номер для відстеження | ттн | siuntos numeris
    | sekimo numeris | شماره رهگیری | کد رهگیری
tracking_url: tracking link | tracking url | odkaz na sledování | sledování | link śledzenia | посилання для
    відстеження | sekimo nuoroda | پیوند رهگیری | لینک رهگیری
parcels.number: parcel | parcel number | balík | číslo balíku | paczka | numer paczki | посилка | номер посилки |
    siuntinys | pakuotės numeris | بسته | شماره بسته
parcels.tracking_number: parcel tracking number | sledovací číslo balíku | numer śledzenia paczki | номер
    відстеження посилки
parcels.weight: weight | weight kg | hmotnost | hmotnost kg | váha | waga | waga kg | masa | вага | вага кг | svoris
    | svoris kg | وزن
events.at: event time | time of the event | time | čas | čas události | czas | czas zdarzenia | час | час події |
    laikas | įvykio laikas | زمان | زمان رویداد
events.state: event | event state | událost | stav události | zdarzenie | подія | įvykis | رویداد
events.place: place | location | místo | miejsce | місце | vieta | محل | مکان
events.words: event text | message | zpráva | wiadomość | повідомлення | pranešimas | پیام
"""


def key_of(heading: str) -> str:
    """A heading as headings are compared: no case, accents or punctuation."""
    return " ".join(words_of(heading))


def _by_heading() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for entry in _KNOWN.replace("\n    ", " ").strip().splitlines():
        name, _colon, headings = entry.partition(": ")
        for heading in headings.split("|"):
            fields = found.setdefault(key_of(heading), [])
            if name not in fields:
                fields.append(name)
    return found


# Fields that a heading may mean, by its key, the likelier first; which of them a kind of record has decides.
HEADINGS = _by_heading()
