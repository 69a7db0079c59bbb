"""From what a model wrote to a step: one well-formed call of the one tool, or an error. Nothing is guessed."""

from __future__ import annotations

import json
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from luban.errors import unknown
from luban.step import ImagePoint, Skill, Step
from policies.planner.image_coordinates import ImageCoordinates, Pair
from policies.planner.teacher import TeacherError, TeacherQuestion
from policies.planner.teacher_prompt import TOOL_NAME

CALL_OPENS, CALL_CLOSES = "<tool_call>", "</tool_call>"
THOUGHT_CLOSES = "</think>"
MAX_CHARS = 20_000

Coordinate = Annotated[float, Field(ge=0.0, allow_inf_nan=False)]


class _Call(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    reasoning: str = Field(max_length=8000)
    skill: Skill
    label: str | None = Field(default=None, max_length=200)
    point_2d: tuple[Coordinate, Coordinate] | None = None
    bbox_2d: tuple[Coordinate, Coordinate, Coordinate, Coordinate] | None = None
    station: str | None = None
    sentence: str | None = Field(default=None, max_length=1000)

    @field_validator("label", "station", "sentence")
    @classmethod
    def _blank_is_absent(cls, text: str | None) -> str | None:
        return text.strip() or None if text else None


def read_call(text: str, question: TeacherQuestion, coordinates: ImageCoordinates) -> tuple[Step, str]:
    """Return the step, in pixels of the question's image, and the reasoning that led to it.

    text: a call between <tool_call> tags, or one JSON object, with or without prose around it.
    Raises:
        TeacherError: anything else; also a place outside the image, an unknown skill or station, or a target that
            does not fit the skill.
    """
    try:
        call = _Call.model_validate_json(json.dumps(_arguments(text)))
        point = _point(call, question, coordinates)
        if call.station is not None and call.station not in question.catalogue.stations:
            raise ValueError(unknown("station", call.station, question.catalogue.stations))
        step = Step(call.skill, point, call.station, sentence=call.sentence or "", label=call.label or "")
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise _unusable(f"{'.'.join(map(str, first['loc'])) or 'call'}: {first['msg']}", text) from error
    except (ValueError, RecursionError) as error:
        raise _unusable(str(error), text) from error
    return step, call.reasoning


def as_call(name: str, arguments: str) -> str:
    """Write a tool call that an endpoint returned in parts as the model would have written it."""
    return f'{CALL_OPENS}\n{{"name": {json.dumps(name)}, "arguments": {arguments}}}\n{CALL_CLOSES}'


def _unusable(fault: str, text: str) -> TeacherError:
    return TeacherError(
        "the teacher's answer",
        required=f"one well-formed call of {TOOL_NAME}",
        actual=f"{fault}, in {text[:200]!r}{'...' if len(text) > 200 else ''}",
        next_step="leave this example out, or ask the person",
    )


def _arguments(text: str) -> dict[str, Any]:
    """Return the arguments of the only call in a text. Raises ValueError, RecursionError."""
    if len(text) > MAX_CHARS:
        raise ValueError(f"{len(text)} characters, at most {MAX_CHARS} are read")
    calls = _objects(text.rpartition(THOUGHT_CLOSES)[2])
    if len(calls) != 1:
        raise ValueError(f"{len(calls)} calls")
    (call,) = calls
    if "name" not in call and "arguments" not in call:
        return call  # the arguments alone
    if call.get("name") != TOOL_NAME:
        raise ValueError(unknown("tool", str(call.get("name")), [TOOL_NAME]))
    if set(call) != {"name", "arguments"} or not isinstance(call["arguments"], dict):
        raise ValueError("a call without an object of arguments")
    return call["arguments"]


def _objects(text: str) -> list[dict[str, Any]]:
    """Return every JSON object: those between tags where there are tags, else all.

    A brace that opens no well-formed object is an error: what it encloses may be what the model decided against.
    """
    opens = CALL_OPENS if CALL_OPENS in text else "{"
    found, at = [], text.find(opens)
    while at >= 0:
        start = at + len(opens) if opens == CALL_OPENS else at
        start += len(text[start:]) - len(text[start:].lstrip())
        if not text.startswith("{", start):
            raise ValueError(f"no object after {CALL_OPENS}")
        value, end = _DECODER.raw_decode(text, start)
        if opens == CALL_OPENS and text[end:].strip() and not text[end:].lstrip().startswith(CALL_CLOSES):
            raise ValueError(f"more than an object after {CALL_OPENS}")
        found.append(value)
        at = text.find(opens, end)
    return found


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError("a key that occurs twice")
    return dict(pairs)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number")


_DECODER = json.JSONDecoder(object_pairs_hook=_no_duplicates, parse_constant=_no_constant)


def _point(call: _Call, question: TeacherQuestion, coordinates: ImageCoordinates) -> ImagePoint | None:
    """Return the place of a call: its point, or the middle of its box."""
    if call.point_2d is not None and call.bbox_2d is not None:
        raise ValueError("both point_2d and bbox_2d")
    place: Pair | None = call.point_2d
    right, bottom = coordinates.span(question.size_px)
    if call.bbox_2d is not None:
        x1, y1, x2, y2 = call.bbox_2d
        if not (x1 < x2 <= right and y1 < y2 <= bottom):
            raise ValueError(f"bbox_2d {list(call.bbox_2d)} is no box inside 0..{right}, 0..{bottom}")
        place = (x1 + x2) / 2, (y1 + y2) / 2
    if place is None:
        return None
    u, v = coordinates.to_image(place, question.size_px)
    if u >= question.size_px[0] or v >= question.size_px[1]:
        raise ValueError(f"point_2d {list(place)} lies outside 0..{right}, 0..{bottom}")
    return ImagePoint(u, v, camera=question.camera)
