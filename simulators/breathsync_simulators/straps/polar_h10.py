"""Polar H10: raw acceleration, ECG, heart rate with RR intervals.

Rates, ranges and frame sizes: polar-ble-sdk 8.0.0 and its issues (36 samples of acceleration and 73 of ECG in a
frame at MTU 232); firmware 3.3.1 is one of those current in 2025/26.
"""

from breathsync.samples import Stream
from breathsync.sensors.ble.profiles import polar_pmd
from breathsync.sensors.ble.profiles.polar_control import Measurement, Setting, Settings
from breathsync_simulators.straps.heart import Heart
from breathsync_simulators.straps.peripheral import HEART_RATE_SERVICE, Identity
from breathsync_simulators.straps.pmd import Offer, PmdStrap
from breathsync_simulators.straps.quirks import Quirks
from breathsync_simulators.wearer import Wearer

KIND = "polar-h10"
SENSOR = "h10-ecg"
"""The sensor a simulated person wears for it."""
SERIAL = "5F1E2D3C"

OFFERS = {
    Measurement.ECG: Offer(
        stream=Stream.ECG,
        settings=Settings(values=((Setting.SAMPLE_RATE_HZ, (130,)), (Setting.RESOLUTION_BITS, (14,)))),
        frame_type=0,
        bytes_each=3,
        most=73,
    ),
    Measurement.ACC: Offer(
        stream=Stream.ACCELERATION,
        settings=Settings(
            values=(
                (Setting.SAMPLE_RATE_HZ, (25, 50, 100, 200)),
                (Setting.RESOLUTION_BITS, (16,)),
                (Setting.RANGE, (2, 4, 8)),
            )
        ),
        frame_type=1,
        bytes_each=2,
        most=36,
        mg_per_range=True,
    ),
}


def identity(serial: str = SERIAL) -> Identity:
    """What an H10 says of itself."""
    return Identity(
        name=f"Polar H10 {serial}",
        address="A0:9E:1A:5F:1E:2D",
        maker="Polar Electro Oy (simulated)",
        model="H10",
        serial=serial,
        firmware="3.3.1",
        advertised=(HEART_RATE_SERVICE,),
        company=polar_pmd.COMPANY_ID,
        company_data=bytes.fromhex("72085f1e2d3c"),
    )


def strap(wearer: Wearer, quirks: Quirks | None = None) -> PmdStrap:
    """An H10 on this wearer."""
    return PmdStrap(identity=identity(), wearer=wearer, offers=OFFERS, heart=Heart(), quirks=quirks)
