"""What a way of the arm through the air is to a skill."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np

from luban.motion.sense import ArmSense


class Transit(ABC):
    """A way of the arm through the air that is not simply straight in joint space, tick by tick."""

    @abstractmethod
    def begin(self, position_rad: np.ndarray, goal_rad: np.ndarray, holding: bool) -> str:
        """Start at rest at joint angles (joints,). Return why it must be the straight move instead, or nothing."""

    @property
    @abstractmethod
    def arrived(self) -> bool:
        """Whether the last command was the goal."""

    @abstractmethod
    def command(self, sense: ArmSense, step_s: float) -> tuple[np.ndarray, np.ndarray]:
        """Return joint angles and speeds (joints,) for the coming period. Raises SkillError when no way is found."""

    @abstractmethod
    def said(self, phase: str) -> str:
        """The phase as the skill reports it."""
