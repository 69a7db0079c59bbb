"""A teacher behind a chat endpoint: a real HTTP server on a loopback socket, good, bad, slow and lying."""

from __future__ import annotations

import base64
import io
import json
import logging
import math
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image
from pydantic import ValidationError

from luban.endpoint_config import EndpointConfig
from luban.step import Skill
from policies.planner.answer_cache import AnswerCache
from policies.planner.endpoint_teacher import EndpointTeacher, RateLimit
from policies.planner.teacher import TeacherError
from tests.planner.chat_server import Script, chat_server, completion, drips, drops, hangs, says
from tests.planner.pictures import picture

PICK = {"reasoning": "red gear, left", "skill": "pick", "point_2d": [500, 250]}
GOOD = says(completion(PICK))


@pytest.fixture
def server(monkeypatch) -> Iterator[Script]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with chat_server() as script:
        yield script


@pytest.fixture
def connect(server):
    """Make teachers at the server; anything of their configuration may be given."""
    made = []

    def teacher(cache=None, **given) -> EndpointTeacher:
        usual = {"url": server.url, "model": "qwen-vl", "coordinates": "relative_1000", "pause_s": 0.0, "tries": 3}
        made.append(EndpointTeacher(EndpointConfig(**{**usual, "requests_per_minute": 1e6, **given}), cache))
        return made[-1]

    yield teacher
    server.over.set()
    for teacher_ in made:
        teacher_.close()


def test_a_good_answer_with_its_cost(server, connect, ask) -> None:
    server.answers = [GOOD]
    teacher = connect(price_in=2.0, price_out=6.0)
    answer = teacher.answer(ask())
    assert answer.step.skill is Skill.PICK and (answer.step.point.u, answer.step.point.v) == (64.0, 24.0)
    assert (answer.reasoning, answer.source, answer.from_cache) == ("red gear, left", "qwen-vl", False)
    assert (answer.tokens_in, answer.tokens_out) == (1000, 50)
    assert math.isclose(answer.cost, 0.0023) and answer.seconds > 0.0 and answer.skill_probabilities is None
    teacher.answer(ask())
    bill = teacher.bill
    assert (bill.requests, bill.answers, bill.tokens_in, bill.tokens_out) == (2, 2, 2000, 100)
    assert math.isclose(bill.cost, 0.0046) and bill.seconds >= answer.seconds


def test_what_is_asked(server, connect, ask) -> None:
    server.answers = [GOOD]
    connect(extra={"enable_thinking": False}).answer(ask())
    (request,) = server.requests
    body = request["body"]
    assert request["path"] == "/v1/chat/completions" and "Authorization" not in request["headers"]
    assert body["tool_choice"] == {"type": "function", "function": {"name": "next_step"}}
    stations = body["tools"][0]["function"]["parameters"]["properties"]["station"]["enum"]
    assert stations == ["assembly", "charger", "dock", "inspection", "warehouse"]
    assert (body["model"], body["temperature"], body["enable_thinking"]) == ("qwen-vl", 0.0, False)
    image, text = body["messages"][1]["content"]
    start, _, data = image["image_url"]["url"].partition(",")
    assert start == "data:image/png;base64"
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(base64.b64decode(data)))), picture())
    assert "把红色齿轮放进蓝色料箱" in text["text"] and "bearing" in body["messages"][0]["content"]


def test_absolute_coordinates_are_those_of_the_image_that_is_sent(server, connect, ask) -> None:
    server.answers = [says(completion({**PICK, "point_2d": [70, 42]}))]
    answer = connect(coordinates="absolute").answer(ask())
    url = server.requests[0]["body"]["messages"][1]["content"][0]["image_url"]["url"]
    assert Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))).size == (140, 84)
    assert (answer.step.point.u, answer.step.point.v) == (64.0, 48.0)


def test_a_server_without_tools_is_told_in_words(server, connect, ask) -> None:
    call = json.dumps({"name": "next_step", "arguments": PICK})
    server.answers = [says(completion(content=f"Sure!\n<tool_call>\n{call}\n</tool_call>"))]
    answer = connect(tool_choice="text").answer(ask())
    body = server.requests[0]["body"]
    assert answer.step.skill is Skill.PICK and "tools" not in body and "<tools>" in body["messages"][0]["content"]


@pytest.mark.parametrize("fault", [says({}, 429), says({}, 500), says({}, 503), says(b"{half"), drops, says({"a": 1})])
def test_a_passing_fault_is_tried_again(server, connect, ask, fault) -> None:
    server.answers = [fault, GOOD]
    assert connect().answer(ask()).step.skill is Skill.PICK
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (says({"error": "overloaded"}, 500), "status 500, .*overloaded"),
        (says(b'{"choices": ['), "no chat completion"),
        (says({"choices": []}), "no chat completion: choices"),
        (drops, "RemoteProtocolError"),
    ],
)
def test_a_lasting_fault_ends_after_the_tries(server, connect, ask, fault, said) -> None:
    server.answers = [fault]
    with pytest.raises(TeacherError, match=said) as caught:
        connect().answer(ask())
    assert len(server.requests) == 3 and "try 3 of 3" in str(caught.value) and "run again" in str(caught.value)


@pytest.mark.parametrize("status", [302, 400, 401, 403, 404])
def test_a_refusal_is_not_tried_again(server, connect, ask, status) -> None:
    server.answers = [says({"error": "no such model"}, status, Location="http://127.0.0.1:1/")]
    with pytest.raises(TeacherError, match=f"status {status}, .*no such model"):
        connect().answer(ask())
    assert len(server.requests) == 1


def test_a_server_that_asks_to_wait_longer_than_there_is_time(server, connect, ask) -> None:
    server.answers = [says({}, 429, Retry_After="3600"), GOOD]
    started_s = time.monotonic()
    with pytest.raises(TeacherError, match=r"none after 0\.2 s; before: status 429"):
        connect(deadline_s=0.2).answer(ask())
    assert time.monotonic() - started_s < 60 and len(server.requests) == 1


@pytest.mark.parametrize("answer", [hangs, drips])
def test_the_deadline_holds_for_silence_and_for_endless_bodies(server, connect, ask, answer) -> None:
    server.answers = [answer]
    started_s = time.monotonic()
    with pytest.raises(TeacherError, match=r"none after 0\.2 s|more than 4000000 bytes"):
        connect(deadline_s=0.2).answer(ask())
    assert time.monotonic() - started_s < 10.0


def test_one_slow_try_leaves_time_for_another(server, connect, ask) -> None:
    server.answers = [hangs, GOOD]
    assert connect(attempt_s=0.2).answer(ask()).step.skill is Skill.PICK


def test_a_refused_connection(connect, ask) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # taken, but nobody listens
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/v1"
        with pytest.raises(TeacherError, match=r"ConnectError.*try 3 of 3"):
            connect(url=url).answer(ask())


@pytest.mark.parametrize(
    ("lie", "said"),
    [
        (completion(PICK, name="open_gripper"), "unknown tool 'open_gripper'"),
        (completion("{"), "Expecting ',' delimiter"),
        (completion(content="I would pick the red gear."), "0 calls"),
        (completion(content=""), "0 calls"),
        (completion({**PICK, "skill": "weld"}), "skill: Input should be 'pick'"),
        (completion({"reasoning": "", "skill": "drive", "station": "moon"}), "unknown station 'moon'"),
        (completion({**PICK, "point_2d": [1001, 3]}), "lies outside"),
    ],
)
def test_a_lying_server_is_paid_and_not_believed(server, connect, ask, tmp_path, lie, said) -> None:
    server.answers = [says(lie)]
    for _ in range(2):
        with pytest.raises(TeacherError, match=said):
            connect(AnswerCache(tmp_path)).answer(ask())
    assert len(server.requests) == 1  # the second time it is known


def test_two_calls_at_once_are_none(server, connect, ask) -> None:
    body = completion(PICK)
    body["choices"][0]["message"]["tool_calls"] *= 2
    server.answers = [says(body)]
    with pytest.raises(TeacherError, match="2 calls"):
        connect().answer(ask())


def test_a_cached_answer_is_not_asked_for(server, connect, ask, tmp_path) -> None:
    server.answers = [GOOD]
    first = connect(AnswerCache(tmp_path), price_in=1.0).answer(ask())
    teacher = connect(AnswerCache(tmp_path), price_in=1.0)
    again = teacher.answer(ask())
    assert len(server.requests) == 1 and teacher.bill.requests == 0 and teacher.bill.cost == 0.0
    assert again.from_cache and (again.step, again.reasoning) == (first.step, first.reasoning)
    assert (again.seconds, again.cost, again.tokens_out) == (first.seconds, first.cost, first.tokens_out)
    for other in (ask(instruction="x"), ask(image=picture(1)), ask(held="red gear"), ask(language="en")):
        teacher.answer(other)
    connect(AnswerCache(tmp_path), model="another").answer(ask())
    assert len(server.requests) == 6


def test_logprobs_become_skill_probabilities(server, connect, ask) -> None:
    def token(text: str, **top: float) -> dict:
        listed = [{"token": name, "logprob": math.log(p)} for name, p in top.items()]
        return {"token": text, "logprob": math.log(0.6), "top_logprobs": listed}

    # "p" begins two skills and " x" none: neither counts. The quoted "skill" of the reasoning is no decision.
    listed = token("pick", **{"pick": 0.6, "place": 0.2, "ref": 0.05, "p": 0.1, " x": 0.05})
    texts = ['{"', "reasoning", '": "', r"\"skill\": \"", '", "', "skill", '": "']
    content = [*(token(text, done=1.0) for text in texts), listed, token('"', ask=1.0)]
    server.answers = [says(completion(PICK, logprobs={"content": content}))]
    shares = connect(logprobs=True).answer(ask()).skill_probabilities
    assert server.requests[0]["body"]["top_logprobs"] == 20
    assert shares.keys() == {Skill.PICK, Skill.PLACE, Skill.REFUSE}
    assert math.isclose(shares[Skill.PICK], 0.6 / 0.85) and math.isclose(sum(shares.values()), 1.0)


def test_the_key_is_sent_and_nowhere_else_to_be_found(server, connect, ask, tmp_path, monkeypatch, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("TEACHER_KEY", "sk-secret-1")
    server.answers = [says({"error": "key sk-secret-1 expired"}, 401), GOOD]
    teacher = connect(AnswerCache(tmp_path), key_variable="TEACHER_KEY")
    with pytest.raises(TeacherError) as caught:
        teacher.answer(ask())
    teacher.answer(ask())
    assert [request["headers"]["Authorization"] for request in server.requests] == ["Bearer sk-secret-1"] * 2
    kept = "".join(path.read_text() for path in tmp_path.rglob("*.json"))
    assert kept and "sk-secret-1" not in kept + caplog.text + str(caught.value) + repr(teacher._config)


@pytest.mark.parametrize("value", ["", "  ", "密钥"])
def test_a_missing_key_is_said_before_anything_is_sent(connect, monkeypatch, value) -> None:
    monkeypatch.setenv("TEACHER_KEY", value)
    with pytest.raises(TeacherError, match="environment variable TEACHER_KEY"):
        connect(key_variable="TEACHER_KEY")


@pytest.mark.parametrize("url", ["ftp://host/v1", "host/v1", "https://user:key@host/v1", "https://host/v1?key=a", ""])
def test_an_address_that_is_none_or_holds_a_key(url) -> None:
    with pytest.raises(ValidationError):
        EndpointConfig(url=url, model="m", coordinates="absolute")


def test_many_threads_share_one_bill(server, connect, ask) -> None:
    server.answers = [GOOD]
    teacher = connect()
    with ThreadPoolExecutor(8) as pool:
        steps = list(pool.map(lambda at: teacher.answer(ask(instruction=f"task {at}")).step.skill, range(24)))
    assert steps == [Skill.PICK] * 24 and teacher.bill.answers == teacher.bill.requests == len(server.requests) == 24


def test_the_rate_spreads_requests_and_wastes_no_slot() -> None:
    rate = RateLimit(per_minute=60.0)
    assert [rate.take(10.0, 12.5) for _ in range(4)] == [0.0, 1.0, 2.0, None]
    assert rate.take(10.0, 20.0) == 3.0  # the slot that came too late for one is there for the next
    assert rate.take(100.0, 200.0) == 0.0


def test_a_rate_that_leaves_no_time_says_so(server, connect, ask) -> None:
    server.answers = [GOOD]
    teacher = connect(requests_per_minute=1.0, deadline_s=30.0)
    teacher.answer(ask())
    with pytest.raises(TeacherError, match="1 requests a minute leave none free in time"):
        teacher.answer(ask())
