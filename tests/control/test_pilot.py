"""The pilot asks its policy at the policy's rate and hands over for good as soon as something is not as in training."""

from __future__ import annotations

import numpy as np
import pytest

from luban.policy_contract import ARM_TICKS, PolicyContract
from policies.control.network import Network
from policies.control.pilot import STRANGE_ASKS, Pilot
from policies.control.policy import Policy, Provenance, Scaling

PERIOD_S = 0.008


@pytest.fixture
def pilot() -> Pilot:
    """Doubles its first observation; has seen -1..1 in training; 100 N are too much; two seconds without progress."""
    contract = PolicyContract("insert", "ur5e", ("a",), 125 / ARM_TICKS, ("x", "y"), ("u",))
    network = Network([(np.array([[2.0, 0.0]], np.float32), np.zeros(1, np.float32))], "tanh")
    ones = np.ones(2, np.float32)
    origin = Provenance("luban train insert", 0, 1, 1.0, "abc")
    return Pilot(Policy(contract, network, Scaling(0 * ones, ones, -ones, ones), origin), 1, 200.0, 2.0)


class Sensors:
    """Counts how often it is asked."""

    def __init__(self, *values: float) -> None:
        self.values, self.asked = np.array([values]), 0

    def __call__(self) -> np.ndarray:
        self.asked += 1
        return self.values


def fly(pilot: Pilot, sensors: Sensors, ticks: int, force_n: float = 5.0, gain: float = 0.1) -> np.ndarray:
    """Tick; return the last action. gain: progress per tick."""
    return [pilot.action(sensors, force_n, gain * tick, PERIOD_S) for tick in range(ticks)][-1]


def test_the_policy_is_asked_at_its_own_rate(pilot: Pilot) -> None:
    sensors = Sensors(0.2, 0.0)
    assert fly(pilot, sensors, 3 * ARM_TICKS) == pytest.approx(0.4)
    assert sensors.asked == 3 and not pilot.reason


@pytest.mark.parametrize(
    ("observation", "force_n", "gain", "reason"),
    [
        ((3.0, 0.0), 5.0, 0.1, "not as in training: x"),
        ((np.nan, 0.0), 5.0, 0.1, "not finite"),
        ((0.2, 0.0), 150.0, 0.1, "contact force 150 N"),
        ((0.2, 0.0), 5.0, 0.0, "no progress for 2"),
    ],
)
def test_it_hands_over_once_and_for_good(pilot: Pilot, observation, force_n, gain, reason) -> None:
    ticks = 1 + round(2.2 / PERIOD_S)
    assert fly(pilot, Sensors(*observation), ticks, force_n, gain) == 0.0
    assert reason in pilot.reason
    calm = Sensors(0.2, 0.0)
    assert fly(pilot, calm, 50) == 0.0 and calm.asked == 0
    pilot.start()  # a new skill
    assert fly(pilot, calm, 1) == pytest.approx(0.4) and not pilot.reason


def test_one_odd_observation_may_be_noise(pilot: Pilot) -> None:
    fly(pilot, Sensors(3.0, 0.0), (STRANGE_ASKS - 1) * ARM_TICKS)
    assert fly(pilot, Sensors(0.2, 0.0), ARM_TICKS) == pytest.approx(0.4) and not pilot.reason


def test_without_a_policy_the_law_is_alone_and_nothing_is_said_about_it() -> None:
    pilot, sensors = Pilot(None, 5, 200.0, 2.0), Sensors(np.nan, 0.0)
    action = fly(pilot, sensors, 1 + round(2.2 / PERIOD_S), force_n=150.0, gain=0.0)
    assert action.shape == (1, 5) and not action.any()
    assert sensors.asked == 0 and pilot.said("push") == "push"


def test_a_phase_says_why_the_policy_no_longer_decides(pilot: Pilot) -> None:
    fly(pilot, Sensors(0.2, 0.0), 1)
    assert pilot.said("push") == "push"
    fly(pilot, Sensors(0.2, 0.0), 1, force_n=150.0)
    assert pilot.said("push") == "push (classical: contact force 150 N)"
