"""Errors as problem details (RFC 9457): one type per error, both languages, nothing of our insides."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from kg.errors import (
    BusyError,
    DataError,
    KgError,
    Messages,
    MethodNotAllowedError,
    NotAcceptableError,
    SlowRequestError,
    StoreError,
    UnauthorizedError,
)
from kg.finding import Finding
from kg.namespaces import PROJECT
from kg.web.exchange import exchange
from kg.web.language import language

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER = 5  # seconds
_CHALLENGE = 'Bearer realm="municipal-kg"'  # RFC 6750 §3

log = logging.getLogger("kg.web")

_BY_STATUS: Mapping[int, tuple[str, str, str]] = {
    404: ("not-found", "there is nothing at this address", "на този адрес няма нищо"),
    405: ("method-not-allowed", "this address does not take this method", "адресът не приема този метод"),
}
_UNEXPECTED = (
    "something went wrong here; it is in the log",
    "при нас възникна грешка; записана е в дневника",
)
_UNAVAILABLE: Messages = {"bg": "хранилището не е достъпно", "en": "the store is not available"}


def messages(error: KgError) -> Messages:
    """What a client is told; where the store lies and what ails it is for the log."""
    return _UNAVAILABLE if isinstance(error, StoreError) else error.messages


def problem(error: KgError, request: HTTPConnection) -> Response:
    """The reply that an error of ours stands for. A StoreError is logged: its client is not told what it says.

    The error forgets where it came from: those frames hold what holds it, and a body of megabytes.
    """
    error.__traceback__ = error.__context__ = error.__cause__ = None
    if isinstance(error, StoreError):
        scope = request.scope
        log.warning("%s %s: %s: %s", scope.get("method", ""), scope.get("path", ""), type(error).__name__, error)
    told = messages(error)
    body: dict[str, Any] = {
        "type": f"{PROJECT}problem/{error.slug}",
        "title": error.title,
        "status": error.status,
        "detail": told.get(language(request), told["en"]),
        "messages": dict(told),
        "requestId": exchange(request.scope).id,
    }
    headers = {}
    if isinstance(error, DataError):
        body["findings"] = [_finding(one) for one in error.findings]
    if isinstance(error, NotAcceptableError) and error.offered:
        body["offered"] = list(error.offered)
    if isinstance(error, BusyError):
        headers["retry-after"] = str(RETRY_AFTER)
    if isinstance(error, MethodNotAllowedError):
        headers["allow"] = ", ".join(error.allowed)
    if isinstance(error, UnauthorizedError):
        headers["www-authenticate"] = f'{_CHALLENGE}, error="{error.error}"' if error.error else _CHALLENGE
    if isinstance(error, SlowRequestError):
        headers["connection"] = "close"  # the rest of the body may still be on its way
    return _response(body, error.status, headers)


def unexpected(request: HTTPConnection) -> Response:
    """The reply to what nobody foresaw. The caller has logged it."""
    return _plain(500, "unexpected", _UNEXPECTED, request)


def install(app: FastAPI) -> None:
    """Let every error of the application leave as a problem."""

    @app.exception_handler(KgError)
    def _known(request: Request, error: KgError) -> Response:
        if error.status >= 500 and not isinstance(error, StoreError):
            log.warning("%s %s: %s: %s", request.method, request.url.path, type(error).__name__, error)
        return problem(error, request)

    @app.exception_handler(HTTPException)
    def _http(request: Request, error: HTTPException) -> Response:
        phrase = HTTPStatus(error.status_code).phrase
        slug, en, bg = _BY_STATUS.get(error.status_code, ("http", phrase, phrase))
        response = _plain(error.status_code, slug, (en, bg), request)
        response.headers.update(error.headers or {})
        return response

    @app.exception_handler(RequestValidationError)
    def _invalid(request: Request, error: RequestValidationError) -> Response:
        where = ", ".join(str(one["loc"][-1]) for one in error.errors())
        return _plain(400, "bad-request", (f"malformed: {where}", f"неправилна стойност: {where}"), request)

    @app.exception_handler(Exception)
    def _unforeseen(request: Request, error: Exception) -> Response:  # it goes on from here to the last net
        return unexpected(request)


def _plain(status: int, slug: str, texts: tuple[str, str], request: HTTPConnection) -> Response:
    en, bg = texts
    body = {
        "type": f"{PROJECT}problem/{slug}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": bg if language(request) == "bg" else en,
        "messages": {"bg": bg, "en": en},
        "requestId": exchange(request.scope).id,
    }
    return _response(body, status, {})


def _response(body: Mapping[str, Any], status: int, headers: Mapping[str, str]) -> Response:
    text = json.dumps(body, ensure_ascii=False).replace("<", "\\u003c").encode()  # no markup, whoever shows it
    return Response(text, status, {"cache-control": "no-store", **headers}, media_type=MEDIA_TYPE)


def _finding(finding: Finding) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "severity": finding.severity.value,
        "messages": dict(finding.messages),
        "at": str(finding.at) if finding.at else None,
        "field": finding.field,
        "focusNode": str(finding.focus_node) if finding.focus_node else None,
        "path": finding.path,
        "value": str(finding.value) if finding.value is not None else None,
        "shape": finding.shape,
    }
    return {name: value for name, value in fields.items() if value is not None}
