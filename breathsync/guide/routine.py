"""A routine: what is asked, in which order, with which texts. Read from files by `routine_files.py`.

The order of the places is the contract's (domain.md 2) and not for a file to change: check-in, find the breath,
warm-up, the sides, close. A file leaves the warm-up or the sides out, sets counts and rests within their bounds,
and brings the texts. Values outside their bounds raise RoutineError with the path of the field.
"""

from dataclasses import dataclass, field, fields
from string import Formatter
from typing import Annotated

from breathsync.errors import RoutineError
from breathsync.guide.events import Side
from breathsync.settings import Bound, bounds_of


class _Checked:
    """Checks each annotated field against its bound; None stands for "as the settings say"."""

    __slots__ = ()

    def __post_init__(self) -> None:
        for name, bound in bounds_of(type(self)).items():
            value = getattr(self, name)
            if value is not None and not bound.low <= value <= bound.high:
                raise RoutineError(
                    f"`{name}` = {value} is not allowed: {bound.low:g} to {bound.high:g} {bound.unit}".rstrip()
                    + "."
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class WarmUp(_Checked):
    """Lengthen the long muscles along the spine, with so many full breaths."""

    breaths: Annotated[int, Bound(1, 12, "breaths")] = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides(_Checked):
    """The restriction points: which way the chest turns first, and how many points a side."""

    order: tuple[Side, ...] = (Side.RIGHT, Side.LEFT)
    points: Annotated[int, Bound(1, 6, "points a side")] = 4

    def __post_init__(self) -> None:
        _Checked.__post_init__(self)
        if not self.order or len(set(self.order)) != len(self.order):
            raise RoutineError(
                '`sides.order` must name "right" and "left" at most once each, and at least one of them.'
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets(_Checked):
    """What a full breath is, where a routine asks for more than the contract (G5). It can never ask for less."""

    low_quiet: Annotated[float | None, Bound(2.0, 4.0, "quiet breaths")] = None
    low_full: Annotated[float | None, Bound(0.7, 0.9, "of A_full")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rests(_Checked):
    """Rests and limits (G11, G12), where a routine is gentler than the settings. The stricter of both holds."""

    deep_per_minute: Annotated[int | None, Bound(1, 6, "breaths")] = None
    usual_between: Annotated[int | None, Bound(2, 6, "breaths")] = None
    rest_after: Annotated[int | None, Bound(1, 5, "breaths")] = None
    rest_s: Annotated[float | None, Bound(30, 60, "s")] = None
    deep_per_session: Annotated[int | None, Bound(1, 30, "breaths")] = None
    point_s: Annotated[float | None, Bound(20, 90, "s")] = None
    twist_s: Annotated[float | None, Bound(40, 240, "s")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sounds:
    """What is heard unless the person chose otherwise. Every sentence is always shown as text too.

    `follow_breath`: a soft tone at the person's own inhale and exhale during warm-up and at the gate.
    """

    tones: bool = True
    voice: bool = True
    follow_breath: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """The sentences of one language. An empty one stands for the program's own.

    In `set_up`, `ease` ... `{side}` is the way the chest turns and `{other}` the other one. In German both are
    the bare stem (recht, link), so that the text adds its own ending.
    """

    title: str
    about: str
    find_breath: str = ""
    find_full: str = ""
    warm_up: tuple[str, ...] = ()
    set_up: tuple[str, ...] = ()
    ease: str = ""
    back_off: str = ""
    lengthen: str = ""
    settle: str = ""
    breathe: str = ""
    come_back: str = ""
    close: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Routine:
    """A routine as read from its file. `texts` by language; "en" is always there and complete."""

    name: str
    texts: dict[str, Texts]
    warm_up: WarmUp | None = None
    sides: Sides | None = None
    targets: Targets = field(default_factory=Targets)
    rests: Rests = field(default_factory=Rests)
    sounds: Sounds = field(default_factory=Sounds)

    def __post_init__(self) -> None:
        check_texts(self)

    def texts_in(self, language: str) -> Texts:
        """The texts in `language`, in English where the routine does not speak it."""
        return self.texts.get(language, self.texts["en"])

    def title(self, language: str = "en") -> str:
        """The name a person reads."""
        return self.texts_in(language).title


PLACEHOLDERS = (("side", "", None), ("other", "", None))


def check_texts(routine: Routine) -> None:
    """Raise RoutineError unless English is there and every language says the same steps."""
    if "en" not in routine.texts:
        raise RoutineError("`texts.en` is missing: the English texts are always needed.")
    if routine.warm_up is None and routine.sides is None:
        raise RoutineError("A routine needs `[warm_up]`, `[sides]` or both.")
    english = routine.texts["en"]
    if routine.sides is not None and not english.set_up:
        raise RoutineError("`texts.en.set_up` is missing: a list of one to eight sentences.")
    if routine.warm_up is not None and not english.warm_up:
        raise RoutineError("`texts.en.warm_up` is missing: a list of one to eight sentences.")
    for language, texts in routine.texts.items():
        for name in (f.name for f in fields(Texts)):
            _check_text(f"texts.{language}.{name}", getattr(texts, name), getattr(english, name))


def _check_text(path: str, said: str | tuple[str, ...], english: str | tuple[str, ...]) -> None:
    if isinstance(said, tuple) and len(said) != len(english):
        raise RoutineError(
            f"`{path}` has {len(said)} sentences where English has {len(english)}; both must match."
        )
    if isinstance(said, tuple) and len(said) > 8:
        raise RoutineError(f"`{path}` has {len(said)} sentences; at most 8 are allowed.")
    for sentence in [said] if isinstance(said, str) else said:
        if len(sentence) > 400:
            raise RoutineError(f"`{path}` has a text of {len(sentence)} characters; at most 400 are allowed.")
        try:
            braces = [part[1:] for part in Formatter().parse(sentence) if part[1] is not None]
        except ValueError:
            braces = [("", None, None)]
        if any(brace not in PLACEHOLDERS for brace in braces):
            raise RoutineError(f"`{path}`: only {{side}} and {{other}} may stand in braces: {sentence!r}.")
