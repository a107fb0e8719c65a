"""A strap over Bluetooth as a Sensor: reaches it, starts it, holds on to it, and always stops it on the way out.

The way of its state (`SensorState`):

    searching → connecting → starting → streaming ⇄ stale
                                            ↓ link lost, silent, or stopped by itself
                                          lost → reconnecting → streaming
    any → off (close)
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, AsyncExitStack, suppress
from typing import Any

from breathsync.errors import (
    BreathsyncError,
    DecodeError,
    SensorError,
    SensorTrouble,
    UnknownNameError,
)
from breathsync.samples import (
    BREATH_STREAMS,
    Battery,
    SensorChange,
    SensorEvent,
    SensorInfo,
    SensorState,
    Stream,
)
from breathsync.sensors.base import Clock
from breathsync.sensors.ble.catalog import SCAN_SERVICES, Known, recognise
from breathsync.sensors.ble.intake import Intake
from breathsync.sensors.ble.link import Found, Link, Radio
from breathsync.sensors.ble.profiles.base import (
    Answer,
    BatteryLevel,
    Connection,
    Contact,
    Device,
    DeviceBlock,
    Facts,
    Stopped,
)
from breathsync.sensors.ble.script import ScriptRunner
from breathsync.sensors.ble.target import Target, target_for
from breathsync.sensors.ble.trouble import firmware_note, sensor_error
from breathsync.sensors.known_straps import KnownStraps

SEARCH_WITHIN_S = 20.0
"""How long the first search may take: a strap just put on needs some seconds to wake."""
FIRST_TRIES = 3
"""A link that breaks while it is made is made again, so many times in all."""
STALE_S = 2.0
SILENT_S = 10.0
"""Connected and silent for so long: the link is taken for lost."""
BACK_OFF_S = (0.5, 10.0)
"""First and longest pause after a failed attempt; searching itself never pauses, so a strap that comes back is
seen at its next advertisement."""
LOOK_EVERY_S = 0.25
STOP_WITHIN_S = 4.0
LOW_BATTERY_PERCENT = 15
SIMULATED = "(simulated)"
"""What our simulated straps add to their maker's name, so that no log takes them for real."""


class StrapSensor:
    """One strap, by `name` (see `target_for`) or as a `target`.

    `wanted` limits what is asked of it: a second strap may give the rest. `radio` is the system's where not
    given; `open_radio` opens one for as long as the sensor lives.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        name: str = "",
        target: Target | None = None,
        radio: Radio | None = None,
        open_radio: Callable[[], AbstractAsyncContextManager[Radio]] | None = None,
        wanted: frozenset[Stream] = frozenset(Stream),
        search_within_s: float = SEARCH_WITHIN_S,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.target = target or target_for(name)
        self.info = _before_connecting(self.target)
        self.state = SensorState.OFF
        self.notes: tuple[str, ...] = ()
        self.bad_frames = 0
        """Notifications dropped because they did not follow the protocol."""
        self.worn: bool | None = None
        self.battery_percent: int | None = None
        """As last heard; None where the strap does not tell."""
        self.paired = False
        """Whether the strap demanded pairing and got it."""
        self.found: Found | None = None
        self._in_sight: set[str] = set()
        self._trusts_held = True
        """Whether the system's word that it holds the strap is worth trying. After a crash of its Bluetooth
        service it goes on saying so; then only listening helps, until a connection has worked."""
        self._clock = clock
        self._radio = radio or Radio()
        self._open_radio = open_radio
        self._held_radio = AsyncExitStack()
        self._wanted = wanted
        self._search_within_s = search_within_s
        self._pause = pause
        self._events: asyncio.Queue[SensorEvent | SensorError | None] = asyncio.Queue()
        self._intake = Intake()
        self._link: Link | None = None
        self._device: Device | None = None
        self._gone = asyncio.Event()
        self._why_gone = ""
        self._runner: ScriptRunner | None = None
        self._heard_s = 0.0
        self._early: list[tuple[DeviceBlock, float]] | None = None
        """What came before the start was finished: kept until the SensorInfo that explains it has gone out."""
        self._holder: asyncio.Task[None] | None = None
        self._closed = False

    def ask_only(self, streams: frozenset[Stream]) -> None:
        """Ask for no other stream than these. To be called before `connect`."""
        self._wanted = streams

    async def connect(self) -> None:
        """Find the strap, connect and start it. Nothing is left on when it fails.

        Raises SensorError, or UnknownNameError when only other straps are in sight.
        """
        try:
            if self._open_radio:
                self._radio = await self._held_radio.enter_async_context(self._open_radio())
            await self._first_connection()
        except BaseException:
            await _surely(self._let_go())
            await self._held_radio.aclose()
            self._change(SensorState.OFF)
            raise
        self._holder = asyncio.create_task(self._hold())

    async def events(self) -> AsyncIterator[SensorEvent]:
        """Samples, changes of state, battery and what was learned, in order of arrival, until `close`."""
        while (event := await self._events.get()) is not None:
            if isinstance(event, SensorError):
                raise event
            yield event
        self._events.put_nowait(None)

    async def close(self) -> None:
        """Stop the streams and let the strap go. Takes a few seconds at most; safe to call twice."""
        if self._closed:
            return
        self._closed = True
        await _surely(self._end())

    async def forget(self) -> None:
        """Make the system forget the pairing; ends the link."""
        if self._link:
            await self._link.unpair()

    # Reaching it ---------------------------------------------------------------------------------------------

    async def _first_connection(self) -> None:
        for left in reversed(range(FIRST_TRIES)):
            self._change(SensorState.SEARCHING)
            found = await self._search(self._search_within_s)
            if found is None:
                raise self._not_found()
            self._change(SensorState.CONNECTING)
            try:
                await self._open(found)
                return
            except SensorError as error:
                if error.trouble is not SensorTrouble.LOST or not left:
                    raise
            await self._let_go()
            await self._pause(BACK_OFF_S[0])

    async def _search(self, within_s: float) -> Found | None:
        if self._trusts_held:
            for held in await self._radio.connected(SCAN_SERVICES):
                if self.target.is_it(held):
                    return held

        def is_it(found: Found) -> bool:
            if recognise(name=found.name, services=found.services):
                self._in_sight.add(found.name)
            return self.target.is_it(found)

        return await self._radio.find(is_it, within_s=within_s, services=SCAN_SERVICES)

    def _not_found(self) -> BreathsyncError:
        """A strap nobody remembers while others are in sight is most likely a wrong name."""
        others = {name for name in self._in_sight if name} | {strap.name for strap in KnownStraps().all()}
        if self.target.known is None and others:
            return UnknownNameError("strap", self.target.label, others)
        return sensor_error(SensorTrouble.NOT_FOUND, strap=self.target.label)

    async def _open(self, found: Found) -> None:
        gone = self._gone = asyncio.Event()
        self._why_gone = ""
        self._trusts_held = not found.connected_already
        self._link = await self._radio.connect(found, on_lost=gone.set)
        self.found = found
        if self.state is SensorState.CONNECTING:
            self._change(SensorState.STARTING)
        known = recognise(name=found.name, services=found.services | self._link.characteristics)
        known = known or self.target.known
        if known is None:
            raise sensor_error(SensorTrouble.UNSUPPORTED, strap=found.name or self.target.label)
        self._intake.rejoin()
        self._early = []
        try:
            facts = await self._start(known)
        except SensorError as error:
            if error.trouble is not SensorTrouble.NEEDS_PAIRING:
                raise
            await self._link.pair()
            self.paired = True
            facts = await self._start(known)
        self._learn(known, facts)

    async def _start(self, known: Known) -> Facts:
        assert self._link is not None
        self._device = known.device()
        self._runner = ScriptRunner(
            link=self._link, gone=self._gone, heard=self._heard, strap=self.target.label
        )
        connection = Connection(
            characteristics=self._link.characteristics, mtu=self._link.mtu, wanted=self._wanted
        )
        try:
            facts = await self._runner.run(self._device.start(connection))
        except DecodeError as error:
            raise sensor_error(
                SensorTrouble.UNSUPPORTED, strap=self.target.label, detail=error.message
            ) from error
        if not facts.streams:
            raise sensor_error(
                SensorTrouble.UNSUPPORTED,
                strap=self.target.label,
                detail="it offers no stream that is wanted",
            )
        return facts

    def _learn(self, known: Known, facts: Facts) -> None:
        assert self.found is not None
        self.info = SensorInfo(
            name=self.target.label,
            kind=known.key,
            streams=facts.streams,
            rates_hz=dict(facts.rates_hz),
            model=facts.model,
            firmware=facts.firmware,
            serial=facts.serial,
            simulated=SIMULATED in facts.manufacturer,
        )
        self._intake.learn(known.key, facts.rates_hz)
        self.notes = (*facts.notes, *_notes(known, facts))
        self._heard_s = self._clock.now_s()
        self._events.put_nowait(self.info)
        if facts.battery_percent is not None:
            self._has_left(facts.battery_percent, self._heard_s)
        self._trusts_held = True
        early, self._early = self._early or [], None
        for block, arrived_s in early:
            self._take(block, arrived_s)

    # What comes ----------------------------------------------------------------------------------------------

    def _heard(self, characteristic: str, data: bytes) -> None:
        arrived_s = self._clock.now_s()
        if self._device is None or self._gone.is_set():
            return
        try:
            heard = self._device.feed(characteristic, data)
        except DecodeError:
            self.bad_frames += 1
            return
        # What says more about an instant comes before the breath of that instant.
        heard.sort(key=lambda item: isinstance(item, DeviceBlock) and item.stream in BREATH_STREAMS)
        for item in heard:
            match item:
                case DeviceBlock():
                    self._take(item, arrived_s)
                case Answer():
                    if self._runner:
                        self._runner.answer(item.data)
                case BatteryLevel():
                    self._has_left(item.percent, arrived_s)
                case Contact():
                    self.worn = item.worn
                case Stopped():
                    self._why_gone = item.why
                    self._gone.set()

    def _has_left(self, percent: int, t_s: float) -> None:
        self.battery_percent = percent
        self._events.put_nowait(Battery(t_s=t_s, percent=percent))

    def _take(self, block: DeviceBlock, arrived_s: float) -> None:
        if self._early is not None:
            self._early.append((block, arrived_s))
            return
        samples = self._intake.take(block, arrived_s=arrived_s)
        if samples is None:
            return
        self._heard_s = arrived_s
        if self.state is not SensorState.STREAMING:
            self._change(SensorState.STREAMING, " ".join(self.notes))
        self._events.put_nowait(samples)

    # Holding on ----------------------------------------------------------------------------------------------

    async def _hold(self) -> None:
        try:
            while True:
                await self._watch()
                self._change(SensorState.LOST, self._why_gone or "The connection was lost.")
                await self._let_go()
                await self._come_back()
        except Exception as error:
            await self._let_go()
            self._change(SensorState.LOST, "Something inside the program failed; the strap was let go.")
            self._events.put_nowait(
                sensor_error(SensorTrouble.UNKNOWN, strap=self.target.label, detail=repr(error))
            )

    async def _watch(self) -> None:
        """Until the link is gone; notices silence on the way."""
        while not self._gone.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY_S):
                    await self._gone.wait()
            silent_s = self._clock.now_s() - self._heard_s
            if silent_s > SILENT_S:
                self._why_gone = f"The strap is connected but has sent nothing for {SILENT_S:g} s."
                return
            if silent_s > STALE_S and self.state is SensorState.STREAMING:
                self._change(SensorState.STALE, f"Nothing has come from the strap for {STALE_S:g} s.")

    async def _come_back(self) -> None:
        """Search without end; pause only after an attempt that failed."""
        back_off_s = BACK_OFF_S[0]
        self._change(SensorState.RECONNECTING)
        while True:
            try:
                found = await self._search(self._search_within_s)
                if found is None:
                    self._change(SensorState.RECONNECTING, "The strap is not in sight; still looking.")
                    continue
                await self._open(found)
                return
            except SensorError as error:
                await self._let_go()
                self._change(SensorState.RECONNECTING, str(error))
                await self._pause(back_off_s)
                back_off_s = min(BACK_OFF_S[1], 2 * back_off_s)

    async def _end(self) -> None:
        if self._holder:
            self._holder.cancel()
            await asyncio.gather(self._holder, return_exceptions=True)
        await self._let_go()
        await self._held_radio.aclose()
        self._change(SensorState.OFF)
        self._events.put_nowait(None)

    async def _let_go(self) -> None:
        """Stop the streams if the link still stands, and end it. Never raises."""
        link, device = self._link, self._device
        if link is None:
            return
        if device and self._runner and link.is_connected and not self._gone.is_set():
            with suppress(SensorError, DecodeError, TimeoutError):
                async with asyncio.timeout(STOP_WITHIN_S):
                    await self._runner.run(device.stop())
        self._link = self._device = self._runner = None
        await link.close()

    def _change(self, state: SensorState, why: str = "") -> None:
        change = SensorChange(t_s=self._clock.now_s(), state=state, why=why)
        if state is not self.state or why:
            self._events.put_nowait(change)
        self.state = state


def _before_connecting(target: Target) -> SensorInfo:
    known = target.known
    return SensorInfo(
        name=target.label, kind=known.key if known else "ble", streams=known.streams if known else ()
    )


def _notes(known: Known, facts: Facts) -> list[str]:
    """What the person should know of this strap today."""
    notes = []
    if note := firmware_note(known.key, facts.firmware):
        notes.append(note)
    percent = facts.battery_percent
    if percent is not None and percent < LOW_BATTERY_PERCENT and not any("battery" in n for n in facts.notes):
        notes.append(f"The strap's battery is at {percent} %.")
    return notes


async def _surely(work: Coroutine[Any, Any, None]) -> None:
    """Do `work` to its end, also when told to stop on the way: a strap left streaming empties its battery."""
    task = asyncio.create_task(work)
    told_to_stop = False
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            told_to_stop = True
    if told_to_stop:
        raise asyncio.CancelledError
