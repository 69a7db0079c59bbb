"""A teacher behind an OpenAI-style chat API: vLLM, or a cloud's Qwen-VL. Within a deadline, a rate and a bill.

HTTP is spoken through httpx2, which transformers' hub client needs anyway: the API is one POST of documented JSON,
and tries, deadline and rate are this project's own business, so a vendor's SDK would add releases and hide nothing.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from typing import Any

from pydantic import ValidationError

from luban.endpoint_config import EndpointConfig
from luban.errors import MissingComponent
from policies.planner.answer_cache import AnswerCache, Reply
from policies.planner.chat_completion import Completion, request_of
from policies.planner.image_coordinates import image_coordinates
from policies.planner.prompted_teacher import PromptedTeacher
from policies.planner.teacher import TeacherError
from policies.planner.teacher_prompt import Prompt

try:
    import httpx2
except ModuleNotFoundError as error:
    raise MissingComponent("a teacher endpoint needs the package httpx2; pip install 'luban[endpoint]'") from error

WORTH_ANOTHER_TRY = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
MAX_RESPONSE_BYTES = 4_000_000


@dataclass(frozen=True)
class Bill:
    """What a teacher has taken so far, answers from the cache not counted; seconds: summed over its answers."""

    requests: int = 0
    answers: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost: float = 0.0
    seconds: float = 0.0


class RateLimit:
    """Spreads requests evenly: each takes the next free slot. Times are of one monotonic clock."""

    def __init__(self, per_minute: float) -> None:
        self._interval_s = 60.0 / per_minute
        self._next_s = float("-inf")

    def take(self, now_s: float, until_s: float) -> float | None:
        """Take a slot and return how long to wait for it [s]; None, and no slot taken, if none is free in time."""
        slot_s = max(now_s, self._next_s)
        if slot_s >= until_s:
            return None
        self._next_s = slot_s + self._interval_s
        return slot_s - now_s


class _Fault(Exception):
    """A try that failed. wait_s: what the server asks for; None: there is no point in another try."""

    def __init__(self, what: str, wait_s: float | None = 0.0) -> None:
        super().__init__(what)
        self.wait_s = wait_s


class EndpointTeacher(PromptedTeacher):
    """Asks a served model. Any number of threads may call `answer`; they share rate and bill.

    Raises:
        TeacherError: the environment variable that should hold the key is empty.
    """

    def __init__(self, config: EndpointConfig, cache: AnswerCache | None = None) -> None:
        model = [config.model, config.tool_choice, config.temperature, config.max_tokens, config.logprobs]
        identity = "endpoint " + " ".join(map(str, [*model, *sorted(config.extra.items())]))
        super().__init__(config.model, identity, image_coordinates(config.coordinates), cache)
        self._config, self._rate, self._bill = config, RateLimit(config.requests_per_minute), Bill()
        self._key = _key(config)
        # An event loop of its own: only so does the deadline hold for names that do not resolve and bodies that drip.
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, name="teacher endpoint", daemon=True).start()
        self._client = httpx2.AsyncClient(
            headers={"Authorization": f"Bearer {self._key}"} if self._key else {},
            timeout=config.attempt_s,
            limits=httpx2.Limits(max_connections=None),  # the rate is what limits
        )

    @property
    def bill(self) -> Bill:
        return self._bill

    def close(self) -> None:
        """End the connections. Answers that are under way fail."""
        asyncio.run_coroutine_threadsafe(self._client.aclose(), self._loop).result(timeout=5.0)
        self._loop.call_soon_threadsafe(self._loop.stop)

    def _reply(self, prompt: Prompt) -> Reply:
        started_s = time.monotonic()  # the loop's clock
        body = request_of(prompt, self._config)
        return asyncio.run_coroutine_threadsafe(self._within_deadline(body, started_s), self._loop).result()

    async def _within_deadline(self, body: dict[str, Any], started_s: float) -> Reply:
        faults: list[str] = []
        until_s = started_s + self._config.deadline_s
        try:
            async with asyncio.timeout_at(until_s):
                completion = await self._tried(body, until_s, faults)
        except TimeoutError:
            last = f"; before: {faults[-1]}" if faults else ""
            raise self._failed(f"none after {self._config.deadline_s:g} s{last}") from None
        tokens_in, tokens_out = completion.tokens
        reply = Reply(
            completion.text,
            seconds=time.monotonic() - started_s,
            tokens_in=tokens_in,
            tokens_out=tokens_out,
            cost=self._config.cost(tokens_in, tokens_out),
            skill_probabilities=completion.skill_probabilities,
        )
        bill = self._bill
        self._bill = Bill(
            bill.requests,
            bill.answers + 1,
            bill.tokens_in + tokens_in,
            bill.tokens_out + tokens_out,
            bill.cost + reply.cost,
            bill.seconds + reply.seconds,
        )
        return reply

    async def _tried(self, body: dict[str, Any], until_s: float, faults: list[str]) -> Completion:
        """Try until there is a response, no try is left, or another one is pointless."""
        for attempt in range(self._config.tries):
            wait_s = self._rate.take(time.monotonic(), until_s)
            if wait_s is None:
                faults.append(f"{self._config.requests_per_minute:g} requests a minute leave none free in time")
                break
            await asyncio.sleep(wait_s)
            self._bill = replace(self._bill, requests=self._bill.requests + 1)
            try:
                async with asyncio.timeout(self._config.attempt_s):
                    return await self._attempt(body)
            except TimeoutError:
                fault = _Fault(f"no response within {self._config.attempt_s:g} s")
            except httpx2.RequestError as error:
                fault = _Fault(f"{type(error).__name__}: {error}")
            except _Fault as error:
                fault = error
            faults.append(str(fault))
            if fault.wait_s is None:
                break
            if attempt + 1 < self._config.tries:  # no jitter: the shared rate spreads the tries of many threads
                await asyncio.sleep(max(fault.wait_s, self._config.pause_s * 2**attempt))
        raise self._failed(f"{faults[-1]} (try {len(faults)} of {self._config.tries})")

    async def _attempt(self, body: dict[str, Any]) -> Completion:
        url = f"{self._config.url}/chat/completions"
        async with self._client.stream("POST", url, json=body) as response:
            data = bytearray()
            async for chunk in response.aiter_bytes():
                data += chunk
                if len(data) > MAX_RESPONSE_BYTES:
                    raise _Fault(f"a response of more than {MAX_RESPONSE_BYTES} bytes", wait_s=None)
        if response.status_code != 200:
            again = response.status_code in WORTH_ANOTHER_TRY
            said = data[:300].decode(errors="replace")
            raise _Fault(
                f"status {response.status_code}, {said!r}", _retry_after_s(response.headers) if again else None
            )
        try:
            return Completion.model_validate_json(bytes(data))
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            place = ".".join(map(str, first["loc"]))
            raise _Fault(f"a response that is no chat completion: {place} {first['msg']}") from None

    def _failed(self, actual: str) -> TeacherError:
        return TeacherError(
            f"teacher {self._config.model} at {self._config.url}",
            required="a chat completion in time",
            actual=actual.replace(self._key, "***") if self._key else actual,
            next_step="check the server, the model's name and the key, then run again: answers so far are kept",
        )


def _key(config: EndpointConfig) -> str | None:
    if config.key_variable is None:
        return None
    key = os.environ.get(config.key_variable, "").strip()
    if not (key and key.isascii() and key.isprintable()):
        raise TeacherError(
            f"teacher {config.model}",
            required=f"an API key in the environment variable {config.key_variable}",
            actual="text that is no key" if key else "nothing there",
            next_step="set the variable, or leave key_variable out for a server that needs no key",
        )
    return key


def _retry_after_s(headers: httpx2.Headers) -> float:
    """Seconds that a server asks to wait, given as a number or as a date; 0 where it does not."""
    asked = headers.get("retry-after", "")
    try:
        return max(0.0, float(asked)) if asked else 0.0
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(asked).timestamp() - time.time())
    except (ValueError, TypeError):
        return 0.0
