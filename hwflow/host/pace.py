"""When to take a request or its reply for lost: round-trip times, smoothed (RFC 6298)."""


class Pace:
    """timeout = SRTT + 4 * RTTVAR in seconds, at least `floor`; half as much again for each repetition in a row.

    Only requests sent once are measured (Karn's rule). So that a device slower than the first guess is learnt all the
    same, a reply that comes twice counts as a measurement: the repetition was needless, and the timeout too short.
    Repetitions in a row and needless ones raise the timeout to 0.5 s at most.
    """

    CEILING = 0.5
    FIRST = 0.1

    def __init__(self, floor: float) -> None:
        self.floor = floor
        self._mean: float | None = None
        self._deviation = 0.0
        self._backoff = 1.0

    @property
    def timeout(self) -> float:
        """Seconds to wait for a reply before the request is repeated."""
        guess = self.FIRST if self._mean is None else self._mean + 4 * self._deviation
        patient = max(self.floor, guess)
        return max(patient, min(self.CEILING, patient * self._backoff))

    def answered(self, seconds: float | None) -> None:
        """A reply came; `seconds` after its request, or None if that cannot be told."""
        self._backoff = 1.0
        if seconds is not None:
            self._measure(seconds)

    def missed(self) -> None:
        """No reply came in time."""
        self._backoff = min(1.5 * self._backoff, 64.0)

    def needless(self) -> None:
        """The reply to a repetition came, after that to the request itself."""
        self._measure(min(1.5 * self.timeout, self.CEILING))

    def _measure(self, seconds: float) -> None:
        if self._mean is None:
            self._mean, self._deviation = seconds, seconds / 2
        else:
            self._deviation += (abs(self._mean - seconds) - self._deviation) / 4
            self._mean += (seconds - self._mean) / 8
