"""What the people of the sample world wrote to each other: plain data, in six languages. Everything is made up."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["reply", "ask", "resolve", "note", "take", "hold", "close"]


@dataclass(frozen=True)
class Turn:
    """One step of a conversation, `hours` after the one before."""

    who: str
    kind: Kind
    text: str = ""
    hours: float = 3


@dataclass(frozen=True)
class Story:
    """A ticket: `author` is a hint, `acting` the company and capacity where there are several.

    It starts with `team`, else with the team of its category.
    """

    author: str
    category: str
    subject: str
    body: str
    days_ago: float
    turns: tuple[Turn, ...] = ()
    priority: str = "normal"
    acting: str = ""
    team: str = ""
    reference: str = ""
    copies: tuple[str, ...] = ()
    # A customer for whom the author's company, its partner, opens the ticket.
    for_customer: str = ""
    picture: bool = False


@dataclass(frozen=True)
class Contact:
    """A phone call, fax, shop or personal visit that staff wrote down."""

    who: str
    company: str
    channel: str
    subject: str
    text: str
    days_ago: float
    is_shared: bool = False


STORIES: tuple[Story, ...] = (
    Story(
        "customer",
        "question",
        "Termín dodání skleněných polotovarů",
        "Dobrý den,\n\nmůžete prosím potvrdit, zda polotovary z **objednávky 2231** dorazí do 14. dne v měsíci?"
        " Potřebujeme podle toho naplánovat směny u pece.\n\nDěkuji, Božena Tichá",
        2.2,
        (
            Turn("agent", "take", hours=1),
            Turn("agent", "note", "Warehouse says the pallets left this morning. Waiting for the carrier's number."),
            Turn(
                "agent",
                "reply",
                "Dobrý den, paní Tichá,\n\npalety dnes ráno opustily sklad. Jakmile bude známé číslo zásilky,"
                " pošlu vám ho sem.\n\nS pozdravem, Alice Hartwell",
                2,
            ),
            Turn("customer", "reply", "Výborně, to nám stačí. Číslo zásilky ještě doplňte, prosím.", 5),
        ),
        reference="2231",
        copies=("customer-admin",),
        picture=True,
    ),
    Story(
        "customer",
        "complaint",
        "Faktura přišla dvakrát",
        "Fakturu za říjen jsme dostali dvakrát, pokaždé s jiným číslem. Kterou máme zaplatit?",
        9,
        (
            Turn("agent", "take", hours=2),
            Turn(
                "agent",
                "resolve",
                "Omlouváme se za zmatek. Platí jen faktura s vyšším číslem, tu druhou jsme zrušili.",
                20,
            ),
        ),
    ),
    Story(
        "customer-admin",
        "request",
        "افزودن همکار تازه به سامانه",
        "سلام،\n\nاز هفتهٔ آینده همکار تازه‌ای در بخش خرید داریم. لطفاً بفرمایید برای دسترسی او به سفارش‌ها"
        " چه باید بکنیم.\n\nبا سپاس",
        4,
        (
            Turn("agent", "take", hours=1),
            Turn(
                "agent",
                "ask",
                "سلام و سپاس از پیام شما. خودتان می‌توانید از صفحهٔ «افراد» همکارتان را دعوت کنید."
                " اگر دعوت‌نامه نرسید، همین‌جا بنویسید.",
                3,
            ),
        ),
        team="persian",
    ),
    Story(
        "customer",
        "claim",
        "Prasklé desky v poslední zásilce",
        "V poslední zásilce bylo **šest prasklých desek** z dvaceti. Přikládám fotografii.\n\n"
        "- balení nepoškozené\n- praskliny vycházejí z rohu\n- šarže 7714",
        1.1,
        (
            Turn("agent-2", "take", hours=2),
            Turn("agent-2", "note", "Batch 7714 was also reported by two other companies. Quality is looking into it."),
            Turn(
                "agent-2",
                "ask",
                "Dobrý den, děkujeme za podrobný popis. Pošlete prosím ještě fotografii štítku na paletě.",
            ),
        ),
        priority="high",
        picture=True,
    ),
    Story(
        "partner",
        "question",
        "Termin płatności w ofercie dla huty szkła",
        "Dzień dobry,\n\nklient prosi o krótszy termin płatności w ofercie. Czy możemy to uzgodnić przed końcem"
        " tygodnia?\n\nGrażyna Wilczyńska",
        3.4,
        (
            Turn("channel-manager", "take", hours=4),
            Turn("channel-manager", "reply", "Dzień dobry, pani Grażyno, sprawdzę to dziś i wrócę z odpowiedzią."),
            Turn("channel-manager", "note", "Finance allows 21 days, not 14. Tell her tomorrow.", 6),
        ),
        team="partners",
    ),
    Story(
        "partner",
        "problem",
        "Formularz zamówienia odrzuca czeskie znaki",
        "Zgłaszam w imieniu klienta: formularz zamówienia odrzuca nazwy z czeskimi znakami.",
        0.7,
        for_customer="glass",
    ),
    Story(
        "partner-admin",
        "request",
        "Materiały szkoleniowe po polsku",
        "Prosimy o polską wersję materiałów szkoleniowych na przyszły kwartał. Wystarczy nam plik PDF.",
        12,
        (
            Turn("channel-manager", "resolve", "Dzień dobry, materiały w załączeniu do wiadomości z wczoraj.", 30),
            Turn("partner-admin", "close", hours=40),
        ),
        team="partners",
    ),
    Story(
        "rival",
        "problem",
        "Не відкривається рахунок за вересень",
        "Добрий день!\n\nРахунок за вересень не відкривається ні на комп’ютері, ні на телефоні."
        " Чи можете надіслати його ще раз?",
        1.6,
        (
            Turn("agent-2", "take", hours=1),
            Turn("agent-2", "reply", "Добрий день! Дякуємо за повідомлення. Ми вже шукаємо причину."),
        ),
        priority="high",
    ),
    Story(
        "rival",
        "question",
        "Чи працюватиме склад на свята?",
        "Підкажіть, будь ласка, чи прийматиме склад замовлення між 30 грудня та 2 січня.",
        6,
        (
            Turn("agent", "take", hours=5),
            Turn("agent", "resolve", "Добрий день! Так, щодня з 9:00 до 14:00, крім 1 січня.", 4),
            Turn("rival", "reply", "Дякую! А чи можна забрати замовлення самостійно 31-го після обіду?", 20),
        ),
        team="ukrainian",
    ),
    Story(
        "rival",
        "complaint",
        "Кур’єр двічі не застав нас на місці",
        "Кур’єр двічі приїздив без попередження. Просимо телефонувати за годину до доставки.",
        0.3,
        team="ukrainian",
    ),
    Story(
        "supplier",
        "question",
        "Kur siųsti atnaujintą kainoraštį?",
        "Laba diena,\n\nparengėme naują audinių kainoraštį. Ar siųsti jį čia, ar atskiru laišku pirkimų skyriui?",
        5,
        (
            Turn("buyer", "take", hours=3),
            Turn("buyer", "reply", "Laba diena, Rūta, įkelkite jį čia kaip priedą, ačiū."),
            Turn("supplier", "reply", "Įkelsime iki penktadienio. Ačiū!", 18),
        ),
        team="purchasing",
    ),
    Story(
        "supplier-admin",
        "problem",
        "Vėluoja apmokėjimas už rugsėjį",
        "Sąskaita faktūra už rugsėjį turėjo būti apmokėta prieš dešimt dienų. Prašome patikrinti.",
        8,
        (
            Turn("buyer", "take", hours=6),
            Turn("buyer", "note", "Paid on the wrong account. Treasury is correcting it.", 2),
            Turn("buyer", "hold", hours=1),
        ),
        priority="urgent",
        team="purchasing",
    ),
    Story(
        "rival-supplier",
        "request",
        "Změna kontaktní osoby",
        "Od příštího měsíce bude vaše objednávky vyřizovat kolegyně z pobočky. Prosím o úpravu kontaktu.",
        15,
        (
            Turn("buyer", "resolve", "Hotovo, kontakt je změněn. Děkujeme za zprávu.", 24),
            Turn("rival-supplier", "close", hours=12),
        ),
        team="purchasing",
    ),
    Story(
        "rival-partner",
        "question",
        "Which discount applies to a second site?",
        "One of our customers is opening a second site. Do they keep the discount of the first one?",
        2.8,
        (
            Turn("channel-manager-2", "take", hours=2),
            Turn("channel-manager-2", "ask", "They do, if the legal entity is the same. Is it?", 2),
        ),
        team="partners",
    ),
    Story(
        "many",
        "question",
        "رنگ نمونه‌ها با کاتالوگ یکی نیست",
        "سلام،\n\nسه نمونه‌ای که رسید از رنگ کاتالوگ روشن‌تر است. آیا سری چاپ عوض شده؟",
        3,
        (
            Turn("account-manager", "take", hours=4),
            Turn("account-manager", "reply", "سلام خانم دریایی، از چاپخانه پرسیدیم و تا فردا پاسخ می‌دهیم."),
        ),
        acting="carpets",
        picture=True,
        team="persian",
    ),
    Story(
        "many",
        "claim",
        "Brak dwóch form w dostawie",
        "W dostawie brakuje dwóch form odlewniczych z pozycji 4. Reszta się zgadza.",
        7,
        (Turn("agent-2", "take", hours=2), Turn("agent-2", "reply", "Dziękujemy, brakujące formy wyślemy jutro.")),
        acting="foundry.customer",
    ),
    Story(
        "many",
        "request",
        "Nowy termin odbioru odlewów",
        "Prosimy o przesunięcie odbioru odlewów na następny wtorek.",
        1.9,
        (Turn("buyer", "reply", "Dzień dobry, wtorek nam odpowiada. Proszę o godzinę.", 5),),
        acting="foundry.supplier",
        team="purchasing",
    ),
    Story(
        "many",
        "question",
        "Price list for the spring programme",
        "Could you tell us when the partner price list for the spring programme will be published?",
        0.5,
        acting="herons",
        team="partners",
    ),
    Story(
        "customer-admin",
        "problem",
        "تاریخ‌ها در گزارش به‌درستی نشان داده نمی‌شود",
        "در گزارش ماهانه، تاریخ‌ها با تقویم میلادی آمده است، اما تنظیم ما تقویم هجری خورشیدی است.",
        20,
        (
            Turn("agent-2", "take", hours=8),
            Turn("agent-2", "resolve", "این اشکال برطرف شد. لطفاً گزارش را یک بار دیگر باز کنید.", 48),
            Turn("customer-admin", "reply", "درست شد، سپاسگزارم.", 10),
            Turn("agent-2", "resolve", "خوشحالیم که درست شد.", 2),
            Turn("customer-admin", "close", hours=20),
        ),
    ),
    Story(
        "brewer",
        "question",
        "Vzorky pivních sklenic pro novou hospodu",
        "Dobrý den, otevíráme na jaře druhou hospodu. Můžete nám poslat vzorky půllitrů a ceník pro 600 kusů?",
        1.4,
        (
            Turn("agent", "take", hours=3),
            Turn("agent", "reply", "Dobrý den, vzorky dnes odešleme, ceník přikládám.", 2),
        ),
    ),
    Story(
        "joiner",
        "complaint",
        "Zásilka přišla na starou adresu",
        "I přes změnu adresy jste poslali zásilku na starou provozovnu. Museli jsme pro ni jet sami.",
        5.5,
        (
            Turn("agent", "take", hours=2),
            Turn("agent", "note", "Address was changed in the portal, but not in the warehouse. Told them."),
            Turn("agent", "resolve", "Omlouváme se. Adresa je teď správně i ve skladu a přepravné vám vrátíme.", 22),
        ),
    ),
    Story(
        "barista",
        "request",
        "Додати другу адресу доставки",
        "Добрий день! З понеділка частину замовлень просимо везти до кав’ярні на вулиці Вірменській.",
        2.1,
        (
            Turn("agent-2", "take", hours=2),
            Turn(
                "agent-2",
                "ask",
                "Добрий день! Напишіть, будь ласка, номер будинку та години, коли хтось є на місці.",
                1,
            ),
        ),
        team="ukrainian",
    ),
    Story(
        "smith",
        "question",
        "Чи змінилися реквізити для рахунків?",
        "Добрий день! Останній платіж надійшов з іншого рахунку. Чи оновити реквізити в наших документах?",
        3.7,
        (
            Turn("buyer", "take", hours=5),
            Turn("buyer", "note", "True, treasury moved to another bank. Waiting for their letter before we confirm."),
            Turn("buyer", "hold", hours=1),
        ),
        team="purchasing",
    ),
    Story(
        "potter",
        "claim",
        "Pęknięte glazury w partii 5512",
        "W partii 5512 na **jedenastu** sztukach glazura popękała po pierwszym wypale. Zdjęcie w załączniku.",
        4.4,
        (
            Turn("agent-2", "take", hours=1),
            Turn(
                "agent-2",
                "reply",
                "Dzień dobry, dziękujemy za zdjęcie. Partię wstrzymaliśmy, wymianę wyślemy w piątek.",
                6,
            ),
            Turn("potter", "reply", "Dziękujemy, czekamy na przesyłkę.", 15),
        ),
        priority="high",
        picture=True,
    ),
    Story(
        "jeweller",
        "question",
        "Ar galima atsiimti siuntą patiems?",
        "Laba diena, kitą savaitę būsime Vilniuje. Ar galėtume užsakymą atsiimti sandėlyje?",
        0.9,
    ),
    Story(
        "jeweller",
        "problem",
        "Nepavyksta atsisiųsti sąskaitos",
        "Paspaudus mygtuką atsidaro tuščias puslapis. Bandėme dviem naršyklėmis.",
        11,
        (
            Turn("agent-2", "take", hours=3),
            Turn("agent-2", "resolve", "Laba diena, klaidą ištaisėme. Ačiū, kad pranešėte!", 26),
            Turn("jeweller", "reply", "Veikia, ačiū.", 3),
            Turn("agent-2", "resolve", "Puiku, gražios dienos!", 1),
            Turn("jeweller", "close", hours=5),
        ),
    ),
    Story(
        "forester",
        "request",
        "Partnerio sutarties kopija lietuvių kalba",
        "Prašome atsiųsti partnerio sutarties vertimą, kad galėtume jį pateikti buhalterijai.",
        6.6,
        (
            Turn("channel-manager-2", "take", hours=8),
            Turn(
                "channel-manager-2",
                "reply",
                "Laba diena, vertimą rengia mūsų teisininkai, atsiųsime iki penktadienio.",
                2,
            ),
        ),
        team="partners",
    ),
    Story(
        "tea-master",
        "complaint",
        "بسته‌بندی نمناک رسید",
        "سلام،\n\nاز دوازده جعبه، سه جعبه نم کشیده بود و چای داخل آن‌ها بوی کارتن گرفته است.",
        1.2,
        (
            Turn("agent", "take", hours=2),
            Turn("agent", "reply", "سلام و پوزش از این پیشامد. جایگزین هر سه جعبه را فردا می‌فرستیم.", 3),
            Turn("tea-master", "reply", "سپاسگزارم، منتظریم.", 4),
        ),
        team="persian",
        priority="high",
    ),
    Story(
        "companion",
        "question",
        "شرایط ثبت مشتری تازه برای همکاران",
        "سلام، اگر مشتری پیش‌تر با همکار دیگری کار کرده باشد، می‌توانیم او را به نام خود ثبت کنیم؟",
        7.2,
        (
            Turn("channel-manager", "take", hours=6),
            Turn("channel-manager", "ask", "سلام، لطفاً نام مشتری را بنویسید.", 4),
        ),
        team="partners",
    ),
    Story(
        "harbourmaster",
        "complaint",
        "Nobody called back",
        "We asked for a call about our contract twice this month and nobody rang."
        " Please let us know who looks after us now.",
        0.15,
        priority="urgent",
    ),
)

CONTACTS: tuple[Contact, ...] = (
    Contact(
        "agent", "glass", "phone", "Provozní doba v prosinci", "Volali kvůli otevírací době skladu v prosinci.", 18
    ),
    Contact("account-manager", "foundry", "phone", "Rozmowa o warunkach", "Rozważają tańszego dostawcę form.", 9),
    Contact(
        "account-manager", "ceramics", "visit", "Wizyta w pracowni", "Obejrzeliśmy nowy piec, planują eksport.", 26
    ),
    Contact(
        "agent", "bakery", "phone", "Дзвінок про доставку", "Просили дзвонити за годину до приїзду.", 4, is_shared=True
    ),
    Contact("account-manager", "tea", "phone", "گفت‌وگوی تلفنی دربارهٔ قرارداد", "تمدید سالانه را می‌پذیرند.", 13),
    Contact("agent", "harbour", "fax", "Notice of termination", "Signed notice for the end of the quarter.", 2),
    Contact(
        "account-manager",
        "glass",
        "visit",
        "Roční schůzka ve sklárně",
        "Prošli jsme plán odběrů na příští rok. Zajímá je kratší dodací lhůta.",
        30,
        is_shared=True,
    ),
    Contact("account-manager", "carpets", "fax", "Podpisany kontrakt", "Przyszła podpisana umowa ramowa.", 45),
    Contact("buyer", "looms", "shop", "Pavyzdžių peržiūra", "Apžiūrėjome naujus audinių pavyzdžius salone.", 22),
    Contact("channel-manager", "wolf", "chat", "Pytanie o szkolenie", "Krótka rozmowa o terminie szkolenia.", 11),
)
