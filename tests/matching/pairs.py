"""Names of made-up companies that are one, and such that only look like it."""

# Each line is one company, however it is written.
ONE_COMPANY = [
    # Czech
    ("Kaskáda Vodní díla, spol. s r. o.", "KASKADA VODNI DILA s.r.o."),
    ("Družstvo Stříbrný Čáp", "Stříbrný Čáp, a.s.", "ТОВ «Стршібрни Чап»"),
    ("Žižala & Křepelka, v.o.s.", "Zizala a Krepelka s.r.o. v likvidaci"),
    ("Společnost s ručením omezeným Ořech", "Ořech s.r.o."),
    # Ukrainian, and as others spell it
    ("ТОВ «Сонячний Промінь»", "Товариство з обмеженою відповідальністю Сонячний промінь", "Soniachnyi Promin LLC"),
    ('ПрАТ "Чернігівські Ковалі"', "Chernihivski Kovali PrJSC", "Czernihiwski Kowali S.A."),
    ("ФОП Журавлина", "Zhuravlyna", "Žuravlyna s.r.o."),
    ("ПАТ «Щедрий Хліб»", "Szczedryj Chlib S.A.", "Shchedryi Khlib PJSC"),
    ("КП «Кам’яна Ґруша»", "Камʼяна Груша, ТзОВ"),
    # Polish, and as others spell it
    ("Żurawie Wrzosowe Sp. z o.o. Sp. k.", "ZURAWIE WRZOSOWE SPÓŁKA AKCYJNA", "ТОВ «Журавє Вжосове»"),
    ("Spółdzielnia „Łąka i Chrząszcz”", "Laka i Chrzaszcz sp. j."),
    # Lithuanian
    ("UAB „Saulės Takas“", "Saulės takas, uždaroji akcinė bendrovė"),
    ("VšĮ „Žąsų Ežeras“", "Zasu Ezeras", "ТОВ «Жасу Ежерас»"),
    ("AB Vėjo Malūnas", "Vejo Malunas MB"),
    # Persian, and as others spell it
    ("شرکت سهامی خاص فولاد کاوه", "فولاد كاوه (سهامي عام)", "Foolad Kaveh Co.", "ТОВ «Фулад Каве»"),
    ("شرکت با مسئولیت محدود نوین‌پردازش سپیدار", "نوین پردازش سپیدار", "Novin Pardazesh Sepidar Ltd"),
    ("مؤسسهٔ گلستان سروش", "Golestan Soroush Inc."),
    # English
    ("Marble Otter Ltd", "MARBLE OTTER, Limited", "Otter Marble"),
    ("The Copper Kettle Company", "Copper Kettle LLC"),
    ("Sky Bridge GmbH & Co. KG", "Skybridge"),
    ("Bramblewick Instruments plc", "Bramblewik Instruments Inc"),
]

# Each line is two companies, whatever they have in common.
TWO_COMPANIES = [
    ("Alfa Group s.r.o.", "Omega Group s.r.o."),
    ("International Trade Company Ltd", "Marble Trade Company Ltd"),
    ("ТОВ «Сонячний Промінь»", "ТОВ «Місячний Камінь»"),
    ("ТОВ «Торговий дім Ластівка»", "ТОВ «Торговий дім Сорока»"),
    ("UAB „Saulės Takas“", "UAB „Miško Takas“"),
    ("Żurawie Wrzosowe S.A.", "Wilki Wrzosowe S.A."),
    ("شرکت فولاد کاوه", "شرکت چوب کاوه"),
    ("گروه صنعتی سپهر", "گروه صنعتی البرز"),
    ("Marble Otter Ltd", "Granite Badger Ltd"),
    ("Družstvo Javor", "Družstvo Jedle"),
    ("a.s.", "s.r.o."),
    ("", "Marble Otter"),
]
