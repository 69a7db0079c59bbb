"""Laws that every learning environment keeps, and the batch of arms held against the cell's own arm and gripper."""

from __future__ import annotations

import warnings
from functools import cache

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from gymnasium.vector import AutoresetMode

from luban.errors import LubanError
from luban.randomization import ArmRandomization
from luban.state import ArmCommand, GripperCommand
from luban.task import Scene
from sim.arm_batch import ArmBatch
from sim.arm_cell import arm_cell_spec
from sim.environments import TASKS, make_env, make_single
from sim.task_env import TaskEnv
from sim.world import World

LONGEST = 700  # steps of an episode


@cache
def batch(task: str) -> TaskEnv:
    return make_env(task, 3)


def actions(env: TaskEnv, seed: int) -> np.ndarray:
    """What slot 0, 1, .. of the batch do, always the same: (LONGEST, n, a), slowly changing."""
    size = (LONGEST // 5 + 1, env.num_envs, env.single_action_space.shape[0])
    return np.repeat(np.random.default_rng(seed).uniform(-0.5, 0.5, size), 5, axis=0)


@pytest.fixture(params=sorted(TASKS))
def task(request) -> str:
    return request.param


def test_gymnasium_finds_nothing_wrong(task):
    env = gymnasium.make(f"luban/{task.capitalize()}-v0", disable_env_checker=True).unwrapped
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        check_env(env, skip_render_check=True)
    env.close()
    # Observations have no bounds: what is normal is learned and kept with the policy.
    unexpected = [str(w.message) for w in caught if "infinity" not in str(w.message)]
    assert not unexpected, unexpected


def test_a_slot_behaves_like_the_only_one(task):
    """Whatever its neighbours do: slot i of a batch seeded with s is the single environment seeded with s + i."""
    env = batch(task)
    plan, seed = actions(env, 1), 40
    observation = env.reset(seed=seed)[0]
    singles = [make_single(task) for _ in range(env.num_envs)]
    for slot, single in enumerate(singles):
        np.testing.assert_allclose(single.reset(seed=seed + slot)[0], observation[slot], atol=1e-4)
    playing = set(range(env.num_envs))
    for step in range(LONGEST):
        observation, reward, terminated, truncated, infos = env.step(plan[step])
        for slot in list(playing):
            alone = singles[slot].step(plan[step, slot])
            ended = bool(terminated[slot] or truncated[slot])
            seen = infos["final_obs"][slot] if ended else observation[slot]
            np.testing.assert_allclose(alone[0], seen, atol=2e-3, err_msg=f"slot {slot}, step {step}")
            assert alone[1] == pytest.approx(reward[slot], abs=1e-3)
            assert alone[2:4] == (bool(terminated[slot]), bool(truncated[slot]))
            if ended:
                playing.remove(slot)
                final = {name: values[slot] for name, values in infos["final_info"].items()}
                assert alone[4]["success"] == final["success"]
                assert alone[4]["seconds"] == pytest.approx(final["seconds"])
        if not playing:
            return
    raise AssertionError(f"{task}: slots {playing} did not end in {LONGEST} steps")


def test_the_same_seed_gives_the_same_episode_and_another_one_another(task):
    env = batch(task)
    plan, seen = actions(env, 2), []
    for seed in (7, 7, 8):
        steps = [env.reset(seed=seed)[0].copy()]
        steps += [env.step(plan[step])[0].copy() for step in range(8)]
        seen.append(np.array(steps))
    np.testing.assert_array_equal(seen[0], seen[1])
    assert np.abs(seen[0] - seen[2]).max() > 1e-3


def test_a_reset_mask_leaves_the_other_slots_alone(task):
    env = batch(task)
    plan = actions(env, 3)
    env.reset(seed=20)
    for step in range(4):
        env.step(plan[step])
    fresh = env.reset(seed=[None, 21, None], options={"reset_mask": np.array([False, True, False])})[0]
    going_on = env.step(plan[4])[0]
    env.reset(seed=20)
    for step in range(4):
        env.step(plan[step])
    undisturbed = env.step(plan[4])[0]
    np.testing.assert_allclose(going_on[[0, 2]], undisturbed[[0, 2]], atol=1e-5)
    np.testing.assert_allclose(fresh[1], env.reset(seed=20)[0][1], atol=1e-5)


def test_spaces_names_and_contract_agree(task):
    env = batch(task)
    contract = env.contract
    assert contract.task == task
    assert env.single_observation_space.shape == (len(contract.observation),)
    assert env.single_action_space.shape == (len(contract.action),)
    assert contract.rate_hz == pytest.approx(1.0 / env.period_s)
    assert len(set(contract.observation)) == len(contract.observation)
    assert env.metadata["autoreset_mode"] is AutoresetMode.SAME_STEP


def test_an_action_that_is_no_number_is_refused(task):
    env = batch(task)
    env.reset(seed=1)
    with pytest.raises(LubanError, match="finite"):
        env.step(np.full(env.action_space.shape, np.nan))


def test_an_unknown_task_is_refused_with_the_known_ones():
    with pytest.raises(LubanError, match="reach"):
        make_env("raech", 1)


# The batch of arms against the cell's own arm --------------------------------------------------------------------


@pytest.fixture(scope="module")
def arm_model(profile):
    return arm_cell_spec(profile).compile()


def test_the_batch_moves_and_feels_like_the_cells_arm_and_gripper(profile, arm_model):
    """The same targets for a second and a half: the same joint angles, wrench, opening, one period after the other."""
    world = World(profile, Scene(1, ()))
    arms = ArmBatch(profile, arm_model, 2)
    state = world.arm.read()
    opening = np.full(2, world.gripper.read().opening_m)
    arms.place(np.arange(2), np.tile(state.position_rad, (2, 1)), opening, opening)
    arms.settle(np.arange(2))
    start, names, period_s = state.position_rad, state.joint_names, 1.0 / profile.arm.rate_hz
    sweep = np.array([0.4, 0.35, -0.5, 0.3, -0.4, 0.6])
    aim_m = None
    for tick in range(190):
        phase = 2 * np.pi * tick * period_s / 1.6
        target = start + sweep * (1 - np.cos(phase)) / 2
        speed = sweep * np.sin(phase) * np.pi / 1.6
        now_s = world.time_s
        world.arm.send(ArmCommand(now_s, now_s + 0.1, names, target, speed))
        if tick == 40:
            aim_m = 0.03
            world.gripper.send(GripperCommand(now_s, now_s + 5.0, aim_m, profile.gripper.force_n))
        world.step(period_s)
        arms.tick(np.tile(target, (2, 1)), np.tile(speed, (2, 1)), None if aim_m is None else np.full(2, aim_m))
        real, sense = world.arm.read(), arms.sense()
        for row in range(2):
            np.testing.assert_allclose(sense.position_rad[row], real.position_rad, atol=2e-5, err_msg=f"tick {tick}")
            if tick > 10:  # the cell's arm has come to rest under its servos' small sag, the batch starts without it
                np.testing.assert_allclose(sense.velocity_rad_s[row], real.velocity_rad_s, atol=2e-3)
                np.testing.assert_allclose(sense.wrench[row, :3], real.wrench[:3], atol=0.1)
                np.testing.assert_allclose(sense.wrench[row, 3:], real.wrench[3:], atol=0.02)
            assert sense.opening_m[row] == pytest.approx(world.gripper.read().opening_m, abs=2e-4)
    assert arms.sense().opening_m[0] == pytest.approx(0.03, abs=1e-3)
    world.close()


def test_the_arms_randomisation_stays_in_its_ranges_and_shows(profile, arm_model):
    ranges, count = ArmRandomization(), 24
    arms = ArmBatch(profile, arm_model, count)
    home = np.tile(profile.arm.home_rad, (count, 1))
    arms.place(np.arange(count), home, np.full(count, 0.04), np.full(count, 0.04))
    for slot in range(count):
        arms.randomize(slot, np.random.default_rng(slot), ranges)
    arms.settle(np.arange(count))
    servos = arms._servo
    for field, column, nominal in (
        (arms._gain, 0, arm_model.actuator_gainprm), (arms._bias, 1, arm_model.actuator_biasprm),
        (arms._bias, 2, arm_model.actuator_biasprm),
    ):  # fmt: skip
        scale = field[:, servos, column] / nominal[servos, column]
        assert (scale >= ranges.servo_scale[0]).all() and (scale <= ranges.servo_scale[1]).all()
        assert np.ptp(scale) > 0.3
    assert set(arms._delay) <= set(range(ranges.delay_ticks + 1)) and len(set(arms._delay)) > 1
    error_rad = np.abs(arms.sense().position_rad - arms.true_position_rad())
    assert 0.0 < error_rad.max() <= ranges.joint_bias_rad
    error_n = np.abs(arms.sense().wrench[:, :3] - arms.true_wrench()[:, :3])
    assert 0.0 < error_n.max() <= ranges.force_bias_n + 5 * ranges.force_noise_n


def test_an_arm_without_randomisation_is_the_nominal_one(profile, arm_model):
    none = ArmRandomization((1.0, 1.0), (1.0, 1.0), 0, 0.0, 0.0, 0.0, 0.0, 0.0)
    arms = ArmBatch(profile, arm_model, 1)
    arms.place(np.array([0]), np.array([profile.arm.home_rad]), np.array([0.04]), np.array([0.04]))
    arms.randomize(0, np.random.default_rng(0), none)
    arms.settle(np.array([0]))
    np.testing.assert_array_equal(arms.sense().position_rad, arms.true_position_rad())
    np.testing.assert_array_equal(arms.sense().wrench, arms.true_wrench())
