"""The screen; alone in importing textual."""

import os

# How long a lone ESC waits for the rest of an arrow key's code. Textual's own default, 100 ms, would be twice what
# STOP may take; a terminal writes such a code in one piece. It is read when textual is first imported.
os.environ.setdefault("ESCDELAY", "25")
