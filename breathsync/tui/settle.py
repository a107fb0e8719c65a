"""Keeps the garbage collector from stopping the screen in the middle of a session."""

import gc

from textual._styles_cache import StylesCache


def settle() -> None:
    """Collect now, and leave what is alive out of every later collection.

    With numpy, scipy and textual loaded, a full collection takes 150 ms: longer than a key may wait. What was alive
    at the last call and is garbage by now (an ended session) is collected first.
    """
    # What screens that are gone looked like is kept alive by this cache (Textual's issue 6665).
    StylesCache.get_inner_outer.cache_clear()
    gc.unfreeze()
    gc.collect()
    gc.freeze()
