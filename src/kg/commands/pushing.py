"""How requests are sent to the API of data.egov.bg: one after the other, with a key that goes nowhere else."""

from __future__ import annotations

import ipaddress
import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from http.client import HTTPException
from typing import IO, Any, Final
from urllib.parse import urlsplit

from pydantic import SecretStr

from kg.errors import ForbiddenError, KgError, ParameterError, RemoteError
from kg.publish.portal import steps as of
from kg.publish.portal.memory import URI, Memory
from kg.publish.portal.steps import Step

_WAIT: Final = 60  # seconds, for a connection or for more of an answer
_MOST: Final = 16 * 2**20  # bytes of an answer
_SHOWN: Final = 2000  # characters of a complaint

_FIELDS: Final = {
    "org_id": "организация",
    "category_id": "раздел",
    "terms_of_use_id": "условия за ползване",
    "name": "име",
    "name.bg": "име",
    "description": "описание",
    "resource_url": "адрес на ресурса",
    "schema_url": "адрес на описанието на колоните",
    "support_email": "имейл за връзка",
    "dataset_uri": "набор",
    "resource_uri": "ресурс",
    "data": "данни",
}


class PortalError(RemoteError):
    """The portal has answered that it did not do it; what was asked can be asked again."""


class Portal:
    """The API at an address. The key goes into the body, as the API has it, and never into a text of ours."""

    def __init__(self, address: str, key: SecretStr) -> None:
        self.address, self._key = address, key
        handlers: list[urllib.request.BaseHandler] = [_Unmoved()]
        if is_local(address):
            handlers.append(urllib.request.ProxyHandler({}))
        else:
            handlers.append(urllib.request.HTTPSHandler(context=ssl.create_default_context()))
        self._opener = urllib.request.build_opener(*handlers)

    def post(self, action: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """The answer. Raises PortalError when the portal refuses, RemoteError when nobody knows what it did."""
        status, content = self._exchange(action, body)
        answer = _read(content)
        if status == 200 and answer.get("success") is True:
            return answer
        if status == 200 or (status >= 500 and "success" not in answer) or 300 <= status < 400:
            raise self._error(RemoteError, action, status, answer)
        if status in {401, 403}:
            raise ForbiddenError(
                "the portal does not know the key in KG_EGOV_KEY, or its user is not active; "
                "take the key from the profile in the portal",
                "Порталът не приема ключа в KG_EGOV_KEY или потребителят му не е активен; "
                "вземете ключа от профила си в портала",
            )
        raise self._error(PortalError, action, status, answer)

    def _exchange(self, action: str, body: Mapping[str, Any]) -> tuple[int, bytes]:
        whole = json.dumps({"api_key": self._key.get_secret_value(), **body}, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json", "Accept": "application/json", "Accept-Language": "bg"}
        address = f"{self.address}/{action}"
        request = urllib.request.Request(address, whole, {**headers, "User-Agent": "municipal-kg"}, method="POST")  # noqa: S310 (checked by `checked`)
        trouble = ""
        try:
            with self._opener.open(request, timeout=_WAIT) as reply:
                return reply.status, reply.read(_MOST)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read(_MOST)
        except (OSError, HTTPException) as error:
            trouble = self._without_key(str(getattr(error, "reason", "") or error) or type(error).__name__)
        raise RemoteError(  # not within `except`: what is shown of this error is all there is of it
            f"{address} did not answer: {trouble}; try again later",
            f"{address} не отговори: {trouble}; опитайте по-късно",
        )

    def _error(self, kind: type[RemoteError], action: str, status: int, answer: Mapping[str, Any]) -> RemoteError:
        inner = answer.get("error")
        message = inner.get("message") if isinstance(inner, dict) else None
        told = self._without_key("; ".join([str(message or f"HTTP {status}"), *_complaints(answer.get("errors"))]))
        shown = told[:_SHOWN]
        hint = "dataset_uri" in told or "resource_uri" in told
        return kind(
            f"{action}: the portal says: {shown}" + (f"; {_GONE['en']}" if hint else ""),
            f"{action}: порталът казва: {shown}" + (f"; {_GONE['bg']}" if hint else ""),
        )

    def _without_key(self, text: str) -> str:
        key = self._key.get_secret_value()
        return text.replace(key, "…") if key else text

    def given(self, step: Step, answer: Mapping[str, Any]) -> str | None:
        """The address of what the step is about, as the answer has it. Raises RemoteError where it has to be there."""
        uri = of.found(step, answer)
        key = self._key.get_secret_value()
        if uri is not None and (not URI.fullmatch(uri) or key in uri):
            uri = None
        if uri is None and step.adds and step.action is not of.Action.ADD_DATA:
            raise RemoteError(
                f"{step.action}: the portal says yes and does not tell the address of what it has added",
                f"{step.action}: порталът приема, но не казва адреса на добавеното",
            )
        return uri


_GONE: Final = {
    "en": "if it was deleted at the portal, take it out of the file in portals/ of the home, and it is created again",
    "bg": "ако е изтрит в портала, махнете го от файла в папка portals на графа и ще се създаде наново",
}


class _Unmoved(urllib.request.HTTPRedirectHandler):
    """Follows nothing: the key is for one address."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> None:
        return None


def send(steps: list[Step], memory: Memory, portal: Portal, keep: Callable[[Memory], None]) -> tuple[Memory, list[str]]:
    """Takes the steps, keeping what is known before and after each. Raises the first error, telling what is left."""
    taken: list[str] = []
    for place, planned in enumerate(steps):
        step = planned.now(memory)
        if step is None:
            continue
        try:
            body = step.body(memory)
            if step.adds:
                memory = of.asked(memory, step)
                keep(memory)
            answer = portal.post(step.action, body)
            memory = of.done(memory, step, portal.given(step, answer))
        except KgError as error:
            if step.adds and isinstance(error, (PortalError, ForbiddenError)):
                memory = of.refused(memory, step)
                keep(memory)
            _tell(error, step, len(taken), steps[place:])
            raise
        keep(memory)
        taken.append(f"{step.action} {step.name}")
    return memory, taken


def _tell(error: KgError, step: Step, taken: int, left: list[Step]) -> None:
    names = ", ".join(dict.fromkeys(one.slug for one in left))
    error.messages = {
        "bg": f"{step.name}: {error.messages['bg']}. Направени заявки: {taken}, остават: {len(left)} ({names}). "
        "Направеното е запомнено; пуснете командата отново, за да продължи оттам.",
        "en": f"{step.name}: {error.messages['en']}. Requests done: {taken}, left: {len(left)} ({names}). "
        "What was done is remembered; run the command again to go on from there.",
    }


def checked(address: str) -> str:
    """The address of an API, where the key may be sent to it. Raises ParameterError."""
    try:
        parts = urlsplit(address)
        fine = bool(parts.hostname) and not (parts.username or parts.password or parts.query or parts.fragment)
        fine = fine and (parts.scheme == "https" or (parts.scheme == "http" and is_local(address)))
        _ = parts.port  # raises where there is none to be read
    except ValueError:
        fine = False
    if not fine:
        raise ParameterError(
            f"{address!r} is no address that a key is sent to: it begins with https:// (with http:// on this machine "
            "only), and has no name, password or parameters",
            f"На адрес „{address}“ не се изпраща ключ: пише се с https:// (с http:// само на тази машина), "
            "без име, парола и параметри",
        )
    return address.rstrip("/")


def is_local(address: str) -> bool:
    """Whether an address is of this machine."""
    host = urlsplit(address).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _read(content: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(content)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _complaints(errors: Any) -> list[str]:
    """What is wrong with each field, by its name in Bulgarian and in the API."""
    found = []
    for name, told in errors.items() if isinstance(errors, dict) else ():
        bulgarian = f" ({_FIELDS[name]})" if name in _FIELDS else ""
        found.append(f"{name}{bulgarian}: {' '.join(map(str, told)) if isinstance(told, list) else told}")
    return found
