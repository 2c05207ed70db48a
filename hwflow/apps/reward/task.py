"""A ball falls, and a paddle below should be where it lands: a control task for learning by reward."""

from dataclasses import dataclass

import numpy as np

COLUMNS = 8
HEIGHT = 8  # steps until the ball is down
MOVES = (-1, 0, 1)  # of the paddle


@dataclass(frozen=True)
class Scene:
    """Where ball and paddle are, 0 … COLUMNS - 1, and how many steps are left."""

    ball: int
    paddle: int
    left: int

    @staticmethod
    def drawn(rng: np.random.Generator) -> "Scene":
        """The ball at the top."""
        ball, paddle = rng.integers(0, COLUMNS, 2).tolist()
        return Scene(ball, paddle, HEIGHT)

    @property
    def number(self) -> int:
        """Of all COLUMNS² places of the two."""
        return COLUMNS * self.ball + self.paddle

    @property
    def caught(self) -> bool:
        return self.paddle == self.ball

    def moved(self, move: int) -> "Scene":
        """A step later; the paddle stays between the walls."""
        return Scene(self.ball, min(max(self.paddle + move, 0), COLUMNS - 1), self.left - 1)

    def reward(self, move: int) -> bool:
        """Whether the move was good: it brings the paddle nearer, or leaves it below the ball."""
        after = self.moved(move)
        return after.caught or abs(after.paddle - self.ball) < abs(self.paddle - self.ball)
