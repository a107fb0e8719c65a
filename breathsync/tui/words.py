"""The words of the screen that no step, verdict or offer brings along. Short, warm, plain."""

from breathsync.breath.events import Doubt
from breathsync.guide.events import BeadState, Word
from breathsync.samples import SensorState
from breathsync.tongue import t

KEYS: tuple[tuple[Word, str, str, str], ...] = (
    (Word.GO_ON, "space", "go on", "go on"),
    (Word.BACK_OFF, "b", "back off", "back off"),
    (Word.NOTHING_HOLDS, "n", "nothing holds", "clear"),
    (Word.BY_HAND, "h", "by hand", "by hand"),
    (Word.SMALLER_BAR, "s", "smaller bar", "smaller"),
    (Word.PAUSE, "p", "pause", "pause"),
)
"""Each word with its key, what stands beside it, and the same where there is little room."""
BODY_KEYS = "you are the body:   ↑ breathe in   ↓ out   ← → turn   , . lean"
STOP = ("ESC", "STOP")
STOP_WORD = Word.STOP

WHAT_WORDS_DO = {
    Word.GO_ON: "Go on: after a pause, a lost signal, a set-up step.",
    Word.BACK_OFF: "Turn back a little and take the same point again.",
    Word.NOTHING_HOLDS: "Nothing holds any more: this side is clear.",
    Word.BY_HAND: "Pass this point by hand; it never counts as measured.",
    Word.SMALLER_BAR: "Ask for a breath 15 % smaller at this point.",
    Word.PAUSE: "Pause. Nothing goes on by itself.",
    Word.STOP: "Stop: out of the twist first, then saved as stopped.",
}

BEADS = {
    BeadState.TO_COME: "○",
    BeadState.HERE: "◉",
    BeadState.MEASURED: "✓",
    BeadState.BY_HAND: "◇",
}
BEADS_MEASURED, BEADS_BY_HAND = BEADS[BeadState.MEASURED], BEADS[BeadState.BY_HAND]
BEAD_WORDS = {
    BeadState.TO_COME: "not reached",
    BeadState.HERE: "here",
    BeadState.MEASURED: "by a full breath",
    BeadState.BY_HAND: "by hand",
}

DOUBTS = {
    Doubt.NO_DATA: "no signal yet",
    Doubt.GAP: "signal has gaps",
    Doubt.CLOCK: "its clock jumps",
    Doubt.CLIPPED: "too tight: cut off",
    Doubt.STUCK: "signal stands still",
    Doubt.NOT_WORN: "not worn?",
    Doubt.LOOSE: "strap loose?",
    Doubt.BELOW_NOISE: "breath too small to see",
    Doubt.MOVEMENT: "you are moving",
    Doubt.UNLIKE_OWN: "not like your breath",
    Doubt.HEART_DISAGREES: "heart says otherwise",
    Doubt.NO_AXIS: "finding your breath",
}

SENSOR_STATES = {
    SensorState.OFF: "off",
    SensorState.SEARCHING: "searching",
    SensorState.CONNECTING: "connecting",
    SensorState.STARTING: "starting",
    SensorState.STREAMING: "streaming",
    SensorState.STALE: "silent",
    SensorState.LOST: "lost",
    SensorState.RECONNECTING: "trying again",
    SensorState.ENDED: "ended",
}

NOT_MEDICAL = "A breath-paced seated mobility session. Not a medical device; it does not diagnose or treat."
HOW_IT_WORKS = (
    "As you breathe in, your ribs and the joints of the middle back move a little. "
    "Let that small movement do the work; do not pull."
)


def routine_words(name: str) -> str:
    """A routine's name as a person reads it; of a file its name alone."""
    name = name.rpartition("/")[2].removesuffix(".toml")
    title = name.replace("-", " ").capitalize()
    return t(title)


def signal_words(doubts: tuple[Doubt, ...]) -> str:
    """The state of the signal in a few words."""
    return t(DOUBTS[doubts[0]] if doubts else "signal good")


def clock_words(t_s: float) -> str:
    """Minutes and seconds."""
    whole = max(0, int(t_s))
    return f"{whole // 60}:{whole % 60:02d}"
