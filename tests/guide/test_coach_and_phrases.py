"""One sentence at a time, none twice within 12 s; and the words themselves (domain.md 6)."""

import string

import pytest

from breathsync.guide import phrases
from breathsync.guide.coach import Coach
from breathsync.guide.events import Cue, CueKind, Side
from breathsync.guide.gate import DOUBT_PHRASES
from breathsync.routine_files import load_routine, shipped
from tests.guide.pretend import Stage

LEFT_OUT = (
    "craniosacral", "fluid", "toxin", "energy", "alignment", "release", "litre", "lung capacity", "normal", "abnormal",
    "cure", "heal", "therapy", "energie", "heilt", "therapie", "liter",
)  # fmt: skip


def test_no_sentence_twice_within_12_s_but_always_its_tone():
    coach = Coach(same_sentence_s=12.0)
    said = [
        coach.cue(t_s, CueKind.REFUSED, "fuller", "A little fuller.").sentence for t_s in (0.0, 11.9, 12.0)
    ]
    assert said == ["A little fuller.", "", "A little fuller."]


def test_a_hint_waits_until_the_last_sentence_has_had_its_time():
    coach = Coach(same_sentence_s=12.0)
    coach.cue(0.0, CueKind.STEP, "step.ease", "Ease.")
    assert coach.hint(2.0, "moving", "Quietly.") is None
    assert coach.hint(5.0, "moving", "Quietly.").kind is CueKind.HINT
    assert coach.hint(16.0, "moving", "Quietly.") is None


@pytest.mark.parametrize("language", ["en", "de"])
def test_no_sentence_comes_twice_within_12_s_in_a_whole_session(twist, language):
    stage = Stage(twist, language=language).begin().run()
    last_s: dict[str, float] = {}
    for t_s, output in stage.said:
        if isinstance(output, Cue) and output.sentence:
            assert t_s - last_s.get(output.sentence, -100.0) >= 12.0
            last_s[output.sentence] = t_s


def test_german_says_all_that_english_says_with_the_same_values():
    english, german = phrases.PHRASES["en"], phrases.PHRASES["de"]
    assert set(german) == set(english)
    for key in english:
        assert _fields(english[key]) == _fields(german[key]), key


def _fields(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_reason_of_the_gate_has_a_sentence():
    for key in DOUBT_PHRASES.values():
        assert phrases.phrase(key)
    assert phrases.phrase("fuller", "xx") == "A little fuller.", "an unknown language falls back to English"
    with pytest.raises(KeyError):
        phrases.phrase("no such key")


def test_no_claim_stands_in_any_text():
    texts = [t for table in phrases.PHRASES.values() for t in table.values()]
    for name in shipped():
        for said in load_routine(name).texts.values():
            texts += [
                said.title,
                said.about,
                *said.warm_up,
                *said.set_up,
                said.ease,
                said.breathe,
                said.close,
            ]
    for text in texts:
        assert not [word for word in LEFT_OUT if word in text.lower()], text


def test_it_says_what_it_is_and_when_to_stop():
    assert "Not a medical device; it does not diagnose or treat." in phrases.phrase("safety.what")
    for sign in (
        "sharp or growing pain",
        "down a leg",
        "numbness",
        "tingling",
        "dizziness",
        "chest pain",
        "breathless",
    ):
        assert sign in phrases.phrase("safety.stop_at")


def test_sides_fill_in():
    assert phrases.mirrored("{side} knee, {other} elbow", Side.LEFT) == "left knee, right elbow"
    assert phrases.mirrored("nach {side}s, {other}er", Side.LEFT, "de") == "nach links, rechter"
