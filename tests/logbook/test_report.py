"""The report says what the log holds, needs no network, and comes as a page, a PDF or a picture."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from breathsync.errors import UsageError
from breathsync.guide.events import Ended, EndKind
from breathsync.logbook.anonymous import anonymised
from breathsync.logbook.reader import SessionLog
from breathsync.logbook.report import write_report
from breathsync.logbook.store import Logbook
from breathsync.settings import Settings
from tests.logbook.synthetic import GAP_S, INFO, ROUTINE, SERIAL, logbook_with_session

pytest.importorskip("bokeh", reason="the extra `report` is not installed")
pytest.importorskip("matplotlib", reason="the extra `report` is not installed")

LOADING = {"src", "href", "data", "action", "poster", "srcset", "xlink:href"}


class Page(HTMLParser):
    """Collects the words of a page, and what it would load."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.loads: list[str] = []
        self._script = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._script = tag in ("script", "style")
        self.loads += [
            value for name, value in attrs if name in LOADING and value and not value.startswith("#")
        ]

    def handle_data(self, data: str) -> None:
        if not self._script:
            self.words.append(data)


def html(log: SessionLog, folder: Path) -> str:
    write_report(log, folder / "report.html")
    return (folder / "report.html").read_text(encoding="utf-8")


def test_the_page_says_what_happened(log: SessionLog, tmp_path: Path) -> None:
    words = " ".join(Page(html(log, tmp_path)).words)
    for said in (
        "Seated twist, 22 November 2026, 10:15",
        "SIMULATED",
        "1 + 1 by hand on the right side",
        "✓ ✋",
        "back 6",
        "Slept badly.",
        "a little fuller",
        "G5 full enough: 26 mg, at least 27 mg",
        "Not a medical device",
    ):
        assert said in words


def test_the_page_loads_nothing(log: SessionLog, tmp_path: Path) -> None:
    assert Page(html(log, tmp_path)).loads == []


def test_the_page_stays_light(simulated: SessionLog, tmp_path: Path) -> None:
    assert len(html(simulated, tmp_path)) < 3_000_000


def test_what_a_person_typed_is_text_not_markup(tmp_path: Path) -> None:
    book = logbook_with_session(tmp_path / "book", note="<script>alert(1)</script>")
    page = html(book.find("last"), tmp_path)
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_gap_is_a_gap_in_the_trace(log: SessionLog) -> None:
    from breathsync.logbook.report.collect import collect

    told = collect(log)
    inside = (told.t_s > GAP_S[0] + 0.3) & (told.t_s < GAP_S[1] - 0.3)
    assert inside.any()
    assert all(level != level for level in told.level[inside].tolist())
    assert [stretch.label for stretch in told.gaps] == ["no signal"]


@pytest.mark.parametrize(("ending", "magic"), [(".pdf", b"%PDF"), (".png", b"\x89PNG")])
def test_a_picture_to_share(log: SessionLog, tmp_path: Path, ending: str, magic: bytes) -> None:
    write_report(log, tmp_path / f"report{ending}")
    assert (tmp_path / f"report{ending}").read_bytes().startswith(magic)


def test_another_ending_is_refused(log: SessionLog, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"One of \.html, \.pdf, \.png"):
        write_report(log, tmp_path / "report.docx")


def test_an_anonymous_report_names_nobody(log: SessionLog, tmp_path: Path) -> None:
    (anonymous,) = anonymised([log])
    page = html(anonymous, tmp_path)
    assert not re.search(rf"{SERIAL}|Slept badly|22 November", page)


@pytest.mark.parametrize("ending", [".html", ".pdf"])
def test_a_session_with_nothing_in_it_has_a_report(tmp_path: Path, ending: str) -> None:
    book = Logbook(tmp_path / "book")
    book.begin(info=INFO, routine=ROUTINE, settings=Settings()).close(
        Ended(t_s=0.0, how=EndKind.SCREENED_OUT)
    )
    write_report(book.find("last"), tmp_path / f"report{ending}")
    assert (tmp_path / f"report{ending}").stat().st_size > 1000
