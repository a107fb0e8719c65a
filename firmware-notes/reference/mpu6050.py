"""MPU-6050, MPU-6500 and MPU-9250 over I2C: acceleration and turn rates as raw counts.

Registers from InvenSense's register map RM-MPU-6000A-00.
"""

import struct

ADDRESS = 0x68
CONFIG, GYRO_CONFIG, ACCEL_CONFIG, ACCEL_XOUT_H, PWR_MGMT_1 = 0x1A, 0x1B, 0x1C, 0x3B, 0x6B

ACC_SCALE_MG = 1000 / 16384
"""mg a count at ±2 g, the range with the finest steps: a quiet breath moves a chest by 2 to 10 mg."""
GYRO_SCALE_DEG_S = 250 / 32768
"""deg/s a count at ±250 deg/s."""


class Mpu6050:
    """`read()` gives ((ax, ay, az), (gx, gy, gz)) in counts; a clipped axis is -0x8000, as the profile wants."""

    def __init__(self, i2c, address=ADDRESS):
        self.i2c = i2c
        self.address = address
        i2c.writeto_mem(address, PWR_MGMT_1, b"\x01")  # awake, clock from the gyroscope
        i2c.writeto_mem(address, CONFIG, b"\x04")  # its own low-pass at 20 Hz: nothing of a breath is lost
        i2c.writeto_mem(address, GYRO_CONFIG, b"\x00")
        i2c.writeto_mem(address, ACCEL_CONFIG, b"\x00")

    def read(self):
        """One reading of all axes at the same moment."""
        ax, ay, az, _, gx, gy, gz = struct.unpack(
            ">7h", self.i2c.readfrom_mem(self.address, ACCEL_XOUT_H, 14)
        )
        return _unclipped((ax, ay, az)), _unclipped((gx, gy, gz))


def _unclipped(values):
    return tuple(-0x8000 if value >= 0x7FFF else value for value in values)
