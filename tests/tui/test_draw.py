"""Pictures as characters: letters, braille, the trace and its marks."""

import numpy as np
import pytest

from breathsync.guide.events import VERBS
from breathsync.tui.draw import braille
from breathsync.tui.draw.letters import big, rows_needed
from breathsync.tui.draw.trace_rows import Frame, curve_rows, mark_row, row_of
from breathsync.tui.picture import Stretch
from breathsync.tui.widgets.turn import draw_turn


@pytest.mark.parametrize("word", [*VERBS.values(), "STOPPED", "READY"])
def test_every_verb_fits_a_small_terminal_in_big_letters(word: str) -> None:
    rows = big(word, width=60, height=4)
    assert len(rows) == 4
    assert max(map(len, rows)) <= 60
    assert set("".join(rows)) <= set(" ▀▄█")


def test_letters_grow_with_their_place_and_never_leave_it() -> None:
    for width in range(1, 130, 7):
        for height in range(1, 20):
            rows = big("BREATHE", width=width, height=height)
            assert len(rows) <= height
            assert max(map(len, rows)) <= width
    assert len(big("TALL", width=120, height=14)) == rows_needed(4)


def test_where_letters_do_not_fit_the_word_is_spaced() -> None:
    assert big("COME BACK", width=20, height=4) == ("C O M E   B A C K",)
    assert big("COME BACK", width=10, height=4) == ("COME BACK",)


def test_braille_dots_stand_where_unicode_says() -> None:
    dots = np.zeros((4, 2), dtype=bool)
    assert braille.rows(dots) == [" "]
    dots[0, 0] = True
    assert braille.rows(dots) == ["⠁"]
    dots[:] = True
    assert braille.rows(dots) == ["⣿"]


def test_a_steep_rise_is_one_line() -> None:
    dots = braille.curve(np.array([0.0, 0.0, 1.0, 1.0]), width=2, height=3)
    assert dots.any(axis=0).all()
    assert dots[:, 2].sum() == 11  # joined to the column before it, whose own dot stays its own


def frame(level: float = 5.0, *, gap: tuple[float, float] = (0.0, 0.0), **changes) -> Frame:
    t_s = np.arange(0.0, 20.0, 0.04)
    keep = (t_s < gap[0]) | (t_s >= gap[1])
    stretch = Stretch(
        t_s=t_s[keep], level=np.full(keep.sum(), level), moving=(t_s[keep] > 15) & (t_s[keep] < 16)
    )
    return Frame(**{"window": stretch, "now_s": 20.0, "seconds": 20.0, "low": 0.0, "high": 10.0} | changes)


def test_a_gap_in_the_data_is_a_gap_in_the_line() -> None:
    row = next(r for r in curve_rows(frame(gap=(8.0, 10.0)), width=40, height=5) if r.strip())
    assert row[17:19] == "  "
    assert row[5:14].strip()
    assert row[22:38].strip()


def test_a_short_pause_between_samples_is_no_gap() -> None:
    row = next(r for r in curve_rows(frame(gap=(8.0, 8.4)), width=40, height=5) if r.strip())
    assert " " not in row[2:38]


def test_the_range_is_fixed_so_a_shallow_breath_looks_shallow() -> None:
    low, high = frame(1.0), frame(9.0)
    assert next(i for i, r in enumerate(curve_rows(low, width=20, height=10)) if r.strip()) == 8
    assert next(i for i, r in enumerate(curve_rows(high, width=20, height=10)) if r.strip()) == 1


def test_levels_a_little_outside_stay_at_the_edge_far_ones_and_nan_are_left_out() -> None:
    assert curve_rows(frame(11.0), width=10, height=4)[0].strip()
    assert not "".join(curve_rows(frame(99.0), width=10, height=4)).strip()
    assert not "".join(curve_rows(frame(float("nan")), width=10, height=4)).strip()


def test_marks_stand_at_their_time_movement_is_shaded_silence_is_blank() -> None:
    row = mark_row(frame(gap=(2.0, 4.0), marks=((10.0, "✓"), (99.0, "×"))), width=20)
    assert row[1:3] == "  "
    assert "▒" in row[13:16]
    assert row.index("✓") == 9
    assert "×" not in row


def test_nothing_to_draw_is_drawn_as_nothing() -> None:
    empty = frame(window=Stretch(t_s=np.zeros(0), level=np.zeros(0), moving=np.zeros(0, dtype=bool)))
    assert curve_rows(empty, width=10, height=3) == [" " * 10] * 3
    assert mark_row(empty, width=10) == " " * 10


def test_named_levels_have_rows_only_inside_the_range() -> None:
    assert row_of(10.0, frame(), height=5) == 0
    assert row_of(0.0, frame(), height=5) == 4
    assert row_of(11.0, frame(), height=5) is None


def test_the_turn_to_the_left_mirrors_the_turn_to_the_right() -> None:
    right, left = (draw_turn(angle, (), width=28, height=11) for angle in (36.0, -36.0))
    ink = [sum(c != " " for c in "".join(rows)) for rows in (right, left)]
    assert abs(ink[0] - ink[1]) <= 6
    assert right != left
