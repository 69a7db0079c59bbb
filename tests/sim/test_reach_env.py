"""Reaching among boxes: distances, scenes that can be solved, a law that touches nothing whatever is asked of it."""

from __future__ import annotations

import itertools

import mujoco
import numpy as np
import pytest

from luban.motion.chain import Chain
from luban.motion.clearance import GROUPS, Boxes, Hull
from luban.motion.reaching import ACTIONS, OBSERVATIONS, ReachLaw
from luban.motion.surroundings import joined
from luban.randomization import ReachRandomization
from sim.reach_env import ReachEnv
from sim.reach_scene import FREE_M, ReachScenes, ScenesAhead

ROBOT = 4


@pytest.fixture(scope="module")
def chain(profile) -> Chain:
    return Chain.of(profile.arm)


@pytest.fixture(scope="module")
def scenes(profile):
    """Forty scenes of the standard randomisation."""
    drawn = ReachScenes(profile, profile.randomization.reach)
    return [drawn.draw(np.random.default_rng(seed), 1)[0] for seed in range(40)]


def some_boxes(random: np.random.Generator, count: int, boxes: int = 3) -> Boxes:
    centre = random.uniform([-0.7, -0.7, 0.0], [0.7, 0.7, 0.8], (count, boxes, 3))
    half = random.uniform(0.02, 0.15, (count, boxes, 3))
    return Boxes(centre, half, random.uniform(-3.0, 3.0, (count, boxes)))


def test_the_nearest_pairs_are_those_of_the_least_distances(chain):
    random = np.random.default_rng(2)
    hull, boxes, postures = Hull(chain), some_boxes(random, 50), some_postures(random, 50)
    frames = chain.frames(postures)
    near, every = hull.nearest(frames, boxes, 4), hull.nearest(frames, boxes, 99)
    assert every.distance_m.shape == (50, 3 * len(GROUPS))
    groups = len(GROUPS)
    np.testing.assert_allclose(near.distance_m[:, :groups], every.distance_m[:, :groups])
    others = np.sort(every.distance_m[:, groups:], axis=1)[:, :4]
    np.testing.assert_allclose(np.sort(near.distance_m[:, groups:], axis=1), others)
    np.testing.assert_allclose(near.distance_m.min(axis=1), hull.clearance(frames, boxes), atol=1e-6)


def test_a_route_that_is_found_is_free_all_along(profile, scenes):
    """Also between the postures at which the search has looked, to a few millimetres."""
    law, detours = ReachLaw(profile.arm, 1, 5), 0
    for scene in scenes:
        ends = scene.start_rad[None], scene.goal_rad[None], scene.range_rad[None]
        routes = law.search.find(*ends, scene.known)
        stops = np.concatenate([scene.start_rad[None], routes.stops_rad[0, routes.first[0] :]])
        detours += len(stops) > 2
        way = np.concatenate([np.linspace(*leg, 80) for leg in itertools.pairwise(stops)])
        assert law.space.room(way, scene.known.of(np.zeros(len(way), dtype=int))).min() > law.tuning.route_m - 0.008
        assert (way >= scene.range_rad[:, 0] - 1e-9).all() and (way <= scene.range_rad[:, 1] + 1e-9).all()
    assert detours > 5


def test_a_stream_gives_the_same_episodes_whatever_its_slot(profile):
    law, scenes = ReachLaw(profile.arm, 1, 5), ReachScenes(profile, profile.randomization.reach)
    one, other = (ScenesAhead(scenes, law.search, 2) for _ in range(2))
    first, second = np.random.default_rng(4), np.random.default_rng(4)
    for _ in range(5):
        scene, route = one.next(0, first)
        same, way = other.next(1, second)
        np.testing.assert_array_equal(scene.goal_rad, same.goal_rad)
        np.testing.assert_array_equal(route.stops_rad, way.stops_rad)
    again, _ = one.next(0, np.random.default_rng(4))
    np.testing.assert_array_equal(again.goal_rad, other.next(0, np.random.default_rng(4))[0].goal_rad)


def some_postures(random: np.random.Generator, count: int) -> np.ndarray:
    return random.uniform([-2.5, -2.6, 0.2, -2.4, -2.4, -2.0], [2.5, -0.8, 2.4, -0.8, -0.6, 2.0], (count, 6))


def test_how_distances_change_equals_finite_differences(chain):
    random, step = np.random.default_rng(1), 1e-3
    hull, boxes, postures = Hull(chain), some_boxes(random, 30), some_postures(random, 30)
    near = hull.nearest(chain.frames(postures), boxes, 0)
    for joint in range(6):
        ahead = hull.nearest(chain.frames(postures + step * np.eye(6)[joint]), boxes, 0).distance_m
        behind = hull.nearest(chain.frames(postures - step * np.eye(6)[joint]), boxes, 0).distance_m
        slope = (ahead - behind) / (2 * step)
        # Where another pair becomes the nearest there is a kink; it is rare.
        assert np.quantile(np.abs(slope - near.gain[:, :, joint]), 0.8) < 2e-3
    np.testing.assert_allclose(np.linalg.norm(near.away, axis=2), 1.0, atol=1e-6)


def test_the_outline_encloses_the_arm_that_is_simulated(profile, chain):
    """The known distance is never above the simulator's own, for every solid of the arm that moves."""
    env = ReachEnv(12, ReachRandomization(place_m=0.0, size_m=0.0, boxes=(4, 4)), profile=profile)
    env.reset(seed=5)
    model, random = env._arms.model, np.random.default_rng(0)
    data, hull = mujoco.MjData(model), env._law.space.hull
    moving = [g for g in range(model.ngeom) if model.geom_contype[g] == ROBOT]
    moving = [g for g in moving if model.body(model.geom_bodyid[g]).name != "arm/link1"]
    for slot in range(12):
        for name, field in env._fields.items():
            getattr(model, name)[:] = field[slot]
        boxes = env._law.boxes.of(np.array([slot]))
        posture = env._law.position_rad[slot] + random.uniform(-0.4, 0.4, 6)
        data.qpos[:] = env._arms.qpos[slot]
        data.qpos[env._arms.joints] = posture
        for side in ("left", "right"):  # the outline is of a gripper that is open
            data.qpos[model.joint(f"gripper/{side}").qposadr[0]] = profile.gripper.stroke_m / 2
        mujoco.mj_forward(model, data)
        known = hull.distances(chain.frames(posture[None]), boxes)[0]
        for box, geom in enumerate(env._geoms):
            if boxes.half_m[0, box, 0] > 0.0:
                true = min(mujoco.mj_geomDistance(model, data, g, int(geom), 2.0, None) for g in moving)
                assert known[box] < true + 1e-3
                assert known[box] > true - 0.04 or true < 0.0, "the outline must not be much too large either"
    assert len(moving) >= 9


def test_scenes_start_and_end_in_the_clear_within_the_joints_range(scenes, chain):
    hull = Hull(chain)
    for scene in scenes:
        for posture in (scene.start_rad, scene.goal_rad):
            assert (scene.range_rad[:, 0] < posture).all() and (posture < scene.range_rad[:, 1]).all()
            assert hull.clearance(chain.frames(posture[None]), scene.standing)[0] > FREE_M - 1e-6


def test_scenes_hold_what_the_randomisation_says(scenes, profile):
    ranges = profile.randomization.reach
    counts, limited = [], []
    for scene in scenes:
        there = scene.standing.half_m[0, :, 0] > 0
        counts.append(int(there.sum()))
        known, true = scene.known.centre_m[0, :4][there], scene.standing.centre_m[0][there]
        assert np.abs(known - true).max(initial=0.0) <= ranges.place_m
        grown = scene.known.half_m[0, :4][there] - scene.standing.half_m[0][there]
        assert ((grown >= 0) & (grown <= ranges.size_m)).all()
        limited.append(np.ptp(scene.range_rad, axis=1) < 4 * np.pi - 1e-9)
    assert min(counts) >= ranges.boxes[0] and max(counts) <= ranges.boxes[1] and len(set(counts)) >= 4
    assert abs(np.mean(limited) - ranges.limited) < 0.1


def test_without_obstacles_and_hard_goals_there_are_none(profile):
    scenes = ReachScenes(profile, ReachRandomization(boxes=(0, 0), hard=0.0, limited=0.0))
    for seed in range(10):
        scene = scenes.draw(np.random.default_rng(seed), 1)[0]
        assert not scene.standing.half_m.any() and scene.goal_rad[2] > 0.3
        assert (np.ptp(scene.range_rad, axis=1) > 12.0).all()


def played(env: ReachEnv, seed: int, action) -> dict[str, np.ndarray]:
    """Play one episode in every slot; return how they ended."""
    env.reset(seed=seed)
    ends: dict[str, np.ndarray] = {}
    open_slots = np.ones(env.num_envs, dtype=bool)
    while open_slots.any():
        infos = env.step(action(env))[4]
        if "final_info" in infos:
            new = infos["_final_info"] & open_slots
            for name, values in infos["final_info"].items():
                ends.setdefault(name, np.zeros(env.num_envs))[new] = values[new]
            open_slots &= ~new
    return ends


@pytest.fixture(scope="module")
def env(profile) -> ReachEnv:
    return ReachEnv(24, profile=profile)


def test_the_law_alone_reaches_and_touches_nothing(env):
    ends = played(env, 1000, lambda env: np.zeros((env.num_envs, 6)))
    assert ends["success"].mean() >= 0.95 and not ends["touched"].any()
    assert np.median(ends["seconds"]) < 2.0 and ends["force_n"].max() < 10.0


def test_no_policy_can_drive_the_arm_into_what_is_known(env):
    """Straight towards the nearest box, all the time: the damper has the last word."""

    def towards(env: ReachEnv) -> np.ndarray:
        near = env._law.space.hull.nearest(env._law.chain.frames(env._law.position_rad), env._law.boxes, 0)
        return -np.sign(near.gain[np.arange(env.num_envs), near.distance_m.argmin(axis=1)])

    ends = played(env, 2000, towards)
    assert not ends["touched"].any()
    assert np.nanmin(ends["clearance_m"]) > 0.0


def test_joint_ranges_and_speeds_hold_whatever_the_policy_says(env, profile):
    random, limits = np.random.default_rng(0), profile.arm.limits
    env.reset(seed=3000)
    push = np.sign(random.normal(size=(env.num_envs, 6)))
    law = env._law
    for _ in range(30):
        env.step(push)
        assert (law.position_rad >= law.range_rad[..., 0] - 1e-3).all()
        assert (law.position_rad <= law.range_rad[..., 1] + 1e-3).all()
        assert (np.abs(law.velocity_rad_s) <= np.array(limits.velocity_rad_s) + 1e-9).all()


def test_the_plain_servo_runs_into_boxes(profile):
    """The weak yardstick: without damper and route some episodes end in a contact."""
    ends = played(ReachEnv(32, law="servo", profile=profile), 1000, lambda env: np.zeros((env.num_envs, 6)))
    assert 0.05 < ends["touched"].mean() < 0.7


def test_a_stall_silences_the_policy(profile):
    """A policy that always pulls backwards is no longer asked once the arm stands still."""
    law = ReachLaw(profile.arm, 1, 1)
    start = np.array([profile.arm.home_rad])
    goal = start + np.array([[0.8, 0.3, -0.2, 0.0, 0.0, 0.0]])
    law.begin(np.array([0]), start, goal, Boxes.none(1, 1), law.range_rad)
    law.tuning = type(law.tuning)(residual_rad_s=10.0)
    for _ in range(400):
        law.command(-np.sign(goal - start), 0.008)
    assert law.alone[0]
    np.testing.assert_allclose(law.position_rad, goal, atol=2e-3)


def test_what_one_arm_does_does_not_depend_on_the_others(profile):
    """Exactly: not even on how long the damper takes for a neighbour that is in a tight place."""
    few, many = ReachEnv(2, profile=profile), ReachEnv(24, profile=profile)
    few.reset(seed=1000)
    many.reset(seed=1000)
    for _ in range(15):
        few.step(np.zeros((2, 6)))
        many.step(np.zeros((24, 6)))
        np.testing.assert_allclose(few._law.position_rad, many._law.position_rad[:2], atol=1e-6)


def test_observations_are_moderate_and_named(env):
    observation, _ = env.reset(seed=11)
    assert observation.shape == (24, len(OBSERVATIONS)) and len(OBSERVATIONS) <= 46 and len(ACTIONS) == 6
    for _ in range(20):
        observation = env.step(np.zeros((24, 6)))[0]
        assert np.isfinite(observation).all() and np.abs(observation).max() < 5.0


def test_boxes_of_several_sources_are_joined():
    random = np.random.default_rng(0)
    one, other = some_boxes(random, 2, 3), some_boxes(random, 2, 1)
    both = joined(one, other)
    assert both.centre_m.shape == (2, 4, 3) and (both.yaw_rad[:, 3:] == other.yaw_rad).all()
