"""The gate in front of the gripper, tried on the twin's."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import pytest

from luban.errors import CommandRejected
from luban.gripper_gate import GripperGate
from luban.profile import Profile
from luban.state import GripperCommand
from luban.task import Scene
from sim.world import World


@pytest.fixture
def gate(profile: Profile) -> Iterator[GripperGate]:
    world = World(profile, Scene(seed=1))
    yield GripperGate(world.gripper, profile.gripper)
    world.close()


def command(gate: GripperGate, opening_m: float = 0.04, **changes: float) -> GripperCommand:
    now_s = gate.read().stamp_s
    return replace(GripperCommand(now_s, now_s + 0.5, opening_m), **changes)


def test_limits_are_those_of_the_profile(gate: GripperGate, profile: Profile) -> None:
    sent = gate.send(command(gate, 0.5, force_n=999.0))
    assert sent.opening_m == profile.gripper.stroke_m and sent.force_n == profile.gripper.force_n
    assert gate.send(command(gate, -0.1)).opening_m == 0.0


@pytest.mark.parametrize("field", ["opening_m", "force_n", "valid_until_s", "stamp_s"])
@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_numbers_that_are_none_are_refused(gate: GripperGate, field: str, bad: float) -> None:
    with pytest.raises(CommandRejected, match="finite"):
        gate.send(command(gate, **{field: bad}))


def test_an_expired_command_is_refused(gate: GripperGate) -> None:
    with pytest.raises(CommandRejected, match="expired"):
        gate.send(command(gate, valid_until_s=gate.read().stamp_s - 0.1))


def test_a_stop_freezes_the_grip_until_reset(gate: GripperGate) -> None:
    gate.stop("stop pressed")
    with pytest.raises(CommandRejected, match="stop pressed"):
        gate.send(command(gate))
    gate.reset()
    gate.send(command(gate))
