"""What the service says is plain JSON; what it does not understand it refuses in words."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breathsync.breath.events import Calibrated, Calibration, Posture
from breathsync.errors import UsageError
from breathsync.guide.events import ClauseResult, Side, Verdict, Word
from breathsync.service.messages import LONGEST_COMMAND, event, parse_command


def test_a_verdict_keeps_its_clauses_with_numbers() -> None:
    verdict = Verdict(
        decided_s=12.5,
        inhale_start_s=6.0,
        inhale_peak_s=9.0,
        returned_s=12.3,
        side=Side.LEFT,
        point=2,
        opened=False,
        amplitude=11.0,
        amplitude_quiet=1.9,
        clauses=(ClauseResult(clause="G5", ok=False, value=11.0, limit=13.3, unit="mg"),),
        phrase="fuller",
        sentence="A little fuller.",
    )
    message = json.loads(json.dumps(event(verdict)))
    assert message["type"] == "verdict"
    assert message["side"] == "left"
    assert message["clauses"] == [
        {"clause": "G5", "ok": False, "value": 11.0, "limit": 13.3, "unit": "mg", "why": ""}
    ]


def test_a_calibration_with_its_scales_is_json() -> None:
    calibration = Calibration(a_quiet=6.0, a_full=19.0, noise=0.5, unit="mg", axis=(0.0, 0.0, 1.0))
    message = json.loads(
        json.dumps(event(Calibrated(t_s=1.0, calibration=calibration, posture=Posture.UPRIGHT)))
    )
    assert message["calibration"]["scales"] == {"upright": 1.0}


@pytest.mark.parametrize("word", list(Word))
def test_every_word_is_understood(word: Word) -> None:
    assert parse_command(json.dumps({"type": "word", "word": word.value})) is word


@given(st.one_of(st.text(), st.binary(), st.recursive(st.none() | st.integers(), st.lists).map(json.dumps)))
def test_anything_else_is_refused_in_words(text: str | bytes) -> None:
    with pytest.raises(UsageError, match="word"):
        parse_command(text)


def test_a_long_message_is_refused_unread() -> None:
    with pytest.raises(UsageError, match=str(LONGEST_COMMAND)):
        parse_command(json.dumps({"type": "word", "word": "pause", "x": "x" * LONGEST_COMMAND}))
