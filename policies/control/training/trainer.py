"""One training run: play and learn, evaluate on held-out episodes, keep the best policy, be able to go on."""

from __future__ import annotations

import fcntl
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

from torch.utils.tensorboard import SummaryWriter
from tqdm import tqdm

from luban.errors import LubanError
from policies.control.policy import Policy, Provenance
from policies.control.training.config import TrainingConfig
from policies.control.training.learner import Learner
from policies.control.training.progress import Point, Progress, Result, TrainingState
from policies.control.training.scoring import EnvFactory, Score, held_out_seed, score_in, training_seed, unseen_seed
from policies.control.training.vector_adapter import VectorAdapter

MOST_SLOTS = 64  # of an evaluation


class Start(Enum):
    """What to do about an earlier run in the same folder."""

    NEW = "refuse when there is one"
    RESUME = "go on where it stopped"
    FRESH = "start over"


@dataclass(frozen=True)
class Run:
    """A run that may be sent to another process. origin: command, seed and commit; the rest is filled in here."""

    config: TrainingConfig
    make: EnvFactory
    folder: Path
    origin: Provenance
    start: Start = Start.NEW
    position: int = 0  # line of the progress bar


def train(run: Run) -> Result:
    """Train to the end of the budget and return the scores. In run.folder: TASK.json (best policy), state, curve.

    The state is saved after every update, so a kill loses at most the update in progress. After an evaluation training
    begins new episodes that depend on seed and update alone: resumed there, a run gives the same weights as one that
    was never interrupted. Resumed between two evaluations, it goes on from the saved weights with new episodes.

    Raises:
        LubanError: an earlier run is in the folder and run.start does not say what to do; another process trains
            there; the disk is full.
    """
    with ExitStack() as stack:
        stack.enter_context(_only_one_in(run.folder))
        return _Trainer(run, stack).run()


@contextmanager
def _only_one_in(folder: Path) -> Iterator[None]:
    """Two runs in one folder would overwrite each other's state. The lock falls with the process, however it ends."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("w")
    except OSError as error:
        raise LubanError(f"cannot train in {folder}: {error}; choose another folder with --out") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise LubanError(f"another process trains in {folder}: wait for it, end it, or choose --out") from error
        yield


class _Trainer:
    def __init__(self, run: Run, stack: ExitStack) -> None:
        self._run, self._config, self._seed = run, run.config, run.origin.seed
        self._state = TrainingState(run.folder, run.config, self._seed)
        self._progress, tensors = self._earlier()
        inner = run.make(run.config.envs)
        self._contract = inner.contract  # type: ignore[attr-defined]
        self._env = stack.enter_context(closing(VectorAdapter(inner, run.config.gamma)))
        slots = min(MOST_SLOTS, max(run.config.held_out_episodes, run.config.unseen_episodes))
        self._evaluation = stack.enter_context(closing(run.make(slots)))
        self._learner = Learner(run.config, self._env, self._training_seed)
        if tensors:
            self._learner.restore(tensors)
            if not self._evaluation_due():
                self._learner.restart(self._training_seed)
        logs = str(run.folder / "tensorboard")
        self._board = stack.enter_context(closing(SummaryWriter(logs, purge_step=self._progress.steps)))
        total = run.config.steps or round(run.config.minutes * 60)
        title = f"{run.config.task} seed {self._seed}"
        unit = "step" if run.config.steps else "cpu s"
        self._bar = stack.enter_context(tqdm(total=total, desc=title, unit=unit, position=run.position, disable=None))

    def run(self) -> Result:
        while self._progress.result is None:
            if self._evaluation_due():
                self._evaluate()
            if reason := self._reason_to_end():
                self._finish(reason)
            else:
                self._update()
        return self._progress.result

    @property
    def _training_seed(self) -> int:
        return training_seed(self._seed, self._progress.updates)

    def _earlier(self) -> tuple[Progress, Mapping[str, object]]:
        path, start = self._state.path, self._run.start
        if start is Start.FRESH:
            path.unlink(missing_ok=True)
        if not path.exists():
            return Progress(), {}
        if start is Start.NEW:
            raise LubanError(f"{path.parent} holds an earlier run: --resume goes on, --fresh starts over")
        return self._state.load()

    def _update(self) -> None:
        began = time.process_time()
        before = self._progress
        plotted = self._learner.update(self._training_seed, self._remaining())
        steps = before.steps + self._config.envs * self._config.steps_per_update
        cpu_s = before.cpu_s + time.process_time() - began
        self._progress = replace(before, updates=before.updates + 1, steps=steps, cpu_s=cpu_s)
        self._save()
        if self._env.successes:
            plotted["rollout/success"] = sum(self._env.successes) / len(self._env.successes)
        for name, value in plotted.items():
            self._board.add_scalar(name, value, steps)
        self._show(plotted.get("rollout/success"))

    def _remaining(self) -> float:
        """Of the budget, 1..0: of the steps, so that a seed gives the same weights on every machine."""
        if self._config.steps is not None:
            return max(0.0, 1.0 - self._progress.steps / self._config.steps)
        return max(0.0, 1.0 - self._progress.cpu_s / (60.0 * self._config.minutes))

    def _evaluation_due(self) -> bool:
        progress = self._progress
        if progress.updates == 0 or (progress.curve and progress.curve[-1].updates == progress.updates):
            return False
        return progress.updates % self._config.updates_per_evaluation == 0 or self._budget_used() is not None

    def _evaluate(self) -> None:
        progress, policy = self._progress, self._policy()
        score = score_in(self._evaluation, policy, held_out_seed(), self._config.held_out_episodes)
        point = Point(progress.updates, progress.steps, progress.cpu_s, score)
        self._progress = replace(progress, curve=(*progress.curve, point))
        if self._progress.best is point:
            policy.save(self._policy_path)
        self._save()
        self._learner.restart(self._training_seed)
        self._plot("held_out", score)
        told = f"{self._config.task} seed {self._seed}: {progress.steps} steps, {progress.cpu_s / 60:.1f} min: {score}"
        self._bar.write(told, file=sys.stderr)

    def _finish(self, reason: str) -> None:
        """Measure the best policy and the baseline on episodes that chose nothing; write the score into its file."""
        progress, best = self._progress, self._progress.best
        assert best is not None
        seed, episodes = unseen_seed(self._seed), self._config.unseen_episodes
        policy = Policy.load(self._policy_path, self._contract)
        unseen = score_in(self._evaluation, policy, seed, episodes)
        baseline = score_in(self._evaluation, None, seed, episodes)
        interval = (unseen.low, unseen.high)
        scored = replace(
            policy.provenance, episodes=episodes, score=unseen.rate, interval95=interval, baseline=baseline.rate
        )
        Policy(policy.contract, policy.network, policy.scaling, scored).save(self._policy_path)
        result = Result(reason, progress.steps, progress.cpu_s / 60.0, best.score, unseen, baseline)
        self._progress = replace(progress, result=result)
        self._save()
        self._plot("unseen", unseen)

    def _reason_to_end(self) -> str | None:
        progress, config = self._progress, self._config
        if progress.best is not None and config.target is not None and progress.best.score.rate >= config.target:
            return f"target {config.target:g} reached"
        if progress.evaluations_since_best >= config.patience:
            return f"no better score in {config.patience} evaluations"
        return self._budget_used()

    def _budget_used(self) -> str | None:
        if self._config.steps is not None and self._progress.steps >= self._config.steps:
            return f"{self._config.steps} steps used"
        if self._progress.cpu_s >= 60.0 * self._config.minutes:
            return f"{self._config.minutes:g} min used"
        return None

    @property
    def _policy_path(self) -> Path:
        return self._run.folder / f"{self._config.task}.json"

    def _policy(self) -> Policy:
        progress = self._progress
        origin = replace(self._run.origin, steps=progress.steps, minutes=round(progress.cpu_s / 60.0, 2))
        return Policy(self._contract, self._learner.network(), self._env.scaling, origin)

    def _save(self) -> None:
        self._state.save(self._progress, self._learner.tensors())

    def _show(self, success: float | None) -> None:
        progress = self._progress
        self._bar.n = min(self._bar.total, progress.steps if self._config.steps else round(progress.cpu_s))
        best = f"best {100 * progress.best.score.rate:.0f} %" if progress.best else "best –"
        training = f"training {100 * success:.0f} %, " if success is not None else ""
        self._bar.set_postfix_str(f"{training}{best}, {progress.cpu_s / 60:.1f} cpu min")

    def _plot(self, name: str, score: Score) -> None:
        for key, value in (("success", score.rate), ("mean_s", score.mean_s), ("p95_force_n", score.p95_force_n)):
            if value is not None:
                self._board.add_scalar(f"{name}/{key}", value, self._progress.steps)
