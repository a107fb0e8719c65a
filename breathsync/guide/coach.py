"""One short sentence at a time, none twice within 12 s, and silence where nothing helps."""

import math

from breathsync.guide.events import Cue, CueKind


class Coach:
    """Turns what there is to say into cues. The tone always sounds; a sentence said just now is left out."""

    HINT_AFTER_S = 5.0
    """A hint waits until the last sentence has had this long: nobody can do two things at once."""

    def __init__(self, *, same_sentence_s: float) -> None:
        self._same_sentence_s = same_sentence_s
        self._said_s: dict[str, float] = {}
        self._last_s = -math.inf
        self._refused_s = -math.inf

    def cue(self, t_s: float, kind: CueKind, phrase: str = "", sentence: str = "") -> Cue:
        """The cue, without its sentence if that was said less than `same_sentence_s` ago.

        Of refusals that follow close on each other (a movement seen as several breaths) the first is explained.
        """
        refused = kind is CueKind.REFUSED
        if sentence and not (self._is_new(t_s, sentence) and self._is_time(t_s, refused)):
            sentence = ""
        if sentence and refused:
            self._refused_s = t_s
        if sentence:
            self._said_s[sentence] = self._last_s = t_s
        return Cue(t_s=t_s, kind=kind, phrase=phrase, sentence=sentence)

    def hint(self, t_s: float, phrase: str, sentence: str) -> Cue | None:
        """A hint, or None where silence is better."""
        if not self._is_new(t_s, sentence) or t_s - self._last_s < self.HINT_AFTER_S:
            return None
        return self.cue(t_s, CueKind.HINT, phrase, sentence)

    def _is_time(self, t_s: float, refused: bool) -> bool:
        return not refused or t_s - self._refused_s >= self.HINT_AFTER_S

    def _is_new(self, t_s: float, sentence: str) -> bool:
        return t_s - self._said_s.get(sentence, -math.inf) >= self._same_sentence_s
