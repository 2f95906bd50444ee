"""A real HTTP server on loopback, and what all destinations have in common."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar, Literal
from urllib.parse import parse_qs, unquote, urlsplit

from fakes.book import Book, Person
from fakes.faults import Faults
from fakes.rules import Rules

Moment = Literal["arrived", "done", "answered"]


@dataclass
class Call:
    """What a client asks; header names are in lower case."""

    number: int
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    def json(self) -> dict:
        """The body, which must be one JSON object."""
        try:
            read = json.loads(self.body)
        except ValueError as mistake:
            raise Refused(400, "not JSON") from mistake
        if not isinstance(read, dict):
            raise Refused(400, "not an object")
        return read


@dataclass
class Answer:
    """What the destination says: a JSON value, or bytes as they are; None for no body."""

    status: int = 200
    body: object = None
    headers: dict[str, str] = field(default_factory=dict)


class Refused(Exception):
    """A call that is refused whole."""

    def __init__(self, status: int, message: str, code: str = "VALIDATION_ERROR", **more: object):
        super().__init__(message)
        self.status, self.message, self.code, self.more = status, message, code, more


class Fake:
    """A destination: state, effects, faults, and its calls.

    Attributes:
        book: people and effects.
        calls: how often each method and path template was called, whatever came of it.
        answers: how often each status was answered.
        impatient: calls within a storm, before the told time had passed; none where it tells none.
        over_rate: calls above the documented rate, or more at once than it allows.
        most_open: the most calls that were open at one moment.
        later_seconds: how long what was accepted for later takes.
        watch: told of each moment of each call, for whoever wants to strike then.
    """

    destination: ClassVar[str]
    secret: ClassVar[str] = "the-secret-of-the-test"
    tells_wait: ClassVar[bool] = True

    def __init__(self, faults: Faults | None = None, **otherwise: object) -> None:
        self.rules = Rules(self.destination, **otherwise)
        self.faults = faults or Faults()
        self.book = Book()
        self.lock = threading.RLock()
        self._counting = threading.Lock()
        self.calls: Counter[str] = Counter()
        self.answers: Counter[int] = Counter()
        self.faulted: Counter[str] = Counter()
        self.impatient = self.over_rate = self.most_open = 0
        self.watch: Callable[[Moment, Call], None] | None = None
        self.refused: dict[str, str] = {}
        self._number = self._open = 0
        self._stormy_until = 0.0
        self._half = False
        self._seen: dict[str, deque[float]] = {}
        self._due: deque[tuple[float, Callable[[], None]]] = deque()
        self.later_seconds = 0.05
        self._server: ThreadingHTTPServer | None = None

    # What each destination does in its own way.

    def answer(self, call: Call) -> Answer:
        """Do what the call asks, or raise `Refused`."""
        raise NotImplementedError

    def authorised(self, call: Call) -> bool:
        """Whether the call carries the secret, or needs none."""
        raise NotImplementedError

    def writes(self, call: Call) -> bool:
        """Whether the call changes anything at the destination."""
        return call.method != "GET"

    def said(self, refused: Refused, call: Call) -> Answer:
        """How a refusal reads."""
        raise NotImplementedError

    def too_many(self, wait: float) -> Answer:
        """How a storm reads, with the headers that tell when it is over."""
        raise NotImplementedError

    def always(self) -> dict[str, str]:
        """Headers of every answer."""
        return {}

    def rates(self, call: Call) -> tuple[str, list[tuple[int, float]]]:
        """What the call counts for, and how many of those in how many seconds are allowed."""
        return "", []

    def told(self, wait: float) -> float:
        """The wait as the destination can tell it, such as whole seconds."""
        return wait

    def most_at_once(self) -> int:
        """Calls that may be open at the same moment."""
        return 1000

    def template(self, call: Call) -> str:
        """The path without ids, for counting."""
        return call.path

    def settle(self) -> None:
        """Finish what was accepted and is not done yet."""
        with self.lock:
            self._catch_up(everything=True)

    def later(self, work: Callable[[], None]) -> None:
        """Do something some time after the call that asked for it was answered."""
        self._due.append((time.monotonic() + self.later_seconds, work))

    def _catch_up(self, everything: bool = False) -> None:
        while self._due and (everything or self._due[0][0] <= time.monotonic()):
            self._due.popleft()[1]()

    def add(self, email: str, **values: object) -> Person:
        """Somebody whom the destination knew before any call."""
        return self.book.add(email, **values)

    # What all have in common.

    def refuse(self, email: str, how: str) -> None:
        """From now on this person's row is refused; each destination says which ways it has."""
        self.refused[email.lower()] = how

    def rows_to_do(self, rows: list) -> list:
        """The rows of a call that get done: all, or the first half before it falls over."""
        return rows[: -(-len(rows) // 2)] if self._half else rows

    @property
    def url(self) -> str:
        """Where it listens."""
        assert self._server is not None, "not started"
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @contextmanager
    def running(self) -> Iterator[str]:
        """Listen on a free port of loopback until the block ends; gives the address."""
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield self.url
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join(5)

    def handle(self, call: Call) -> tuple[Answer | None, float]:
        """The answer, None for a closed connection, and how long to be silent before it."""
        self._tell("arrived", call)
        with self._counting:
            self._open += 1
            self.most_open = max(self.most_open, self._open)
        try:
            with self.lock:
                self._number += 1
                call.number = self._number
                self.calls[f"{call.method} {self.template(call)}"] += 1
                answer, silence = self._under_faults(call)
                self.answers[answer.status if answer else 0] += 1
            self._tell("done", call)
        finally:
            with self._counting:
                self._open -= 1
        if answer is not None:
            answer.headers = {**self.always(), **answer.headers}
        return answer, silence

    def _under_faults(self, call: Call) -> tuple[Answer | None, float]:
        self._catch_up()
        if (left := self._stormy_until - time.monotonic()) > 0:
            self.impatient += self.tells_wait
            return self.too_many(left), 0
        if not self.authorised(call):
            return self.said(Refused(401, "The credentials are not valid", "UNAUTHORIZED"), call), 0
        if self._over_rate(call) or self._open > self.most_at_once():
            self.over_rate += 1
            return self.too_many(self.faults.wait_seconds), 0
        fault = self.faults.of(call.number, self.writes(call))
        self.faulted[fault or "none"] += 1
        if fault == "storm":
            wait = self.told(self.faults.wait_seconds)
            self._stormy_until = time.monotonic() + wait
            return self.too_many(wait), 0
        if fault == "down":
            return Answer(self.faults.status(call.number), b"upstream went away"), 0
        if fault == "cut":
            return None, 0
        self._half = fault == "half"
        try:
            answer = self.answer(call)
        except Refused as refused:
            return self.said(refused, call), 0
        finally:
            self._half = False
        if fault == "half":
            return Answer(500, b"fell over half-way"), 0
        if fault == "lost":
            return None, 0
        if fault == "late":
            return Answer(504, b"gateway time-out"), 0
        return answer, self.faults.hang_seconds if fault == "hung" else 0

    def _over_rate(self, call: Call) -> bool:
        now = time.monotonic()
        bucket, rates = self.rates(call)
        seen = self._seen.setdefault(bucket, deque())
        longest = max((seconds for _, seconds in rates), default=0)
        while seen and seen[0] <= now - longest:
            seen.popleft()
        if any(sum(at > now - seconds for at in seen) >= most for most, seconds in rates):
            return True
        seen.append(now)
        return False

    def seen(self, bucket: str = "") -> int:
        """Calls that count against a rate now."""
        return len(self._seen.get(bucket, ()))

    def _tell(self, moment: Moment, call: Call) -> None:
        if self.watch is not None:
            self.watch(moment, call)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    # A client that is killed leaves a broken pipe; that is its matter.
    request_queue_size = 64

    def handle_error(self, request, client_address) -> None:
        """Say nothing."""


def _handler(fake: Fake) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _do(self) -> None:
            split = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length)
            if len(body) < length:  # killed while it spoke: such a call never came
                self.close_connection = True
                return
            call = Call(
                0, self.command, unquote(split.path),
                {name: found[-1] for name, found in parse_qs(split.query, True).items()},
                {name.lower(): value for name, value in self.headers.items()},
                body,
            )  # fmt: skip
            answer, silence = fake.handle(call)
            if silence:
                time.sleep(silence)
            if answer is None or silence:
                self.close_connection = True
                return
            self._say(answer)
            fake._tell("answered", call)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _do

        def _say(self, answer: Answer) -> None:
            plain = isinstance(answer.body, bytes)
            if answer.body is None:
                body = b""
            else:
                body = answer.body if plain else json.dumps(answer.body).encode()
            self.send_response(answer.status)
            kind = "text/plain" if plain else "application/json"
            for name, value in {"Content-Type": kind, **answer.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    return Handler
