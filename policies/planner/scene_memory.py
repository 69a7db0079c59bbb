"""What lies where, from look to look: detections become parts with a name that stays, also while the arm hides them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import count

import numpy as np

from luban.free_spot import free_spot
from luban.observation import Observation
from luban.profile import Profile
from luban.scene_view import SceneView, SeenPart
from luban.step import ImagePoint, Skill, StepRecord
from luban.vehicle import Odometry, floor_frame, station_of
from luban.work import Situation
from policies.planner.detector import Detection
from policies.planner.sight import LEAST_CHANCE, MIDDLE_M, Look, Sight

SAME_M = 0.03  # a part found again within this distance is the same one, whatever it looks like
ALIKE = 0.5  # chance of being of the same shape and colour from which two things are alike
DOUBLE_M, LONG_M = 0.022, 0.045  # two detections nearer than this are one part; the latter if they are alike
GRIPPED_M = 0.06  # how far from the gripper's middle the line of sight to what it holds passes
MAY_BE = 0.02  # chance of a shape or colour, however sure one look was
UNRECOGNISED = 0.7  # chance that what stands there is a part though nobody recognised it
RECOGNISED = 0.25  # chance from which a shape or colour has a name


@dataclass(eq=False)
class Known:
    """A part as far as it is known. shapes, colors: chances, empty if nothing is known; chance: that it is there.

    offset_m: (3,) in the frame of its container's floor, else of the cell. seen: in the last look.
    gone: neither there nor hidden; it may turn up again.
    """

    id: str
    offset_m: np.ndarray
    shapes: dict[str, float] = field(default_factory=dict)
    colors: dict[str, float] = field(default_factory=dict)
    chance: float = 0.0
    container: str | None = None
    fixture: str | None = None
    seen: bool = False
    gone: bool = False

    @property
    def shape(self) -> str:
        return _best(self.shapes)

    @property
    def color(self) -> str:
        return _best(self.colors)

    def likeness(self, detection: Detection) -> float:
        """The chance that a detection is of this part's shape and colour."""
        if not (self.shape and self.color):
            return 0.0
        return detection.shapes.get(self.shape, 0.0) * detection.colors.get(self.color, 0.0)

    def position_m(self, floors: Mapping[str, np.ndarray]) -> np.ndarray:
        """Its middle (3,) in the cell frame."""
        floor = floors[self.container] if self.container else np.eye(4)
        return np.asarray(floor[:3, :3] @ self.offset_m + floor[:3, 3])

    def put(self, position_m: np.ndarray, floors: Mapping[str, np.ndarray], container: str | None = None) -> None:
        floor = floors[container] if container else np.eye(4)
        self.container, self.offset_m = container, (position_m - floor[:3, 3]) @ floor[:3, :3]

    def take(self, sight: Sight, floors: Mapping[str, np.ndarray]) -> None:
        """It has been seen once more. What has been inserted stays so for as long as it is seen at its bore."""
        found = sight.detection
        self.shapes, self.colors = _both(self.shapes, found.shapes), _both(self.colors, found.colors)
        self.chance = max(self.chance, sight.chance)
        self.put(sight.position_m, floors, sight.container)
        self.fixture = sight.bore if sight.seated or sight.bore == self.fixture else None
        self.seen, self.gone = True, False


class SceneMemory:
    """Ask `look` once per decision of a task. parts: by id, also those that are gone; held: the one in the gripper."""

    def __init__(self, profile: Profile, camera: str = "overview") -> None:
        self._profile, self._camera = profile, camera
        self._odometry = Odometry()
        self._ids = count(1)
        self._look: Look | None = None
        self.parts: dict[str, Known] = {}
        self.held: str | None = None

    def look(
        self, observation: Observation, detections: Iterable[Detection], history: Sequence[StepRecord]
    ) -> Situation:
        """Return what is where, after one more look and what was done since the last one. An empty history begins a
        new task: then only what is seen now counts."""
        last = history[-1] if history else None
        if last is None:
            self.parts, self.held = {}, None
        catalogue = self._profile.catalogue
        driven = last is not None and last.step.skill is Skill.DRIVE
        reached = catalogue.stations[last.step.station or ""] if last and driven and last.succeeded else None
        base = self._odometry.corrected(observation.base, reached, driven)
        floors = {name: floor_frame(box, base, catalogue.floor_z_m) for name, box in catalogue.containers.items()}
        view, posture_rad = observation.views[self._camera], observation.arm.position_rad
        look = self._look = Look(self._profile, view, floors, posture_rad)
        holding = observation.gripper.holding
        self._follow(last, holding, look)
        sights, gripped = _sights(detections, look, holding)
        if holding and self.held is None:
            self.held = self._grasped(gripped, look).id
        self._associate(sights, look)
        if last is None:
            self._notice(look)
        parts = tuple(
            SeenPart(part.id, part.shape, part.color, part.position_m(floors), part.container, part.fixture)
            for part in self.parts.values()
            if not part.gone
        )
        places = {name: floor[:3, 3] for name, floor in floors.items()}
        places |= {name: np.array(fixture.position_m) for name, fixture in catalogue.fixtures.items()}
        return Situation(
            SceneView(parts, places), self.held, station_of(base, catalogue), partial(self._free_spot, floors)
        )

    def shows(self, point: ImagePoint) -> tuple[Known | None, str | None, str | None]:
        """The part, the container and the fixture that a pixel of the last look shows."""
        if self._look is None:
            return None, None, None
        part, look = self._pointed_at(point, self._look), self._look
        bores = self._profile.catalogue.fixtures.items()
        near = [name for name, bore in bores if look.off_line_m(point, np.array(bore.position_m)) < GRIPPED_M]
        return self.parts.get(part or ""), look.container_at(point), near[0] if near else None

    def _free_spot(self, floors: Mapping[str, np.ndarray], container: str) -> np.ndarray:
        lying = [p.position_m(floors) for p in self.parts.values() if p.container == container and not p.gone]
        return free_spot(floors[container], self._profile.catalogue.containers[container].inner_size_m, lying)

    def _follow(self, last: StepRecord | None, holding: bool, look: Look) -> None:
        """What the last skill has changed, as the gripper confirms it."""
        point = last.step.point if last else None
        if holding:
            if self.held is None and last and point and last.step.skill is Skill.PICK:
                self.held = self._pointed_at(point, look)
            if self.held is not None:
                self.parts[self.held].put(look.tool_m, look.floors)
                self.parts[self.held].fixture, self.parts[self.held].seen = None, False
            return
        if self.held is None:
            return
        part, self.held = self.parts[self.held], None
        part.gone = True  # dropped, unless it was put somewhere
        if last is None or point is None or not last.succeeded:
            return
        if last.step.skill is Skill.INSERT:
            bores = {name: np.array(bore.position_m) for name, bore in self._profile.catalogue.fixtures.items()}
            part.gone, part.fixture = False, min(bores, key=lambda name: look.off_line_m(point, bores[name]))
            part.put(bores[part.fixture], look.floors)
        elif container := look.container_at(point):
            part.gone = False
            part.put(look.view.on_level(point, look.floors[container][2, 3] + MIDDLE_M), look.floors, container)

    def _pointed_at(self, point: ImagePoint, look: Look) -> str | None:
        """The part that a point in the image meant."""
        off_m = {p.id: look.off_line_m(point, p.position_m(look.floors)) for p in self.parts.values() if not p.gone}
        nearest = min(off_m, key=lambda name: off_m[name], default=None)
        return nearest if nearest is not None and off_m[nearest] < GRIPPED_M else None

    def _grasped(self, gripped: list[Detection], look: Look) -> Known:
        """Something in the gripper that nobody saw it grip."""
        part = self._new(look.tool_m)
        if gripped:
            part.shapes, part.colors, part.chance = gripped[0].shapes, gripped[0].colors, gripped[0].chance
        return part

    def _new(self, position_m: np.ndarray) -> Known:
        name = f"part{next(self._ids)}"
        self.parts[name] = Known(name, position_m)
        return self.parts[name]

    def _associate(self, sights: Sequence[Sight], look: Look) -> None:
        """Find the known parts again: near where they were; else as one of their kind in the same place; else, if they
        are not where they were, as one of their kind anywhere. What is then neither found nor hidden is gone, and what
        belongs to nobody is new."""
        floors = look.floors
        missed = {part.id: part for part in self.parts.values() if part.id != self.held}
        at_m = {part.id: part.position_m(floors) for part in missed.values()}
        unclaimed = list(sights)

        def claim(pairs: Iterable[tuple[float, str, Sight]]) -> None:
            for _, name, sight in sorted(pairs, key=lambda pair: pair[:2]):
                if name in missed and sight in unclaimed:
                    missed.pop(name).take(sight, floors)
                    unclaimed.remove(sight)

        def apart_m(part: Known, sight: Sight) -> float:
            return float(np.linalg.norm(at_m[part.id][:2] - sight.position_m[:2]))

        claim(
            (apart_m(part, sight) / SAME_M - part.likeness(sight.detection), part.id, sight)
            for part in missed.values()
            for sight in unclaimed
            if not part.gone and apart_m(part, sight) < SAME_M
        )
        alike = [
            (apart_m(part, sight), part, sight)
            for part in missed.values()
            for sight in unclaimed
            if part.likeness(sight.detection) >= ALIKE
        ]
        claim(
            (metres, part.id, sight)
            for metres, part, sight in alike
            if (part.container or part.fixture) and (part.container, part.fixture) == (sight.container, sight.bore)
        )
        moved = {part.id for part in missed.values() if part.gone or not look.may_hold(at_m[part.id])}
        claim((metres, part.id, sight) for metres, part, sight in alike if part.id in moved)
        for part in missed.values():
            part.seen, part.gone = False, part.id in moved
        for sight in unclaimed:
            self._new(sight.position_m).take(sight, floors)

    def _notice(self, look: Look) -> None:
        """What stands there and was not recognised may be any part."""
        seen_m = [part.position_m(look.floors) for part in self.parts.values() if part.seen]
        catalogue = self._profile.catalogue
        for position_m, container in look.others(seen_m):
            part = self._new(position_m)
            part.put(position_m, look.floors, container)
            part.chance, part.seen = UNRECOGNISED, True
            part.shapes = dict.fromkeys(catalogue.shapes, 1 / len(catalogue.shapes))
            part.colors = dict.fromkeys(catalogue.colors, 1 / len(catalogue.colors))


def _best(chances: dict[str, float]) -> str:
    best = max(chances, key=lambda name: chances[name], default="")
    return best if chances.get(best, 0.0) >= RECOGNISED else ""


def _sights(detections: Iterable[Detection], look: Look, holding: bool) -> tuple[list[Sight], list[Detection]]:
    """Detections that lie somewhere, each thing once, the surest first; and those in the gripper."""
    sights: list[Sight] = []
    gripped: list[Detection] = []
    for detection in sorted(detections, key=lambda each: -each.chance):
        point = ImagePoint(detection.u, detection.v, camera=look.view.name)
        if holding and look.off_line_m(point, look.tool_m) < GRIPPED_M:
            gripped.append(detection)
            continue
        sight = look.sight(detection)
        if sight is not None and sight.chance >= LEAST_CHANCE and not any(_double(sight, other) for other in sights):
            sights.append(sight)
    return sights, gripped


def _double(sight: Sight, other: Sight) -> bool:
    alike = (sight.detection.shape, sight.detection.color) == (other.detection.shape, other.detection.color)
    apart_m = float(np.linalg.norm(sight.position_m - other.position_m))
    return apart_m < (LONG_M if alike and sight.container is None else DOUBLE_M)


def _both(before: dict[str, float], now: dict[str, float]) -> dict[str, float]:
    """The chances of classes after two independent looks."""
    if not before:
        return dict(now)
    joint = {name: max(now[name], MAY_BE) * max(before.get(name, 0.0), MAY_BE) for name in now}
    total = sum(joint.values())
    return {name: chance / total for name, chance in joint.items()}
