"""A campaign as a table to read and as a picture."""

from pathlib import Path

from breathsync.errors import UsageError
from breathsync_simulators.campaign import ZERO, Campaign
from breathsync_simulators.score import Tally, interval

HEAD = (
    f"{'person':<15}{'sensor':<12}{'sess.':>6}{'done':>6}{'gates':>7}{'breaths':>9}{'opened':>8}"
    f"{'false open (95 %)':>30}{'full':>6}{'missed (95 %)':>26}{'first try':>11}{'adv.':>6}{'hand':>6}{'min':>6}"
)


def table(campaign: Campaign) -> str:
    """One line a person and sensor, the total, why breaths were refused, and what must never happen."""
    lines = [HEAD]
    lines += [_line(p, s, t) for (p, s), t in sorted(campaign.tallies.items())]
    total = campaign.total
    lines.append(_line("total", "", total))
    lines.append(_line("no deceivers", "", campaign.honest))
    lines += [_line("full breathers", "", campaign.full_breathers), ""]
    lines.append("Refused by: " + counted(total.refusals))
    lines.append("Full breaths missed by: " + counted(total.missed_by))
    lines.append("Endings: " + counted(total.endings))
    lines.append("Must never happen: " + ", ".join(f"{name} {total.violations[name]}" for name in ZERO))
    lines.append(
        f"Refusals without exactly one sentence: {total.wordless}. Sentences said again within 12 s:"
        f" {total.said_again} of {total.sentences}. Offers after three refusals or for a pause: {total.offers}."
    )
    lines.append(
        f"Opened under a smaller bar: {total.smaller_opens}, of these full by that bar alone: {total.smaller_only},"
        f" not full by it either: {total.smaller_false}."
    )
    hours = total.lived_s / 3600
    lines.append(
        f"Words tapped on the strap: {total.taps}, heard {total.taps_heard}; heard where nobody had tapped them:"
        f" {total.false_taps} in {hours:.1f} h."
    )
    if total.worst:
        lines.append(f"False opens ({total.near_opens} of them at 85 % of the bar or more):")
        lines += [
            f"  {f.person}@{f.sensor} seed {f.seed} at {f.at_s:.1f} s: {100 * f.share_of_bar:.0f} % of the bar; "
            f"{', '.join(f.moves) or 'nothing moved'}"
            for f in total.worst[:20]
        ]
    a_core = total.lived_s / max(total.took_s, 1e-9)
    lines.append(
        f"{total.sessions} sessions of {campaign.routine}, {total.lived_s / 3600:.1f} h lived in "
        f"{campaign.took_s:.0f} s on {campaign.workers} cores: {a_core:.0f} times real time a core."
    )
    return "\n".join(lines)


def _line(person: str, sensor: str, t: Tally) -> str:
    minutes = f"{sorted(t.finish_s)[len(t.finish_s) // 2] / 60:.1f}" if t.finish_s else "-"
    first = f"{100 * t.first_missed / t.first_full:.1f} %" if t.first_full else "-"
    return (
        f"{person:<15}{sensor:<12}{t.sessions:>6}{t.finished:>6}{t.gates:>7}{t.armed_breaths:>9}{t.opened:>8}"
        f"{rate(t.false_opens, t.armed_breaths):>30}{t.full_breaths:>6}{rate(t.missed, t.full_breaths):>26}"
        f"{first:>11}{t.advances / max(t.sessions, 1):>6.1f}{t.by_hand:>6}{minutes:>6}"
    )


def rate(hits: int, of: int) -> str:
    """A count with its rate and the 95 % interval, or a dash where nothing was counted."""
    if of == 0:
        return "-"
    low, high = interval(hits, of)
    return f"{hits}: {100 * hits / of:.2f} % ({100 * low:.2f}-{100 * high:.2f})"


def counted(counter: "dict[str, int]") -> str:
    """Names with their counts."""
    return ", ".join(f"{name} {count}" for name, count in sorted(counter.items())) or "none"


def plot(campaign: Campaign, path: Path) -> None:
    """Both error rates with their intervals, one mark a person and sensor. Needs the extra `report`."""
    try:
        import matplotlib  # noqa: PLC0415 - an extra
    except ImportError:
        raise UsageError(
            "A picture needs a plotting library.", advice="Install it with: pip install 'breathsync[report]'"
        ) from None
    matplotlib.use("Agg")
    from matplotlib import pyplot  # noqa: PLC0415 - an extra

    rows = sorted(campaign.tallies.items())
    figure, axes = pyplot.subplots(
        1, 2, figsize=(13, 1.5 + 0.28 * len(rows)), sharey=True, layout="constrained"
    )
    for axis, title, hit, whole in (
        (axes[0], "false opens a breath at an armed gate, %", "false_opens", "armed_breaths"),
        (axes[1], "full breaths that were refused, %", "missed", "full_breaths"),
    ):
        for k, (_, tally) in enumerate(rows):
            hits, of = getattr(tally, hit), getattr(tally, whole)
            if of:
                low, high = interval(hits, of)
                axis.plot([100 * low, 100 * high], [k, k], color="0.6", linewidth=3)
                axis.plot(100 * hits / of, k, "o", color="black")
        axis.set_xlabel(title)
        axis.grid(axis="x", alpha=0.3)
        axis.set_xlim(left=0)
    axes[0].set_yticks(range(len(rows)), [f"{p} @ {s}" for (p, s), _ in rows])
    axes[0].invert_yaxis()
    figure.suptitle(
        f"{campaign.total.sessions} sessions of {campaign.routine}, seed {campaign.seed}; bars: 95 %"
    )
    figure.savefig(path, dpi=110)
    pyplot.close(figure)
