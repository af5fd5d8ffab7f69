"""data.egov.bg in small: the routes, required fields and answers of governmentbg/data-gov-bg, and some bad days.

After app/Http/Controllers/Api/DataSetController.php (commit 0007117) and ResourceController.php (commit 86e8992),
ApiController.php (0d623d4) and the middleware CheckApiKey.php (e9d6bea).
"""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

KEY = "0b6f3f0e-key-of-the-officer-9c1d"
ORGANISATION = 5120
CATEGORIES = range(1, 15)
TERMS = range(1, 7)

Answer = tuple[int, dict[str, Any]]


class Fake:
    """A portal on loopback, while the block runs. `asked` are the requests that it has seen, the key taken out."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.sets: dict[str, dict[str, Any]] = {}
        self.resources: dict[str, dict[str, Any]] = {}
        self.rows: dict[str, list[Any]] = {}
        self.bad: dict[int, str] = {}  # by number of the request: „drop“, „refuse“, „page“, „move“, „echo“
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def port(self) -> int:
        return self._server.server_port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api"

    def __enter__(self) -> Fake:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def actions(self) -> list[str]:
        return [action for action, _ in self.asked]

    def answer(self, action: str, post: dict[str, Any]) -> Answer:
        """What the controllers say."""
        if post.pop("api_key", None) != KEY:
            return 403, _error("Access denied", {}, 403)
        self.asked.append((action, post))
        if self.bad.get(len(self.asked)) == "refuse":
            return 500, _error(
                "Възникна грешка при добавяне на набор от данни.", {"category_id": ["Невалиден раздел."]}
            )
        if self.bad.get(len(self.asked)) == "echo":
            return 500, _error(f"User {KEY} was not allowed", {"api_key": [KEY]})
        routes: dict[str, Callable[[dict[str, Any]], Answer]] = {
            "addDataset": self._add_dataset,
            "editDataset": self._edit_dataset,
            "listDatasets": self._list_datasets,
            "addResourceMetadata": self._add_resource,
            "editResourceMetadata": self._edit_resource,
            "listResources": self._list_resources,
            "addResourceData": self._add_data,
            "updateResourceData": self._update_data,
        }
        return routes[action](post) if action in routes else (404, {})

    def _add_dataset(self, post: dict[str, Any]) -> Answer:
        errors = _dataset(post.get("data"))
        if errors:
            return 500, _error("Възникна грешка при добавяне на набор от данни.", errors)
        uri = str(uuid.uuid4())
        self.sets[uri] = {"visibility": 2, **post["data"], "uri": uri, "status": 1}
        return 200, {"success": True, "uri": uri}

    def _edit_dataset(self, post: dict[str, Any]) -> Answer:
        errors = _dataset(post.get("data")) | self._there("dataset_uri", post, self.sets)
        if errors:
            return 500, _error("Възникна грешка при редакция на набор от данни.", errors)
        given = {name: value for name, value in post["data"].items() if value}  # what is empty stays as it was
        self.sets[post["dataset_uri"]] |= given | {"status": 1}
        return 200, {"success": True}

    def _list_datasets(self, post: dict[str, Any]) -> Answer:
        criteria = post["criteria"]
        listed = [
            one
            for one in self.sets.values()
            if one["org_id"] in criteria["org_ids"] and criteria["keywords"] in one["name"]
        ]
        return 200, {"success": True, "datasets": listed, "total_records": len(listed)}

    def _add_resource(self, post: dict[str, Any]) -> Answer:
        errors = _resource(post.get("data")) | self._there("dataset_uri", post, self.sets)
        if errors or "locale" not in post["data"]:
            return 500, _error("Възникна грешка при добавяне на метаданни на ресурс.", errors)
        uri = str(uuid.uuid4())
        self.resources[uri] = {**post["data"], "uri": uri, "dataset_uri": post["dataset_uri"]}
        return 200, {"success": True, "data": {"uri": uri}}

    def _edit_resource(self, post: dict[str, Any]) -> Answer:
        errors = _resource(post.get("data")) | self._there("resource_uri", post, self.resources)
        if errors:
            return 500, _error("Възникна грешка при редакция на метаданни на ресурс.", errors)
        self.resources[post["resource_uri"]] |= post["data"]
        return 200, {"success": True}

    def _list_resources(self, post: dict[str, Any]) -> Answer:
        listed = [one for one in self.resources.values() if one["dataset_uri"] == post["criteria"]["dataset_uri"]]
        return 200, {"success": True, "resources": listed, "total_records": len(listed)}

    def _add_data(self, post: dict[str, Any]) -> Answer:
        errors = self._data(post)
        if errors:
            return 500, _error("Възникна грешка при добавяне на данни за ресурс.", errors)
        self.rows[post["resource_uri"]] = post["data"]
        return 200, {"success": True}

    def _update_data(self, post: dict[str, Any]) -> Answer:
        errors = self._data(post)
        if errors:
            return 500, _error("Възникна грешка при обновяване на данни за ресурс.", errors)
        same = self.rows.get(post["resource_uri"]) == post["data"]
        self.rows[post["resource_uri"]] = post["data"]
        return 200, {"success": True} | ({"message": "Ресурсът е обновен"} if same else {})

    def _data(self, post: dict[str, Any]) -> dict[str, list[str]]:
        wrong = {} if isinstance(post.get("data"), list | dict) and post["data"] else _needed("data")
        wrong |= {} if isinstance(post.get("extension_format"), str) else _needed("extension_format")
        return wrong | self._there("resource_uri", post, self.resources)

    def _there(self, name: str, post: dict[str, Any], all: dict[str, Any]) -> dict[str, list[str]]:
        return {} if post.get(name) in all else {name: [f"Поле {name} е невалидно."]}


def _dataset(data: Any) -> dict[str, list[str]]:
    if not isinstance(data, dict) or not data:
        return _needed("data")
    wrong = {} if data.get("name") and len(data["name"]) <= 8000 else _needed("name")
    wrong |= {} if data.get("category_id") in CATEGORIES else _needed("category_id")
    wrong |= {} if data.get("org_id") == ORGANISATION else _needed("org_id")
    wrong |= {} if data.get("terms_of_use_id", 1) in TERMS else _needed("terms_of_use_id")
    wrong |= {} if data.get("visibility", 1) in {1, 2} else _needed("visibility")
    wrong |= {} if "@" in data.get("support_email", "@") else _needed("support_email")
    for name, most in (("description", 8000), ("source", 191), ("author_name", 191), ("support_name", 191)):
        wrong |= _needed(name) if len(data.get(name, "")) > most else {}
    return wrong


def _resource(data: Any) -> dict[str, list[str]]:
    if not isinstance(data, dict) or not data:
        return _needed("data")
    wrong = {} if data.get("name") and len(data["name"]) <= 191 else _needed("name")
    wrong |= {} if data.get("type") in {1, 2, 3, 4} else _needed("type")
    if data.get("type") in {2, 3} and not data.get("resource_url", "").startswith("http"):
        wrong |= _needed("resource_url")
    if data.get("type") == 3 and data.get("http_rq_type") not in {"GET", "POST"}:
        wrong |= _needed("http_rq_type")
    for name in ("resource_url", "schema_url", "authentication"):
        wrong |= _needed(name) if len(data.get(name, "")) > 191 else {}
    return wrong


def _needed(name: str) -> dict[str, list[str]]:
    return {name: [f"Поле {name} е задължително или е невалидно."]}


def _error(message: str, errors: dict[str, list[str]], code: int = 500) -> dict[str, Any]:
    told = {"type": "General", "message": message}
    return {"success": False, "status": code, "errors": errors, "error": told}


def _handler(fake: Fake) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            post = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, told = fake.answer(self.path.removeprefix("/api/"), post)
            day = fake.bad.get(len(fake.asked)) if status != 403 else None
            if day == "drop":
                self.close_connection = True
                return
            body = json.dumps(told).encode()
            if day == "page":
                status, body = 502, b"<html>Bad Gateway</html>"
            self.send_response(302 if day == "move" else status)
            if day == "move":
                self.send_header("Location", f"http://localhost:{fake.port}/api/elsewhere")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            fake.asked.append(("GET", {}))
            self.send_error(405)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler
