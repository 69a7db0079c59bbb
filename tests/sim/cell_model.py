"""A cell without physics for planner tests: every step does at once what it says, unless told to fail."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from luban.catalogue import Catalogue
from luban.observation import CameraView, Observation
from luban.pose import Pose
from luban.state import ArmState, BaseState, GripperState
from luban.step import ImagePoint, Skill, Step, StepRecord
from sim.expert import Expert
from sim.truth import PartTruth, Truth

PartTuple = tuple[str, str, str, float, float]  # id, shape, colour, x [m], y [m]
UPRIGHT = np.array([1.0, 0.0, 0.0, 0.0])
# Straight down from 1.5 m: image right is -y, image down is -x.
LOOKING_DOWN = np.array([[0.0, -1.0, 0.0, 0.25], [-1.0, 0.0, 0.0, 0.0], [0.0, 0.0, -1.0, 1.5], [0.0, 0.0, 0.0, 1.0]])
VIEW = CameraView(
    "overview",
    0.0,
    np.zeros((480, 640, 3), np.uint8),
    np.ones((480, 640), np.float32),
    np.array([[400.0, 0.0, 320.0], [0.0, 400.0, 240.0], [0.0, 0.0, 1.0]]),
    LOOKING_DOWN,
)


class Cell:
    def __init__(self, catalogue: Catalogue, parts: Sequence[PartTuple], station: str = "dock") -> None:
        self.catalogue, self.station, self.held = catalogue, station, None
        self.parts = {
            name: PartTruth(name, shape, color, Pose(np.array([x, y, 0.01]), UPRIGHT), None, None, False)
            for name, shape, color, x, y in parts
        }
        self.fails: Callable[[Step], bool] = lambda step: False

    def truth(self) -> Truth:
        boxes = {name: Pose(np.array(box.position_m), UPRIGHT) for name, box in self.catalogue.containers.items()}
        bores = {name: Pose(np.array(bore.position_m), UPRIGHT) for name, bore in self.catalogue.fixtures.items()}
        place = self.catalogue.stations[self.station]
        base = BaseState(0.0, place.x_m, place.y_m, place.yaw_rad, 0.0, 0.0)
        return Truth(0.0, dict(self.parts), boxes, bores, base, self.station, self.held, Pose(np.zeros(3), UPRIGHT))

    def free_spot(self, container: str) -> np.ndarray:
        return self.truth().containers[container].position_m

    def observation(self) -> Observation:
        zeros = np.zeros(6)
        arm = ArmState(0.0, tuple("abcdef"), zeros, zeros, zeros, zeros)
        return Observation(
            0.0, {"overview": VIEW}, arm, GripperState(0.0, 0.08, 0.0, False), self.truth().agv, self.held
        )

    def carry_out(self, step: Step) -> bool:
        if self.fails(step):
            return False
        if step.skill is Skill.DRIVE:
            self.station = step.station or ""
        elif step.skill is Skill.PICK:
            self._hold(self._nearest(step.point, {name: part.pose for name, part in self.parts.items()}))
        else:
            self._release(step)
        return True

    def holds(self, predicate: str, subject: str, place: str) -> bool:
        if predicate == "at":
            return self.station == place
        part = self.parts[subject]
        inside = part.fixture if predicate == "inserted" else part.container
        return (inside == place) is not (predicate == "not_in")

    def _hold(self, name: str) -> None:
        assert self.held is None, "the gripper is full"
        self.held = name
        self.parts[name] = replace(self.parts[name], held=True, container=None, fixture=None)

    def _release(self, step: Step) -> None:
        assert self.held is not None, "nothing is held"
        truth = self.truth()
        place = self._nearest(step.point, dict(truth.containers if step.skill is Skill.PLACE else truth.fixtures))
        if place == "tote":
            assert self.station == "dock", "the tote is out of reach"
        part = replace(self.parts[self.held], held=False, pose={**truth.containers, **truth.fixtures}[place])
        if step.skill is Skill.PLACE:
            self.parts[self.held] = replace(part, container=place)
        else:
            assert part.shape == "shaft", "only a shaft fits"
            self.parts[self.held] = replace(part, fixture=place)
        self.held = None

    @staticmethod
    def _nearest(point: ImagePoint | None, poses: dict[str, Pose]) -> str:
        assert point is not None
        pixels = {name: VIEW.project(pose.position_m) for name, pose in poses.items()}
        return min(pixels, key=lambda name: np.hypot(pixels[name].u - point.u, pixels[name].v - point.v))


def run(cell: Cell, instruction: str, language: str = "en", most: int = 60) -> list[Step]:
    """Let the expert work until it stops; return all its steps, the last of which does not move."""
    expert = Expert(cell.catalogue, cell.truth, cell.free_spot)
    steps: list[Step] = []
    history: list[StepRecord] = []
    while len(steps) < most:
        step = expert.next_step(cell.observation(), instruction, language, tuple(history))
        steps.append(step)
        if not step.skill.moves:
            return steps
        history.append(StepRecord(step, cell.carry_out(step)))
    raise AssertionError(f"still busy after {most} steps: {[str(step) for step in steps]}")
