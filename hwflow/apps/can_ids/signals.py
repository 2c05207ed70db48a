"""What moves in a vehicle: a drive simulated step by step, and the random walks of its body electronics."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hwflow.errors import needed

STEP = 0.01  # seconds between two samples of a series
_RATIO = (0.0, 118.0, 68.0, 45.0, 33.0, 26.0)  # engine turns a minute per km/h, in gear 1 … 5
_SHIFT_UP = (0.0, 22.0, 40.0, 62.0, 85.0, 999.0)  # km/h above which gear 1 … 5 is left upwards
IDLE = 780.0  # turns a minute


@dataclass(frozen=True, eq=False)
class Drive:
    """Series sampled every STEP seconds, each float64 [steps], by name.

    speed km/h, engine 1/min, gear 0 … 5, throttle %, brake %, steering degrees, torque Nm, coolant °C, fuel %.
    """

    speed: NDArray[np.float64]
    engine: NDArray[np.float64]
    gear: NDArray[np.float64]
    throttle: NDArray[np.float64]
    brake: NDArray[np.float64]
    steering: NDArray[np.float64]
    torque: NDArray[np.float64]
    coolant: NDArray[np.float64]
    fuel: NDArray[np.float64]


def wander(rng: np.random.Generator, steps: int, seconds: float) -> NDArray[np.float64]:
    """A stationary random walk of unit variance (Ornstein-Uhlenbeck) with time constant `seconds`: [steps].

    x' = a x + sqrt(1 - a^2) n with a = exp(-STEP / seconds) and n normal.
    """
    with needed("Generating traffic", "train"):
        from scipy.signal import lfilter

    decay = float(np.exp(-STEP / seconds))
    noise = rng.standard_normal(steps) * np.sqrt(1 - decay * decay)
    noise[0] = rng.standard_normal()
    walk: NDArray[np.float64] = lfilter([1.0], [1.0, -decay], noise)
    return walk


def drive(rng: np.random.Generator, steps: int) -> Drive:
    """Drive for `steps` * STEP seconds: a driver's will, longitudinal dynamics and an automatic gearbox."""
    will = (wander(rng, steps, 12.0) * 45 + 18).tolist()  # % of throttle, negative of brake
    speed_now = float(rng.uniform(20, 70))
    engine_now, gear_now = IDLE, 1
    speed, engine, gear = np.empty(steps), np.empty(steps), np.empty(steps)
    for i, want in enumerate(will):
        push = min(max(want, -60.0), 80.0)
        drag = 0.35 + speed_now * speed_now * 2.2e-4
        force = push * 0.06 / (0.6 + speed_now / 60) if push > 0 else push * 0.11
        speed_now = min(max(speed_now + (force - drag) * 3.6 * STEP, 0.0), 190.0)
        if speed_now > _SHIFT_UP[gear_now]:
            gear_now += 1
        elif gear_now > 1 and speed_now < _SHIFT_UP[gear_now - 1] - 7:
            gear_now -= 1
        target = max(IDLE, speed_now * _RATIO[gear_now]) + max(push, 0.0) * 3
        engine_now += (target - engine_now) * 0.06
        speed[i], engine[i] = speed_now, engine_now
        gear[i] = gear_now if speed_now > 0.5 else 0
    throttle, brake = np.clip(will, 0, 80), np.clip(-np.array(will), 0, 60)
    steering = wander(rng, steps, 2.5) * 60 * np.exp(-speed / 80)
    torque = throttle * 3.1 - 18 + wander(rng, steps, 0.2) * 2
    coolant = 84 + 6 * wander(rng, steps, 90.0)
    fuel = 62 - np.arange(steps) * STEP / 400
    return Drive(speed, engine + rng.normal(0, 4, steps), gear, throttle, brake, steering, torque, coolant, fuel)
