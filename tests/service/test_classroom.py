"""The class screen: who has a hand up and why, whatever a broker sends."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from breathsync.cli.watch import changed, table
from breathsync.guide.events import Ended, EndKind, Place
from breathsync.samples import SensorState
from breathsync.service.classroom import LONGEST_PAYLOAD, MOST_PEOPLE, SILENT_S, Classroom
from breathsync.service.messages import Started, encode, event, live
from tests.service.fakes import BELT, VERDICT, view


def _room(
    name: str = "anna", state: SensorState = SensorState.STREAMING, place: Place = Place.BREATHE
) -> Classroom:
    room = Classroom(base="breathsync")
    room.take(f"breathsync/{name}/live", live(view(state, place)).encode(), now_s=0.0)
    return room


def test_a_person_is_shown_with_step_breath_and_signal() -> None:
    room = _room()
    room.take("breathsync/anna/verdict", event(VERDICT).encode(), now_s=0.0)
    (row,) = room.rows(now_s=1.0)
    assert (row.name, row.step, row.signal, row.hand, row.gates) == (
        "anna (simulated)",
        "BREATHE, left 2/3 ●",
        "good",
        "",
        1,
    )
    assert row.breath == pytest.approx(0.5)


@pytest.mark.parametrize("state", [SensorState.STALE, SensorState.LOST, SensorState.RECONNECTING])
def test_a_lost_sensor_raises_a_hand(state: SensorState) -> None:
    assert _room(state=state).rows(now_s=0.0)[0].hand == f"sensor {state}"


@pytest.mark.parametrize("place", [Place.LOST, Place.PAUSED])
def test_a_person_who_pauses_or_is_lost_raises_a_hand(place: Place) -> None:
    assert _room(place=place).rows(now_s=0.0)[0].hand


def test_silence_raises_a_hand_and_the_end_lowers_it() -> None:
    room = _room()
    assert not room.rows(now_s=SILENT_S - 0.1)[0].hand
    assert "silent" in room.rows(now_s=SILENT_S + 0.1)[0].hand
    room.take("breathsync/anna/status", b"offline", now_s=6.0)
    assert room.rows(now_s=6.0)[0].hand == "link broken"
    room.take("breathsync/anna/ended", event(Ended(t_s=9.0, how=EndKind.FINISHED)).encode(), now_s=6.0)
    (row,) = room.rows(now_s=99.0)
    assert (row.step, row.hand) == ("ended, finished", "")


def test_what_a_broker_kept_of_an_earlier_session_raises_no_hand() -> None:
    room = Classroom(base="breathsync")
    room.take("breathsync/anna/status", b"offline", now_s=0.0)
    (row,) = room.rows(now_s=99.0)
    assert (row.step, row.hand) == ("not here", "")


def test_whoever_comes_late_to_watch_knows_that_a_person_is_simulated() -> None:
    assert _room().rows(now_s=0.0)[0].name == "anna (simulated)"


def test_the_next_session_of_a_person_begins_anew() -> None:
    room = _room()
    room.take("breathsync/anna/verdict", event(VERDICT).encode(), now_s=0.0)
    room.take("breathsync/anna/ended", event(Ended(t_s=9.0, how=EndKind.FINISHED)).encode(), now_s=1.0)
    room.take("breathsync/anna/started", encode(Started(routine="r", sensor=BELT)).encode(), now_s=2.0)
    (row,) = room.rows(now_s=2.0)
    assert (row.name, row.step, row.gates) == ("anna (simulated)", "", 0)


def test_hands_come_first() -> None:
    room = _room("zoe", SensorState.LOST)
    room.take("breathsync/anna/live", live(view()).encode(), now_s=0.0)
    assert [row.name for row in room.rows(now_s=0.0)] == ["zoe (simulated)", "anna (simulated)"]


@given(
    topic=st.text() | st.sampled_from(["breathsync/a/live", "breathsync/a/started", "breathsync/a/verdict"]),
    payload=st.binary() | st.just(b"{}") | st.just(b"[" * 100_000),
)
def test_whatever_a_broker_sends_the_others_stay(topic: str, payload: bytes) -> None:
    room = _room()
    before = room.rows(now_s=0.0)
    room.take(topic, payload, now_s=0.0)
    assert [row for row in room.rows(now_s=0.0) if row.name.startswith("anna (")] == before


def test_a_flood_of_names_and_a_huge_message_are_bounded() -> None:
    room = Classroom(base="breathsync")
    for number in range(2 * MOST_PEOPLE):
        room.take(f"breathsync/p{number}/live", live(view()).encode(), now_s=0.0)
    assert len(room.rows(now_s=0.0)) == MOST_PEOPLE
    huge = live(view()).encode() + b" " * LONGEST_PAYLOAD
    small = Classroom(base="breathsync")
    small.take("breathsync/a/live", huge, now_s=0.0)
    assert small.rows(now_s=0.0) == []


def _shown(room: Classroom) -> str:
    console = Console(width=100, file=io.StringIO(), record=True)
    console.print(table(room.rows(now_s=0.0)))
    return console.export_text()


def test_a_name_cannot_steer_the_terminal() -> None:
    room = _room("\x1b[2Jevil[red]")
    text = _shown(room)
    assert "\x1b" not in text
    assert "evil[red]" in text


def test_a_raised_hand_is_a_sign_and_a_word() -> None:
    text = _shown(_room(state=SensorState.LOST))
    assert "✋" in text
    assert "sensor lost" in text
    assert "1 with a hand up" in text


def test_plain_lines_come_once_a_change() -> None:
    room, before = _room(), dict[str, str]()
    assert len(changed(room.rows(now_s=0.0), before)) == 1
    assert changed(room.rows(now_s=1.0), before) == []
    assert changed(room.rows(now_s=SILENT_S + 1), before) == [
        "anna (simulated): BREATHE, left 2/3 ●  ✋ silent"
    ]
    assert changed(room.rows(now_s=SILENT_S + 3), before) == []
