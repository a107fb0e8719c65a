"""BBC micro:bit with the accelerometer service: whole mg, 50 Hz, a sample a notification."""

from breathsync.sensors.ble.profiles.microbit import ACCELEROMETER, PERIOD, SERVICE, AccelerometerData
from breathsync_simulators.straps.peripheral import Characteristic, Identity, Service
from breathsync_simulators.straps.quirks import Quirks
from breathsync_simulators.straps.single_samples import SingleSamples, Triple, writable_period
from breathsync_simulators.wearer import Wearer

KIND = "microbit"
SENSOR = "microbit"
RATE_HZ = 50.0


def _encode(acc_mg: Triple) -> bytes:
    x_mg, y_mg, z_mg = (round(value) for value in acc_mg)
    return AccelerometerData(x_mg=x_mg, y_mg=y_mg, z_mg=z_mg).to_bytes()


def strap(wearer: Wearer, quirks: Quirks | None = None) -> SingleSamples:
    """A micro:bit on this wearer."""
    identity = Identity(
        name="BBC micro:bit [zegot]",
        address="E7:2B:00:00:00:01",
        maker="micro:bit (simulated)",
        model="micro:bit V2",
        serial="1",
        firmware="",
        advertised=(SERVICE,),
    )
    service = Service(SERVICE, (Characteristic(ACCELEROMETER, ("read", "notify")), writable_period(PERIOD)))
    return SingleSamples(
        identity=identity,
        wearer=wearer,
        service=service,
        data=ACCELEROMETER,
        encode=_encode,
        rate_hz=RATE_HZ,
        quirks=quirks,
    )
