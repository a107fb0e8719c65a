"""PineTime with InfiniTime: the motion service, 1 g = 1024, sent when it changes."""

from breathsync.sensors.ble.profiles.infinitime import COUNTS_PER_G, MOTION, RATE_HZ, SERVICE, Motion
from breathsync_simulators.straps.peripheral import Characteristic, Identity, Service
from breathsync_simulators.straps.quirks import Quirks
from breathsync_simulators.straps.single_samples import SingleSamples, Triple
from breathsync_simulators.wearer import Wearer

KIND = "infinitime"
SENSOR = "microbit"


def _encode(acc_mg: Triple) -> bytes:
    x, y, z = (round(value * COUNTS_PER_G / 1000) for value in acc_mg)
    return Motion(x=x, y=y, z=z).to_bytes()


def strap(wearer: Wearer, quirks: Quirks | None = None) -> SingleSamples:
    """A PineTime on this wearer."""
    identity = Identity(
        name="InfiniTime",
        address="D8:11:00:00:00:01",
        maker="Pine64 (simulated)",
        model="PineTime",
        serial="1",
        firmware="1.15.0",
        advertised=(SERVICE,),
    )
    return SingleSamples(
        identity=identity,
        wearer=wearer,
        service=Service(SERVICE, (Characteristic(MOTION, ("read", "notify")),)),
        data=MOTION,
        encode=_encode,
        rate_hz=RATE_HZ,
        only_changes=True,
        quirks=quirks,
    )
