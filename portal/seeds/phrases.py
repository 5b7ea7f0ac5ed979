"""Words from which the seeded world is put together: names and sentences of six languages. Everything is made up.

In texts `{code}` is the code of a product and `{n}` a number; neither is ever declined.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Tongue:
    """One language. A person's family name is a pair where it differs for men and women."""

    country: str
    time_zone: str
    men: tuple[str, ...]
    women: tuple[str, ...]
    families: tuple[tuple[str, str], ...]
    # A company is called by its trade, its sign and its town, put together by `company`.
    trades: tuple[str, ...]
    signs: tuple[str, ...]
    towns: tuple[str, ...]
    company: str
    greeting: str
    subjects: tuple[str, ...]
    asks: tuple[str, ...]
    answers: tuple[str, ...]
    thanks: tuple[str, ...]
    order: str


def _same(*names: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, name) for name in names)


TONGUES: dict[str, Tongue] = {
    "en": Tongue(
        country="GB",
        time_zone="Europe/London",
        men=("Alfred", "Basil", "Cedric", "Duncan", "Edwin", "Gareth", "Hugo", "Jasper", "Leonard", "Rupert"),
        women=("Agnes", "Beatrice", "Clara", "Edith", "Flora", "Harriet", "Ivy", "Matilda", "Olive", "Winifred"),
        families=_same(
            "Amberlark", "Brackenfold", "Candlewick", "Dewthistle", "Emberley", "Foxmantle", "Gorsebank",
            "Hollowmere", "Larkenby", "Mosswater", "Nettlecombe", "Owlsgate", "Pebbleton", "Thornhush",
        ),
        trades=(
            "Bakery", "Brewery", "Brickworks", "Clockmakers", "Foundry", "Glassworks", "Joinery", "Paper Mill",
            "Printworks", "Sawmill", "Tannery", "Weavers",
        ),
        signs=(
            "Amber Heron", "Blue Acorn", "Copper Moon", "Drifting Kite", "Early Otter", "Foggy Bell", "Green Comet",
            "Half Lantern", "Ivory Fox", "Jolly Anvil", "Quiet Badger", "Seven Larks",
        ),
        towns=("Mistleford", "Underbrook", "Cloverwick", "Hatherness", "Ravenscombe", "Saltmoor", "Windlebury"),
        company="{sign} {trade}, {town}",
        greeting="Good morning,",
        subjects=(
            "Delivery of {code} came incomplete", "Question about the invoice for order {n}",
            "{code} makes a noise after an hour", "Please change our delivery address",
            "New price list for {code}", "Order {n} shows the wrong date", "Spare part for {code}",
            "Cannot download the delivery note of order {n}", "Damaged parcel, order {n}", "Access for a new colleague",
        ),
        asks=(
            "Our last delivery of {code} came two pallets short.",
            "The note says that everything was packed, but we counted three times.",
            "Could you tell us when the rest of order {n} will arrive?",
            "We need the goods before the end of the week, because production stands still without them.",
            "The invoice names a price that differs from our contract.",
            "Since the update the page for order {n} stays empty in every browser that we tried.",
            "Three pieces of {code} from the same batch are cracked at the corner.",
            "Is there a manual for {code} that our apprentices can read as well?",
            "A colleague who left still receives all the mails; please take him off the list.",
            "Would it be possible to move the delivery to the second half of the month?",
        ),
        answers=(
            "Thank you for letting us know; we are looking into it right now.",
            "The missing pallets leave our warehouse tomorrow morning.",
            "We have corrected the price and sent you a new invoice.",
            "Could you please send us a picture of the label on the box?",
            "The carrier tells us that order {n} will reach you on Thursday.",
            "A replacement for {code} is on its way, you need not send the old one back.",
            "We found the cause and the page works again; please reload it once.",
            "Your new address is stored and holds for all orders from today on.",
        ),
        thanks=(
            "Thank you, that solves it for us.", "Perfect, we will wait for the parcel.", "It works again, thank you.",
            "The picture is on its way.", "That date suits us well.",
        ),
        order="Our reference is {n}.",
    ),
    "cs": Tongue(
        country="CZ",
        time_zone="Europe/Prague",
        men=("Bohumil", "Dalibor", "Evžen", "Hynek", "Jáchym", "Kryštof", "Matouš", "Oldřich", "Radovan", "Vojtěch"),
        women=("Alžběta", "Bohdana", "Dorota", "Eliška", "Hedvika", "Johana", "Květa", "Ludmila", "Rozálie", "Žofie"),
        families=(
            ("Větroplach", "Větroplachová"), ("Tichošlápek", "Tichošlápková"), ("Mlhovský", "Mlhovská"),
            ("Zvonimír", "Zvonimírová"), ("Jasanovec", "Jasanovcová"), ("Říčný", "Říčná"), ("Dubohlav", "Dubohlavová"),
            ("Křišťál", "Křišťálová"), ("Sedmihorský", "Sedmihorská"), ("Úsměvný", "Úsměvná"),
            ("Borůvčan", "Borůvčanová"), ("Čápovský", "Čápovská"), ("Hvězdoň", "Hvězdoňová"), ("Šípek", "Šípková"),
        ),
        trades=(
            "Cihelna", "Hodinářství", "Kovárna", "Mlékárna", "Papírna", "Pekárna", "Pila", "Sklárna", "Slévárna",
            "Tiskárna", "Tkalcovna", "Truhlárna",
        ),
        signs=(
            "U Bílé vrány", "U Dvou jelenů", "U Modré komety", "U Sedmi klíčů", "U Starého dubu", "U Tří ježků",
            "Na Mlhavé louce", "Nad Oblaky", "Pod Křídlem", "Pod Měsícem", "Za Humny", "Za Sedmi kopci",
        ),
        towns=("Mlhov", "Dolní Šepot", "Horní Vánek", "Jasanov", "Kalužná", "Zvonice", "Žabí Lhota"),
        company="{trade} {sign}, {town}",
        greeting="Dobrý den,",
        subjects=(
            "Dodávka {code} přišla neúplná", "Dotaz k faktuře za objednávku {n}", "{code} po hodině hučí",
            "Prosíme o změnu dodací adresy", "Nový ceník pro {code}", "Objednávka {n} ukazuje chybné datum",
            "Náhradní díl pro {code}", "Nelze stáhnout dodací list k objednávce {n}", "Poškozený balík, objednávka {n}",
            "Přístup pro novou kolegyni",
        ),
        asks=(
            "V poslední dodávce {code} chyběly dvě palety.",
            "Podle dodacího listu bylo všechno zabaleno, ale přepočítali jsme to třikrát.",
            "Můžete nám prosím říct, kdy dorazí zbytek objednávky {n}?",
            "Zboží potřebujeme do konce týdne, jinak se nám zastaví výroba.",
            "Na faktuře je jiná cena, než jakou máme ve smlouvě.",
            "Od poslední aktualizace zůstává stránka objednávky {n} prázdná ve všech prohlížečích.",
            "Tři kusy {code} ze stejné šarže mají prasklý roh.",
            "Existuje k {code} návod, kterému porozumí i naši učni?",
            "Kolega, který u nás už nepracuje, stále dostává všechny zprávy; prosíme o vyřazení.",
            "Bylo by možné přesunout dodávku na druhou polovinu měsíce?",
        ),
        answers=(
            "Děkujeme za upozornění, právě se tím zabýváme.",
            "Chybějící palety opustí náš sklad zítra ráno.",
            "Cenu jsme opravili a poslali vám novou fakturu.",
            "Mohli byste nám prosím poslat fotografii štítku na krabici?",
            "Dopravce nám potvrdil, že objednávka {n} dorazí ve čtvrtek.",
            "Náhradu za {code} jsme odeslali, původní kus nemusíte vracet.",
            "Příčinu jsme našli a stránka už funguje; stačí ji jednou načíst znovu.",
            "Novou adresu jsme uložili, platí pro všechny objednávky ode dneška.",
        ),
        thanks=(
            "Děkujeme, tím je to pro nás vyřešené.", "Výborně, počkáme na balík.", "Už to zase funguje, děkujeme.",
            "Fotografii posíláme.", "Tento termín nám vyhovuje.",
        ),
        order="Naše značka je {n}.",
    ),
    "uk": Tongue(
        country="UA",
        time_zone="Europe/Kyiv",
        men=("Арсен", "Богдан", "Гордій", "Данило", "Захар", "Ілля", "Лук’ян", "Мирон", "Остап", "Тарас"),
        women=("Богдана", "Віра", "Ганна", "Дарина", "Зоряна", "Їванна", "Лідія", "Мирослава", "Соломія", "Уляна"),
        families=(
            *_same("Вітренко", "Громобій", "Джерельник", "Журавка", "Калинець", "Лісовик", "Ґудзик", "Яворич"),
            ("Місячний", "Місячна"), ("Небесний", "Небесна"), ("Росяний", "Росяна"), ("Тихомирський", "Тихомирська"),
            ("Щедровський", "Щедровська"), ("Зорянський", "Зорянська"),
        ),
        trades=(
            "Броварня", "Годинникарня", "Друкарня", "Кузня", "Ливарня", "Майстерня", "Млин", "Пекарня", "Склоробня",
            "Столярня", "Ткальня", "Цегельня",
        ),
        signs=(
            "Білий Лелека", "Вечірня Зоря", "Два Їжаки", "Дев’ять Ключів", "Золотий Жолудь", "Мідний Дзвін",
            "Південний Вітер", "Ранкова Роса", "Синій Камінь", "Срібна Підкова", "Тихий Ліс", "Третій Півень",
        ),
        towns=("Верхній Шепіт", "Зорин", "Калинів Яр", "Крислаття", "Медовиця", "Росинка", "Тихолісся"),
        company="{trade} «{sign}», {town}",
        greeting="Добрий день!",
        subjects=(
            "Поставка {code} прийшла не повністю", "Питання щодо рахунку за замовлення {n}",
            "{code} гуде після години роботи", "Просимо змінити адресу доставки", "Новий прайс на {code}",
            "Замовлення {n} показує хибну дату", "Запасна частина для {code}",
            "Не завантажується накладна замовлення {n}", "Пошкоджена посилка, замовлення {n}",
            "Доступ для нової колеги",
        ),
        asks=(
            "В останній поставці {code} бракувало двох палет.",
            "За накладною все було запаковано, але ми перерахували тричі.",
            "Чи можете сказати, коли надійде решта замовлення {n}?",
            "Товар потрібен нам до кінця тижня, інакше зупиниться виробництво.",
            "У рахунку інша ціна, ніж у нашому договорі.",
            "Після оновлення сторінка замовлення {n} лишається порожньою в усіх браузерах.",
            "Три штуки {code} з однієї партії мають тріщину на розі.",
            "Чи є для {code} інструкція, яку зрозуміють і наші учні?",
            "Колега, який уже в нас не працює, досі отримує всі листи; просимо його вилучити.",
            "Чи можна перенести доставку на другу половину місяця?",
        ),
        answers=(
            "Дякуємо за повідомлення, ми вже з’ясовуємо причину.",
            "Палети, яких бракувало, вирушають зі складу завтра вранці.",
            "Ми виправили ціну й надіслали вам новий рахунок.",
            "Надішліть, будь ласка, фото етикетки на коробці.",
            "Перевізник підтвердив, що замовлення {n} прибуде в четвер.",
            "Заміну для {code} відправлено, стару деталь повертати не треба.",
            "Причину знайдено, сторінка знову працює; оновіть її один раз.",
            "Нову адресу збережено, вона діє для всіх замовлень від сьогодні.",
        ),
        thanks=(
            "Дякуємо, для нас це питання вирішено.", "Чудово, чекаємо на посилку.", "Знову працює, дякуємо.",
            "Фото надсилаємо.", "Цей термін нам підходить.",
        ),
        order="Наш номер — {n}.",
    ),
    "pl": Tongue(
        country="PL",
        time_zone="Europe/Warsaw",
        men=("Bożydar", "Czesław", "Dobromir", "Gniewko", "Jędrzej", "Ksawery", "Łukasz", "Mścisław", "Radosław",
             "Świętosław"),
        women=("Bogna", "Celina", "Dobrawa", "Grażyna", "Jagoda", "Kinga", "Lucyna", "Mirosława", "Róża", "Żaneta"),
        families=(
            *_same("Bąk-Mglisty", "Dzięciołek", "Gwiazdoń", "Jeżyna", "Łabędź", "Ośmiornica", "Szept"),
            ("Chmurski", "Chmurska"), ("Jaworzański", "Jaworzańska"), ("Księżycki", "Księżycka"),
            ("Mgielski", "Mgielska"), ("Rosiński", "Rosińska"), ("Wietrzycki", "Wietrzycka"), ("Żurawski", "Żurawska"),
        ),
        trades=(
            "Cegielnia", "Drukarnia", "Huta szkła", "Kuźnia", "Mleczarnia", "Odlewnia", "Papiernia", "Piekarnia",
            "Stolarnia", "Tartak", "Tkalnia", "Zegarmistrzostwo",
        ),
        signs=(
            "Pod Białą Wroną", "Pod Dwoma Jeżami", "Pod Jednym Skrzydłem", "Pod Miedzianym Dzwonem",
            "Pod Niebieską Kometą", "Pod Siedmioma Kluczami", "Pod Srebrnym Dębem", "Na Mglistej Łące",
            "Na Skraju Nieba", "Nad Chmurami", "Za Górką", "Za Siódmym Mostem",
        ),
        towns=("Mgławice", "Dolny Szept", "Górny Powiew", "Jeżynów", "Księżycowo", "Łąkowiec", "Źródlisko"),
        company="{trade} {sign}, {town}",
        greeting="Dzień dobry,",
        subjects=(
            "Dostawa {code} przyszła niepełna", "Pytanie o fakturę do zamówienia {n}", "{code} buczy po godzinie",
            "Prosimy o zmianę adresu dostawy", "Nowy cennik {code}", "Zamówienie {n} pokazuje złą datę",
            "Część zamienna do {code}", "Nie można pobrać listu przewozowego zamówienia {n}",
            "Uszkodzona paczka, zamówienie {n}", "Dostęp dla nowej koleżanki",
        ),
        asks=(
            "W ostatniej dostawie {code} brakowało dwóch palet.",
            "Według listu wszystko było zapakowane, ale policzyliśmy trzy razy.",
            "Czy mogą Państwo powiedzieć, kiedy dotrze reszta zamówienia {n}?",
            "Potrzebujemy towaru do końca tygodnia, inaczej stanie produkcja.",
            "Na fakturze jest inna cena niż w naszej umowie.",
            "Od aktualizacji strona zamówienia {n} jest pusta w każdej przeglądarce.",
            "Trzy sztuki {code} z tej samej partii są pęknięte na rogu.",
            "Czy jest do {code} instrukcja, którą zrozumieją też nasi uczniowie?",
            "Kolega, który już u nas nie pracuje, wciąż dostaje wszystkie wiadomości; prosimy go usunąć.",
            "Czy można przesunąć dostawę na drugą połowę miesiąca?",
        ),
        answers=(
            "Dziękujemy za zgłoszenie, właśnie to sprawdzamy.",
            "Brakujące palety opuszczą nasz magazyn jutro rano.",
            "Poprawiliśmy cenę i wysłaliśmy nową fakturę.",
            "Czy mogą Państwo przesłać zdjęcie etykiety z pudełka?",
            "Przewoźnik potwierdził, że zamówienie {n} dotrze w czwartek.",
            "Zamiennik {code} jest w drodze, starego nie trzeba odsyłać.",
            "Znaleźliśmy przyczynę i strona znów działa; wystarczy ją odświeżyć.",
            "Nowy adres jest zapisany i obowiązuje dla zamówień od dzisiaj.",
        ),
        thanks=(
            "Dziękujemy, to rozwiązuje sprawę.", "Świetnie, czekamy na paczkę.", "Znów działa, dziękujemy.",
            "Zdjęcie wysyłamy.", "Ten termin nam odpowiada.",
        ),
        order="Nasz numer to {n}.",
    ),
    "lt": Tongue(
        country="LT",
        time_zone="Europe/Vilnius",
        men=("Ąžuolas", "Dainius", "Eimantas", "Gintaras", "Jogaila", "Kęstas", "Linas", "Mindaugas", "Rytis",
             "Žygimantas"),
        women=("Aušra", "Daiva", "Eglė", "Gintarė", "Jūratė", "Liepa", "Miglė", "Rasa", "Saulė", "Živilė"),
        families=(
            ("Debesėnas", "Debesėnaitė"), ("Girinis", "Girinienė"), ("Miglauskas", "Miglauskaitė"),
            ("Pelkynas", "Pelkynaitė"), ("Rūkas", "Rūkaitė"), ("Sraunys", "Sraunytė"), ("Šermukšnis", "Šermukšnytė"),
            ("Tylūnas", "Tylūnienė"), ("Ūkanis", "Ūkanytė"), ("Varpas", "Varpaitė"), ("Vėjūnas", "Vėjūnaitė"),
            ("Žiedas", "Žiedaitė"), ("Žvaigždinis", "Žvaigždinytė"), ("Ežeras", "Ežeraitė"),
        ),
        trades=(
            "audykla", "duonos kepykla", "kalvė", "laikrodžių dirbtuvė", "lentpjūvė", "liejykla", "malūnas", "pieninė",
            "plytinė", "popieriaus fabrikas", "spaustuvė", "stiklo dirbtuvė",
        ),
        signs=(
            "Baltojo gandro", "Debesų", "Dviejų ežių", "Gintaro kelio", "Mėlynojo akmens", "Pirmojo gaidžio",
            "Rytmečio rasos", "Septynių raktų", "Sidabrinės žuvies", "Tylaus miško", "Varinio varpo", "Žalios kometos",
        ),
        towns=("Miglėnai", "Aukštieji Šnarai", "Ežeriškės", "Rasupė", "Šilgiria", "Tylkiemis", "Žiedpievė"),
        company="{sign} {trade}, {town}",
        greeting="Laba diena,",
        subjects=(
            "Siunta {code} atvyko nepilna", "Klausimas dėl užsakymo {n} sąskaitos", "{code} po valandos ima ūžti",
            "Prašome pakeisti pristatymo adresą", "Naujas {code} kainoraštis", "Užsakymo {n} data neteisinga",
            "Atsarginė dalis, {code}", "Nepavyksta atsisiųsti užsakymo {n} važtaraščio",
            "Pažeista siunta, užsakymas {n}", "Prieiga naujai kolegei",
        ),
        asks=(
            "Paskutinėje {code} siuntoje trūko dviejų padėklų.",
            "Pagal važtaraštį viskas supakuota, bet perskaičiavome tris kartus.",
            "Ar galite pasakyti, kada atvyks likusi užsakymo {n} dalis?",
            "Prekių mums reikia iki savaitės pabaigos, kitaip sustos gamyba.",
            "Sąskaitoje nurodyta kita kaina nei mūsų sutartyje.",
            "Po atnaujinimo užsakymo {n} puslapis lieka tuščias visose naršyklėse.",
            "Trys tos pačios partijos {code} vienetai įskilę ties kampu.",
            "Ar yra {code} instrukcija, kurią suprastų ir mūsų mokiniai?",
            "Kolega, kuris čia nebedirba, vis dar gauna visus laiškus; prašome jį išbraukti.",
            "Ar būtų galima perkelti pristatymą į antrąją mėnesio pusę?",
        ),
        answers=(
            "Dėkojame, kad pranešėte; jau aiškinamės.",
            "Trūkstami padėklai išvyks iš sandėlio rytoj ryte.",
            "Kainą pataisėme ir išsiuntėme naują sąskaitą.",
            "Gal galėtumėte atsiųsti dėžės etiketės nuotrauką?",
            "Vežėjas patvirtino, kad užsakymas {n} atvyks ketvirtadienį.",
            "Pakaitalas {code} jau pakeliui, senojo grąžinti nereikia.",
            "Priežastį radome, puslapis vėl veikia; užtenka jį atnaujinti.",
            "Naujas adresas įrašytas ir galioja visiems užsakymams nuo šiandien.",
        ),
        thanks=(
            "Ačiū, mums tai išspręsta.", "Puiku, lauksime siuntos.", "Vėl veikia, ačiū.", "Nuotrauką siunčiame.",
            "Ši data mums tinka.",
        ),
        order="Mūsų numeris – {n}.",
    ),
    "fa": Tongue(
        country="IR",
        time_zone="Asia/Tehran",
        men=("آرش", "بهرام", "پرویز", "داریوش", "رامین", "سیاوش", "فرهاد", "کاوه", "مهران", "هوشنگ"),
        women=("آذر", "بهار", "پروانه", "ترانه", "رویا", "ژاله", "سیمین", "گلنار", "مهتاب", "نسترن"),
        families=_same(
            "آب‌روشن", "ابرزاده", "باران‌دوست", "پرستوپور", "ترنج‌فر", "چشمه‌ساز", "ژرف‌نگر", "ستاره‌چین",
            "شبنم‌زاد", "صنوبرکار", "گنجشکی", "ماه‌پیما", "نسیم‌آرا", "یاس‌پرور",
        ),
        trades=(
            "آجرپزی", "آهنگری", "بافندگی", "چاپخانهٔ", "درودگری", "ریخته‌گری", "ساعت‌سازی", "شیشه‌گری", "فرش", "کاغذسازی",
            "لبنیات", "نان",
        ),
        signs=(
            "ابر سپید", "انار نقره‌ای", "باد شمال", "پرستوی مهاجر", "چنار کهن", "دو کلید", "سنگ آبی", "شب‌تاب",
            "ماه نو", "نسیم سحر", "هفت چشمه", "یاقوت خاموش",
        ),
        towns=("ابرآباد", "چشمه‌نو", "دشت خاموش", "سپیددره", "ماه‌پیشان", "نسیم‌کوه", "هفت‌بید"),
        company="{trade} {sign}، {town}",
        greeting="سلام،",
        subjects=(
            "محمولهٔ {code} ناقص رسید", "پرسش دربارهٔ فاکتور سفارش {n}", "{code} پس از یک ساعت صدا می‌دهد",
            "لطفاً نشانی تحویل ما را تغییر دهید", "فهرست قیمت تازهٔ {code}", "تاریخ سفارش {n} نادرست است",
            "قطعهٔ یدکی برای {code}", "حوالهٔ سفارش {n} دریافت نمی‌شود", "بستهٔ آسیب‌دیده، سفارش {n}",
            "دسترسی برای همکار تازه",
        ),
        asks=(
            "در آخرین محمولهٔ {code} دو پالت کم بود.",
            "بر پایهٔ حواله همه چیز بسته‌بندی شده، ولی ما سه بار شمردیم.",
            "لطفاً بفرمایید بقیهٔ سفارش {n} چه زمانی می‌رسد؟",
            "تا پایان هفته به کالا نیاز داریم، وگرنه تولید می‌ایستد.",
            "قیمت فاکتور با قرارداد ما یکی نیست.",
            "از زمان به‌روزرسانی، صفحهٔ سفارش {n} در همهٔ مرورگرها خالی می‌ماند.",
            "سه عدد {code} از یک سری ساخت، گوشهٔ ترک‌خورده دارند.",
            "آیا برای {code} راهنمایی هست که کارآموزان ما هم بفهمند؟",
            "همکاری که دیگر با ما نیست هنوز همهٔ نامه‌ها را می‌گیرد؛ لطفاً نامش را بردارید.",
            "آیا می‌شود تحویل را به نیمهٔ دوم ماه انداخت؟",
        ),
        answers=(
            "از خبر شما سپاسگزاریم؛ داریم بررسی می‌کنیم.",
            "پالت‌های جامانده فردا صبح از انبار ما بیرون می‌رود.",
            "قیمت را درست کردیم و فاکتور تازه‌ای فرستادیم.",
            "لطفاً عکسی از برچسب روی جعبه برای ما بفرستید.",
            "شرکت حمل تأیید کرد که سفارش {n} پنجشنبه می‌رسد.",
            "جایگزین {code} در راه است و نیازی به بازگرداندن قبلی نیست.",
            "علت پیدا شد و صفحه دوباره کار می‌کند؛ یک بار تازه‌اش کنید.",
            "نشانی تازه ذخیره شد و از امروز برای همهٔ سفارش‌ها به کار می‌رود.",
        ),
        thanks=(
            "سپاس، مشکل ما حل شد.", "بسیار خوب، منتظر بسته می‌مانیم.", "دوباره کار می‌کند، سپاسگزاریم.",
            "عکس را فرستادیم.", "این تاریخ برای ما مناسب است.",
        ),
        order="شمارهٔ ما {n} است.",
    ),
}  # fmt: skip

# Staff write to each other in English.
NOTES = (
    "The warehouse confirms that two pallets of {code} are still at the ramp.",
    "Finance says the old price held until the end of last month. Correct the invoice.",
    "Called them, nobody answered. Try again tomorrow before ten.",
    "The same batch of {code} was reported by another company; quality is looking into it.",
    "They have been waiting for a week. Please treat this one first.",
    "Carrier promised order {n} for Thursday, but do not name the day before it is scanned.",
    "Waiting for the second line; the log shows nothing unusual.",
    "Ask for a picture of the label before sending another one.",
)

CONTACTS = (
    "Asked about opening hours", "Yearly meeting", "Signed contract arrived", "Looked at samples", "Wants a call back",
)  # fmt: skip

TEAMS = (
    ("North desk", False),
    ("South desk", False),
    ("Suppliers desk", False),
    ("Partners desk", False),
    ("Legal matters", True),
)
