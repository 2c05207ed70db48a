"""Learning on the golden model: fewer images than the recipe, and still far above chance."""

from dataclasses import replace

import pytest

from hwflow.apps.taught.images import digits_with_validation
from hwflow.apps.taught.learning import Lesson, teach
from hwflow.apps.taught.teaching import Teaching
from hwflow.progress import silent
from hwflow.spiking.fit import core_for
from hwflow.spiking.host.lockstep import Lockstep

pytestmark = pytest.mark.slow


def lesson() -> Lesson:
    data = digits_with_validation((), 0)
    part = replace(data, x_train=data.x_train[:200], y_train=data.y_train[:200], x_test=data.x_test[:60],
                   y_test=data.y_test[:60], x_validation=data.x_validation[:40], y_validation=data.y_validation[:40])  # fmt: skip
    return Lesson(part, Teaching(hidden=48, passes=3, slower=0.9), 0)


def test_images_come_in_three_parts_and_the_test_is_that_of_the_other_application() -> None:
    data = digits_with_validation((), 0)
    assert (len(data.y_train), len(data.y_validation), len(data.y_test)) == (1293, 144, 360)


def test_learning_beats_chance_and_needs_its_labels() -> None:
    one = lesson()
    core = core_for(one.network())
    taught = teach(Lockstep(core), one, silent)
    assert taught.evaluation.accuracy > 0.5 and [images for images, _ in taught.curve][::5] == [40, 240, 440]
    shuffled = replace(one, data=replace(one.data, y_train=one.data.y_train[::-1].copy()))
    assert teach(Lockstep(core), shuffled, silent).evaluation.accuracy < 0.3


def test_what_the_device_does_not_do_the_model_does_from_where_it_is() -> None:
    one = lesson()
    core = core_for(one.network())
    device = Lockstep(core)
    whole, part = (
        teach(on, asked, silent) for on, asked in ((Lockstep(core), one), (device, replace(one, beside=(80, 40))))
    )
    assert whole.evaluation.confusion == part.evaluation.confusion and whole.curve == part.curve
    assert part.beside == (80, 40) and whole.beside == (600, 60)
    assert device.ticks == 14 * (80 + 40)
