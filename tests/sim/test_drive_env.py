"""The drive environment: gate and law are the robot's own, slots do not disturb each other, people give way."""

from __future__ import annotations

from types import SimpleNamespace

import mujoco
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from luban.base_gate import BaseGate
from luban.motion import driving
from luban.motion.protective_field import allowed
from luban.profile import Profile
from luban.randomization import DriveRandomization
from luban.state import BaseCommand
from luban.task import Scene, SceneAgv
from sim.drive_env import RANGE_M, DriveEnv
from sim.environments import make_single
from sim.people import COURTESY_M, CellPeople, Walkers, outline_gap
from sim.world import World

NOBODY = DriveRandomization(people=(0, 0))


def _wide(points: np.ndarray) -> np.ndarray:
    return np.full(points.shape[:-1], 9.0)


def test_gymnasium_accepts_it() -> None:
    check_env(make_single("drive"), skip_render_check=True)


def test_a_slot_behaves_as_if_it_were_alone() -> None:
    many, alone = DriveEnv(3, autoreset=False), DriveEnv(1, autoreset=False)
    seen, own = many.reset(seed=[4, 5, 6])[0], alone.reset(seed=5)[0]
    action = np.array([[0.3, -0.4]])
    for _ in range(12):
        np.testing.assert_array_equal(seen[1], own[0])
        seen, own = many.step(np.repeat(action, 3, axis=0))[0], alone.step(action)[0]


def test_zero_action_follows_the_path_and_touches_nothing() -> None:
    env = DriveEnv(12, randomization=NOBODY, autoreset=False)
    env.reset(seed=40)
    success = np.zeros(12, dtype=bool)
    for _ in range(300):
        _, _, ended, cut, infos = env.step(np.zeros((12, 2)))
        if infos:
            success |= infos["final_info"]["success"] & infos["_final_info"]
            env.reset(options={"reset_mask": ended | cut})
        if success.all():
            break
    assert success.all()


def test_what_the_lidar_sees_is_where_collisions_are() -> None:
    exact = DriveRandomization(people=(0, 0), lidar_sigma_m=(0.0, 0.0), lidar_dropout=0.0)
    env = DriveEnv(8, randomization=exact, autoreset=False)
    env.reset(seed=3)
    near = np.linalg.norm(env.points_m, axis=2) < RANGE_M
    assert (near.sum(axis=1) > 20).all()
    c, s = np.cos(env.pose[:, 2, None]), np.sin(env.pose[:, 2, None])
    x, y = env.points_m[..., 0], env.points_m[..., 1]
    seen_m = env.pose[:, None, :2] + np.stack([c * x - s * y, s * x + c * y], axis=-1)
    assert np.abs(env.scenes.room_m(seen_m)[near]).max() < 1e-6


def test_the_field_is_that_of_the_gate(profile: Profile) -> None:
    random, count = np.random.default_rng(0), 60
    moving = random.random((count, 2)) > 0.2
    wanted = random.uniform(-1, 1, (count, 2)) * (1.0, 1.2) * moving
    ranges = random.uniform(0.2, 2.5, (count, 1)) * random.uniform(0.8, 1.5, (count, 90))
    ranges[random.random((count, 90)) < 0.4] = np.inf
    points = driving.scan_points(ranges, np.linspace(-np.pi, np.pi, 90, endpoint=False))
    gate = BaseGate(SimpleNamespace(), profile.base)  # type: ignore[arg-type]
    expected = [
        gate._allowed(BaseCommand(0.0, 1.0, *map(float, asked)), hits[np.isfinite(seen)])
        for asked, hits, seen in zip(wanted, points, ranges, strict=True)
    ]
    np.testing.assert_allclose(allowed(wanted, points, profile.base), expected)
    assert 0.1 < np.mean(np.any(np.array(expected) != wanted, axis=1)) < 0.9


def test_the_speed_along_a_path_can_be_braked_and_bends_slow_it(profile: Profile) -> None:
    corner = driving.rounded(np.array([[0.0, 0.0], [3.0, 0.0], [3.0, 3.0]]), np.array([0.4]))
    speed = driving.profile(corner, np.full(len(corner), 2.0), profile.base.limits, 0.0)
    steps = np.hypot(*np.diff(corner, axis=0).T)
    np.testing.assert_allclose(steps, driving.STEP_M, rtol=0.02)
    braking = -(np.diff(speed**2)) / (2 * steps)
    assert braking.max() <= driving.BRAKE_SHARE * profile.base.limits.linear_acceleration_m_s2 * 1.05
    assert speed[:10].min() == pytest.approx(1.0) and speed[50:70].min() < 0.55
    assert np.hypot(*(corner - (3.0, 0.0)).T).min() == pytest.approx(0.4 * (np.sqrt(2) - 1), abs=0.02)


def test_the_action_slows_to_a_stand_still_and_zero_changes_nothing(profile: Profile) -> None:
    paths = driving.Paths(1, profile.base.limits)
    points = driving.resample(np.array([[0.0, 0.0], [4.0, 0.0]]))
    paths.put(0, points, np.full(len(points), 2.0))
    pose = np.array([[0.5, 0.05, 0.1]])
    wanted = driving.pursue(paths, pose, np.array([0.8]))
    np.testing.assert_allclose(driving.bent(wanted, np.zeros((1, 2)), paths, pose), wanted)
    np.testing.assert_allclose(driving.bent(wanted, np.array([[-1.0, 0.0]]), paths, pose), 0.0, atol=1e-12)
    assert driving.bent(wanted, np.array([[0.0, 1.0]]), paths, pose)[0, 1] > wanted[0, 1]


def test_no_action_hurries_round_a_bend_or_into_the_end_of_a_path(profile: Profile) -> None:
    paths = driving.Paths(1, profile.base.limits)
    corner = driving.rounded(np.array([[0.0, 0.0], [2.0, 0.0], [2.0, 2.0]]), np.array([0.4]))
    paths.put(0, corner, np.full(len(corner), 2.0), 0.35)
    faster = 0
    for i in range(len(corner) - 1):
        ahead = corner[i + 1] - corner[i]
        pose = np.array([[*corner[i], np.arctan2(ahead[1], ahead[0])]])
        wanted = driving.pursue(paths, pose, np.array([0.5]))
        asked = driving.bent(wanted, np.array([[1.0, 1.0]]), paths, pose)
        assert abs(asked.prod()) <= max(driving.MOST_ASIDE_M_S2, abs(wanted.prod())) + 1e-9
        if paths.to_go_m()[0] <= driving.FADE_M[0]:
            np.testing.assert_allclose(asked, wanted)
            slowed = driving.bent(wanted, np.array([[-0.5, 1.0]]), paths, pose)
            np.testing.assert_allclose(slowed, 0.5 * wanted)
        faster += bool(asked[0, 0] > 1.1 * wanted[0, 0])
    assert faster > 5


def test_how_askew_a_path_was_left_counts_from_its_last_stretch(profile: Profile) -> None:
    paths = driving.Paths(2, profile.base.limits)
    points = driving.resample(np.array([[0.0, 0.0], [0.0, 1.0]]))
    for vehicle in range(2):
        paths.put(vehicle, points, np.full(len(points), 2.0), 0.35)
    off = paths.off_end(np.array([[-0.1, 1.0, np.pi / 2], [0.0, 0.9, np.pi / 2 - 0.2]]))
    np.testing.assert_allclose(off, [[0.1, 0.0], [0.0, -0.2]], atol=1e-9)


def test_what_moves_shows_and_what_stands_does_not(profile: Profile) -> None:
    eyes, paths = driving.DriveEyes(1, 2), driving.Paths(1, profile.base.limits)
    points = driving.resample(np.array([[0.0, 0.0], [4.0, 0.0]]))
    paths.put(0, points, np.full(len(points), 2.0))
    eyes.forget(np.array([0]))
    for i in range(driving.PAST_STEPS + 1):
        x = 0.06 * i  # the vehicle drives past a wall while a person comes nearer from the left
        eyes.see(np.array([[[2.0 - x, 0.05], [0.05, 2.0 - 0.1 * i]]]), np.array([[x, 0.0, 0.0]]))
    seen = dict(
        zip(driving.OBSERVATIONS, eyes.observe(paths, np.array([[0.3, 0, 0]]), *np.zeros((2, 1, 2)))[0], strict=True)
    )
    ahead, left = driving.SECTORS // 2, 3 * driving.SECTORS // 4 - 1
    assert seen[f"approach_{ahead}"] == pytest.approx(0.0, abs=1e-6)
    assert seen[f"near_{ahead}"] == pytest.approx(np.exp(-np.hypot(1.7, 0.05)), abs=1e-6)
    assert max(seen[f"approach_{left}"], seen[f"approach_{left - 1}"]) > 0.1


def test_people_turn_back_before_a_vehicle_and_step_aside_when_hemmed_in(profile: Profile) -> None:
    walkers, stands = Walkers(1, 1), np.array([[0.0, 0.0, 0.0]])
    walkers.place(0, np.array([[[3.0, 0.0], [-3.0, 0.0]]]), np.zeros(1), np.array([0.8]))
    nearest = 9.0
    for _ in range(200):
        walkers.step(0.05, stands, np.zeros(1), profile.base, _wide)
        nearest = min(nearest, float(outline_gap(walkers.position_m, stands, profile.base)[0, 0]))
    assert COURTESY_M - 0.05 < nearest < COURTESY_M + 0.05
    walkers.place(0, np.array([[[0.5, 0.0], [0.55, 0.0]]]), np.zeros(1), np.array([0.8]))  # to and fro before its nose
    for _ in range(100):
        walkers.step(0.05, stands, np.zeros(1), profile.base, _wide)
    assert outline_gap(walkers.position_m, stands, profile.base)[0, 0] > COURTESY_M


def test_the_lidar_of_the_cell_sees_a_person_and_the_vehicle_would_touch_one(profile: Profile) -> None:
    world = World(profile, Scene(3, (), SceneAgv("assembly")), people=1)
    try:
        world.model.opt.enableflags &= ~int(mujoco.mjtEnableBit.mjENBL_SLEEP)
        people = CellPeople(world.model, world.data, profile, _wide)
        before = world.base.scan().ranges_m
        at = profile.catalogue.stations["assembly"]
        people.walkers.place(0, np.array([[[at.x_m - 1.0, at.y_m], [at.x_m - 3.0, at.y_m]]]), np.zeros(1), np.ones(1))
        people.show()
        world.step(0.06)
        after = world.base.scan().ranges_m
        seen = np.flatnonzero(after < before - 0.3)
        assert 4 <= len(seen) <= 40 and after[seen].min() == pytest.approx(1.0, abs=0.15)
        people.walkers.position_m[0, 0] = at.x_m - profile.base.length_m / 2 - 0.05, at.y_m
        people.show()
        world.step(0.02)
        names = {world.model.geom(int(geom)).name for geom in world.data.contact.geom[: world.data.ncon].ravel()}
        assert any(name.startswith("person_0") for name in names)
    finally:
        world.close()
