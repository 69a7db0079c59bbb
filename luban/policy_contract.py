"""What a learned controller is made for: the handshake between a policy file and the robot that would run it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from luban.profile import ArmConfig

ARM_TICKS = 6  # periods of the arm per action: 20.8 Hz at 125 Hz


@dataclass(frozen=True)
class PolicyContract:
    """Task, robot, rate and the meaning of every number that goes in and comes out, in order.

    joint_names: in the order in which the controller reads and commands them. rate_hz: one action each 1/rate_hz.
    observation: a name for each of the o features. action: a name for each of the a outputs, all within -1..1.
    """

    task: str
    robot: str
    joint_names: tuple[str, ...]
    rate_hz: float
    observation: tuple[str, ...]
    action: tuple[str, ...]

    @classmethod
    def for_arm(cls, task: str, arm: ArmConfig, observation: Sequence[str], action: Sequence[str]) -> PolicyContract:
        """A policy that is asked every ARM_TICKS periods of an arm."""
        names, rate_hz = arm.arm_model().joint_names, arm.rate_hz / ARM_TICKS
        return cls(task, arm.model, names, rate_hz, tuple(observation), tuple(action))

    def faults(self, required: PolicyContract) -> list[str]:
        """Say in plain words every way in which what is held (`self`) is not what the robot requires."""
        faults = [
            f"made for {noun} {held!r}, {needed!r} is required"
            for noun, held, needed in (("task", self.task, required.task), ("robot", self.robot, required.robot))
            if held != needed
        ]
        if self.rate_hz != required.rate_hz:
            faults.append(f"made for {self.rate_hz:g} Hz, {required.rate_hz:g} Hz is required")
        faults += _differences("joints", self.joint_names, required.joint_names)
        faults += _differences("observation", self.observation, required.observation)
        return faults + _differences("action", self.action, required.action)


def _differences(noun: str, held: Sequence[str], required: Sequence[str]) -> list[str]:
    """Missing and unknown names, or the first place where the order differs."""
    faults = []
    if missing := [name for name in required if name not in held]:
        faults.append(f"{noun}: lacks {', '.join(missing)}")
    if unknown := [name for name in held if name not in required]:
        faults.append(f"{noun}: has {', '.join(unknown)}, which this robot does not know")
    if faults or list(held) == list(required):
        return faults
    if len(held) != len(required):
        return [f"{noun}: {len(held)} names, {len(required)} are required"]
    index = next(i for i, (a, b) in enumerate(zip(held, required, strict=True)) if a != b)
    return [f"{noun}: another order; number {index + 1} is {held[index]!r}, {required[index]!r} is required"]
