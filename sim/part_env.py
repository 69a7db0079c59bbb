"""Tasks of an arm that works on one part from above: what picking and placing have in common."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from luban.motion.overhead import OverheadLaw, length
from luban.policy_contract import ARM_TICKS, PolicyContract
from luban.profile import Profile
from sim.any_part import AnyPart, add_any_part
from sim.arm_batch import ArmBatch
from sim.arm_cell import arm_cell_spec
from sim.stances import Stances
from sim.task_env import TaskEnv, Verdict

FORCE_LIMIT_N = 80.0  # a contact this hard ends the episode: the skill itself gives up at 84 N
LIFT_M = 0.11


class PartEnv(TaskEnv):
    """An arm over the bench with a part that is another one in every episode. A policy adds to `law`.

    A task begins episodes and says in `_potential` what progress is worth; time and contacts above gentle_n cost.
    """

    gentle_n: ClassVar[float]

    def __init__(
        self,
        num_envs: int,
        observation_names: Sequence[str],
        law: OverheadLaw,
        episode_s: float,
        profile: Profile,
        autoreset: bool,
        threads: int,
    ) -> None:
        self.profile = profile
        super().__init__(num_envs, observation_names, ARM_TICKS / profile.arm.rate_hz, episode_s, autoreset)
        self._law, self._chain = law, law.chain
        spec = arm_cell_spec(profile)
        add_any_part(spec)
        self._arms = ArmBatch(profile, spec.compile(), num_envs, threads)
        self._part = AnyPart(self._arms)
        self._pads = np.array([self._arms.model.geom(f"gripper/{side}_pad").id for side in ("left", "right")])
        self._friction = self._arms.batch.expand("geom_friction")
        self._stances = Stances.of(profile.arm)
        self._force_n, self._peak_n, self._before = (np.zeros(num_envs) for _ in range(3))
        self._tool = np.tile(np.eye(4), (num_envs, 1, 1))  # true poses, of the last period

    @property
    def contract(self) -> PolicyContract:
        return PolicyContract.for_arm(self.task, self.profile.arm, self.observation_names, self.action_names)

    def _lay(
        self, slots: np.ndarray, posture: np.ndarray, opening_m: np.ndarray, aim_m: np.ndarray, lying: np.ndarray
    ) -> None:
        """Put arms (k,) at rest at joint angles (k, joints), as `ArmBatch.place`, and their parts at free-joint
        coordinates (k, 7)."""
        self._arms.place(slots, posture, opening_m, aim_m)
        self._arms.qpos[slots, self._part.coordinates] = lying
        self._arms.settle(slots)

    def _started(self, slots: np.ndarray) -> None:
        """The law of copies (k,) has begun."""
        self._tool[slots] = self._chain.tool(self._arms.true_position_rad()[slots])
        self._peak_n[slots] = 0.0
        self._before[slots] = self._potential()[slots]

    def _advance(self, action: np.ndarray) -> None:
        for _ in range(ARM_TICKS):
            target, speed, aim = self._law.command(self._arms.sense(), action, self._arms.tick_s)
            self._arms.tick(target, speed, aim)
            self._force_n = length(self._arms.sense().wrench[:, :3])
            self._peak_n = np.maximum(self._peak_n, self._force_n)
        self._tool = self._chain.tool(self._arms.true_position_rad())

    def _observe(self) -> np.ndarray:
        return self._law.observe(self._arms.sense())

    def _verdict(self, success: np.ndarray, failure: np.ndarray) -> Verdict:
        """Reward progress, and the ends (n,) of episodes."""
        now = self._potential()
        reward = now - self._before - 0.03 + 3.0 * success - 3.0 * failure
        reward -= 0.004 * np.maximum(0.0, self._force_n - self.gentle_n)
        self._before = now
        return Verdict(reward, success, failure)

    @abstractmethod
    def _potential(self) -> np.ndarray:
        """What progress is worth (n,)."""
