"""`breathsync routine`: list, show, copy, validate and describe routine files."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from breathsync.errors import BreathsyncError, RoutineError, UnknownNameError
from breathsync.guide.routine import Routine
from breathsync.routine_files import (
    copy_routine,
    load_routine,
    own,
    routine_names,
    routine_path,
    routine_schema,
)

app = typer.Typer(help="The routines: what is asked, in which order, with which words.", no_args_is_help=True)

Language = Annotated[
    str, typer.Option("--language", help="Language of the texts: en, de, or what the file brings.")
]


@app.command("list")
def list_routines(language: Language = "en") -> None:
    """List the routines, the person's own marked with a star."""
    mine = own()
    names = routine_names()
    width = max(len(name) for name in names)
    usable: dict[str, Routine] = {}
    for name in names:
        try:
            usable[name] = load_routine(name)
        except RoutineError as error:
            typer.echo(f"{name:<{width}}   not usable: {error.message}", err=True)
    _known_language(language, usable.values())
    for name, routine in usable.items():
        star = "*" if name in mine else " "
        typer.echo(f"{name:<{width}} {star} {routine.texts_in(language).about}")


@app.command()
def show(
    routine: Annotated[str, typer.Argument(help="A name from the list, or a file.")],
    language: Language = "en",
    as_toml: Annotated[bool, typer.Option("--toml", help="Print the file itself.")] = False,
) -> None:
    """Show what a routine asks, step by step."""
    found = load_routine(routine)
    if as_toml:
        typer.echo(routine_path(routine).read_text(encoding="utf-8"), nl=False)
        return
    _known_language(language, [found])
    for line in described(found, language):
        typer.echo(line)


@app.command()
def copy(
    routine: Annotated[str, typer.Argument(help="The routine to start from.")],
    new_name: Annotated[str, typer.Argument(help="The name of your own one.")],
) -> None:
    """Copy a routine into your own folder, to be edited there."""
    typer.echo(str(copy_routine(routine, new_name)))
    typer.echo(f"Edit it, then: breathsync routine validate {new_name}", err=True)


@app.command()
def validate(routines: Annotated[list[str], typer.Argument(help="Names or files.")]) -> None:
    """Check routine files: the first wrong field of each, with its path and what is allowed."""
    wrong: BreathsyncError | None = None
    for name in routines:
        try:
            load_routine(name)
        except BreathsyncError as error:
            typer.echo(f"breathsync: {error}", err=True)
            wrong = error
        else:
            typer.echo(f"{name}: fine")
    if wrong:
        raise typer.Exit(wrong.exit_code)


@app.command()
def schema(
    file: Annotated[Path | None, typer.Option("--output", help="Write it to a file instead.")] = None,
) -> None:
    """Print the JSON Schema of routine files, for editors that complete and check TOML."""
    text = json.dumps(routine_schema(), indent=2, ensure_ascii=False)
    if file is None:
        typer.echo(text)
    else:
        file.write_text(text + "\n", encoding="utf-8")


def _known_language(language: str, routines: Iterable[Routine]) -> None:
    """Raises UnknownNameError for a language that none of the routines has: it is not guessed at."""
    known = {text for routine in routines for text in routine.texts}
    if language not in known:
        raise UnknownNameError("language", language, known)


def described(routine: Routine, language: str) -> list[str]:
    """A routine as lines a person can read."""
    texts = routine.texts_in(language)
    lines = [f"{texts.title} ({routine.name})", texts.about, f"Languages: {', '.join(sorted(routine.texts))}"]
    if routine.warm_up:
        lines += [
            "",
            f"Warm-up, {routine.warm_up.breaths} full breaths",
            *(f"  {text}" for text in texts.warm_up),
        ]
    if routine.sides:
        order = ", then ".join(routine.sides.order)
        lines += ["", f"Sides: {order}; {routine.sides.points} restriction points each"]
        lines += [f"  {text}" for text in texts.set_up]
        lines += [f"  {text}" for text in (texts.ease, texts.lengthen, texts.settle, texts.breathe) if text]
        lines += [f"  {texts.come_back}"] if texts.come_back else []
    return lines
