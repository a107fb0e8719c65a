"""Which strap is meant by a name: one that was paired, one in the air, or a kind."""

from collections.abc import Callable
from dataclasses import dataclass

from breathsync.sensors.ble.catalog import CATALOG, Known, recognise
from breathsync.sensors.ble.link import Found
from breathsync.sensors.known_straps import KnownStraps, Remembered


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """`label` is for the person, `is_it` judges what is heard in the air, `known` stands where it is remembered."""

    label: str
    is_it: Callable[[Found], bool]
    known: Known | None = None


def known_of(found: Found) -> Known | None:
    """What the catalog says of a device in the air."""
    return recognise(name=found.name, services=found.services)


def target_for(name: str, *, straps: KnownStraps | None = None) -> Target:
    """The strap called `name`: its remembered name, the name it advertises (or the last word of it, its serial),
    its address, or a key of the catalog for any strap of that kind."""
    if remembered := (straps or KnownStraps()).get(name):
        return _remembered(remembered)
    kind = next((known for known in CATALOG if known.key == name), None)
    if kind is not None:
        return Target(label=kind.title, is_it=lambda found: known_of(found) is kind, known=kind)
    wanted = name.casefold()

    def is_it(found: Found) -> bool:
        advertised = found.name.casefold()
        return (
            wanted in (advertised, found.address.casefold(), advertised.rpartition(" ")[2])
            if advertised
            else (wanted == found.address.casefold())
        )

    return Target(label=name, is_it=is_it)


def target_of(found: Found, *, label: str = "") -> Target:
    """Just this device."""
    return Target(
        label=label or found.name or found.address,
        is_it=lambda other: other.address == found.address,
        known=known_of(found),
    )


def _remembered(strap: Remembered) -> Target:
    known = next((known for known in CATALOG if known.key == strap.key), None)
    return Target(
        label=strap.name,
        is_it=lambda found: (
            found.address == strap.address or bool(found.name and found.name == strap.advertised)
        ),
        known=known,
    )
