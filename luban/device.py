"""The protocols that every driver and every twin speaks."""

from __future__ import annotations

from typing import Protocol

from luban.state import ArmCommand, ArmState, BaseCommand, BaseState, GripperCommand, GripperState, LidarScan


class Device(Protocol):
    """Something on the wire. `connect` and `close` may be called again; `stop` halts motion at once and for good
    until the owner sends again. Every failure raises DeviceError (operation, required, actual, next step)."""

    def connect(self) -> None: ...
    def stop(self) -> None: ...
    def close(self) -> None: ...


class Arm(Device, Protocol):
    def read(self) -> ArmState: ...
    def send(self, command: ArmCommand) -> ArmCommand:
        """Send a command; return what was really sent after limits."""
        ...


class Gripper(Device, Protocol):
    def read(self) -> GripperState: ...
    def send(self, command: GripperCommand) -> GripperCommand: ...


class MobileBase(Device, Protocol):
    def read(self) -> BaseState: ...
    def scan(self) -> LidarScan: ...
    def send(self, command: BaseCommand) -> BaseCommand: ...
