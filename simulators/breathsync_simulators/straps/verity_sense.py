"""Polar Verity Sense: delta-compressed acceleration and gyroscope at 52 Hz, heart rate without RR.

Settings with channels: polar-ble-sdk issues 331 and 443. The acceleration's factor is the one seen there; frame
sizes are inferred (a frame of about 200 bytes).
"""

from breathsync.samples import Stream
from breathsync.sensors.ble.profiles import polar_pmd
from breathsync.sensors.ble.profiles.polar_control import Measurement, Setting, Settings
from breathsync.sensors.ble.profiles.polar_frames import COMPRESSED
from breathsync_simulators.straps.heart import Heart
from breathsync_simulators.straps.peripheral import HEART_RATE_SERVICE, Identity
from breathsync_simulators.straps.pmd import Offer, PmdStrap
from breathsync_simulators.straps.quirks import Quirks
from breathsync_simulators.wearer import Wearer

KIND = "verity-sense"
SENSOR = "verity"
SERIAL = "A1B2C3D4"
SAMPLES_A_FRAME = 24
"""Few enough that a frame of full-width differences still fits the MTU."""

_RATE = (Setting.SAMPLE_RATE_HZ, (52,))
_BITS = (Setting.RESOLUTION_BITS, (16,))
_CHANNELS = (Setting.CHANNELS, (3,))

OFFERS = {
    Measurement.ACC: Offer(
        stream=Stream.ACCELERATION,
        settings=Settings(values=(_RATE, _BITS, (Setting.RANGE, (8,)), _CHANNELS)),
        frame_type=COMPRESSED | 1,
        bytes_each=2,
        most=SAMPLES_A_FRAME,
        factor=1.0,
        mg_per_range=True,
    ),
    Measurement.GYRO: Offer(
        stream=Stream.GYROSCOPE,
        settings=Settings(values=(_RATE, _BITS, (Setting.RANGE, (2000,)), _CHANNELS)),
        frame_type=COMPRESSED,
        bytes_each=2,
        most=SAMPLES_A_FRAME,
        factor=0.0625,
    ),
}


def strap(wearer: Wearer, quirks: Quirks | None = None) -> PmdStrap:
    """A Verity Sense on this wearer, with the measurements the wearer can fill."""
    identity = Identity(
        name=f"Polar Sense {SERIAL}",
        address="A0:9E:1A:A1:B2:C3",
        maker="Polar Electro Oy (simulated)",
        model="Polar Sense",
        serial=SERIAL,
        firmware="2.1.0",
        advertised=(HEART_RATE_SERVICE,),
        company=polar_pmd.COMPANY_ID,
    )
    offers = {m: offer for m, offer in OFFERS.items() if offer.stream in wearer.info.streams}
    heart = Heart(sends_rr=False, contact=True)
    return PmdStrap(identity=identity, wearer=wearer, offers=offers, heart=heart, quirks=quirks)
