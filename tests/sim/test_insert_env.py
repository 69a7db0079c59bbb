"""The insertion environment: the classical law solves what was seen well, and episodes end for the right reasons."""

from __future__ import annotations

import numpy as np

from luban.randomization import ArmRandomization, InsertRandomization
from sim.housing import BoreBoxes
from sim.insert_env import FORCE_LIMIT_N, InsertEnv
from sim.parts import SHAFT_RADIUS_M
from tests.sim.episodes import play

EXACT = InsertRandomization(
    arm=ArmRandomization((1.0, 1.0), (1.0, 1.0), 0, 0.0, 0.0, 0.0, 0.0, 0.0),
    clearance_m=(0.001, 0.001), aside_m=0.0, along_m=0.0, tilt_rad=0.0, depth_m=(0.035, 0.035),
)  # fmt: skip


def test_the_law_alone_inserts_what_was_seen_well() -> None:
    env = InsertEnv(4, EXACT)
    env.reset(seed=1)
    ends = play(env, np.zeros(5))
    assert ends["success"].all() and (ends["seconds"] < 4.0).all() and (ends["force_n"] < 50.0).all()


def test_the_spiral_finds_a_bore_seen_three_millimetres_off() -> None:
    env = InsertEnv(4, InsertRandomization(clearance_m=(0.001, 0.001), aside_m=0.003, tilt_rad=0.0))
    env.reset(seed=7)
    ends = play(env, np.zeros(5))
    assert ends["success"].all()
    assert (ends["tries"] > 0).any(), "no search was needed: the errors are too small"


def test_a_shaft_that_drops_while_searching_stays_there() -> None:
    ranges = InsertRandomization(
        clearance_m=(0.0005, 0.0005), aside_m=0.004, tilt_rad=0.03, chamfer_m=(0.0002, 0.0002), depth_m=(0.035, 0.035)
    )
    env = InsertEnv(12, ranges)
    env.reset(seed=5)
    law, dropped, moved_m = env._law, np.zeros(12, bool), np.zeros(12)
    command = law.command

    def watched(*arguments):
        before, held = law.spiral.angle_rad.copy(), law.dropping
        answer = command(*arguments)
        still = held & law.dropping
        np.maximum(moved_m, np.abs(law.spiral.angle_rad - before), where=still, out=moved_m)
        dropped[still] = True
        return answer

    law.command = watched
    ends = play(env, np.zeros(5))
    assert dropped.any() and (moved_m == 0.0).all(), "the spiral went on over the bore"
    assert ends["success"].sum() >= 11


def test_pulling_back_runs_out_of_time() -> None:
    env = InsertEnv(2, EXACT, episode_s=1.0)
    env.reset(seed=1)
    ends = play(env, np.array([0, 0, -1.0, 0, 0]))
    assert not ends["success"].any() and np.allclose(ends["seconds"], 1.0, atol=env.period_s)


def test_hard_contact_ends_an_episode() -> None:
    env = InsertEnv(1, EXACT, autoreset=False)
    env.reset(seed=1)
    env._peak_n[:] = FORCE_LIMIT_N + 1.0
    _, reward, terminated, _, infos = env.step(np.zeros((1, 5)))
    assert terminated[0] and not infos["final_info"]["success"][0] and reward[0] < -2.0


def test_every_copy_has_the_bore_that_was_drawn_for_it() -> None:
    env = InsertEnv(6, InsertRandomization(clearance_m=(0.0003, 0.0012), chamfer_m=(0.0002, 0.004)))
    env.reset(seed=3)
    sizes = env._geoms["geom_size"][:, env._boxes]
    assert len({float(size.sum()) for size in sizes}) == 6
    drawn = env._law.clearance_m
    assert (drawn >= 0.0003).all() and (drawn <= 0.0012).all()
    # A flat's inner face lies a bore's radius from the axis.
    flats = env._geoms["geom_pos"][:, env._boxes[::2]]
    faces = np.linalg.norm(flats[..., :2], axis=-1) - sizes[:, ::2, 0]
    np.testing.assert_allclose(faces, (SHAFT_RADIUS_M + drawn)[:, None] + np.zeros_like(faces), atol=1e-9)


def test_bore_boxes_meet_at_the_chamfer() -> None:
    boxes = BoreBoxes.around(0.0125, 0.06, 0.003)
    assert np.isclose((boxes.position_m[::2, 2] - boxes.half_m[::2, 2]).min(), 0.003)
    assert np.isclose((boxes.position_m[::2, 2] + boxes.half_m[::2, 2]).max(), 0.06)
