"""When to take a request or its reply for lost: round-trip times, smoothed (RFC 6298)."""


class Pace:
    """timeout = SRTT + 4 * RTTVAR in seconds, at least `floor`; doubled for each repetition in a row, up to 0.5 s."""

    CEILING = 0.5
    FIRST = 0.1

    def __init__(self, floor: float) -> None:
        self._floor = floor
        self._mean: float | None = None
        self._deviation = 0.0
        self._backoff = 1

    @property
    def timeout(self) -> float:
        """Seconds to wait for a reply before the request is repeated."""
        guess = self.FIRST if self._mean is None else self._mean + 4 * self._deviation
        return max(self._floor, min(self.CEILING, max(self._floor, guess) * self._backoff))

    def answered(self, seconds: float | None) -> None:
        """A reply came; `seconds` after its request, or None if that cannot be told."""
        self._backoff = 1
        if seconds is None:
            return
        if self._mean is None:
            self._mean, self._deviation = seconds, seconds / 2
        else:
            self._deviation += (abs(self._mean - seconds) - self._deviation) / 4
            self._mean += (seconds - self._mean) / 8

    def missed(self) -> None:
        """No reply came in time."""
        self._backoff = min(2 * self._backoff, 64)
