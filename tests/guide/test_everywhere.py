"""Every word, every loss of the signal and every tap at every place, held against the plain model of the clauses."""

import pytest

from breathsync.breath.events import Doubt, SignalChanged, Tapped
from breathsync.guide.events import Place, PointPassed, Word
from breathsync.routine_files import load_routine
from breathsync.samples import SensorChange, SensorState
from breathsync.settings import Settings
from tests.guide.model import Model
from tests.guide.pretend import BELT, CHEST, HEART, Stage

PLACES = [place for place in Place if place is not Place.ENDED]
LOSSES = [
    SensorState.STALE,
    SensorState.LOST,
    SensorState.RECONNECTING,
    Doubt.NOT_WORN,
    Doubt.NO_DATA,
]


class Watched:
    """A guide behind its model, for a stage."""

    def __init__(self, guide, info):
        self.model = Model(guide, settings=Settings(), info=info)
        self.put = self.model.put

    @property
    def view(self):
        return self.model.guide.view


def at(place: Place, routine, info=CHEST) -> Stage:
    """A person led to `place`, every event on the way held against the model."""
    stage = Stage(routine, info=info, comfort=True, screening=False)
    stage.guide = Watched(stage.guide, info)
    stage.begin()
    match place:
        case Place.PAUSED:
            stage.run(until=Place.SETTLE).say(Word.PAUSE)
        case Place.LOST:
            stage.run(until=Place.SETTLE).sensor(SensorState.LOST)
        case Place.CHECK_IN:
            pass
        case Place.REST:
            stage = at(Place.WARM_UP, load_routine("seated-twist"), info).run(until=Place.REST)
        case Place.CLOSE:
            stage.run(until=Place.SET_UP)
            stage.say(Word.NOTHING_HOLDS)
            stage.run(until=Place.SET_UP)
            stage.say(Word.NOTHING_HOLDS)
            stage.silent = True
            stage.run(until=Place.CLOSE)
        case _:
            stage.run(until=place)
    assert stage.place is place, stage.places
    return stage


def is_left_alone_and_comes_out(stage: Stage) -> None:
    """Nobody breathes, moves or says anything any more: the way leads out by itself (G12, G13)."""
    stage.breathing = stage.moves = False
    stage.silent = True
    stage.sensor(SensorState.LOST)
    stage.run(2400.0)
    assert stage.guide.view.ended is not None or stage.place is Place.CHECK_IN
    assert not stage.guide.model.turned


@pytest.mark.parametrize("info", [CHEST, BELT], ids=lambda i: i.kind)
@pytest.mark.parametrize("word", list(Word))
@pytest.mark.parametrize("place", PLACES)
def test_every_word_at_every_place(short, place, word, info):
    stage = at(place, short, info)
    passed = len(stage.all(PointPassed))
    stage.say(word)
    stage.say(word)
    by_word = len(stage.all(PointPassed)) - passed
    assert by_word == 0 or word is Word.BY_HAND, "no other word passes a point"
    stage.run(5.0)
    is_left_alone_and_comes_out(stage)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("place", PLACES)
def test_g13_every_loss_at_every_place(short, place, loss):
    stage = at(place, short)
    if isinstance(loss, Doubt):
        stage.put(SignalChanged(t_s=stage.now_s, doubts=(loss,)))
    else:
        stage.put(SensorChange(t_s=stage.now_s, state=loss))
    assert not stage.guide.view.armed
    if place not in (Place.CHECK_IN, Place.CLOSE, Place.COME_BACK):
        assert stage.place is Place.LOST
    before = stage.place
    stage.run(3.0)
    stage.sensor(SensorState.STREAMING)
    stage.put(SignalChanged(t_s=stage.now_s, doubts=()))
    stage.run(3.0)
    if before is Place.LOST:
        assert stage.place is Place.LOST, "it goes on only at the person's word"
    stage.say(Word.GO_ON)
    if before is Place.COME_BACK:
        stage.run(until=Place.LOST).say(Word.GO_ON)  # asked about in the middle
    assert stage.place is not Place.LOST
    stage.run(30.0)
    is_left_alone_and_comes_out(stage)


@pytest.mark.parametrize("count", [1, 2, 3, 4])
@pytest.mark.parametrize("place", PLACES)
def test_taps_at_every_place(short, place, count):
    stage = at(place, short)
    stage.put(Tapped(t_s=stage.now_s, count=count))
    stage.run(2.0)
    if count >= 3:
        assert stage.place in (Place.COME_BACK, Place.ENDED)
    is_left_alone_and_comes_out(stage)


@pytest.mark.parametrize("place", [Place.SET_UP, Place.EASE, Place.SETTLE, Place.BREATHE, Place.COME_BACK])
@pytest.mark.parametrize("word", list(Word))
def test_every_word_where_nothing_can_be_measured(short, place, word):
    stage = at(place, short, HEART)
    stage.say(word)
    assert not stage.guide.view.armed
    stage.run(5.0)
    is_left_alone_and_comes_out(stage)
