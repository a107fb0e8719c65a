"""A ring of rows that is always one contiguous view: the recent past at the working rate."""

import numpy as np

from breathsync.samples import FloatArray


class Ring:
    """The last `capacity` rows (at least) of `columns` numbers; the first column is time in seconds, growing.

    What is asked of it must lie within the last `capacity` rows, so that it does not matter how the rows came.
    """

    def __init__(self, *, columns: int, capacity: int) -> None:
        self._rows = np.zeros((2 * capacity, columns))
        # The first column again, since to search a strided one copies it each time.
        self._t = np.zeros(2 * capacity)
        self._capacity = capacity
        self._end = 0

    def append(self, rows: FloatArray) -> None:
        """Add rows of shape (n, columns), n at most the capacity."""
        n = len(rows)
        if self._end + n > len(self._rows):
            keep = min(self._capacity, self._end)
            self._rows[:keep] = self._rows[self._end - keep : self._end].copy()
            self._t[:keep] = self._rows[:keep, 0]
            self._end = keep
        self._rows[self._end : self._end + n] = rows
        self._t[self._end : self._end + n] = rows[:, 0]
        self._end += n

    def clear(self) -> None:
        """Forget all rows."""
        self._end = 0

    def __len__(self) -> int:
        return self._end

    @property
    def rows(self) -> FloatArray:
        """All rows held, oldest first: a view, valid until the next append."""
        return self._rows[: self._end]

    @property
    def t_s(self) -> FloatArray:
        """The times of all rows held (n,): a view, valid until the next append, not to be written to."""
        return self._t[: self._end]

    def stamps(self, start_s: float, stop_s: float) -> FloatArray:
        """The times with start_s <= t <= stop_s: a view like `t_s`."""
        t = self.t_s
        return t[t.searchsorted(start_s) : t.searchsorted(stop_s, "right")]

    def newest(self, stop_s: float, column: int) -> float:
        """A column's number in the last row with t <= stop_s; there must be one."""
        return self._rows.item(self.t_s.searchsorted(stop_s, "right") - 1, column)

    def between(self, start_s: float, stop_s: float) -> FloatArray:
        """The rows with start_s <= t <= stop_s: a view, valid until the next append."""
        t = self.t_s
        return self._rows[t.searchsorted(start_s) : t.searchsorted(stop_s, "right")]
