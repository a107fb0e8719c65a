"""How long a sentence wants to be heard and done."""

WORD_S = 0.4
BREATHE_OUT_S = 2.0


def reading_s(text: str) -> float:
    """Seconds for a spoken sentence (about 150 words a minute) and a moment to do it; 4 s at least."""
    return max(4.0, WORD_S * len(text.split()) + BREATHE_OUT_S)
