"""Records and blobs come back bit for bit."""

import math
from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from breathsync import outcome
from breathsync.breath.events import MotionChanged, TurnSeen
from breathsync.errors import LogbookError
from breathsync.guide.events import Answered, ClauseResult, Said, Verdict, Word
from breathsync.logbook.packing import pack, unpack
from breathsync.logbook.records import KINDS, Record, decode, encode, kind_of, time_of
from breathsync.samples import COLUMNS, FloatArray, Samples, Stream
from tests.logbook.synthetic import acceleration, items


def bits(block: Samples) -> tuple[bytes, bytes]:
    return block.t_s.tobytes(), np.ascontiguousarray(block.values).tobytes()


def test_every_input_and_outcome_has_a_kind() -> None:
    known = {*get_args(outcome.Input), *get_args(outcome.Outcome)} - {Samples}
    assert set(KINDS.values()) == known


@pytest.mark.parametrize("record", [i for i in items() if not isinstance(i, Samples)], ids=kind_of)
def test_a_record_comes_back_the_same(record: Record) -> None:
    again = decode(kind_of(record), encode(record))
    assert encode(again) == encode(record)
    assert repr(again) == repr(record)  # NaN equals nothing, not even itself


@given(st.floats())
def test_every_float_comes_back_to_the_same_bits(value: float) -> None:
    again = decode("TurnSeen", encode(TurnSeen(t_s=1.0, turn_deg=value)))
    assert isinstance(again, TurnSeen)
    assert math.isnan(value) or (again.turn_deg.hex() == value.hex())
    assert math.isnan(again.turn_deg) == math.isnan(value)


@given(st.text(), st.one_of(st.none(), st.booleans(), st.integers(0, 10)))
def test_every_answer_comes_back(note: str, value: bool | int | None) -> None:
    answer = Answered(t_s=1.0, question="back", value=value, note=note.encode("utf-8", "ignore").decode())
    again = decode("Answered", encode(answer))
    assert again == answer
    assert isinstance(again, Answered)
    assert type(again.value) is type(value)


def test_a_number_that_is_none_inside_a_verdict_is_not_lost() -> None:
    clause = ClauseResult(clause="G2", ok=False, value=float("nan"), limit=float("inf"))
    verdict = replace(next(i for i in items() if isinstance(i, Verdict)), clauses=(clause,))
    again = decode("Verdict", encode(verdict))
    assert isinstance(again, Verdict)
    assert repr(again.clauses) == repr((clause,))


def test_a_note_that_looks_like_a_tagged_float_stays_text() -> None:
    answer = Answered(t_s=float("inf"), question="back", value=None, note='{"float":"nan"}')
    assert decode("Answered", encode(answer)) == answer


def test_numbers_of_numpy_are_written_as_plain_ones() -> None:
    odd = MotionChanged(t_s=np.float64(1.5), still=np.bool_(True))  # type: ignore[arg-type]
    assert encode(odd) == encode(MotionChanged(t_s=1.5, still=True))


def test_an_unknown_kind_says_that_a_newer_version_wrote_it() -> None:
    with pytest.raises(LogbookError, match="'Sneeze', which this version does not know"):
        decode("Sneeze", b"{}")


def test_a_damaged_body_is_refused() -> None:
    with pytest.raises(LogbookError, match="Said cannot be read"):
        decode("Said", b'{"t_s": "soon"}')


def test_a_breath_holds_at_its_inhale_and_a_word_when_it_was_said() -> None:
    assert time_of(Said(t_s=3.0, word=Word.STOP)) == 3.0


any_float = st.floats(width=64)


@given(
    stream=st.sampled_from([Stream.FORCE, Stream.ACCELERATION]),
    data=st.data(),
    lengths=st.lists(st.integers(0, 30), min_size=1, max_size=4),
)
def test_blocks_come_back_bit_for_bit(stream: Stream, data: st.DataObject, lengths: list[int]) -> None:
    columns = len(COLUMNS[stream])
    values = st.one_of(any_float, st.integers(-40_000, 3_000_000_000).map(float), st.floats(width=32))
    blocks = [
        Samples(
            stream=stream,
            t_s=data.draw(hnp.arrays(np.float64, n, elements=any_float)),
            values=data.draw(hnp.arrays(np.float64, (n, columns), elements=values)),
        )
        for n in lengths
    ]
    again = unpack(stream, pack(blocks))
    assert again.t_s.tobytes() == b"".join(b.t_s.tobytes() for b in blocks)
    assert again.values.tobytes() == b"".join(bits(b)[1] for b in blocks)


@pytest.mark.parametrize("value", [-0.0, float("nan"), 32_768.0, 2.0**31, 0.1, float(np.float32(0.1))])
def test_awkward_values_keep_their_bits(value: float) -> None:
    block = Samples(stream=Stream.FORCE, t_s=np.array([0.0]), values=np.array([[value]]))
    assert bits(unpack(Stream.FORCE, pack([block]))) == bits(block)


def test_a_second_of_a_strap_is_a_fraction_of_its_raw_size() -> None:
    t_s: FloatArray = np.arange(200) / 200.0
    assert len(pack([acceleration(t_s)])) < 6400 / 5


@pytest.mark.parametrize("cut", [0, 5, 12, 40])
def test_a_damaged_blob_is_said_not_guessed(cut: int) -> None:
    data = pack([acceleration(np.arange(200) / 200.0)])
    with pytest.raises(LogbookError, match="damaged"):
        unpack(Stream.ACCELERATION, data[:cut])
