"""The safety gate in front of a gripper. Silence and stops keep the grip: letting go is a motion too."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from luban.device import Gripper
from luban.errors import CommandRejected
from luban.profile import GripperConfig
from luban.state import GripperCommand, GripperState


@dataclass
class GripperGate:
    """Wraps any Gripper with the same `read` and `send`; a latched stop freezes it as it is."""

    gripper: Gripper
    config: GripperConfig
    reason: str = ""

    @property
    def stopped(self) -> bool:
        return bool(self.reason)

    def connect(self) -> None:
        self.gripper.connect()

    def close(self) -> None:
        self.gripper.close()

    def read(self) -> GripperState:
        return self.gripper.read()

    def send(self, command: GripperCommand) -> GripperCommand:
        """Send a command with opening and force limited to the profile. Raises CommandRejected."""
        if self.stopped:
            raise CommandRejected(f"gripper command refused: stopped ({self.reason}); reset first")
        numbers = (command.opening_m, command.force_n, command.stamp_s, command.valid_until_s)
        if not all(math.isfinite(number) for number in numbers):
            raise CommandRejected("gripper command refused: finite numbers required, got NaN or infinity")
        now_s = self.gripper.read().stamp_s
        if command.valid_until_s < now_s:
            raise CommandRejected(f"gripper command refused: it expired {now_s - command.valid_until_s:.3f} s ago")
        opening_m = min(max(command.opening_m, 0.0), self.config.stroke_m)
        force_n = min(max(command.force_n, 0.0), self.config.force_n)
        return self.gripper.send(replace(command, opening_m=opening_m, force_n=force_n))

    def stop(self, reason: str = "stop requested") -> None:
        """Latch a stop; the grip stays as it is."""
        self.reason = self.reason or reason

    def reset(self) -> None:
        self.reason = ""
