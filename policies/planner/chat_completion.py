"""The OpenAI-style chat API: the request for one step, and what of the response a teacher reads."""

from __future__ import annotations

import base64
import io
import math
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from PIL import Image
from pydantic import BaseModel, Field

from luban.endpoint_config import EndpointConfig
from luban.step import Skill
from policies.planner.teacher_prompt import TOOL_NAME, Prompt
from policies.planner.tool_call import as_call

_SKILL_OPENS = re.compile(r'"skill"\s*:\s*"$')
_TOOL_CHOICES = {
    "named": {"type": "function", "function": {"name": TOOL_NAME}},
    "required": "required",
    "auto": "auto",
}


def request_of(prompt: Prompt, config: EndpointConfig) -> dict[str, Any]:
    """Return the body of the request."""
    with_tool = config.tool_choice != "text"
    image = {"type": "image_url", "image_url": {"url": _data_url(prompt.image)}}
    body: dict[str, Any] = {
        "model": config.model,
        "temperature": config.temperature,
        "max_tokens": config.max_tokens,
        "messages": [
            {"role": "system", "content": prompt.system if with_tool else prompt.system_with_tool},
            {"role": "user", "content": [image, {"type": "text", "text": prompt.user}]},
        ],
    }
    if with_tool:
        body |= {"tools": [prompt.tool], "tool_choice": _TOOL_CHOICES[config.tool_choice]}
    if config.logprobs:
        body |= {"logprobs": True, "top_logprobs": 20}
    return body | dict(config.extra)


def _data_url(image: np.ndarray) -> str:
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG", compress_level=1)  # 23 ms, not 57, for a quarter more bytes
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


class _Function(BaseModel):
    name: str
    arguments: str


class _ToolCall(BaseModel):
    function: _Function


class _Message(BaseModel):
    content: str | None = None
    tool_calls: list[_ToolCall] | None = None


class _Candidate(BaseModel):
    token: str
    logprob: float = Field(le=1e-3)


class _Token(_Candidate):
    top_logprobs: list[_Candidate] = []


class _Logprobs(BaseModel):
    content: list[_Token] | None = None


class _Choice(BaseModel):
    message: _Message
    logprobs: _Logprobs | None = None


class _Usage(BaseModel):
    prompt_tokens: int = Field(default=0, ge=0)
    completion_tokens: int = Field(default=0, ge=0)


class Completion(BaseModel):
    """A response. Raises ValidationError for one that does not keep to the API."""

    choices: list[_Choice] = Field(min_length=1)
    usage: _Usage | None = None

    @property
    def text(self) -> str:
        """The tool calls as the model would write them, or, where it called none, what it said instead."""
        message = self.choices[0].message
        calls = [as_call(call.function.name, call.function.arguments) for call in message.tool_calls or ()]
        return "\n".join(calls) or message.content or ""

    @property
    def tokens(self) -> tuple[int, int]:
        """Tokens in and out; 0 where the server does not tell."""
        return (self.usage.prompt_tokens, self.usage.completion_tokens) if self.usage else (0, 0)

    @property
    def skill_probabilities(self) -> Mapping[Skill, float] | None:
        """Probability of each skill among those the server lists where the skill is decided, or None."""
        logprobs = self.choices[0].logprobs
        written = ""
        for token in (logprobs.content if logprobs else None) or ():
            if _SKILL_OPENS.search(written):
                return _shares([*token.top_logprobs] or [token])
            written += token.token
        return None


def _shares(candidates: list[_Candidate]) -> Mapping[Skill, float] | None:
    """Share the probability of first tokens among the skills that they begin; "p" begins two and counts for none."""
    mass: dict[Skill, float] = {}
    for candidate in candidates:
        start = candidate.token.partition('"')[0]
        skills = [skill for skill in Skill if start and skill.value.startswith(start)]
        if len(skills) == 1:
            mass[skills[0]] = mass.get(skills[0], 0.0) + math.exp(candidate.logprob)
    total = sum(mass.values())
    return {skill: share / total for skill, share in mass.items()} if total > 0.0 else None
