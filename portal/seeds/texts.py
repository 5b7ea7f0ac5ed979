"""Ready messages for a seeded world: people repeat themselves, and folding is what takes longest."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from portal.seeds.companies import product
from portal.seeds.phrases import NOTES, TONGUES
from portal.text import words_of

_VARIANTS = 200


@dataclass(frozen=True, slots=True)
class Text:
    body: str
    words: str


@cache
def texts_of(seed: int) -> dict[tuple[str, str], list[Text]]:
    """By language and kind: what customers ask and answer, what staff answer, and notes in English."""
    luck = random.Random(seed)
    found = {}
    for language, tongue in TONGUES.items():
        for kind, sentences in (("ask", tongue.asks), ("answer", tongue.answers), ("thanks", tongue.thanks)):
            found[language, kind] = [_text(luck, tongue.greeting, sentences) for _ in range(_VARIANTS)]
    found["en", "note"] = [_text(luck, "", NOTES) for _ in range(_VARIANTS)]
    return found


def _text(luck: random.Random, greeting: str, sentences: Sequence[str]) -> Text:
    chosen = luck.sample(sentences, luck.randint(1, 4))
    code, number = product(luck), luck.randint(10_000, 99_999)
    body = " ".join(sentence.format(code=code, n=number) for sentence in chosen)
    if greeting and luck.random() < 0.7:
        body = f"{greeting}\n\n{body}"
    if luck.random() < 0.1:
        body += f"\n\n- {code}\n- **{number}**\n- {product(luck)}"
    return Text(body, " ".join(words_of(body)))
