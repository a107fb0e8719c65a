"""From which width and height on a screen uses more room."""

BREADTHS = [(0, "-narrow"), (80, "-normal"), (120, "-wide")]
HEIGHTS = [(0, "-low"), (24, "-high"), (36, "-tall")]
