"""The sum of campaigns as Markdown, and put into a document between two marks, so that it is replaced as a whole."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from breathsync.errors import UsageError
from breathsync_simulators import scenario
from breathsync_simulators.campaign import DECEIVERS, ZERO, Campaign
from breathsync_simulators.campaign_report import counted, rate
from breathsync_simulators.campaign_sum import Run
from breathsync_simulators.score import Tally

BEGIN = "<!-- sum: written by `breathsync simulate sum FILE --write-into DOCUMENT` -->"
END = "<!-- end of the sum -->"
FALSE_OPEN_BAR = {"belt": "1 in 10,000", "imu6": "1 in 10,000", "h10": "1 in 1,000"}


def markdown(campaign: Campaign, runs: Sequence[Run]) -> str:
    """Commands, the bars by sensor, one line a person and sensor, reasons, and what must never happen."""
    total = campaign.total
    lines = [
        f"{total.sessions} sessions, {total.lived_s / 3600:.1f} h lived, in {campaign.took_s:.0f} s on"
        f" {campaign.workers} cores: {total.lived_s / max(total.took_s, 1e-9):.0f} times real time a core.",
        "",
        *(f"    {command}" for command in _commands(runs)),
        "",
        "By sensor, beside the bars. False opens leave out `leaner` and `cheater`, who are counted below.",
        "",
        "| sensor | armed breaths | false opens (95 %) | bar | `steady` missed at first try (bar 5 %) |"
        " missed by all who breathe fully (95 %; bar 15 %) |",
        "|---|---|---|---|---|---|",
        *(_bar_line(campaign, sensor) for sensor in sorted({s for _, s in campaign.tallies})),
        "",
        "| person | sensor | sessions | finished | breaths | opened | false opens (95 %) | full | missed (95 %) |"
        " first try | points | by hand | min |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|---|",
        *(_line(person, sensor, tally) for (person, sensor), tally in sorted(campaign.tallies.items())),
        _line("**all**", "", total),
        "",
        f"- Refused by: {counted(total.refusals)}.",
        f"- Full breaths missed by: {counted(total.missed_by)}.",
        f"- Of {total.false_opens} false opens {total.near_opens} had a breath in them of 85 % of the bar or more,"
        " too small or of a wrong shape.",
        f"- Opened under a smaller bar: {total.smaller_opens}; full by that bar alone: {total.smaller_only};"
        f" not full by it either (false): {total.smaller_false}.",
        f"- Endings: {counted(total.endings)}. Most deep breaths in a session: {max(total.deep, default=0)}.",
        "- Must never happen: " + ", ".join(f"{name} {total.violations[name]}" for name in ZERO) + ".",
        f"- Refusals without exactly one sentence: {total.wordless}. Sentences said again within 12 s:"
        f" {total.said_again} of {total.sentences}.",
        f"- Words tapped on the strap: {total.taps}, heard {total.taps_heard}; false: {total.false_taps}.",
    ]
    return "\n".join(lines)


def write_into(document: Path, text: str) -> None:
    """Put `text` between the marks of a document. Raises UsageError where they are not."""
    try:
        before, rest = document.read_text(encoding="utf-8").split(BEGIN)
        _, after = rest.split(END)
    except (OSError, ValueError):
        raise UsageError(
            f"{document} has no place for the sum.",
            advice=f"Write these two lines into it: {BEGIN} and {END}",
        ) from None
    document.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")


def _commands(runs: Iterable[Run]) -> list[str]:
    """Each command once, with its seeds behind it."""
    seeds: dict[str, list[int]] = {}
    for run in runs:
        seeds.setdefault(re.sub(r"--seed \d+", "--seed SEED", run.command), []).append(run.seed)
    return [
        f"{command}    # SEED: {', '.join(map(str, sorted(used)))}" for command, used in sorted(seeds.items())
    ]


def _bar_line(campaign: Campaign, sensor: str) -> str:
    honest, full = Tally(), Tally()
    for (person, worn), tally in campaign.tallies.items():
        if worn == sensor:
            if person not in DECEIVERS:
                honest.add(tally)
            if scenario.load(person).breathes_fully:
                full.add(tally)
    steady = campaign.tallies.get(("steady", sensor), Tally())
    return (
        f"| {sensor} | {honest.armed_breaths} | {rate(honest.false_opens, honest.armed_breaths)} |"
        f" {FALSE_OPEN_BAR.get(sensor, '')} | {rate(steady.first_missed, steady.first_full)} |"
        f" {rate(full.missed, full.full_breaths)} |"
    )


def _line(person: str, sensor: str, t: Tally) -> str:
    minutes = f"{sorted(t.finish_s)[len(t.finish_s) // 2] / 60:.1f}" if t.finish_s else "-"
    first = f"{100 * t.first_missed / t.first_full:.1f} %" if t.first_full else "-"
    cells = (
        person,
        sensor,
        t.sessions,
        t.finished,
        t.armed_breaths,
        t.opened,
        rate(t.false_opens, t.armed_breaths),
        t.full_breaths,
        rate(t.missed, t.full_breaths),
        first,
        f"{t.advances / max(t.sessions, 1):.1f}",
        t.by_hand,
        minutes,
    )
    return "| " + " | ".join(map(str, cells)) + " |"
