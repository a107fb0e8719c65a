"""Two calm themes of our own, and the colours by what they are for, so that any theme of Textual's serves too."""

from textual.theme import Theme

DARK = Theme(
    name="breathsync-dark",
    dark=True,
    primary="#7fb3a6",
    secondary="#8aa8c8",
    accent="#d9b36c",
    foreground="#e6e9e6",
    background="#14191b",
    surface="#1b2225",
    panel="#232c30",
    success="#8fce8f",
    warning="#e0b064",
    error="#e58a7b",
    variables={
        "breath": "#86c5d8",
        "band": "#d9b36c",
        "opened": "#8fce8f",
        "refused": "#e0b064",
        "quiet": "#9fb0b0",
        "verb": "#f2f5f0",
        "simulated": "#e0b064",
        "stop": "#9c352a",
        "stop-text": "#ffffff",
    },
)

LIGHT = Theme(
    name="breathsync-light",
    dark=False,
    primary="#2f6f62",
    secondary="#38618c",
    accent="#8a5a00",
    foreground="#1d2524",
    background="#f7f6f1",
    surface="#eeede6",
    panel="#e3e2d9",
    success="#2b6e2b",
    warning="#8a5a00",
    error="#a03325",
    variables={
        "breath": "#1f5f7a",
        "band": "#8a5a00",
        "opened": "#22662a",
        "refused": "#8a5a00",
        "quiet": "#55605e",
        "verb": "#10201d",
        "simulated": "#8a5a00",
        "stop": "#9c2b1e",
        "stop-text": "#ffffff",
    },
)

ANSI = {
    "breath": "ansi_cyan",
    "band": "ansi_yellow",
    "opened": "ansi_green",
    "refused": "ansi_yellow",
    "quiet": "ansi_default",
    "verb": "ansi_default",
    "simulated": "ansi_yellow",
    "stop": "ansi_red",
    "stop-text": "ansi_bright_white",
}


def variables_for(theme: Theme) -> dict[str, str]:
    """Our colours where `theme` does not bring its own."""
    if theme.ansi:
        return ANSI
    ours = DARK if theme.dark else LIGHT
    foreground = theme.foreground or ours.variables["verb"]
    return ours.variables | {"verb": foreground}
