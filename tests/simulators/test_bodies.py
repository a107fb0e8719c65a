"""Simulated bodies: deterministic, the same however time is cut, and at the scale of real recordings."""

from itertools import pairwise

import numpy as np
import pytest
from breathsync_simulators.people.track import Tape, Track
from breathsync_simulators.places import PLACES
from breathsync_simulators.scenario import people
from breathsync_simulators.wearers import PersonWearing, open_wearer
from hypothesis import given, settings
from hypothesis import strategies as st

from breathsync.errors import UnknownNameError
from breathsync.samples import Samples, Stream


def worn(wearer: PersonWearing, times: list[float]) -> dict[Stream, tuple[np.ndarray, np.ndarray]]:
    blocks: dict[Stream, list[Samples]] = {}
    for t_s in times:
        for block in wearer.until(t_s):
            blocks.setdefault(block.stream, []).append(block)
    return {
        stream: (np.concatenate([b.t_s for b in some]), np.concatenate([b.values for b in some]))
        for stream, some in blocks.items()
    }


@pytest.mark.parametrize("sensor", sorted(PLACES))
@given(cuts=st.lists(st.floats(0.05, 39.9), min_size=1, max_size=30, unique=True))
@settings(max_examples=5, deadline=None)
def test_the_same_person_however_time_is_cut(sensor: str, cuts: list[float]) -> None:
    whole = worn(open_wearer("restless", sensor, seed=3), [40.0])
    parts = worn(open_wearer("restless", sensor, seed=3), [*sorted(cuts), 40.0])
    assert whole.keys() == parts.keys()
    for stream in whole:
        np.testing.assert_array_equal(whole[stream][0], parts[stream][0])
        np.testing.assert_allclose(whole[stream][1], parts[stream][1], atol=1e-9)


def test_other_seeds_are_other_people() -> None:
    one = worn(open_wearer("steady", "belt", seed=1), [20.0])[Stream.FORCE][1]
    two = worn(open_wearer("steady", "belt", seed=2), [20.0])[Stream.FORCE][1]
    assert not np.allclose(one, two)


@pytest.mark.parametrize("sensor", sorted(PLACES))
def test_streams_and_rates_are_as_the_sensor_says(sensor: str) -> None:
    wearer = open_wearer("steady", sensor, seed=5)
    got = worn(wearer, [k / 4 for k in range(1, 121)])
    assert set(got) == set(wearer.info.streams)
    assert wearer.info.simulated
    for stream, rate_hz in wearer.info.rates_hz.items():
        assert len(got[stream][0]) == pytest.approx(30 * rate_hz, abs=2)


def test_h10_gives_whole_mg_and_one_g_at_rest() -> None:
    mg = worn(open_wearer("steady", "h10", seed=4), [30.0])[Stream.ACCELERATION][1]
    assert np.array_equal(mg, np.round(mg))
    assert np.median(np.linalg.norm(mg, axis=1)) == pytest.approx(1000, abs=15)


def full_and_quiet(person: str, sensor: str, seed: int) -> tuple[float, float]:
    """Trough to peak of quiet and of full breaths along the main axis, in the sensor's unit."""
    wearer = open_wearer(person, sensor, seed=seed)
    body = wearer.person.body
    for at_s in (60.0, 75.0, 90.0):
        body.at(at_s, lambda t_s: body.breathing.wish(body.breathing.full(t_s)))
    got = worn(wearer, [k / 2 for k in range(1, 221)])
    t_s, values = got[Stream.FORCE] if sensor == "belt" else got[Stream.ACCELERATION]
    travel: dict[bool, list[float]] = {True: [], False: []}
    for breath in wearer.truth.breaths:
        foot = values[np.abs(t_s - breath.onset_s) < 0.25].mean(axis=0)
        top = values[np.abs(t_s - breath.peak_s) < 0.25].mean(axis=0)
        travel[breath.cued].append(float(np.linalg.norm(top - foot)))
    return float(np.median(travel[False])), float(np.median(travel[True]))


def test_quiet_and_full_breaths_have_the_size_of_real_ones() -> None:
    belts = [full_and_quiet("steady", "belt", seed) for seed in range(8)]
    chests = [full_and_quiet("steady", "h10", seed) for seed in range(8)]
    assert all(0.3 < quiet < 2.0 for quiet, _ in belts)
    assert all(1.5 < quiet < 11 for quiet, _ in chests)
    ratios = [full / quiet for quiet, full in belts]
    assert 2.2 < float(np.median(ratios)) < 3.6


def test_upside_down_turns_the_sign_of_the_breath() -> None:
    upright = worn(open_wearer("steady", "h10", seed=6), [5.0])[Stream.ACCELERATION][1]
    turned = worn(open_wearer("upside-down", "h10", seed=6), [5.0])[Stream.ACCELERATION][1]
    assert upright[:, 1].mean() * turned[:, 1].mean() < 0 or upright[:, 0].mean() * turned[:, 0].mean() < 0


def test_a_turn_alone_moves_no_accelerometer_but_the_gyroscope_counts_its_degrees() -> None:
    wearer = open_wearer("steady", "imu6", seed=7)
    body = wearer.person.body
    body.at(20.0, lambda t_s: body.posture.move(t_s, "turn", body.posture.turn, 30.0, during_s=3.0) and None)
    got = worn(wearer, [k / 2 for k in range(1, 61)])
    t_s, rate = got[Stream.GYROSCOPE]
    before, after = (t_s > 5) & (t_s < 19), (t_s > 19.5) & (t_s < 26)
    turned = np.trapezoid(rate[after] - rate[before].mean(axis=0), t_s[after], axis=0)
    assert np.linalg.norm(turned) == pytest.approx(30, abs=3)


def test_rr_follows_the_breath_a_beat_later() -> None:
    wearer = open_wearer("steady", "h10", seed=8)
    got = worn(wearer, [k / 2 for k in range(1, 601)])
    t_s, rr_ms = got[Stream.RR]
    inside = np.zeros(len(t_s), dtype=bool)
    for breath in wearer.truth.breaths:
        inside |= (t_s > breath.onset_s + 0.3 * breath.ti_s + 0.8) & (t_s < breath.peak_s + 1.1)
    assert rr_ms[inside].mean() < rr_ms[~inside].mean() - 5


def test_a_stuck_axis_and_a_clipped_belt_are_as_they_say() -> None:
    wearer = open_wearer("steady", "belt", seed=9)
    wearer.person.body.fault(10.0, 15.0, "stuck")
    t_s, force = worn(wearer, [30.0])[Stream.FORCE]
    stuck = (t_s > 10.1) & (t_s < 14.9)
    assert np.ptp(force[stuck]) == 0
    assert np.ptp(force[~stuck]) > 0.1
    assert not wearer.truth.sensor_good(12.0, 13.0)


@pytest.mark.parametrize("person", people())
def test_everybody_lives_ten_minutes_on_every_headline_sensor(person: str) -> None:
    for sensor in ("belt", "h10", "imu6"):
        wearer = open_wearer(person, sensor, seed=10)
        got = worn(wearer, [float(k) for k in range(1, 301)])
        for _, values in got.values():
            assert np.isfinite(values).all()
        breaths = wearer.truth.breaths
        assert len(breaths) > 5
        for before, after in pairwise(breaths):
            assert before.onset_s < before.peak_s <= before.end_s + 1e-9
            assert after.onset_s >= before.peak_s - 1e-9


def test_an_unknown_sensor_or_person_is_named_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="h10"):
        open_wearer("steady", "h1", seed=0)
    with pytest.raises(UnknownNameError, match="steady"):
        open_wearer("stedy", "h10", seed=0)


def test_track_eases_and_cuts() -> None:
    track = Track(1.0)
    track.hold(1.0)
    track.add(3.0, 5.0)
    assert track.at(0.0) == 1.0
    assert track.at(2.0) == pytest.approx(3.0)
    assert track.cut(2.0) == pytest.approx(3.0)
    assert track.at(9.0) == pytest.approx(3.0)


@given(parts=st.lists(st.integers(1, 5000), min_size=1, max_size=6))
@settings(max_examples=20, deadline=None)
def test_a_tape_is_the_same_however_it_is_taken(parts: list[int]) -> None:
    def tape() -> Tape:
        return Tape(np.random.default_rng(1), columns=2, rate_hz=100, corner_hz=5)

    whole, cut = tape().take(sum(parts)), tape()
    np.testing.assert_array_equal(whole, np.concatenate([cut.take(n) for n in parts]))


def test_taps_are_blows_of_hundreds_of_mg_and_are_written_down() -> None:
    wearer = open_wearer("steady", "h10", seed=13)
    wearer.person.body.at(10.0, lambda t_s: wearer.person.body.tap(t_s, 3))
    t_s, mg = worn(wearer, [k / 2 for k in range(1, 41)])[Stream.ACCELERATION]
    off = np.linalg.norm(mg - np.median(mg, axis=0), axis=1)
    inside = t_s > 9.9
    assert off[~inside].max() < 150 < 400 < off[inside].max()
    assert not wearer.truth.still(10.0, 10.5)


def test_a_hand_on_the_strap_moves_the_sensor_and_not_the_wall() -> None:
    wearer = open_wearer("steady", "belt", seed=12)
    body = wearer.person.body
    body.at(20.0, lambda t_s: body.hand_on_strap(t_s, 2.0, out_s=2.5, back_s=3.0) and None)
    t_s, force = worn(wearer, [k / 2 for k in range(1, 81)])[Stream.FORCE]
    pulled = np.ptp(force[(t_s > 20) & (t_s < 25.5)])
    assert pulled > 1.5 * np.ptp(force[(t_s > 5) & (t_s < 15)])
    assert max(b.excursion for b in wearer.truth.breaths) < 2.5
    assert any(m.kind == "hand_on_strap" for m in wearer.truth.moves)


def test_what_a_cough_breaks_off_had_returned_as_far_as_the_wall_did() -> None:
    person = open_wearer("cougher", "belt", seed=0).person
    lived_s = 600
    wall = []
    for second in range(lived_s):
        person.live_to(second + 1.0)
        wall.append(person.body.breathing.wall(np.arange(100) / 100 + second))
    level = np.concatenate(wall)
    broken = [b for b in person.body.truth.breaths if b.kind == "broken_off" and b.end_s < lived_s]
    assert len(broken) > 3
    for breath in broken:
        at_top, at_end = (level[round(100 * t_s)] for t_s in (breath.peak_s, breath.end_s))
        assert breath.returned == pytest.approx((at_top - at_end) / breath.excursion, abs=0.05)
