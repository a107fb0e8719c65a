"""The `sim:` source behind the Sensor protocol, the link's losses, and a small campaign with the product's own gate."""

import io
import json

import numpy as np
import pytest
from breathsync_simulators import campaign, campaign_markdown, campaign_sum
from breathsync_simulators.link import Link
from breathsync_simulators.play import Task, play
from breathsync_simulators.score import score
from breathsync_simulators.source import SimulatedSensor
from breathsync_simulators.wearers import open_wearer
from typer.testing import CliRunner

from breathsync.cli.simulate import app
from breathsync.errors import RecordingError, UnknownNameError
from breathsync.guide.events import Answered, Question, QuestionKind
from breathsync.outcome import View
from breathsync.routine_files import load_routine
from breathsync.samples import Battery, Heartbeat, Samples, SensorChange, SensorState, Stream
from breathsync.settings import Settings


class QuickClock:
    """A clock that is always where it is asked to be."""

    def __init__(self) -> None:
        self.t_s = 0.0

    def now_s(self) -> float:
        return self.t_s

    async def sleep_until(self, t_s: float) -> None:
        self.t_s = max(self.t_s, t_s)


VIEW: View = None  # type: ignore[assignment]
"""A person does not look at the screen."""


async def taken(sensor: SimulatedSensor, clock: QuickClock, until_s: float) -> list[object]:
    await sensor.connect()
    events = []
    async for event in sensor.events():
        events.append(event)
        if clock.now_s() >= until_s:
            await sensor.close()
    return events


async def test_the_source_streams_blocks_as_its_sensor_does() -> None:
    clock = QuickClock()
    sensor = SimulatedSensor(person="steady", sensor="h10", seed=1, clock=clock)
    events = await taken(sensor, clock, 5.0)
    assert events[0] == SensorChange(t_s=0.0, state=SensorState.STREAMING)
    assert isinstance(events[1], Battery)
    motion = [e for e in events if isinstance(e, Samples) and e.stream is Stream.ACCELERATION]
    assert {len(b) for b in motion} == {36}
    assert np.all(np.diff(np.concatenate([b.t_s for b in motion])) > 0)
    await sensor.close()


async def test_the_person_answers_between_blocks_and_never_while_hearing() -> None:
    clock = QuickClock()
    sensor = SimulatedSensor(person="steady", sensor="belt", seed=1, clock=clock)
    said: list[object] = []
    sensor.speak_through(said.append)
    sensor.hear(Question(t_s=0.0, question="back", kind=QuestionKind.SCALE, text="?"), VIEW)
    sensor.hear(Question(t_s=0.0, question="now_leg", kind=QuestionKind.YES_NO, text="?"), VIEW)
    assert not said
    await taken(sensor, clock, 8.0)
    answers = {a.question: a.value for a in said if isinstance(a, Answered)}
    assert answers["now_leg"] is False
    assert 0 <= answers["back"] <= 10


def test_a_drop_is_told_and_its_samples_are_gone() -> None:
    wearer = open_wearer("drops-out", "belt", seed=3)
    link = Link(person=wearer.person, seed=wearer.link_seed)
    events: list[object] = []
    for t_s in np.arange(0.5, 1800.5, 0.5):
        events += link.carry(wearer.until(float(t_s)), float(t_s))
    lost = [e for e in events if isinstance(e, SensorChange) and e.state is SensorState.LOST]
    back = [e for e in events if isinstance(e, SensorChange) and e.state is SensorState.STREAMING]
    assert lost
    assert len(lost) - len(back) in (0, 1)
    times = np.concatenate([e.t_s for e in events if isinstance(e, Samples)])
    for trouble in wearer.truth.troubles:
        if trouble.kind in ("dropped", "gap"):
            assert not np.any((times > trouble.start_s + 0.05) & (times < min(trouble.end_s, 1800) - 0.05))
    assert any(isinstance(e, Heartbeat) for e in events)


def test_a_steady_person_on_a_belt_goes_through_a_whole_session() -> None:
    played = play(Task(person="steady", sensor="belt", seed=1000002), routine=load_routine("first-time"))
    tally = score(played)
    assert played.ended is not None
    assert tally.advances >= 1
    assert tally.wordless == 0
    assert not tally.violations


def test_the_same_seed_is_the_same_session() -> None:
    task = Task(person="restless", sensor="belt", seed=5)
    routine = load_routine("first-time")
    one, two = play(task, routine=routine), play(task, routine=routine)
    assert [j.verdict for j in one.judged] == [j.verdict for j in two.judged]
    assert one.truth.breaths == two.truth.breaths


def test_a_campaign_counts_the_same_on_one_core_and_on_two() -> None:
    todo = campaign.tasks(["sleepy"], ["belt"], sessions=2, seed=7, settings=Settings())
    one = campaign.run(todo, routine="first-time", seed=7, workers=1)
    two = campaign.run(todo, routine="first-time", seed=7, workers=2)
    first, second = (campaign.as_json(c)["rows"] for c in (one, two))
    for row in (*first, *second):
        row.pop("times_real_time_a_core")
    assert first == second


def test_campaign_refuses_what_it_does_not_know() -> None:
    with pytest.raises(UnknownNameError, match="belt"):
        campaign.tasks(["steady"], ["bel"], sessions=1, seed=1, settings=Settings())
    with pytest.raises(UnknownNameError, match="breath"):
        campaign.tasks(["steady"], ["heart"], sessions=1, seed=1, settings=Settings())


def test_progress_goes_to_the_talk_and_worst_sessions_are_kept(tmp_path) -> None:
    talk = io.StringIO()
    todo = campaign.tasks(["sleepy"], ["belt"], sessions=1, seed=3, settings=Settings())
    campaign.run(todo, routine="first-time", seed=3, workers=1, talk=talk)
    assert "1/1 sessions" in talk.getvalue()
    kept = campaign.keep([(1.0, todo[0])], folder=tmp_path, routine="first-time")
    assert kept == ["sleepy@belt seed 3000000"]
    assert list(tmp_path.iterdir())


def test_cli_prints_json_with_rows_and_total() -> None:
    result = CliRunner().invoke(
        app,
        [
            "campaign",
            *("--sessions", "1", "--people", "sleepy", "--sensor", "belt"),
            *("--routine", "first-time", "--workers", "1", "--json"),
        ],
    )
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    row = report["rows"][0]
    assert (row["person"], row["sensor"], row["sessions"]) == ("sleepy", "belt", 1)
    assert {"armed_breaths", "false_opens", "full_breaths", "missed"} <= row.keys()
    assert report["total"]["sessions"] == 1


def test_campaigns_add_up_in_a_file_and_a_seed_counts_once(tmp_path) -> None:
    file = tmp_path / "campaigns.jsonl"
    who = ["--people", "sleepy", "--sensor", "belt", "--routine", "first-time"]
    command = ["campaign", "--sessions", "1", "--workers", "1", *who]
    for seed in (1, 2):
        done = CliRunner().invoke(app, [*command, "--seed", str(seed), "--add-to", str(file)])
        assert done.exit_code == 0, done.output
    again = CliRunner().invoke(app, [*command, "--seed", "2", "--add-to", str(file)])
    assert "count twice" in str(again.exception)
    report = json.loads(CliRunner().invoke(app, ["sum", str(file), "--json"]).stdout)
    assert report["total"]["sessions"] == 2
    file.write_text(file.read_text() + "nonsense\n")
    with pytest.raises(RecordingError, match="line 3"):
        campaign_sum.summed(file)


def test_the_sum_is_written_into_a_document_and_replaced_as_a_whole(tmp_path) -> None:
    file, document = tmp_path / "campaigns.jsonl", tmp_path / "campaign.md"
    command = [
        "campaign",
        "--people",
        "sleepy",
        "--sensor",
        "belt",
        "--routine",
        "first-time",
        "--workers",
        "1",
    ]
    CliRunner().invoke(app, [*command, "--sessions", "1", "--seed", "4", "--add-to", str(file)])
    document.write_text(f"Before.\n\n{campaign_markdown.BEGIN}\nold\n{campaign_markdown.END}\nAfter.\n")
    texts = []
    for _ in range(2):
        done = CliRunner().invoke(app, ["sum", str(file), "--write-into", str(document)])
        assert done.exit_code == 0, done.output
        texts.append(document.read_text())
    assert texts[0] == texts[1]
    assert texts[0].startswith("Before.\n\n<!-- sum")
    assert texts[0].endswith(f"{campaign_markdown.END}\nAfter.\n")
    assert "old" not in texts[0]
    assert "| sleepy | belt | 1 |" in texts[0]
    document.write_text("nothing to replace")
    refused = CliRunner().invoke(app, ["sum", str(file), "--write-into", str(document)])
    assert "no place for the sum" in str(refused.exception)


def test_cli_lists_people() -> None:
    result = CliRunner().invoke(app, ["people"])
    assert "athlete-slow" in result.stdout
    assert "imu6" in result.stdout
