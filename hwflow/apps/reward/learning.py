"""A net that learns by reward what to do: three neurons that compete, and one factor for all of them.

A step of the task is a presentation. In its first `ticks` ticks the axon of the scene spikes, and the neuron that fires first
keeps the others from firing: it is what the net does. The world answers; in the last tick a spike of the axon `good` or `bad` brings the
same factor to all neurons, and the scene's weight to the one that fired rises or falls by it (reward-modulated STDP,
docs/neuron.md). Now and then, and where several would be rewarded, the net is made to try: an axon of its own makes one neuron fire at once.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from hwflow.apps.reward.task import COLUMNS, MOVES, Scene
from hwflow.ints import IntArray
from hwflow.progress import Progress
from hwflow.spiking.frontend.builder import SpikingBuilder
from hwflow.spiking.host.lockstep import Lockstep
from hwflow.spiking.learning import Learning
from hwflow.spiking.network import SpikingNetwork

SCENES, ACTIONS = COLUMNS**2, len(MOVES)
_CLOSING, _TRIES, _GOOD, _BAD = SCENES, SCENES + 1, SCENES + 1 + ACTIONS, SCENES + 2 + ACTIONS
_AXONS = _BAD + 1
_LOOKS = 20  # at how well it does, while it learns


@dataclass(frozen=True)
class Rewarding:
    """How the net learns.

    ticks: in which a scene is shown; games: that it learns from, and that it is judged by; tries: the share of steps in which it is made to
    try something at first, which falls to none; threshold: of a neuron; weight: the largest at first, of a scene; step: what a reward changes a
    weight by, if its neuron fired.
    """

    ticks: int = 6
    games: int = 600
    judged: int = 200
    tries: float = 0.3
    threshold: int = 100
    weight: int = 60
    step: int = 20

    def network(self, seed: int) -> SpikingNetwork:
        """The net before it has learnt: all actions are about as likely in each scene."""
        rng = np.random.default_rng(seed)
        net = SpikingBuilder("reward")
        scenes, closing, tries, good, bad = (net.axons(count) for count in (SCENES, 1, ACTIONS, 1, 1))
        actions = net.neurons(ACTIONS, threshold=self.threshold, refractory=1)
        own = np.eye(ACTIONS, dtype=np.int64)
        net.connect(scenes, actions, rng.integers(self.weight // 2, self.weight + 1, (SCENES, ACTIONS)), plastic=True)
        net.connect(tries, actions, 127 * own)
        net.connect(actions, actions, -128 * (1 - own))
        net.connect(good, actions, self.step)
        net.connect(bad, actions, -self.step)
        net.third_factor(
            closing=closing, modulators=[good, bad], rate=65536 // self.ticks, least=1, most=self.ticks + 1
        )
        learning = Learning(pre_step=1, post_step=1, weight_min=0, stochastic=True, seed=seed)
        return net.build(outputs=[actions], learning=learning)


@dataclass(frozen=True, eq=False)
class Rewarded:
    """curve: games, and the share of the last of them in which the ball was caught; caught: of the games that judge it, by the net;
    by_chance: by moves at random, in the same games; presentations: in all."""

    curve: tuple[tuple[int, float], ...]
    caught: float
    by_chance: float
    presentations: int


def learn_by_reward(lockstep: Lockstep, how: Rewarding, seed: int, progress: Progress) -> Rewarded:
    """Games in which it learns, then some in which it neither learns nor tries."""
    lockstep.load(how.network(seed))
    player, rng = _Player(lockstep, how, np.random.default_rng([seed, 1])), np.random.default_rng([seed, 2])
    caught = []
    for game in range(how.games):
        player.tries = how.tries * max(0.0, 1 - 1.5 * game / how.games)
        caught.append(player.play(Scene.drawn(rng), learn=True).caught)
        progress("learning", game / how.games)
    player.tries = 0.0
    chance = np.random.default_rng([seed, 3])
    judged, by_chance = 0, 0
    for game in range(how.judged):
        scene = Scene.drawn(rng)
        judged += player.play(scene, learn=False).caught
        by_chance += _at_random(scene, chance).caught
        progress("playing", game / how.judged)
    lockstep.state()
    return Rewarded(tuple(_curve(caught)), judged / how.judged, by_chance / how.judged, player.presentations)


class _Player:
    """The net at the task. tries: the share of steps in which it is made to try something."""

    def __init__(self, lockstep: Lockstep, how: Rewarding, rng: np.random.Generator) -> None:
        self._lockstep, self._how, self._rng = lockstep, how, rng
        self.tries, self.presentations = 0.0, 0

    def play(self, scene: Scene, *, learn: bool) -> Scene:
        """A game to its end."""
        while scene.left:
            scene = self._step(scene, learn)
        return scene

    def _step(self, scene: Scene, learn: bool) -> Scene:
        said = self._show(scene, self._drawn() if self._rng.random() < self.tries else None, learn)
        if learn and len(said) != 1:
            # Of several that fire at once each would have the reward: one of them has to be tried.
            self._end(None, learn)
            said = self._show(scene, self._drawn(), learn)
        move = MOVES[int(self._rng.choice(said))]
        self._end(scene.reward(move), learn)
        return scene.moved(move)

    def _drawn(self) -> int:
        return int(self._rng.integers(ACTIONS))

    def _show(self, scene: Scene, tried: int | None, learn: bool) -> IntArray:
        """The actions that were said first; all, if none was."""
        shown = np.zeros((self._how.ticks, _AXONS), np.bool_)
        shown[:, scene.number] = True
        if tried is not None:
            shown[0, _TRIES + tried] = True
        fired = self._lockstep.run(shown, learn=learn)
        ticks = np.flatnonzero(fired.any(axis=1))
        return np.flatnonzero(fired[ticks[0]]) if len(ticks) else np.arange(ACTIONS)

    def _end(self, good: bool | None, learn: bool) -> None:
        """The end of a presentation, with a reward or without."""
        ends = np.zeros((1, _AXONS), np.bool_)
        ends[0, _CLOSING] = True
        if good is not None:
            ends[0, _GOOD if good else _BAD] = True
        self._lockstep.run(ends, learn=learn)
        self.presentations += 1


def _at_random(scene: Scene, rng: np.random.Generator) -> Scene:
    while scene.left:
        scene = scene.moved(MOVES[int(rng.integers(ACTIONS))])
    return scene


def _curve(caught: list[bool]) -> Iterator[tuple[int, float]]:
    done = 0
    for part in np.array_split(np.array(caught), min(_LOOKS, len(caught))):
        done += len(part)
        yield done, float(part.mean())
