"""Big letters made of half blocks, readable from three metres.

Each glyph is seven pixels high; a pixel is one column wide and half a row high, which is near enough square.
Upright strokes are two pixels wide, so that they stay visible at a distance.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

HEIGHT_PX = 7
GAP_PX = 1
SPACE_PX = 3

_GLYPHS = {
    "A": " #### /##  ##/##  ##/######/##  ##/##  ##/##  ##",
    "B": "##### /##  ##/##  ##/##### /##  ##/##  ##/##### ",
    "C": " #### /##  ##/##    /##    /##    /##  ##/ #### ",
    "D": "####  /## ## /##  ##/##  ##/##  ##/## ## /####  ",
    "E": "######/##    /##    /##### /##    /##    /######",
    "F": "######/##    /##    /##### /##    /##    /##    ",
    "G": " #### /##  ##/##    /## ###/##  ##/##  ##/ #### ",
    "H": "##  ##/##  ##/##  ##/######/##  ##/##  ##/##  ##",
    "I": "##/##/##/##/##/##/##",
    "J": "    ##/    ##/    ##/    ##/    ##/##  ##/ #### ",
    "K": "##  ##/## ## /####  /###   /####  /## ## /##  ##",
    "L": "##    /##    /##    /##    /##    /##    /######",
    "M": "##   ##/### ###/#######/## # ##/##   ##/##   ##/##   ##",
    "N": "##   ##/###  ##/#### ##/## ####/##  ###/##   ##/##   ##",
    "O": " #### /##  ##/##  ##/##  ##/##  ##/##  ##/ #### ",
    "P": "##### /##  ##/##  ##/##### /##    /##    /##    ",
    "Q": " #### /##  ##/##  ##/##  ##/## ###/##  ##/ #####",
    "R": "##### /##  ##/##  ##/##### /####  /## ## /##  ##",
    "S": " #####/##    /##    / #### /    ##/    ##/##### ",
    "T": "######/  ##  /  ##  /  ##  /  ##  /  ##  /  ##  ",
    "U": "##  ##/##  ##/##  ##/##  ##/##  ##/##  ##/ #### ",
    "V": "##  ##/##  ##/##  ##/##  ##/##  ##/ #### /  ##  ",
    "W": "##   ##/##   ##/##   ##/## # ##/#######/### ###/##   ##",
    "X": "##  ##/##  ##/ #### /  ##  / #### /##  ##/##  ##",
    "Y": "##  ##/##  ##/ #### /  ##  /  ##  /  ##  /  ##  ",
    "Z": "######/    ##/   ## /  ##  / ##   /##    /######",
    "0": " #### /##  ##/##  ##/##  ##/##  ##/##  ##/ #### ",
    "1": " ## /### / ## / ## / ## / ## /####",
    "2": " #### /##  ##/    ##/   ## /  ##  / ##   /######",
    "3": " #### /##  ##/    ##/  ### /    ##/##  ##/ #### ",
    "4": "   ## /  ### / #### /## ## /######/   ## /   ## ",
    "5": "######/##    /##### /    ##/    ##/##  ##/ #### ",
    "6": " #### /##    /##    /##### /##  ##/##  ##/ #### ",
    "7": "######/    ##/   ## /   ## /  ##  /  ##  /  ##  ",
    "8": " #### /##  ##/##  ##/ #### /##  ##/##  ##/ #### ",
    "9": " #### /##  ##/##  ##/ #####/    ##/    ##/ #### ",
}

_HALVES = np.array([" ", "▄", "▀", "█"])


def _glyph(letter: str) -> NDArray[np.bool_]:
    if letter not in _GLYPHS:
        return np.zeros((HEIGHT_PX, SPACE_PX), dtype=bool)
    return np.array([[pixel == "#" for pixel in row] for row in _GLYPHS[letter].split("/")])


def _bitmap(word: str) -> NDArray[np.bool_]:
    parts: list[NDArray[np.bool_]] = []
    for letter in word.upper():
        parts += [_glyph(letter), np.zeros((HEIGHT_PX, GAP_PX), dtype=bool)]
    return np.hstack(parts[:-1]) if parts else np.zeros((HEIGHT_PX, 0), dtype=bool)


def rows_needed(scale: int) -> int:
    """Rows that letters of this scale take."""
    return -(-HEIGHT_PX * scale // 2)


@lru_cache(maxsize=64)
def big(word: str, *, width: int, height: int) -> tuple[str, ...]:
    """`word` as rows of half blocks, as large as `width` columns and `height` rows allow.

    Where even the smallest letters do not fit, one row of spaced capitals; where those do not, the word.
    """
    bitmap = _bitmap(word)
    if not bitmap.shape[1]:
        return ("",)
    scale = min(width // bitmap.shape[1], 2 * height // HEIGHT_PX)
    while scale > 1 and rows_needed(scale) > height:
        scale -= 1
    if scale < 1 or rows_needed(scale) > height:
        spaced = " ".join(word.upper())
        return (spaced if len(spaced) <= width else word.upper()[:width],)
    pixels = np.kron(bitmap, np.ones((scale, scale), dtype=bool))
    if pixels.shape[0] % 2:
        pixels = np.vstack([pixels, np.zeros((1, pixels.shape[1]), dtype=bool)])
    codes = 2 * pixels[0::2].astype(int) + pixels[1::2]
    return tuple("".join(row).rstrip() for row in _HALVES[codes])
