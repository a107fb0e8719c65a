"""The places of a routine, one class each: what is asked there, and what moves on."""

from breathsync.guide.events import Place
from breathsync.guide.places.at import At
from breathsync.guide.places.breathing import Breathe, Rest
from breathsync.guide.places.checking import CheckIn, Close
from breathsync.guide.places.finding import FindBreath, FindFull
from breathsync.guide.places.leaving import ComeBack
from breathsync.guide.places.turning import Ease, Lengthen, Settle, SetUp
from breathsync.guide.places.waiting import Lost, Paused
from breathsync.guide.places.warming import WarmUp

PLACES: dict[Place, type[At]] = {
    at.place: at
    for at in (
        CheckIn,
        FindBreath,
        FindFull,
        WarmUp,
        SetUp,
        Ease,
        Lengthen,
        Settle,
        Breathe,
        Rest,
        ComeBack,
        Lost,
        Paused,
        Close,
    )
}

__all__ = ["PLACES", "At"]
