"""The twin with its safety gates: the world is only ever moved on together with the gates that guard it."""

from __future__ import annotations

from dataclasses import dataclass, field

from luban.arm_gate import ArmGate
from luban.base_gate import BaseGate
from luban.gripper_gate import GripperGate
from sim.world import World


@dataclass
class GatedCell:
    """A World whose devices are reached through gates, each cycled at its own rate as beside a real driver."""

    world: World
    arm: ArmGate = field(init=False)
    gripper: GripperGate = field(init=False)
    base: BaseGate = field(init=False)

    def __post_init__(self) -> None:
        profile = self.world.profile
        self.arm = ArmGate(self.world.arm, profile.arm)
        self.gripper = GripperGate(self.world.gripper, profile.gripper)
        self.base = BaseGate(self.world.base, profile.base)
        self.period_s = 1.0 / profile.arm.rate_hz
        self._base_ticks = round(profile.arm.rate_hz / profile.base.rate_hz)
        self._ticks = 0

    def tick(self) -> None:
        """Move on by one period of the arm: gates first, then physics."""
        now_s = self.world.time_s
        if reason := self.stop_reason:
            self.stop(reason)  # one device stopped for a reason: the whole cell stops
        self.arm.cycle(now_s)
        if self._ticks % self._base_ticks == 0:
            self.base.cycle(now_s)
        self.world.step(self.period_s)
        self._ticks += 1

    def advance(self, seconds: float) -> None:
        for _ in range(max(1, round(seconds / self.period_s))):
            self.tick()

    @property
    def stop_reason(self) -> str:
        """Why a stop is latched, or an empty string."""
        return self.arm.reason or self.base.reason or self.gripper.reason

    def stop(self, reason: str) -> None:
        """Latch a stop on every device."""
        for gate in (self.arm, self.gripper, self.base):
            gate.stop(reason)

    def reset(self) -> None:
        """Release the stop on every device, or on none. Raises CommandRejected while something still moves."""
        self.arm.reset()
        self.base.reset()
        self.gripper.reset()
