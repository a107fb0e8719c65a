"""One sentence at a time, none twice within 12 s; and the words themselves (domain.md 6)."""

import string
from itertools import pairwise

import pytest

from breathsync.guide import phrases
from breathsync.guide.coach import Coach
from breathsync.guide.events import Cue, CueKind, Offer, Place, Side, Verdict, Word
from breathsync.guide.gate import DOUBT_PHRASES
from breathsync.routine_files import load_routine, shipped
from breathsync.settings import LimitSettings, Settings
from tests.guide.pretend import BELT, CHEST, Stage

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


def test_refusals_close_on_each_other_are_explained_once_and_each_has_its_tone():
    coach = Coach(same_sentence_s=12.0)
    coach.cue(0.0, CueKind.STEP, "step.breathe", "One slow full breath.")
    cues = [
        coach.cue(t_s, CueKind.REFUSED, "x", said)
        for t_s, said in ((1.0, "You leaned."), (2.5, "Quietly."), (5.9, "A gap."), (6.0, "Fuller."))
    ]
    assert [c.sentence for c in cues] == ["You leaned.", "", "", "Fuller."]
    assert all(c.kind is CueKind.REFUSED for c in cues)


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


@pytest.mark.parametrize("full_mg", [18.0, 11.0, 6.5])
@pytest.mark.parametrize("info", [CHEST, BELT], ids=lambda i: i.kind)
def test_every_refusal_has_one_sentence_and_nobody_is_nagged(twist, info, full_mg):
    stage = Stage(twist, info=info, screening=False)
    stage.begin().run(until=Place.SET_UP)
    stage.full_mg = full_mg
    stage.run()
    refused = [v for v in stage.all(Verdict) if not v.opened]
    assert all(v.sentence for v in refused)
    assert bool(refused) == (full_mg < 18.0)
    last_s, spoken_s = {}, []
    for _, cue in stage.said:
        if isinstance(cue, Cue) and cue.sentence:
            assert cue.t_s - last_s.get(cue.sentence, -100.0) >= 12.0, cue.sentence
            last_s[cue.sentence] = cue.t_s
            if cue.kind is CueKind.HINT:
                spoken_s.append(cue.t_s)
    minutes = stage.now_s / 60
    assert len(spoken_s) / minutes < 4, "silence is allowed"


def test_the_first_rest_says_once_what_the_breath_does(twist):
    settings = Settings(limits=LimitSettings(rest_after=2))
    stage = Stage(twist, screening=False, settings=settings).begin().run()
    assert stage.places.count(Place.REST) >= 2
    explained = [c for c in stage.all(Cue) if c.phrase == "cue.learn" and c.sentence]
    assert [c.sentence for c in explained] == [phrases.phrase("cue.learn")]


def test_the_warm_up_asks_again_only_when_no_full_breath_came_for_a_while(twist):
    stage = Stage(twist, screening=False).begin().run(until=Place.WARM_UP)
    stage.run(until=Place.SET_UP)
    assert not [c for c in stage.all(Cue) if c.phrase == "cue.full_again"], "full breaths come by themselves"
    stage = Stage(twist, screening=False).begin().run(until=Place.WARM_UP)
    stage.full_on_cue = False
    stage.run(until=Place.SET_UP)
    asked_s = [c.t_s for c in stage.all(Cue) if c.phrase == "cue.full_again"]
    assert len(asked_s) >= 3
    assert min(b - a for a, b in pairwise(asked_s)) >= 20.0


def test_g10_whose_breath_is_not_seen_hears_why_once_and_then_the_ways_out(twist):
    stage = Stage(twist, screening=False).begin().run(until=Place.SETTLE)
    stage.breathing = False
    stage._events.clear()
    began_s = stage.now_s
    stage.run(60.0)
    assert stage.place is Place.SETTLE
    assert [c.phrase for c in stage.all(Cue) if c.t_s > began_s + 1] == ["cannot_see", "offer.unseen"]
    (offer,) = stage.all(Offer)
    assert offer.t_s - began_s == pytest.approx(40.0, abs=0.5)
    assert offer.words == (Word.BACK_OFF, Word.BY_HAND, Word.STOP)
    stage.breathing, stage.full_on_cue = True, False
    stage._next_inhale_s = stage.now_s + 1.0
    stage.run(until=Place.BREATHE)
    assert stage.guide.view.offer is None, "now it is seen"


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
