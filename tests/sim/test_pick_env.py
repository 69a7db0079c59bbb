"""The pick environment: looks find the grip, the law lifts every shape, and only a firm grip counts."""

from __future__ import annotations

import mujoco
import numpy as np
import pytest

from luban.motion.chain import wrap
from luban.motion.overhead import in_tool_xy, upright
from luban.motion.picking import ACTIONS, PickLaw
from luban.randomization import PickRandomization
from sim.any_part import NAMES, UNSEEN_GROUP
from sim.parts import SHAPES
from sim.pick_env import FORCE_LIMIT_N, PickEnv
from tests.sim.episodes import play

IDLE = np.zeros(len(ACTIONS))
ROUND = ("gear", "bearing", "nut")  # gripped in any direction


def test_the_law_with_looks_lifts_every_shape_and_without_them_does_not() -> None:
    env = PickEnv(12)
    env.reset(seed=43)
    ends = play(env, IDLE)
    assert set(ends["shape"]) == set(range(len(NAMES)))
    assert ends["success"].all() and (ends["seconds"] < 3.0).all() and (ends["force_n"] < 50.0).all()
    blind = PickEnv(12, relook=False, episode_s=4.0)
    blind.reset(seed=43)
    assert not play(blind, IDLE)["success"].all()


def test_looks_find_the_grip_to_a_few_millimetres() -> None:
    env = PickEnv(48)
    env.reset(seed=3)
    for _ in range(14):
        env.step(np.zeros((48, len(ACTIONS))))
    law, shape = env._law, np.array(NAMES)[env._part.shape]
    assert (law.looks > 0).all()
    off = law.target - env._true
    aside = np.abs(in_tool_xy(off[:, :2], env._true[:, 3]))
    assert (aside[:, 1] < 0.005).all(), "across the part the fingers have some ten millimetres"
    assert (aside[:, 0] < 0.012).all()
    directed = ~np.isin(shape, ROUND)
    assert (np.abs(wrap(off[directed, 3])) < np.deg2rad(12)).all()
    believed = np.linalg.norm((law.goal - env._true)[:, :2], axis=1)
    assert np.median(np.linalg.norm(off[:, :2], axis=1)) < 0.2 * np.median(believed)


def test_a_grip_that_is_too_high_is_no_success() -> None:
    env = PickEnv(1, autoreset=False)
    env.reset(seed=2)
    while env._rise_m()[0] < 0.06:
        env.step(np.zeros((1, len(ACTIONS))))
    assert env._firm()[0]
    env._arms.qpos[0, env._part.coordinates.start + 2] -= 0.006
    assert not env._firm()[0]


def test_hard_contact_ends_an_episode() -> None:
    env = PickEnv(1, autoreset=False)
    env.reset(seed=1)
    env._peak_n[:] = FORCE_LIMIT_N + 1.0
    _, reward, terminated, _, infos = env.step(np.zeros((1, len(ACTIONS))))
    assert terminated[0] and not infos["final_info"]["success"][0] and reward[0] < -2.0


def test_a_slot_is_as_if_it_were_alone() -> None:
    many, one = PickEnv(3), PickEnv(1)
    many.reset(seed=5)
    one.reset(seed=7)
    draw = np.random.default_rng(0)
    for _ in range(12):
        action = draw.uniform(-1.0, 1.0, len(ACTIONS))
        seen = many.step(np.stack([0 * action, -action, action]))
        alone = one.step(action[None])
        np.testing.assert_allclose(seen[0][2], alone[0][0], atol=1e-6)
        np.testing.assert_allclose(seen[1][2], alone[1][0], atol=1e-9)


def test_randomisation_of_the_looks_can_be_switched_off() -> None:
    exact = PickRandomization(aside_m=0.0, height_m=0.0, turn_rad=0.0, depth_dropout=0.0, camera_m=0.0, camera_rad=0.0)
    env = PickEnv(4, exact)
    env.reset(seed=1)
    np.testing.assert_allclose(env._law.goal, env._true)


@pytest.mark.parametrize("name", NAMES)
def test_the_part_of_a_copy_has_the_solids_and_the_mass_of_its_shape(name) -> None:
    env, shape = PickEnv(2), SHAPES[name]
    env.reset(seed=1)
    both = np.arange(2)
    env._part.become(both, np.full(2, NAMES.index(name)), np.array([1.0, 2.0]))
    mass = env._part._mass[:, env._part.body]
    np.testing.assert_allclose(mass, [shape.mass_kg, 2 * shape.mass_kg])
    env._arms.qpos[:, env._part.coordinates] = [0.5, 0.0, 0.5, 1.0, 0.0, 0.0, 0.0]
    group = np.ones(mujoco.mjNGROUP, np.uint8)
    group[UNSEEN_GROUP] = 0
    half_x, half_y, top = shape.half_m
    grid = np.stack(np.meshgrid(np.linspace(-half_x, half_x, 25), np.linspace(-half_y, half_y, 25)), -1).reshape(-1, 2)
    origin = np.column_stack([grid[:, 0] + 0.5, grid[:, 1], np.full(len(grid), 0.6)])
    way, _ = env._arms.batch.ray(origin, np.array([0.0, 0.0, -1.0]), geomgroup=group)
    height = 0.1 - np.where(way < 0, np.inf, way)
    assert np.isclose(height.max(), top, atol=1e-3)


def test_the_law_never_goes_deeper_than_the_grip() -> None:
    env = PickEnv(4)
    env.reset(seed=9)
    law: PickLaw = env._law
    lowest = np.full(4, np.inf)
    for _ in range(30):
        env.step(np.tile([0.0, 0.0, -1.0, 0.0, -1.0], (4, 1)))
        lowest = np.minimum(lowest, law.at[:, 2] - law.goal[:, 2])
    assert (lowest >= -law.tuning.deepest_m - 1e-9).all()


def test_upright_tools_point_down_with_the_asked_yaw() -> None:
    pose = np.array([[0.4, 0.1, 0.2, 0.7]])
    tool = upright(pose)[0]
    np.testing.assert_allclose(tool[:3, :3] @ tool[:3, :3].T, np.eye(3), atol=1e-12)
    assert np.isclose(np.linalg.det(tool[:3, :3]), 1.0) and tool[2, 2] == -1.0
    assert np.isclose(np.arctan2(tool[1, 0], tool[0, 0]), 0.7)
