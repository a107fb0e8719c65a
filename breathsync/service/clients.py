"""The clients of the service: written to without waiting, so that a slow one is dropped and holds up nobody."""

from time import monotonic

from websockets.asyncio.server import ServerConnection, broadcast

from breathsync.outcome import View
from breathsync.service.messages import Subscribe, WholeView, encode
from breathsync.service.trace_sent import TraceSent, Window

MOST_BEHIND = 1_000_000
"""Bytes that wait for a client beside what the system holds: minutes of a session. Who is further behind is not
reading."""
COMMANDS_A_SECOND = 20
SLOWEST_HZ = 0.1


class Client:
    """One connection."""

    def __init__(self, connection: ServerConnection) -> None:
        self._connection = connection
        self._counted_s = monotonic()
        self._allowed = float(COMMANDS_A_SECOND)
        self.live = False
        self.view = False
        self.samples_hz = 0.0
        self._trace = TraceSent()

    def send(self, text: str) -> None:
        """Write a message and go on at once; a client that does not read is cut off."""
        transport = self._connection.transport
        if transport.is_closing():
            return
        if transport.get_write_buffer_size() > MOST_BEHIND:
            transport.abort()
        else:
            broadcast([self._connection], text)

    def subscribe(self, wish: Subscribe) -> None:
        """Remember what this client wants beside outcomes."""
        self.live, self.view = wish.live, wish.view
        self.samples_hz = max(wish.samples_hz, SLOWEST_HZ) if wish.samples_hz else 0.0
        self.begin()

    def begin(self) -> None:
        """A session runs now, of which this client knows nothing yet."""
        self._trace = TraceSent()

    def picture(self, view: View, trace: Window) -> None:
        """Send all that a screen shows."""
        self.send(encode(WholeView(view=view, trace=self._trace.piece(trace))))

    def too_fast(self) -> bool:
        """Count a command; whether there were more than `COMMANDS_A_SECOND` of them. Silence saves up one second's."""
        now_s = monotonic()
        earned = COMMANDS_A_SECOND * (now_s - self._counted_s)
        self._counted_s, self._allowed = now_s, min(COMMANDS_A_SECOND, self._allowed + earned) - 1
        return self._allowed < 0
