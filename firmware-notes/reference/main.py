"""A breath strap on an ESP32: MPU-6050 on I2C pins 21/22, or a stretch sensor on pin 34. See README.md."""

import time

import bluetooth
import packets
from machine import ADC, I2C, Pin
from mpu6050 import ACC_SCALE_MG, GYRO_SCALE_DEG_S, Mpu6050
from stretch import Stretch

NAME = "BreathStrap"
USE_STRETCH = False

SERVICE = bluetooth.UUID("98a3f267-a5ef-416b-8c3d-1e9257ba81db")
CAPABILITIES = bluetooth.UUID("98a3f268-a5ef-416b-8c3d-1e9257ba81db")
CONTROL = bluetooth.UUID("98a3f269-a5ef-416b-8c3d-1e9257ba81db")
DATA = bluetooth.UUID("98a3f26a-a5ef-416b-8c3d-1e9257ba81db")

IRQ_CONNECT, IRQ_DISCONNECT, IRQ_WRITE, IRQ_MTU = 1, 2, 3, 21
READ, WRITE, NOTIFY, INDICATE = 0x02, 0x08, 0x10, 0x20
ADVERTISE_US = 100_000


def advertisement():
    """Flags and the service's UUID; the name goes into the scan response, since 31 bytes hold not both."""
    return b"\x02\x01\x06" + b"\x11\x07" + bytes(SERVICE)


def scan_response():
    """The complete local name."""
    return bytes((len(NAME) + 1, 0x09)) + NAME.encode()


class Clock:
    """Tenths of a millisecond since the start; ticks_us begins again every 18 minutes, this does not."""

    def __init__(self):
        self.last = time.ticks_us()
        self.us = 0

    def now_us(self):
        """Microseconds since the start."""
        now = time.ticks_us()
        self.us += time.ticks_diff(now, self.last)
        self.last = now
        return self.us


class Radio:
    """One host at a time."""

    def __init__(self, strap):
        self.strap = strap
        self.connection = None
        self.mtu = 23
        self.command = None
        self.ble = bluetooth.BLE()
        self.ble.active(True)
        self.ble.config(gap_name=NAME, mtu=247)
        self.ble.irq(self.on_event)
        service = (SERVICE, ((CAPABILITIES, READ), (CONTROL, WRITE | INDICATE), (DATA, NOTIFY)))
        ((self.capabilities, self.control, self.data),) = self.ble.gatts_register_services((service,))
        self.ble.gatts_set_buffer(self.capabilities, 255)
        self.ble.gatts_write(self.capabilities, strap.capabilities())
        self.advertise()

    def advertise(self):
        """Be found."""
        self.ble.gap_advertise(ADVERTISE_US, adv_data=advertisement(), resp_data=scan_response())

    def on_event(self, event, data):
        """Called by the radio: only notes what happened; the loop does the work."""
        if event == IRQ_CONNECT:
            self.connection, self.mtu = data[0], 23
        elif event == IRQ_DISCONNECT:
            self.connection = None
            self.strap.stop()
            self.advertise()
        elif event == IRQ_MTU:
            self.mtu = data[1]
        elif event == IRQ_WRITE and data[1] == self.control:
            self.command = self.ble.gatts_read(self.control)

    def answer(self):
        """Carry out the command that came, if one did."""
        command, self.command = self.command, None
        if command is not None and self.connection is not None:
            self.ble.gatts_indicate(self.connection, self.control, self.strap.command(command))

    def send(self, frame):
        """Notify; a full queue loses this frame, and its sequence number tells the host so."""
        try:
            if self.connection is not None:
                self.ble.gatts_notify(self.connection, self.data, frame)
        except OSError:
            pass


def imu():
    """Streams of an MPU-6050 and how to read them."""
    sensor = Mpu6050(I2C(0, sda=Pin(21), scl=Pin(22), freq=400_000))
    streams = [
        packets.Stream(packets.ACCELERATION, ACC_SCALE_MG, (10_000, 20_000, 40_000)),
        packets.Stream(packets.GYROSCOPE, GYRO_SCALE_DEG_S, (10_000, 20_000, 40_000)),
    ]

    def read():
        acceleration, turn_rate = sensor.read()
        return ((packets.ACCELERATION, acceleration), (packets.GYROSCOPE, turn_rate))

    return streams, read


def stretch():
    """The stream of a stretch sensor and how to read it."""
    sensor = Stretch(ADC(Pin(34), atten=ADC.ATTN_11DB))
    streams = [packets.Stream(packets.STRETCH, 1.0, (20_000, 50_000))]
    return streams, lambda: ((packets.STRETCH, sensor.read()),)


def main():
    """Sample each stream at its own period for as long as a host wants it."""
    streams, read = stretch() if USE_STRETCH else imu()
    strap = packets.Strap(streams)
    radio, clock = Radio(strap), Clock()
    due_us = {stream.kind: 0 for stream in streams}
    while True:
        radio.answer()
        now_us = clock.now_us()
        due = [s for s in streams if s.period_us and now_us >= due_us[s.kind]]
        if not due:
            time.sleep_us(500)
            continue
        values = dict(read())
        for stream in due:
            late_us = now_us - due_us[stream.kind]
            step_us = stream.period_us
            due_us[stream.kind] = due_us[stream.kind] + step_us if late_us < step_us else now_us + step_us
            frame = strap.put(stream.kind, now_us // 100, values[stream.kind], radio.mtu)
            if frame:
                radio.send(frame)


if __name__ == "__main__":
    main()
