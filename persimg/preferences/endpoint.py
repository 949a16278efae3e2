"""A language model behind an OpenAI-compatible endpoint, which may be slow, broken or wicked: its text, or what went wrong."""

from __future__ import annotations

import contextlib
import ipaddress
import json
import queue
import re
import threading
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from persimg.errors import UserError

ADDRESS = re.compile(r"https?://(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(:[0-9]{1,5})?(/[!-~]*)?")
"""no user name and no escapes, about which programs disagree: what is checked here is where the client goes"""
MOST_BODY = 1_000_000
"""bytes of a response that are read"""
MOST_ANSWER = 20_000
"""characters of the model's text that are looked at"""

Messages = list[dict[str, str]]


@dataclass(frozen=True)
class Endpoint:
    """Where the model is. key: of the endpoint's owner; timeout_seconds: for all that is asked for one rewrite together;
    is_remote_allowed: the user has agreed that prompts and taste leave this machine."""

    url: str = "http://127.0.0.1:11434/v1"
    model: str = ""
    key: str = "none"
    timeout_seconds: float = 20.0
    is_remote_allowed: bool = False

    def check(self) -> None:
        """UserError for a url that isn't one, for another machine without consent, without a model."""
        host = _host(self.url)
        if host is None:
            raise UserError(f"--llm-url {self.url!r} is no address", "write http://127.0.0.1:PORT/v1")
        if not self.is_remote_allowed and not is_loopback(host):
            raise UserError(f"--llm-url {self.url} is another machine, which would see prompts and taste", "pass --llm-remote if that is meant")
        if not self.model:
            raise UserError("the llm rewriter needs a model", "name one with --llm-model")


def _host(url: str) -> str | None:
    """None for what is no address."""
    if not ADDRESS.fullmatch(url):
        return None
    try:
        parts = urlsplit(url)
        return parts.hostname if parts.port is None or parts.port > 0 else None
    except ValueError:  # half an IPv6 address, a port beyond 65535
        return None


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Unusable(Exception):
    """What is wrong with a response, in words."""


def completed(messages: Messages, endpoint: Endpoint, deadline: float) -> tuple[str, str | None]:
    """The model's text, or what went wrong. Returns by `deadline` (of time.monotonic), however slowly the endpoint talks.

    The client counts its patience anew with every byte, so that it is asked in a thread which is left behind when the time is up.
    No redirects, no proxies: nothing goes anywhere else. UserError without the package openai.
    """
    http = _client(endpoint)
    found: queue.SimpleQueue[tuple[str, str | None]] = queue.SimpleQueue()
    threading.Thread(target=lambda: found.put(_outcome(messages, endpoint, http, deadline)), daemon=True).start()
    try:
        return found.get(timeout=max(0.0, deadline - time.monotonic()))
    except queue.Empty:
        return "", f"the endpoint failed: no answer in {endpoint.timeout_seconds:g} s"
    finally:
        with contextlib.suppress(Exception):  # closes what the thread may still be reading
            http.close()


def check_client() -> None:
    """UserError without the package openai."""
    try:
        import openai  # noqa: F401
    except ImportError:
        raise UserError("the llm rewriter needs the package openai", "pip install 'persimg[llm]'") from None


def _client(endpoint: Endpoint) -> Any:
    check_client()
    import openai

    hooks = {"response": [_check_response]}
    return openai.DefaultHttpxClient(follow_redirects=False, trust_env=False, timeout=endpoint.timeout_seconds, event_hooks=hooks)


def _check_response(response: Any) -> None:
    """Before its body is read: of a failure nothing is wanted, and what is packed could be of any size."""
    if response.status_code != 200:
        raise Unusable(f"status {response.status_code}")
    if response.headers.get("content-encoding", "identity") != "identity":
        raise Unusable("its answer is packed")


def _outcome(messages: Messages, endpoint: Endpoint, http: Any, deadline: float) -> tuple[str, str | None]:
    try:
        body = json.loads(_body(messages, endpoint, http, deadline))
        text = body["choices"][0]["message"]["content"] or ""
        return str(text)[:MOST_ANSWER], None
    except Unusable as error:
        return "", f"the endpoint failed: {error}"
    except (ValueError, LookupError, TypeError, RecursionError):
        return "", "the endpoint failed: its answer is no chat completion"
    except Exception as error:  # whichever library of the network the client is built on
        return "", f"the endpoint failed: {type(error.__cause__ or error).__name__}"


def _body(messages: Messages, endpoint: Endpoint, http: Any, deadline: float) -> bytes:
    import openai

    client = openai.OpenAI(base_url=endpoint.url, api_key=endpoint.key, max_retries=0, http_client=http)
    ask = client.chat.completions.with_streaming_response.create
    plain, body = {"Accept-Encoding": "identity"}, bytearray()
    said: Any = messages
    with ask(model=endpoint.model, messages=said, temperature=0, seed=0, max_tokens=400, extra_headers=plain) as response:
        for part in response.iter_bytes():
            body += part
            if len(body) > MOST_BODY:
                raise Unusable(f"its answer is longer than {MOST_BODY} bytes")
            if time.monotonic() > deadline:
                raise Unusable("too slow")
    return bytes(body)
