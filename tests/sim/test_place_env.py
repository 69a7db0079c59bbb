"""The place environment: the law feels the surface, and only a part that stands where it should is placed."""

from __future__ import annotations

import numpy as np

from luban.motion.placing import ACTIONS
from luban.randomization import PlaceRandomization
from sim.any_part import NAMES
from sim.place_env import PlaceEnv
from tests.sim.episodes import play

IDLE = np.zeros(len(ACTIONS))


def test_the_law_puts_every_shape_down_wherever_the_surface_is() -> None:
    env = PlaceEnv(16)
    env.reset(seed=11)
    ends = play(env, IDLE)
    assert set(ends["shape"]) == set(range(len(NAMES)))
    assert ends["success"].all()
    assert (ends["aside_m"] < 0.005).all() and (ends["force_n"] < 80.0).all()


def test_no_surface_ends_an_episode() -> None:
    env = PlaceEnv(1)
    env.reset(seed=1)
    env._law.goal[:, 2] += 0.05
    ends = play(env, IDLE)
    assert not ends["success"][0] and ends["seconds"][0] < 4.0


def test_letting_go_somewhere_else_is_no_success() -> None:
    env = PlaceEnv(4)
    env.reset(seed=4)
    env._spot_m[:, 0] += 0.02
    ends = play(env, IDLE)
    assert not ends["success"].any() and (ends["aside_m"] > 0.015).all()


def test_a_slot_is_as_if_it_were_alone() -> None:
    many, one = PlaceEnv(3), PlaceEnv(1)
    many.reset(seed=5)
    one.reset(seed=7)
    draw = np.random.default_rng(0)
    for _ in range(12):
        action = draw.uniform(-1.0, 1.0, len(ACTIONS))
        seen = many.step(np.stack([0 * action, -action, action]))
        alone = one.step(action[None])
        np.testing.assert_allclose(seen[0][2], alone[0][0], atol=1e-6)
        np.testing.assert_allclose(seen[1][2], alone[1][0], atol=1e-9)


def test_parts_are_held_as_they_were_drawn() -> None:
    ranges = PlaceRandomization(aside_m=0.003)
    env = PlaceEnv(8, ranges)
    env.reset(seed=2)
    assert env._arms.sense().holding.all() or (env._arms.sense().grip_n > 10.0).all()
    tilt = env._stands()[1]
    assert (tilt < np.deg2rad(6)).all()
