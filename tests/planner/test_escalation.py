"""A teacher that is asked when the student is in doubt: real HTTP on a loopback socket, good, slow, lying and gone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from luban.endpoint_config import EndpointConfig
from luban.observation import Observation
from luban.profile import Profile
from luban.state import ArmState, BaseState, GripperState
from luban.step import ImagePoint, Skill, Step, StepRecord
from policies.planner.detector import Detection
from policies.planner.endpoint_teacher import EndpointTeacher
from policies.planner.escalation import Escalation
from policies.planner.scene_memory import SceneMemory
from policies.planner.teacher import TeacherQuestion
from policies.planner.teacher_planner import TeacherPlanner
from tests.planner.chat_server import Answer, Script, chat_server, completion, drips, drops, hangs, says
from tests.sim.cell_model import VIEW as ABOVE

VIEW = replace(
    ABOVE,
    color=np.random.default_rng(0).integers(0, 256, ABOVE.color.shape, dtype=np.uint8),
    depth_m=np.zeros_like(ABOVE.depth_m),
)
GEAR, SHAFT, BIN = (0.45, 0.10, 0.0095), (0.55, -0.05, 0.0095), (0.50, 0.41, 0.005)
DONE = StepRecord(Step(Skill.PICK, ImagePoint(1, 1)), True)


def at(position: tuple[float, float, float]) -> ImagePoint:
    return VIEW.project(np.array(position))


def call(skill: str, position: tuple[float, float, float] | None = None, **more: object) -> Answer:
    """What the server says: a call, its place in thousandths of the image."""
    place = {}
    if position is not None:
        place = {"point_2d": [at(position).u / VIEW.color.shape[1] * 1000, at(position).v / VIEW.color.shape[0] * 1000]}
    return says(completion({"reasoning": "so it seems", "skill": skill, **place, **more}))


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Script]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with chat_server() as script:
        yield script


@pytest.fixture
def teacher(server: Script) -> Iterator[EndpointTeacher]:
    config = EndpointConfig(url=server.url, model="qwen-vl", coordinates="relative_1000", tries=1, deadline_s=5.0)
    teacher = EndpointTeacher(config)
    yield teacher
    server.over.set()
    teacher.close()


def observation(profile: Profile, holding: bool = False) -> Observation:
    still = np.zeros(6)
    arm = ArmState(0.0, (), np.array(profile.arm.home_rad), still, still, still)
    return Observation(
        0.0, {"overview": VIEW}, arm, GripperState(0.0, 0.03, 0.0, holding), BaseState(0.0, 0.1, -0.78, 0, 0, 0)
    )


def memory(profile: Profile, held: str = "") -> SceneMemory:
    """A gear and a shaft on the bench, one of which may be in the gripper."""
    parts = {"gear": GEAR, "shaft": SHAFT}
    found = [Detection(at(p).u, at(p).v, 0.9, {shape: 0.97}, {"red": 0.97}) for shape, p in parts.items()]
    memory, history = SceneMemory(profile), []
    view = memory.look(observation(profile), found, history)
    assert len(view.scene.parts) == 2
    if held:
        history.append(StepRecord(Step(Skill.PICK, at(parts[held])), True))
        memory.look(observation(profile, holding=True), [], history)
    return memory


def question(profile: Profile, *history: StepRecord) -> TeacherQuestion:
    return TeacherQuestion(VIEW.color, "put the thingy there", "en", profile.catalogue, history)


@pytest.mark.parametrize(
    ("answer", "held", "skill"),
    [
        (call("pick", GEAR), "", Skill.PICK),
        (call("place", BIN), "gear", Skill.PLACE),
        (call("insert", (0.27, -0.35, 0.045)), "shaft", Skill.INSERT),
        (call("drive", station="warehouse"), "", Skill.DRIVE),
        (call("ask", sentence="Which one?"), "", Skill.ASK),
        (call("refuse", sentence="No."), "", Skill.REFUSE),
    ],
)
def test_what_can_be_checked_is_taken(server, teacher, profile, answer, held, skill) -> None:
    server.answers = [answer]
    step = Escalation(teacher, 5.0).step(question(profile), memory(profile, held))
    assert step is not None and step.skill is skill


@pytest.mark.parametrize(
    ("answer", "held"),
    [
        (call("pick", (0.45, -0.20, 0.0)), ""),  # nothing is there
        (call("pick", GEAR), "shaft"),  # the gripper is full
        (call("place", BIN), ""),  # and empty
        (call("place", (0.45, -0.20, 0.0)), "gear"),  # no container
        (call("insert", (0.27, -0.35, 0.045)), "gear"),  # does not fit
        (call("insert", (0.5, 0.0, 0.0)), "shaft"),  # no bore
        (call("drive", station="mars"), ""),
        (call("fly", GEAR), ""),
        (call("done"), ""),  # nothing was done
        (says(b"{half"), ""),
        (says({}, 500), ""),
        (says(completion(content="Just do it.")), ""),
        (drops, ""),
    ],
)
def test_lies_and_faults_are_not(server, teacher, profile, answer, held) -> None:
    server.answers = [answer]
    assert Escalation(teacher, 5.0).step(question(profile), memory(profile, held)) is None


def test_done_counts_when_something_was_done(server, teacher, profile) -> None:
    server.answers = [call("done")]
    step = Escalation(teacher, 5.0).step(question(profile, DONE), memory(profile))
    assert step is not None and step.skill is Skill.DONE


@pytest.mark.parametrize("slow", [hangs, drips])
def test_the_deadline_holds_and_no_second_question_waits_behind_the_first(server, teacher, profile, slow) -> None:
    server.answers = [slow]
    escalation = Escalation(teacher, 0.2)
    started_s = time.monotonic()
    assert escalation.step(question(profile), memory(profile)) is None
    assert escalation.step(question(profile), memory(profile)) is None
    assert time.monotonic() - started_s < 2.0 and len(server.requests) <= 1


def test_a_server_that_is_gone(profile) -> None:
    config = EndpointConfig(url="http://127.0.0.1:9", model="m", coordinates="absolute", tries=1, deadline_s=2.0)
    gone = EndpointTeacher(config)
    assert Escalation(gone, 2.0).step(question(profile), memory(profile)) is None
    gone.close()


def test_a_teacher_as_planner(server, teacher, profile) -> None:
    seen = observation(profile)
    dark = replace(seen, views={"overview": ABOVE})
    planner = TeacherPlanner(profile, teacher)
    server.answers = [call("pick", GEAR, label="red gear"), says(b"{half")]
    step = planner.next_step(seen, "put the gear into the tray", "en", ())
    assert step.skill is Skill.PICK and step.label == "red gear" and step.point is not None
    assert abs(step.point.u - at(GEAR).u) < 1e-6
    for image, said in ((seen, "请再试一次"), (dark, "相机")):
        asked = planner.next_step(image, "把齿轮放进托盘", "zh", ())
        assert asked.skill is Skill.ASK and said in asked.sentence
    assert planner.next_step(seen, "", "en", ()).skill is Skill.ASK
