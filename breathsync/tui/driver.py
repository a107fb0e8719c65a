"""Textual's driver of a terminal, with a lone ESC told from an arrow key sooner: ESC is STOP."""

import os
import selectors
from codecs import getincrementaldecoder

from textual import constants
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver

READ_BYTES = 4096
IDLE_S = 0.1
"""How often it is looked whether the app has left, while no key is pressed."""


class QuickEscape(LinuxDriver):
    """Looks after `ESCAPE_DELAY` whether more came after an ESC; Textual's own looks ten times a second."""

    def resume_application_mode(self) -> None:
        """Begin anew on the terminal.

        After a SIGSTOP nobody had left it: without leaving it now a second thread would read keys beside the first,
        of which only one hears that the app has left, and the program would never end.
        """
        if self._key_thread is not None and self._key_thread.is_alive():
            self.suspend_application_mode()
        super().resume_application_mode()

    def run_input_thread(self) -> None:
        """Read keys until the app leaves; runs in a thread of its own."""
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")().decode
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            wait_s = IDLE_S
            while not self.exit_event.is_set():
                came = selector.select(wait_s)
                wait_s = constants.ESCAPE_DELAY if came else IDLE_S
                if came:
                    try:
                        data = os.read(self.fileno, READ_BYTES)
                    except OSError:  # the terminal is gone
                        data = b""
                    if not data:
                        self.exit_event.wait(constants.ESCAPE_DELAY)
                        continue
                    for event in parser.feed(decode(data)):
                        self.process_message(event)
                for event in parser.tick():
                    self.process_message(event)
