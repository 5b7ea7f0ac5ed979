"""What partners of the sample world have registered, and what became of it: data alone, in six languages."""

from dataclasses import dataclass, field

from portal.seeds.catalogue import GROWTH, REFERRAL, STANDARD, STRATEGIC


@dataclass(frozen=True, slots=True)
class Step:
    """What somebody does so many hours after the step before; the reason is for the partner to read."""

    verb: str
    hours: float
    reason: str = ""
    note: str = ""
    who: str = "channel-manager"


@dataclass(frozen=True, slots=True)
class DealStory:
    """A registration of the customer at this place in `collisions.ONE_CUSTOMER`, in the given spelling.

    Amounts are minor units; a line is a product's code, a quantity and an expected unit price.
    """

    customer: int
    spelling: int
    partner: str
    programme: str
    lines: tuple[tuple[str, int, int], ...]
    contact: tuple[str, str, str]
    description: str
    days_ago: float
    steps: tuple[Step, ...] = field(default=())
    currency: str = "EUR"
    acting: str = ""
    sales_type: str = "new"
    source: str = "own"
    close_in: int = 120

    @property
    def amount(self) -> int:
        return sum(quantity * price for _code, quantity, price in self.lines)


SUBMIT, TAKE = Step("submit", 2), Step("take", 3)
NAME = Step("name", 0.5)
APPROVE = Step("approve", 2, "Good work. We look forward to it.", "Called the customer: they know the partner well.")

DEAL_STORIES: tuple[DealStory, ...] = (
    # Approved and protected; later ones for the same customer collide with it.
    DealStory(
        0,
        0,
        "partner",
        STANDARD,
        (("LN-100", 40, 18_900), ("LN-900", 1, 120_000)),
        ("Hynek Tetřev", "Vedoucí údržby", "hynek.tetrev@zamysleny-tetrev.example.com"),
        "Rewitalizacja parku przy hucie: czterdzieści latarni i umowa serwisowa. Spotkanie było w marcu.",
        35,
        (SUBMIT, TAKE, NAME, APPROVE),
        source="event",
    ),
    DealStory(
        0,
        1,
        "rival-partner",
        STANDARD,
        (("LN-100", 35, 17_500),),
        ("Hugh Tetrev", "Maintenance", "office@zamysleny-tetrev.example.com"),
        "Thirty-five lanterns for the park; we have known the family for years.",
        20,
        (
            SUBMIT,
            TAKE,
            NAME,
            Step(
                "line",
                5,
                "This customer and product are registered already. You may wait in line.",
                "Same company, the name is spelled without accents.",
            ),
        ),
    ),
    # Waits for the first look.
    DealStory(
        1,
        0,
        "partner",
        STRATEGIC,
        (("LN-200", 220, 41_000), ("LN-500", 1, 1_800_000)),
        ("Орина Чапля", "Головна інженерка", "oryna.chaplia@burshtynova-chaplia.example.org"),
        "Oświetlenie uliczne dla osiedla i system sterowania. Klient ogłosi przetarg za dwa miesiące.",
        0.4,
        (Step("submit", 1),),
        source="tender",
        sales_type="replacement",
    ),
    # Late, and escalated by the clock.
    DealStory(
        1,
        1,
        "rival-partner",
        GROWTH,
        (("LN-200", 60, 39_500),),
        ("Oryna Chaplia", "Chief engineer", "office@burshtynova-chaplia.example.org"),
        "Sixty street lights for the depot. The engineer wrote to us after the fair.",
        6,
        (SUBMIT, TAKE),
        source="event",
    ),
    # Two people have to approve: one has.
    DealStory(
        2,
        0,
        "partner-admin",
        STANDARD,
        (("LN-400", 400, 14_500),),
        ("Bożena Żurawska", "Kierowniczka zakładu", "bozena.zurawska@szklane-zurawie.example.com"),
        "Wymiana oświetlenia w czterech halach. Klient ma budżet na ten rok.",
        2,
        (SUBMIT, TAKE, NAME, Step("approve", 2, "Approved.", "Large, but solid: a second pair of eyes, please.")),
        sales_type="replacement",
    ),
    # Returned with a question.
    DealStory(
        3,
        0,
        "partner",
        STANDARD,
        (("LN-300", 6, 245_000),),
        ("Ąžuolas Žiburys", "Direktorius", "azuolas@azuolo-ziburys.example.org"),
        "Sześć żyrandoli do sali koncertowej.",
        4,
        (SUBMIT, TAKE, Step("return", 4, "Which hall is it, and who decides there?", "They have two halls.")),
    ),
    # Answered, and submitted again.
    DealStory(
        4,
        2,
        "many",
        STANDARD,
        (("LN-300", 3, 260_000), ("LN-900", 1, 90_000)),
        ("سپیده آفتابی", "مدیر تالار", "info@aftab-dasht.example.net"),
        "سه لوستر برای تالار بزرگ و قرارداد نگهداری. مشتری نمونه‌ای از کار ما دیده است.",
        3,
        (
            SUBMIT,
            TAKE,
            Step("return", 2, "Is the hall open already?", "Their site says it is being rebuilt."),
            Step("resubmit", 8),
        ),
        acting="herons",
        source="referral",
    ),
    # Rejected, for a direct sale.
    DealStory(
        5,
        0,
        "rival-partner",
        STANDARD,
        (("LN-400", 80, 15_900),),
        ("Penny Anvil", "Works manager", "penny.anvil@pensive-anvil.example.com"),
        "Panel lights for the forge hall.",
        28,
        (
            SUBMIT,
            TAKE,
            NAME,
            Step("reject-direct", 30, "We have been talking with this customer for some time.", "Our own account."),
        ),
    ),
    # A duplicate, not in line.
    DealStory(
        1,
        2,
        "partner-admin",
        STANDARD,
        (("LN-900", 1, 350_000),),
        ("Oryna Czapla", "Inżynierka", "biuro@bursztynowa-czapla.example.net"),
        "Umowa serwisowa na pięć lat.",
        15,
        (SUBMIT, TAKE, NAME, Step("duplicate", 4, "You have registered this customer yourselves, under another name.")),
        sales_type="renewal",
    ),
    # Withdrawn by the partner.
    DealStory(
        6,
        0,
        "partner",
        GROWTH,
        (("LN-100", 12, 19_900),),
        ("Ozvěna Tichá", "Majitelka", "ozvena@ticha-ozvena.example.net"),
        "Dwanaście latarni na dziedziniec kuźni.",
        18,
        (SUBMIT, Step("withdraw", 20, "Klient przełożył inwestycję na przyszły rok.", who="")),
    ),
    # Its protection ended.
    DealStory(
        7,
        0,
        "rival-partner",
        GROWTH,
        (("LN-400", 25, 16_000),),
        ("Kočár Modrý", "Nákupčí", "kocar@modry-kocar.example.org"),
        "Panel lights for the packing line.",
        80,
        (SUBMIT, Step("take", 22), NAME, APPROVE, Step("expire", 0)),
    ),
    # Revoked.
    DealStory(
        8,
        0,
        "rival-partner",
        STANDARD,
        (("LN-500", 1, 2_100_000),),
        ("Bram Blewick", "Facilities", "bram@bramblewick.example.com"),
        "Control system for the instrument hall.",
        50,
        (
            SUBMIT,
            Step("take", 45),
            NAME,
            APPROVE,
            Step("revoke", 200, "The customer tells us that they work with nobody yet."),
        ),
    ),
    # Converted into an opportunity, on which the partner works.
    DealStory(
        6,
        1,
        "partner-admin",
        STANDARD,
        (("LN-300", 2, 255_000), ("LN-100", 10, 19_000)),
        ("Ozvěna Tichá", "Owner", "hello@ticha-ozvena.example.net"),
        "Dwa żyrandole do galerii i latarnie przed wejściem.",
        60,
        (
            SUBMIT,
            TAKE,
            NAME,
            APPROVE,
            Step("convert", 300),
            Step("stage", 100, "Oferta z dwoma wariantami oprawy"),
        ),
        sales_type="expansion",
    ),
    # Protected not for long, with an extension asked for.
    DealStory(
        2,
        1,
        "many",
        STANDARD,
        (("LN-200", 30, 40_000),),
        ("بوژنا ژوراوسکا", "مدیر کارخانه", "office@szklane-zurawie.example.com"),
        "سی چراغ خیابانی برای محوطهٔ کارخانه.",
        82,
        (
            SUBMIT,
            TAKE,
            NAME,
            APPROVE,
            Step("extension", 24 * 75, "مناقصه یک ماه عقب افتاد؛ نامهٔ مشتری پیوست است.", who=""),
        ),
        acting="herons",
        source="tender",
    ),
    # Won.
    DealStory(
        7,
        1,
        "partner-admin",
        STANDARD,
        (("LN-500", 1, 6_400_000),),
        ("Bludička Modrá", "Ředitelka", "modra@bludicka.example.com"),
        "System sterowania dla całego zakładu.",
        140,
        (
            SUBMIT,
            Step("take", 40),
            NAME,
            APPROVE,
            Step("approve", 1, "Welcome aboard.", who="channel-manager-2"),
            Step("convert", 100),
            Step("win", 900, "Smlouva podepsána."),
        ),
    ),
    # Lost.
    DealStory(
        3,
        2,
        "rival-partner",
        STANDARD,
        (("LN-100", 60, 17_000),),
        ("Ажуоло Жибуріс", "Директор", "office@azuolo-ziburys.example.org"),
        "Sixty lanterns for the lake shore.",
        170,
        (SUBMIT, TAKE, NAME, APPROVE, Step("convert", 200), Step("lose", 1200, "They took a cheaper lamp.")),
    ),
    # A referral: approved, and nobody is protected by it.
    DealStory(
        3,
        1,
        "rival-partner",
        REFERRAL,
        (("LN-900", 1, 60_000),),
        ("Azuolas Ziburys", "Director", "office@azuolo-ziburys.example.org"),
        "They asked us for maintenance, which we do not do.",
        12,
        (SUBMIT, TAKE, NAME, APPROVE),
        source="referral",
    ),
    # Drafts, which nobody but the partner sees.
    DealStory(
        7,
        1,
        "partner",
        STANDARD,
        (("LN-400", 15, 15_500),),
        ("Bludička Modrá", "", "modra@bludicka.example.com"),
        "Linia pakowania, drugi etap.",
        1,
    ),
    DealStory(
        4,
        0,
        "rival-partner",
        STRATEGIC,
        (("LN-300", 8, 250_000),),
        ("Sepideh Aftabi", "Hall manager", "info@aftab-dasht.example.net"),
        "Eight chandeliers; the tender is expected next month.",
        1.5,
    ),
)
