"""A chat endpoint on a loopback socket that answers as it is told: well, badly, late or never."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[["Handler"], None]


def completion(arguments: object = None, *, content: str | None = None, name: str = "next_step", **more: Any) -> dict:
    """The body of a good response; `arguments`: of the tool call, as an object or as text."""
    text = arguments if isinstance(arguments, str) else json.dumps(arguments)
    call = {"id": "1", "type": "function", "function": {"name": name, "arguments": text}}
    message = {"role": "assistant", "content": content, "tool_calls": [call] if arguments is not None else None}
    choice = {"index": 0, "finish_reason": "stop", "message": message, **more}
    usage = {"prompt_tokens": 1000, "completion_tokens": 50, "total_tokens": 1050}
    return {"id": "x", "object": "chat.completion", "choices": [choice], "usage": usage}


def says(body: object, status: int = 200, **headers: str) -> Answer:
    """Answer with a JSON body, or with bytes as they are."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()

    def answer(handler: Handler) -> None:
        handler.send_response(status)
        for key, value in {"Content-Length": str(len(data)), **headers}.items():
            handler.send_header(key.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(data)

    return answer


def hangs(handler: Handler) -> None:
    """Say nothing until the test is over."""
    handler.server.script.over.wait()


def drips(handler: Handler) -> None:
    """Send a body that never ends, a little at a time, until the client has enough."""
    handler.send_response(200)
    handler.end_headers()
    while not handler.server.script.over.is_set():
        handler.wfile.write(b" " * 64)


def drops(handler: Handler) -> None:
    """Hang up in the middle of the answer."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"choices"')
    handler.close_connection = True


@dataclass
class Script:
    """What is answered, in order; the last answer is repeated. requests: what came, with headers."""

    url: str
    answers: list[Answer] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)


class Handler(BaseHTTPRequestHandler):
    server: ChatServer
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        script = self.server.script
        with self.server.lock:
            at = min(len(script.requests), len(script.answers) - 1)
            script.requests.append({"path": self.path, "headers": dict(self.headers), "body": body})
        try:
            script.answers[at](self)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the client had enough

    def log_message(self, *_: object) -> None:
        pass


class ChatServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.lock = threading.Lock()
        self.script = Script(f"http://127.0.0.1:{self.server_port}/v1")


@contextmanager
def chat_server() -> Iterator[Script]:
    server = ChatServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.script
    finally:
        server.script.over.set()
        server.shutdown()
        server.server_close()
        thread.join()
