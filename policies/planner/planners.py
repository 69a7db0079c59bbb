"""The planner that a profile names, for all that run without the simulator's truth."""

from __future__ import annotations

from pathlib import Path

from luban.endpoint_config import EndpointConfig
from luban.errors import LubanError, MissingComponent
from luban.planner import Planner
from luban.profile import Profile
from policies.planner.teacher import Teacher

CHECKPOINTS = Path(__file__).resolve().parent.parent / "checkpoints" / "planner"


def learned_planner(profile: Profile, checkpoints: Path = CHECKPOINTS) -> Planner:
    """Return the student with its escalation, or the teacher, as `profile.planner` says.

    Raises:
        MissingComponent: the package that runs the networks or speaks to the endpoint is not installed.
        LubanError: the checkpoint is missing, damaged or made for another cell; the endpoint's key is missing.
    """
    config = profile.planner
    if config.name == "teacher" and config.teacher is not None:
        from policies.planner.teacher_planner import TeacherPlanner

        return TeacherPlanner(profile, _teacher(config.teacher))
    if config.name != "vla":
        raise LubanError(f"the planner {config.name!r} is not a learned one; vla and teacher are")
    if not checkpoints.is_dir():
        raise LubanError(
            f"no learned planner in {checkpoints}: train one with 'luban distill', or use --planner expert"
        )
    try:
        from policies.planner.detector import Detector
        from policies.planner.reader import Reader
    except ModuleNotFoundError as error:
        raise MissingComponent(
            f"the planner 'vla' needs the package {error.name!r}; pip install 'luban[planner]'"
        ) from error
    from policies.planner.escalation import Escalation
    from policies.planner.student import Student

    escalation = Escalation(_teacher(config.teacher), config.deadline_s) if config.teacher else None
    return Student(
        profile,
        Reader.load(checkpoints, profile.catalogue),
        Detector.load(checkpoints, profile),
        escalation,
        config.least_confidence,
    )


def _teacher(endpoint: EndpointConfig) -> Teacher:
    from policies.planner.endpoint_teacher import EndpointTeacher

    return EndpointTeacher(endpoint)
