"""What the service says follows its schema; what it does not understand it refuses in words."""

import json
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from breathsync.breath.events import Calibrated, Calibration, Posture
from breathsync.errors import UsageError
from breathsync.guide.events import ClauseResult, Side, Verdict, Word
from breathsync.samples import Samples, Stream
from breathsync.service import messages
from breathsync.service.messages import (
    COMMANDS,
    LONGEST_COMMAND,
    SayWord,
    event,
    event_type,
    outcome_types,
    parse_command,
    samples,
    schema,
)

COMMITTED = Path(messages.__file__).with_name("schema.json")

VERDICT = Verdict(
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


def test_the_committed_schema_is_that_of_the_code() -> None:
    assert json.loads(COMMITTED.read_text()) == json.loads(json.dumps(schema())), (
        "the messages have changed: breathsync serve --schema > breathsync/service/schema.json"
    )


def test_the_schema_names_every_outcome_and_every_command() -> None:
    definitions = schema()["$defs"]
    titles = {entry.get("title") for entry in definitions["from_service"]["anyOf"]}
    assert {event_type(kind) for kind in outcome_types()} <= titles
    assert (
        len(definitions["to_service"]["anyOf"])
        == len(COMMANDS.split(", "))
        == len(get_args(messages.Command))
    )


def test_a_verdict_keeps_its_clauses_with_numbers() -> None:
    message = json.loads(event(VERDICT))
    assert message["type"] == "verdict"
    assert message["side"] == "left"
    assert message["clauses"] == [
        {"clause": "G5", "ok": False, "value": 11.0, "limit": 13.3, "unit": "mg", "why": ""}
    ]


def test_a_calibration_with_its_scales_is_json() -> None:
    calibration = Calibration(a_quiet=6.0, a_full=19.0, noise=0.5, unit="mg", axis=(0.0, 0.0, 1.0))
    message = json.loads(event(Calibrated(t_s=1.0, calibration=calibration, posture=Posture.UPRIGHT)))
    assert message["calibration"]["scales"] == {"upright": 1.0}


def test_a_sample_that_is_none_is_null() -> None:
    block = Samples(stream=Stream.FORCE, t_s=np.array([0.0, 0.1]), values=np.array([[1.0], [np.nan]]))
    assert json.loads(samples(block))["values"] == [[1.0], [None]]


@pytest.mark.parametrize("word", list(Word))
def test_every_word_is_understood(word: Word) -> None:
    assert parse_command(json.dumps({"type": "word", "word": word.value})) == SayWord(word=word)


def _json() -> st.SearchStrategy[Any]:
    return st.recursive(
        st.none() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )


@given(st.one_of(st.text(), st.binary(), _json().map(json.dumps)))
def test_anything_else_is_refused_in_words(text: str | bytes) -> None:
    with pytest.raises(UsageError, match=r"is no command|is longer than"):
        parse_command(text)


def test_a_field_too_many_is_named() -> None:
    with pytest.raises(UsageError, match="force"):
        parse_command('{"type": "word", "word": "by_hand", "force": true}')


def test_a_long_message_is_refused_unread() -> None:
    with pytest.raises(UsageError, match=str(LONGEST_COMMAND)):
        parse_command(" " * (LONGEST_COMMAND + 1))
