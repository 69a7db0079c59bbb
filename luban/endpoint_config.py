"""Where a teacher is served, what it may take and what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator
from pydantic.dataclasses import dataclass

from luban.catalogue import Positive, strict

NotNegative = Annotated[float, Field(ge=0)]


@dataclass(frozen=True, config=strict)
class EndpointConfig:
    """One model behind an OpenAI-style chat API.

    url: up to the version, such as "https://host/v1". key_variable: the environment variable that holds the API key;
    None for a server that wants none. deadline_s: the whole answer, with waiting and all tries; attempt_s: one try.
    pause_s: before the second try, doubled each time; a server's Retry-After counts instead where it is longer.
    tool_choice: how the tool is demanded; "text" for models that are served without tools: then it is described in
    the prompt. extra: further fields of the request, such as {"enable_thinking": false}. Prices: per million tokens.
    """

    url: str
    model: str
    coordinates: Literal["absolute", "relative_1000"]
    key_variable: str | None = None
    tool_choice: Literal["named", "required", "auto", "text"] = "named"
    deadline_s: Positive = 120.0
    attempt_s: Positive = 60.0
    tries: Annotated[int, Field(ge=1, le=20)] = 5
    pause_s: NotNegative = 1.0
    requests_per_minute: Positive = 600.0
    max_tokens: Annotated[int, Field(ge=16)] = 512
    temperature: NotNegative = 0.0
    logprobs: bool = False
    price_in: NotNegative = 0.0
    price_out: NotNegative = 0.0
    extra: Mapping[str, Any] = Field(default_factory=dict)

    @field_validator("url")
    @classmethod
    def _plain_address(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("an http or https address up to the version is needed, such as https://host/v1")
        if parts.username or parts.password:
            raise ValueError("a key in the address would be logged; name the environment variable that holds it")
        return url.rstrip("/")

    def cost(self, tokens_in: int, tokens_out: int) -> float:
        return (tokens_in * self.price_in + tokens_out * self.price_out) / 1e6
