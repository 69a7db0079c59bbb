"""Training: learns what is trivial, repeats itself, survives a kill, and counts honestly."""

from __future__ import annotations

import fcntl
import json
import resource
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import IO

import numpy as np
import pytest
import torch

from luban.errors import LubanError, MissingComponent, PolicyError
from policies.control.policy import Policy
from policies.control.training.config import CONFIGS, TrainingConfig, find_config
from policies.control.training.learner import Learner
from policies.control.training.progress import Progress, Result, TrainingState
from policies.control.training.running_moments import RunningMoments
from policies.control.training.scoring import held_out_seed, score, training_seed, unseen_seed
from policies.control.training.sweep import train_all
from policies.control.training.trainer import Start, train
from policies.control.training.vector_adapter import VectorAdapter
from tests.control.point_env import CONFIG, PointEnv, point_run

CONTRACT = PointEnv(1).contract
SHORT = {"steps": 5120, "updates_per_evaluation": 4, "held_out_episodes": 4, "unseen_episodes": 4}  # 10 updates
DEADLINE_S = 60.0


def state(folder: Path, seed: int = 0, **changes: object) -> tuple[Progress, dict[str, np.ndarray]]:
    return TrainingState(folder, replace(CONFIG, **changes), seed).load()  # type: ignore[arg-type]


def same(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> bool:
    return one.keys() == other.keys() and all(np.array_equal(one[name], other[name]) for name in one)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    folder = tmp_path_factory.mktemp("point")
    return folder, train(point_run(folder))


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten updates with evaluations after 4, 8 and 10, never interrupted."""
    folder = tmp_path_factory.mktemp("short")
    train(point_run(folder, **SHORT))
    return folder


class Interrupted:
    """Makes environments of which the first, the one to train in, ends the process after some steps."""

    def __init__(self, after_updates: float) -> None:
        self._left = round(after_updates * CONFIG.steps_per_update)
        self._made = 0

    def __call__(self, num_envs: int) -> PointEnv:
        env, self._made = PointEnv(num_envs), self._made + 1
        if self._made == 1:
            step = env.step

            def step_or_die(actions: np.ndarray) -> object:
                self._left -= 1
                if self._left < 0:
                    raise KeyboardInterrupt
                return step(actions)

            env.step = step_or_die  # type: ignore[assignment, method-assign]
        return env


# Learning


def test_it_learns_what_is_trivial_and_the_baseline_does_not(trained: tuple[Path, Result]) -> None:
    folder, result = trained
    assert result.unseen.successes >= 38 and result.unseen.episodes == 40
    assert result.baseline.successes < 10
    policy = Policy.load(folder / "point.json", CONTRACT)
    origin = policy.provenance
    assert (origin.score, origin.baseline, origin.episodes) == (result.unseen.rate, result.baseline.rate, 40)
    (again,) = score(PointEnv, policy, [result.unseen.seed], 40, slots=7)
    assert again.successes == result.unseen.successes  # products of another size round differently, so not bit for bit
    assert (again.mean_s, again.p95_force_n) == pytest.approx((result.unseen.mean_s, result.unseen.p95_force_n))


def test_the_curve_is_there_for_plots_and_for_tensorboard(trained: tuple[Path, Result]) -> None:
    folder, result = trained
    curve = json.loads((folder / "curve.json").read_text())["curve"]
    assert [point["updates"] for point in curve] == [4, 8, 12, 16, 20, 24]
    assert [point["steps"] for point in curve] == [512 * updates for updates in (4, 8, 12, 16, 20, 24)]
    assert np.all(np.diff([point["cpu_s"] for point in curve]) > 0)
    assert result.held_out.order == max((p["score"]["successes"], -round(p["score"]["mean_s"], 2)) for p in curve)
    assert list((folder / "tensorboard").glob("events.out.tfevents.*"))


def test_what_was_seen_in_training_is_not_out_of_range(trained: tuple[Path, Result]) -> None:
    policy = Policy.load(trained[0] / "point.json", CONTRACT)
    assert policy.out_of_range(np.array([0.9, -1.5], np.float32)) == []
    assert policy.out_of_range(np.array([0.0, 9.0], np.float32)) == ["to_goal"]


def test_the_exported_network_is_torch_s() -> None:
    learner = Learner(CONFIG, VectorAdapter(PointEnv(16), 0.9), seed=3)
    learner.update(0, 1.0)
    network, inputs = learner.network(), np.random.default_rng(0).normal(size=(200, 2)).astype(np.float32)
    with torch.no_grad():
        mean = learner._ppo.policy.get_distribution(torch.from_numpy(inputs)).distribution.mean.numpy()
    np.testing.assert_allclose(network.many(inputs), mean, atol=1e-6)


def test_a_residual_begins_as_the_environment_s_own_law() -> None:
    learner = Learner(replace(CONFIG, residual=True), VectorAdapter(PointEnv(16), 0.9), seed=3)
    inputs = np.random.default_rng(0).normal(size=(200, 2)).astype(np.float32)
    assert np.abs(learner.network().many(inputs)).max() < 1e-3


# Repeating itself


def test_the_same_seed_gives_the_same_weights_in_another_process_too(short: Path, tmp_path: Path) -> None:
    runs = [point_run(tmp_path / "same", 0, **SHORT), point_run(tmp_path / "other", 1, **SHORT)]
    assert [run.origin.seed for run, _ in train_all(runs, jobs=2)] == [0, 1]
    assert same(state(tmp_path / "same", 0, **SHORT)[1], state(short, 0, **SHORT)[1])
    assert not same(state(tmp_path / "other", 1, **SHORT)[1], state(short, 0, **SHORT)[1])
    assert (tmp_path / "same/point.json").read_bytes() != (tmp_path / "other/point.json").read_bytes()


# Going on


def test_resumed_after_an_evaluation_the_weights_are_those_of_a_run_never_interrupted(
    short: Path, tmp_path: Path
) -> None:
    with pytest.raises(KeyboardInterrupt):
        train(replace(point_run(tmp_path, **SHORT), make=Interrupted(4.5)))
    assert state(tmp_path, **SHORT)[0].updates == 4
    resumed = train(point_run(tmp_path, start=Start.RESUME, **SHORT))
    whole, straight = state(short, **SHORT)
    assert resumed.unseen == whole.result.unseen  # type: ignore[union-attr]
    assert same(state(tmp_path, **SHORT)[1], straight)


def test_resumed_between_evaluations_no_update_is_lost(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        train(replace(point_run(tmp_path, **SHORT), make=Interrupted(6.9)))
    before, tensors = state(tmp_path, **SHORT)
    assert (before.updates, len(before.curve)) == (6, 1)
    learner = Learner(CONFIG, VectorAdapter(PointEnv(16), 0.9), seed=3)
    learner.restore(tensors)
    assert same(learner.tensors(), tensors)
    train(point_run(tmp_path, start=Start.RESUME, **SHORT))
    after, _ = state(tmp_path, **SHORT)
    assert (after.updates, after.steps) == (10, 5120)
    assert after.curve[0] == before.curve[0] and [point.updates for point in after.curve] == [4, 8, 10]


def test_killed_at_any_moment_it_goes_on_from_the_last_update(tmp_path: Path) -> None:
    command = [sys.executable, str(Path(__file__).with_name("point_env.py")), str(tmp_path), "0"]
    root = Path(__file__).resolve().parents[2]
    process = subprocess.Popen(command, cwd=root, env={"PYTHONPATH": str(root), "OMP_NUM_THREADS": "1"})
    seen, deadline = 0, time.monotonic() + DEADLINE_S
    while seen < 5 and time.monotonic() < deadline:
        assert process.poll() is None, "it ended before it could be killed"
        if (tmp_path / "state.json").exists():
            seen = json.loads((tmp_path / "state.json").read_text())["progress"]["updates"]
    with pytest.raises(LubanError, match="another process trains in"):
        train(point_run(tmp_path, start=Start.RESUME))
    process.kill()
    process.wait()
    updates = state(tmp_path)[0].updates
    assert 5 <= seen <= updates < 24
    assert Policy.load(tmp_path / "point.json", CONTRACT)
    result = train(point_run(tmp_path, start=Start.RESUME))
    assert result.unseen.successes >= 38
    progress, _ = state(tmp_path)
    assert (progress.updates, progress.steps) == (24, 24 * 512)


def test_killed_it_takes_its_workers_with_it(tmp_path: Path) -> None:
    folders = [tmp_path / "0", tmp_path / "1"]
    root = Path(__file__).resolve().parents[2]
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("point_env.py")), "side by side", *map(str, folders)],
        cwd=root, env={"PYTHONPATH": str(root), "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    deadline = time.monotonic() + 2 * DEADLINE_S
    try:
        while not all((folder / "state.json").exists() for folder in folders):
            assert process.poll() is None and time.monotonic() < deadline, "both runs did not begin"
            time.sleep(0.05)
    finally:
        process.kill()
        process.wait()
    for folder in folders:
        with (folder / "lock").open("w") as lock:
            while not free(lock):
                assert time.monotonic() < deadline, "a worker trains on without anybody who waits for it"
                time.sleep(0.05)


def free(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def test_an_earlier_run_is_never_overwritten_unasked(short: Path, tmp_path: Path) -> None:
    with pytest.raises(LubanError, match="holds an earlier run: --resume goes on, --fresh starts over"):
        train(point_run(short, **SHORT))
    before = state(short, **SHORT)[0].result
    assert train(point_run(short, start=Start.RESUME, **SHORT)) == before  # it was done; nothing is done again
    with pytest.raises(PolicyError, match=r"another run: gamma 0.9 → 0.5; --fresh"):
        train(point_run(short, start=Start.RESUME, **SHORT | {"gamma": 0.5}))


def test_fresh_starts_over(tmp_path: Path) -> None:
    train(point_run(tmp_path, **SHORT))
    first = state(tmp_path, **SHORT)[1]
    train(point_run(tmp_path, start=Start.FRESH, **SHORT))
    assert same(state(tmp_path, **SHORT)[1], first)
    assert state(tmp_path, **SHORT)[0].updates == 10


def test_a_full_disk_ends_the_run_and_leaves_a_state_to_go_on_from(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        train(replace(point_run(tmp_path, **SHORT), make=Interrupted(4.5)))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, before[1]))
    try:
        with pytest.raises(LubanError, match=r"training stopped: cannot write .*Make room, then .*--resume"):
            train(point_run(tmp_path, start=Start.RESUME, **SHORT))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert state(tmp_path, **SHORT)[0].updates == 4
    assert Policy.load(tmp_path / "point.json", CONTRACT)
    train(point_run(tmp_path, start=Start.RESUME, **SHORT))
    assert state(tmp_path, **SHORT)[0].updates == 10


# Ending


def ends(folder: Path, **changes: object) -> str:
    return train(point_run(folder, **SHORT | changes)).reason


def test_a_run_ends_by_target_patience_or_budget(tmp_path: Path) -> None:
    assert ends(tmp_path / "target", target=0.01) == "target 0.01 reached"
    assert ends(tmp_path / "patience", patience=1, learning_rate=1e-9) == "no better score in 1 evaluations"
    assert ends(tmp_path / "minutes", steps=None, minutes=0.001) == "0.001 min used"


# Scores


def test_each_seed_is_played_once_whatever_the_number_of_slots() -> None:
    """Success is won by the episodes that begin near the goal and end at once: counted twice, they would show."""
    seed, count = unseen_seed(0), 300
    rows = score(PointEnv, None, [seed, unseen_seed(1)], count, slots=9)
    starts = [np.random.default_rng(seed + index).uniform(-1, 1, 2) for index in range(count)]
    near = sum(abs(goal - position) < 0.1 for position, goal in starts)
    assert rows[0].successes == near and rows[0].low < near / count < rows[0].high
    assert rows[0].mean_s == pytest.approx(0.1)
    assert rows == score(PointEnv, None, [seed, unseen_seed(1)], count, slots=64)
    assert rows[0].p95_force_n == pytest.approx(np.percentile([abs(position) for position, _ in starts], 95))


def test_training_evaluation_and_publication_never_share_an_episode() -> None:
    training = {training_seed(seed, update) + slot for seed in range(9) for update in range(99) for slot in range(128)}
    uses = [training] + [set(range(seed, seed + 2**16)) for seed in (held_out_seed(), unseen_seed(0), unseen_seed(1))]
    assert sum(len(use) for use in uses) == len(set().union(*uses))


# What stable-baselines3 is told


def test_an_episode_out_of_time_is_told_from_one_that_is_done() -> None:
    adapter = VectorAdapter(PointEnv(40), 0.9)
    adapter.restart(0)
    goals, cut, done = adapter.inner._goal_m.copy(), np.zeros(40, bool), np.zeros(40, bool)  # type: ignore[attr-defined]
    positions = adapter.inner._position_m.copy()  # type: ignore[attr-defined]
    for _ in range(20):
        first = ~(cut | done)
        adapter.step_async(np.zeros((40, 1)))
        _, _, dones, infos = adapter.step_wait()
        for slot in np.flatnonzero(dones & first):
            cut[slot], done[slot] = infos[slot]["TimeLimit.truncated"], not infos[slot]["TimeLimit.truncated"]
            final = np.array([positions[slot], goals[slot] - positions[slot]], np.float32)
            np.testing.assert_allclose(infos[slot]["terminal_observation"], adapter.scaling(final))
    np.testing.assert_array_equal(done, np.abs(goals - positions) < 0.1)
    np.testing.assert_array_equal(cut, ~done)
    assert done.any() and cut.any()


def test_running_moments_are_those_of_all_together() -> None:
    parts = [np.random.default_rng(n).normal(5.0, n + 1.0, (n + 1, 3)) for n in range(8)]
    moments, whole = RunningMoments(3), np.concatenate(parts)
    for part in parts:
        moments.add(part)
    np.testing.assert_allclose(moments.mean, whole.mean(axis=0))
    np.testing.assert_allclose(moments.variance, whole.var(axis=0))
    np.testing.assert_array_equal((moments.low, moments.high), (whole.min(axis=0), whole.max(axis=0)))


def test_rewards_are_scaled_to_a_return_of_about_one() -> None:
    adapter = VectorAdapter(PointEnv(64), 0.9)
    adapter.restart(0)
    rng, total, returns = np.random.default_rng(0), np.zeros(64), []
    for _ in range(400):
        adapter.step_async(rng.uniform(-1, 1, (64, 1)))
        _, rewards, dones, _ = adapter.step_wait()
        total = 0.9 * total + rewards
        returns.append(total.copy())
        total[dones] = 0.0
    assert np.std(returns[200:]) == pytest.approx(1.0, rel=0.1)


# Configuration


def test_an_unknown_run_is_answered_with_the_closest() -> None:
    with pytest.raises(LubanError, match=r"unknown training run 'insrt'; did you mean 'insert'\?"):
        find_config("insrt")


def test_a_task_may_be_trained_like_another_run() -> None:
    like = find_config("insert", "debug")
    assert like == replace(CONFIGS["debug"], task="insert", settings=CONFIGS["insert"].settings)


def test_every_fault_of_a_configuration_is_listed() -> None:
    with pytest.raises(LubanError) as caught:
        TrainingConfig("insert", envs=0, activation="elo", gamma=2.0, batch=1000)
    for fault in ("envs: above 0", "did you mean 'elu'", "gamma"):
        assert fault in str(caught.value)
    with pytest.raises(LubanError, match="batch: a divisor of 4096"):
        TrainingConfig("insert", batch=1000)
    for envs in (1, 3, 100):
        changed = CONFIGS["insert"].with_envs(envs)
        assert (changed.envs * changed.steps_per_update) % changed.batch == 0


# Ray


def test_without_ray_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingComponent, match=r"pip install -e '\.\[sweep\]'"):
        list(train_all([point_run(tmp_path)], on_ray=True))


def test_on_ray_the_weights_are_the_same(short: Path, tmp_path: Path) -> None:
    pytest.importorskip("ray", reason="the extra 'sweep' is not installed")
    list(train_all([point_run(tmp_path / str(seed), seed, **SHORT) for seed in (0, 1)], on_ray=True))
    assert same(state(tmp_path / "0", **SHORT)[1], state(short, **SHORT)[1])
