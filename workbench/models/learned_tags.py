"""Which words does the learned model know, and which of them mean the same?

Conventions
-----------
The model is two networks of one shape, trained on MagnaTagATune (MTT) and on the Million Song Dataset (MSD); each gives
200 numbers of its last hidden layer and 50 probabilities. Names and order are those of musicnn 0.1.0,
https://github.com/jordipons/musicnn.
"""

from __future__ import annotations

from typing import Final

__all__ = ["EMBEDDING_SIZE", "LEARNED_MODEL", "LEARNED_TAGS", "MEANINGS", "TAG_COUNT"]

LEARNED_MODEL: Final = "musicnn"

EMBEDDING_SIZE: Final = 400
"""Last hidden layers: 200 numbers of MTT, then 200 of MSD."""

MTT: Final = (
    "guitar", "classical", "slow", "techno", "strings", "drums", "electronic", "rock", "fast", "piano", "ambient",
    "beat", "violin", "vocal", "synth", "female", "indian", "opera", "male", "singing", "vocals", "no vocals",
    "harpsichord", "loud", "quiet", "flute", "woman", "male vocal", "no vocal", "pop", "soft", "sitar", "solo", "man",
    "classic", "choir", "voice", "new age", "dance", "male voice", "female vocal", "beats", "harp", "cello",
    "no voice", "weird", "country", "metal", "female voice", "choral",
)  # fmt: skip
MSD: Final = (
    "rock", "pop", "alternative", "indie", "electronic", "female vocalists", "dance", "00s", "alternative rock",
    "jazz", "beautiful", "metal", "chillout", "male vocalists", "classic rock", "soul", "indie rock", "Mellow",
    "electronica", "80s", "folk", "90s", "chill", "instrumental", "punk", "oldies", "blues", "hard rock", "ambient",
    "acoustic", "experimental", "female vocalist", "guitar", "Hip-Hop", "70s", "party", "country", "easy listening",
    "sexy", "catchy", "funk", "electro", "heavy metal", "Progressive rock", "60s", "rnb", "indie pop", "sad", "House",
    "happy",
)  # fmt: skip

LEARNED_TAGS: Final = (*(f"mtt:{name}" for name in MTT), *(f"msd:{name}" for name in MSD))
"""Names of the 100 probabilities, as the networks give them."""

TAG_COUNT: Final = len(LEARNED_TAGS)

SAME: Final[dict[str, tuple[str, ...]]] = {
    "female voice": (
        "mtt:female", "mtt:woman", "mtt:female vocal", "mtt:female voice", "msd:female vocalists",
        "msd:female vocalist",
    ),
    "male voice": ("mtt:male", "mtt:man", "mtt:male vocal", "mtt:male voice", "msd:male vocalists"),
    "singing": ("mtt:vocal", "mtt:vocals", "mtt:voice", "mtt:singing"),
    "instrumental": ("mtt:no vocals", "mtt:no vocal", "mtt:no voice", "msd:instrumental"),
    "classical": ("mtt:classical", "mtt:classic"),
    "choir": ("mtt:choir", "mtt:choral"),
    "beats": ("mtt:beat", "mtt:beats", "mtt:drums"),
    "strings": ("mtt:strings", "mtt:violin", "mtt:cello"),
    "electronic": ("mtt:electronic", "msd:electronic", "msd:electronica", "msd:electro"),
    "synthesizer": ("mtt:synth",),
    "sitar": ("mtt:sitar", "mtt:indian"),
    "chill": ("msd:chill", "msd:chillout"),
    "metal": ("mtt:metal", "msd:metal", "msd:heavy metal"),
    "hip hop": ("msd:Hip-Hop",),
    "r&b": ("msd:rnb",),
}  # fmt: skip
"""Tags that are one word for a listener. The rest mean what they are called, and those of both networks the same."""


def _meanings() -> dict[str, tuple[int, ...]]:
    word = {tag: name for name, tags in SAME.items() for tag in tags}
    places: dict[str, tuple[int, ...]] = {}
    for place, tag in enumerate(LEARNED_TAGS):
        name = word.get(tag, tag.partition(":")[2].lower())
        places[name] = (*places.get(name, ()), place)
    return places


MEANINGS: Final = _meanings()
"""Word for a listener -> places in `LEARNED_TAGS` whose probabilities are averaged for it."""
