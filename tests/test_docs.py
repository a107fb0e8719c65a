"""What the pages say can be typed: every command in them parses, every file they name is there."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.core import TyperCommand, TyperGroup

from breathsync.cli.main import app

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/*.md"),
        *ROOT.glob("firmware-notes/**/*.md"),
        ROOT / "simulators/README.md",
    ]
)
STAND_INS = {"NN": "07", "SEED": "3", "PORT": "8787"}
"""What is written for a number."""


def _commands(text: str) -> Iterator[str]:
    """Commands in fenced, indented and inline code, without what a shell does with them."""
    fenced = False
    for line in text.replace("\\\n", " ").splitlines():
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif fenced or line.startswith("    "):
            if found := re.match(
                r"\s*(?:\$ )?(?:[A-Z_]+=\S+ )*(?:ExecStart=\S*/|\.venv/bin/)?(breathsync .+)", line
            ):
                yield re.split(r"\s{2,}|\s#|[|>;]", found[1].replace("|--", " --"))[0]
        else:
            yield from re.findall(r"`(breathsync [^`]+)`", line)


def _all() -> list[tuple[str, str]]:
    return [
        (page.relative_to(ROOT).as_posix(), command)
        for page in PAGES
        for command in dict.fromkeys(_commands(page.read_text(encoding="utf-8")))
    ]


def _parse(words: list[str]) -> None:
    """What click does before it runs a command. Raises click's errors."""
    command: TyperCommand | TyperGroup = typer.main.get_command(app)  # type: ignore[assignment]
    context = None
    while isinstance(command, TyperGroup) and words and not words[0].startswith("-"):
        name, *words = words
        inner = command.get_command(context, name)  # type: ignore[arg-type]
        assert inner is not None, f"no command {name!r}"
        command = inner  # type: ignore[assignment]
    if "--help" not in words and not isinstance(command, TyperGroup):
        command.make_context("breathsync", list(words))


@pytest.mark.parametrize(("page", "command"), _all())
def test_every_command_on_a_page_parses(page: str, command: str) -> None:
    words = [STAND_INS.get(word, word) for word in shlex.split(command)[1:] if word not in ("...", "…")]
    _parse([word for word in words if word != "COMMAND" and not word.startswith("[")])


def test_the_pages_do_say_commands() -> None:
    assert len(_all()) > 60


def test_a_wrong_option_would_be_found() -> None:
    with pytest.raises(Exception, match="No such option"):
        _parse(["pair", "--loud"])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_and_module_on_a_page_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#\s]+)", text) if "://" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []
    modules = re.findall(r"python -m (tests\.[\w.]+)", text)
    assert [m for m in modules if not (ROOT / (m.replace(".", "/") + ".py")).exists()] == []
