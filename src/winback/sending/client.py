"""Calls over HTTP: one at a time, made again where that helps, and quiet about people.

The only module that opens a socket to a destination, and the only one that imports httpx. A call
is made again after 429 and 5xx, when the connection fails and when no answer comes: all that an
adapter sends changes nothing when it is sent twice. Waiting follows the destination's own
headers; where it names no time, it doubles from try to try, with jitter.
"""

from __future__ import annotations

import json
import logging
import random
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from winback.errors import UsageError, WinbackError
from winback.extras import require
from winback.results.base import Json
from winback.sending.adapter import Adapter, Patience
from winback.sending.masking import said

if TYPE_CHECKING:
    import httpx

# At their own levels they would write every address of a call.
for _noisy in ("httpx", "httpcore"):
    logging.getLogger(_noisy).setLevel(logging.WARNING)

_TOO_MANY, _NO_LOGIN, _NO_RIGHT = 429, 401, 403
_LOCAL = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Rate:
    """In which headers a destination tells its limits.

    Attributes:
        remaining: calls that are left; at 0 the next one waits.
        reset: until there are more.
        unit: of ``reset``: ``seconds``, ``milliseconds``, or ``epoch`` (seconds since 1970).
    """

    remaining: str = "RateLimit-Remaining"
    reset: str = "RateLimit-Reset"
    unit: Literal["seconds", "milliseconds", "epoch"] = "seconds"


@dataclass(frozen=True)
class Reply:
    """An answer: its status, headers, text, JSON (None where it has none) and bytes."""

    status: int
    headers: Mapping[str, str]
    text: str
    # Whatever the destination wrote; an adapter takes of it what it knows.
    json: Any = field(repr=False)
    # What is no text, such as an archive.
    content: bytes = field(default=b"", repr=False)


class RefusedCall(Exception):
    """The destination answered with 4xx, but not that we may not, nor that it is too early."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(str(reply.status))
        self.reply = reply


class Client:
    """The way to one destination.

    Args:
        base_url: where it is; ``https`` but on this machine.
        headers: of every call, credentials among them.
        secrets: what must be in nothing that is said.
        rate: how it tells its limits.
        patience: how long and how often.
        named_wait: seconds that an answer of 429 names in its body, if any.
        early: whether an answer of another status says that it is too early, as 429 does.
    """

    def __init__(
        self, base_url: str, headers: Mapping[str, str], *, secrets: tuple[str, ...] = (),
        rate: Rate | None = None, patience: Patience | None = None,
        named_wait: Callable[[Reply], float | None] = lambda reply: None,
        early: Callable[[Reply], bool] = lambda reply: False,
    ) -> None:  # fmt: skip
        # The dry run makes no client, and does without httpx.
        require("push")
        import httpx

        host = checked_url(base_url)
        self.place, self.calls = host, 0
        self._secrets, self._rate = secrets, rate or Rate()
        self._patience, self._named, self._early = patience or Patience(), named_wait, early
        self._not_before = 0.0
        # Jitter keeps two machines apart, so it must not be the same on both.
        self._jitter = random.Random()
        self._http = httpx.Client(
            base_url=base_url.rstrip("/"), headers=dict(headers),
            timeout=self._patience.timeout, follow_redirects=False,
            # A proxy is for the world, not for this machine.
            trust_env=(urlsplit(base_url).hostname or "") not in _LOCAL,
        )  # fmt: skip

    def call(
        self, method: str, path: str, *, json: Json = None, content: bytes | None = None,
        headers: Mapping[str, str] | None = None, params: Mapping[str, str] | None = None,
    ) -> Reply:  # fmt: skip
        """One call and its answer of 2xx.

        Raises:
            RefusedCall: an answer of 4xx that the adapter can make something of.
            WinbackError: we may not, or it does not answer however often it is asked.
        """
        import httpx

        last = ""
        for attempt in range(self._patience.tries):
            self._wait_until_allowed()
            self.calls += 1
            try:
                answer = self._http.request(
                    method, path, json=json, content=content, params=params, headers=headers
                )
            except httpx.TransportError as error:
                # Its class alone: its text may hold an address.
                last = type(error).__name__
                self._pause(attempt, None)
                continue
            reply = Reply(
                answer.status_code, answer.headers, answer.text, _json(answer), answer.content
            )
            self._heed(reply)
            if 200 <= reply.status < 300:
                return reply
            if reply.status == _TOO_MANY or reply.status >= 500 or self._early(reply):
                last = f"HTTP {reply.status}"
                self._pause(attempt, self._named_wait(reply))
                continue
            if reply.status in (_NO_LOGIN, _NO_RIGHT) or reply.status < 400:
                code = "sending.no_access" if reply.status >= 400 else "sending.elsewhere"
                raise WinbackError(
                    code, place=self.place, status=reply.status, said=self.said(reply)
                )
            raise RefusedCall(reply)
        raise WinbackError(
            "sending.no_answer", place=self.place, tries=self._patience.tries, last=last
        )

    def said(self, reply: Reply) -> str:
        """What an answer says, in one line without people and secrets."""
        return said(_message(reply.json) or reply.text, self._secrets)

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def _wait_until_allowed(self) -> None:
        wait = self._not_before - time.monotonic()
        if wait > 0:
            time.sleep(wait)

    def _heed(self, reply: Reply) -> None:
        """No further call before the time a destination names once none is left."""
        remaining = _number(reply.headers.get(self._rate.remaining))
        if remaining is not None and remaining <= 0 and (wait := self._reset(reply)) is not None:
            # What it names for tomorrow is told when a call is refused, not before.
            wait = min(wait, self._patience.longest_wait)
            self._not_before = time.monotonic() + wait

    def _reset(self, reply: Reply) -> float | None:
        found = _number(reply.headers.get(self._rate.reset))
        if found is None:
            return None
        if self._rate.unit == "milliseconds":
            return found / 1000
        return max(found - time.time(), 0.0) if self._rate.unit == "epoch" else found

    def _named_wait(self, reply: Reply) -> float | None:
        """Seconds until it may be asked again, where it says so."""
        after = reply.headers.get("Retry-After")
        found = _number(after)
        if found is None and after:
            try:
                found = parsedate_to_datetime(after).timestamp() - time.time()
            except ValueError:
                found = None
        if found is None:
            found = self._named(reply)
        if found is None and reply.status < 500:
            found = self._reset(reply)
        return None if found is None else max(found, 0.0)

    def _pause(self, attempt: int, named: float | None) -> None:
        if attempt == self._patience.tries - 1:
            return
        patience = self._patience
        if named is not None and named > patience.longest_wait:
            minutes = -(-named // 60)
            raise WinbackError("sending.come_back", place=self.place, minutes=int(minutes))
        if named is None:
            named = min(patience.first_wait * 2**attempt, patience.longest_wait)
            time.sleep(named * (0.5 + self._jitter.random()))
            return
        # Never earlier than it says.
        time.sleep(named + self._jitter.random() * min(0.1 + named / 10, 3.0))


class HttpAdapter(Adapter):
    """An adapter that speaks over a :class:`Client`, which its ``connect`` makes."""

    client: Client | None = None

    @property
    def way(self) -> Client:
        """The client, once connected."""
        assert self.client is not None
        return self.client

    @property
    def calls(self) -> int:
        """Calls made so far, tries again among them."""
        return self.client.calls if self.client else 0

    def close(self) -> None:
        """Close the connection."""
        if self.client is not None:
            self.client.close()


def checked_url(base_url: str) -> str:
    """The host of an address.

    Raises:
        UsageError: credentials would travel in the clear, or it is no address.
    """
    try:
        url = urlsplit(base_url)
        host, port = url.hostname or "", url.port
    except ValueError:
        raise UsageError("sending.no_url", url=said(base_url)) from None
    if url.username or url.scheme not in ("http", "https") or not host:
        raise UsageError("sending.no_url", url=said(base_url.rpartition("@")[2]))
    if url.scheme == "http" and host not in _LOCAL:
        raise UsageError("sending.in_the_clear", host=host)
    return f"{host}:{port}" if port else host


def _json(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except (json.JSONDecodeError, UnicodeDecodeError):
        return None


def _message(content: Any) -> str:
    """What a JSON answer says of an error, where it says so in one of the usual places."""
    if isinstance(content, list) and content:
        return _message(content[0])
    if not isinstance(content, dict):
        return ""
    if isinstance(errors := content.get("errors"), list) and errors and "message" not in content:
        return _message(errors[0])
    for name in ("message", "detail", "title", "error"):
        if isinstance(found := content.get(name), str) and found:
            return found
    return ""


def _number(text: str | None) -> float | None:
    found = re.match(r"\s*(\d+(?:\.\d+)?)", text or "")
    # A date begins with a number too, but with a word before it.
    return float(found[1]) if found else None
