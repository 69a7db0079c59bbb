"""Asks a policy at its own rate, and hands over to the classical law as soon as something is not as in training."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np

from luban.errors import PolicyError
from luban.motion.sense import ArmSense
from luban.policy_contract import ARM_TICKS
from policies.control.policy import Policy

STRANGE_ASKS = 3  # one odd observation may be noise
FORCE_SHARE = 0.5  # of the arm's force limit: from here on the classical law alone decides


class Law(Protocol):
    """A classical law of one arm that a policy may add to."""

    def observe(self, sense: ArmSense) -> np.ndarray:
        """What a policy sees (1, o)."""


class Pilot:
    """One skill's policy. Its actions are added to a classical law, so that zeros are that law: handing over is to
    answer zeros until the skill ends, once and for good, and can neither jump nor thrash.

    policy: None always answers zeros and looks at nothing. actions: how many numbers a law takes.
    patience_s: how long `progress` may stand still. `reason`: why the policy no longer decides, or empty.
    """

    def __init__(
        self, policy: Policy | None, actions: int, force_limit_n: float, patience_s: float, ticks: int = ARM_TICKS
    ) -> None:
        self.policy, self._patience_s, self._ticks = policy, patience_s, ticks
        self._force_n = FORCE_SHARE * force_limit_n
        self._zeros = np.zeros((1, actions))
        self.start()

    def start(self) -> None:
        """A new skill begins: the policy decides again."""
        self.reason = ""
        self._action, self._count, self._strange = self._zeros, 0, 0
        self._best, self._still_s = -np.inf, 0.0

    def action(self, observe: Callable[[], np.ndarray], force_n: float, progress: float, step_s: float) -> np.ndarray:
        """Return the action (1, a) for a tick. observe: called only when the policy is due; returns (1, o).

        progress: any number that grows while the skill gets on, in units in which 1 is a noticeable step.
        """
        if self.policy is None or self.reason:
            return self._zeros
        self._still_s = 0.0 if progress > self._best + 1.0 else self._still_s + step_s
        self._best = max(self._best, progress) if self._still_s == 0.0 else self._best
        if self._count % self._ticks == 0:
            self._ask(self.policy, observe()[0].astype(np.float32))
        self._count += 1
        if force_n > self._force_n:
            self._hand_over(f"contact force {force_n:.0f} N")
        elif self._still_s > self._patience_s:
            self._hand_over(f"no progress for {self._still_s:.1f} s")
        return self._zeros if self.reason else self._action

    def added(
        self, law: Law, sense: ArmSense, rest_n: np.ndarray | float, progress: float, step_s: float
    ) -> np.ndarray:
        """As `action`, for an arm's law. rest_n: (3,) force that is no contact."""
        force_n = float(np.linalg.norm(sense.wrench[0, :3] - rest_n))
        return self.action(lambda: law.observe(sense), force_n, progress, step_s)

    def said(self, phase: str) -> str:
        """A phase as a skill reports it: with the reason where a policy no longer decides."""
        return f"{phase} (classical: {self.reason})" if self.reason else phase

    def _ask(self, policy: Policy, observation: np.ndarray) -> None:
        try:
            self._action = policy.act(observation)[None].astype(np.float64)
        except PolicyError as error:
            self._hand_over(str(error))
            return
        if not np.isfinite(self._action).all():
            self._hand_over("the policy's answer is not finite")
        outside = policy.out_of_range(observation)
        self._strange = self._strange + 1 if outside else 0
        if self._strange >= STRANGE_ASKS:
            self._hand_over(f"not as in training: {', '.join(outside[:3])}")

    def _hand_over(self, reason: str) -> None:
        self.reason = reason
