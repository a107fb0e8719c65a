"""A session without what tells whose it is: other days, no names, notes or serial numbers.

The first of the sessions lies on 1 January 2000 at its own hour, in UTC; the days between sessions are kept. What
the body did is unchanged: breathing itself can be told apart by somebody who has another recording of it.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from breathsync.logbook.header import Header
from breathsync.logbook.reader import Note, SessionLog
from breathsync.logbook.records import KINDS, Record, plain
from breathsync.samples import SensorInfo

_FIRST_DAY = datetime(2000, 1, 1, tzinfo=UTC)
_SENSOR = "sensor"
_KEPT_OPTIONS = ("language",)


class AnonymousLog(SessionLog):
    """A session as `SessionLog` reads it, with what could name the person taken out."""

    def __init__(self, log: SessionLog, *, name: str, back: timedelta) -> None:
        super().__init__(log.connection, log.id)
        self.id = name
        self._secrets = tuple(
            secret
            for secret in (self.header.info.serial, self.header.info.name)
            if secret and secret != _SENSOR
        )
        self.header: Header = replace(
            self.header,
            started_at=(self.header.started_at - back).replace(tzinfo=UTC),
            info=_nameless(self.header.info),
            options={key: value for key, value in self.header.options.items() if key in _KEPT_OPTIONS},
            versions={key: value for key, value in self.header.versions.items() if key == "breathsync"},
        )
        if self.ended is not None:
            self.ended = replace(self.ended, why=self._scrubbed(self.ended.why))

    def notes(self) -> tuple[Note, ...]:
        """None: notes are the person's own words."""
        return ()

    def _decoded(self, kind: str, body: str) -> Record:
        record = super()._decoded(kind, body)
        if isinstance(record, SensorInfo):
            return _nameless(record)
        fields: dict[str, Any] = plain(record)
        if "note" in fields:
            fields["note"] = ""
        if any(secret in body for secret in self._secrets):
            fields = {
                key: self._scrubbed(value) if isinstance(value, str) else value
                for key, value in fields.items()
            }
        anonymous: Record = msgspec.convert(fields, KINDS[kind])
        return anonymous

    def _scrubbed(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, _SENSOR)
        return text


def anonymised(logs: Sequence[SessionLog]) -> list[SessionLog]:
    """The same sessions, anonymous, under running names."""
    first = min(log.header.started_at for log in logs)
    back = first.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=UTC) - _FIRST_DAY
    return [AnonymousLog(log, name=f"anonymous-{n}", back=back) for n, log in enumerate(logs, 1)]


def _nameless(info: SensorInfo) -> SensorInfo:
    return replace(info, name=_SENSOR, serial="")
