"""A conductive-rubber stretch sensor as one half of a voltage divider on an ADC pin.

Wire 3.3 V - sensor - pin - 10 kΩ - ground. Longer rubber has more resistance, so the voltage falls as the chest
widens: the count is turned round, because the profile wants it to grow.
"""

FULL_SCALE = 65535
CLIPPED_BELOW, CLIPPED_ABOVE = 200, 65300


class Stretch:
    """`read()` gives a 1-tuple of counts, growing with the chest; the lowest int32 when the pin is at its end."""

    def __init__(self, adc, averaged=8):
        self.adc = adc
        self.averaged = averaged

    def read(self):
        """The mean of a few readings: an ESP32's ADC is noisy."""
        total = 0
        for _ in range(self.averaged):
            total += self.adc.read_u16()
        mean = total // self.averaged
        if not CLIPPED_BELOW < mean < CLIPPED_ABOVE:
            return (-0x80000000,)
        return (FULL_SCALE - mean,)
