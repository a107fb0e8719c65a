"""A strap that speaks the Heart Rate Service and nothing else, as a Garmin HRM or Wahoo TICKR does."""

from breathsync.samples import Samples
from breathsync_simulators.straps.heart import SERVICE, Heart
from breathsync_simulators.straps.peripheral import (
    BODY_LOCATION,
    HEART_RATE_MEASUREMENT,
    HEART_RATE_SERVICE,
    Att,
    AttError,
    Identity,
    Service,
    Strap,
)
from breathsync_simulators.straps.quirks import Quirks
from breathsync_simulators.wearer import Wearer

KIND = "heart-only"
SENSOR = "heart"


class HeartOnly(Strap):
    """Heart rate and RR intervals, once a second."""

    protected = frozenset({HEART_RATE_MEASUREMENT})

    def __init__(self, *, identity: Identity, wearer: Wearer, quirks: Quirks | None = None) -> None:
        super().__init__(identity=identity, wearer=wearer, quirks=quirks)
        self.heart = Heart(contact=True)

    def own_services(self) -> tuple[Service, ...]:
        """Heart rate."""
        return (SERVICE,)

    def own_read(self, uuid: str) -> bytes:
        """The chest."""
        if uuid == BODY_LOCATION:
            return b"\x01"
        raise AttError(Att.READ_NOT_PERMITTED)

    def measured(self, samples: Samples) -> None:
        """Beats."""
        self.heart.hear(samples)

    def lived(self) -> None:
        """Once a second."""
        if measurement := self.heart.due(self.now_s):
            self.send_frame(HEART_RATE_MEASUREMENT, measurement)


def strap(wearer: Wearer, quirks: Quirks | None = None) -> HeartOnly:
    """A heart rate strap on this wearer."""
    identity = Identity(
        name="HRM-Sim 4711",
        address="C0:FF:EE:00:47:11",
        maker="Nobody (simulated)",
        model="HRM-Sim",
        serial="4711",
        firmware="1.0",
        advertised=(HEART_RATE_SERVICE,),
    )
    return HeartOnly(identity=identity, wearer=wearer, quirks=quirks)
