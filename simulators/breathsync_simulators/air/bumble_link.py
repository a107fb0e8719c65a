"""A virtual radio link of Bumble: controllers that hear each other, in this process or behind a TCP port.

Bumble 0.0.236 (pinned exactly) has no scan responses and never completes a cancelled connection attempt;
`AirController` adds both, and packets of 251 bytes as Bluetooth 4.2 adapters have.
"""

import asyncio
import itertools
from contextlib import suppress
from types import TracebackType

from bumble import hci, ll
from bumble.controller import Controller
from bumble.link import LocalLink
from bumble.transport.common import PacketParser

CONNECTION_TIMEOUT = 0x08
"""HCI error "connection timeout": how a link ends when the strap has gone without a goodbye."""


class AirController(Controller):
    """A virtual Bluetooth controller on a `LocalLink`."""

    le_acl_data_packet_length = 251

    def on_advertising_pdu(self, pdu: ll.AdvInd | ll.AdvExtInd) -> None:
        """Report what is advertised and the advertiser's scan response; connect when that was asked for."""
        if self.le_scan_enable:
            kinds = hci.HCI_LE_Advertising_Report_Event.EventType
            for kind, data in ((kinds.ADV_IND, pdu.data), (kinds.SCAN_RSP, self._scan_response(pdu))):
                report = hci.HCI_LE_Advertising_Report_Event.Report(
                    event_type=kind,
                    address_type=pdu.advertiser_address.address_type,
                    address=pdu.advertiser_address,
                    data=data,
                    rssi=-58,
                )
                self.send_hci_packet(hci.HCI_LE_Advertising_Report_Event([report]))
        pending = self.pending_le_connection
        if pending and pending.peer_address == pdu.advertiser_address:
            self.create_le_connection(pdu.advertiser_address)

    def on_hci_le_create_connection_cancel_command(
        self, _command: hci.HCI_LE_Create_Connection_Cancel_Command
    ) -> hci.HCI_StatusReturnParameters:
        """Complete the pending attempt with an error, as Vol 4, Part E - 7.8.13 wants it."""
        pending = self.pending_le_connection
        if pending is None:
            return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.COMMAND_DISALLOWED_ERROR)
        self.pending_le_connection = None
        asyncio.get_running_loop().call_soon(self._say_not_connected, pending.peer_address)
        return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.SUCCESS)

    def lose_links(self) -> None:
        """All links of this controller break, on both sides, without a goodbye."""
        for connection in list(self.le_connections.values()):
            other = self.link.find_le_controller(connection.peer_address)
            back = other.le_connections.get(connection.self_address) if other else None
            self.on_le_disconnected(connection, CONNECTION_TIMEOUT)
            if other and back:
                other.on_le_disconnected(back, CONNECTION_TIMEOUT)

    def _scan_response(self, pdu: ll.AdvInd | ll.AdvExtInd) -> bytes:
        advertiser = self.link.find_le_controller(pdu.advertiser_address)
        return advertiser.le_legacy_advertiser.scan_response_data if advertiser else b""

    def _say_not_connected(self, peer: hci.Address) -> None:
        self.send_hci_packet(
            hci.HCI_LE_Connection_Complete_Event(
                status=hci.HCI_ErrorCode.UNKNOWN_CONNECTION_IDENTIFIER_ERROR,
                connection_handle=0,
                role=hci.Role.CENTRAL,
                peer_address_type=peer.address_type,
                peer_address=peer,
                connection_interval=0,
                peripheral_latency=0,
                supervision_timeout=0,
                central_clock_accuracy=0,
            )
        )


class Air:
    """The space between controllers."""

    def __init__(self) -> None:
        self.link = LocalLink()  # type: ignore[no-untyped-call]
        self._numbers = itertools.count(1)

    def controller(self, name: str) -> AirController:
        """A new controller within earshot of all others."""
        number = next(self._numbers)
        controller = AirController(name, link=self.link, public_address=f"02:00:00:00:01:{number:02X}")
        # Legacy advertising only: straps of this kind use it, and the virtual scan response needs it.
        controller.le_features &= ~hci.LeFeatureMask.LE_EXTENDED_ADVERTISING
        return controller

    def remove(self, controller: AirController) -> None:
        """Take a controller off the air; its links break."""
        controller.lose_links()
        controller.le_legacy_advertiser.stop()
        self.link.remove_controller(controller)


class HciServer:
    """Controllers for other processes: HCI packets over TCP, a fresh controller for each client.

    (Bumble's own `tcp-server` transport loses the second client's packets when the first one's end comes late.)
    Use it as `async with HciServer(air=air, port=0) as server`; `server.port` is then known. Only this machine
    can reach it.
    """

    def __init__(self, *, air: Air, port: int) -> None:
        self.port = port
        self._air = air
        self._server: asyncio.Server | None = None
        self._clients: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> "HciServer":
        """Listen."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop listening and end all clients."""
        assert self._server is not None
        self._server.close()
        for client in self._clients:
            client.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._clients.add(task)
        controller = self._air.controller("central")
        controller.host = _Writer(writer)
        parser = PacketParser(controller)
        try:
            while data := await reader.read(4096):
                parser.feed_data(data)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self._air.remove(controller)
            self._clients.discard(task)
            writer.close()
            with suppress(Exception):
                await writer.wait_closed()


class _Writer:
    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer

    def on_packet(self, packet: bytes) -> None:
        if not self._writer.is_closing():
            self._writer.write(packet)
