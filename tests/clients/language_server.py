"""The side of an editor: a client of a language server over its standard streams (LSP 3.17)."""

from __future__ import annotations

import json
import queue
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

PATIENCE = 120
SETTINGS = {"schemaStore": {"enable": False}, "kubernetesCRDStore": {"enable": False}}
"""Nothing is fetched from elsewhere."""
_CAPABILITIES = {
    "workspace": {"configuration": True},
    "textDocument": {
        "publishDiagnostics": {},
        "hover": {"contentFormat": ["markdown"]},
        "completion": {"completionItem": {"snippetSupport": True, "documentationFormat": ["markdown"]}},
    },
}


class LanguageServer:
    """yaml-language-server over the files of a folder; `|` in a text is where the cursor stands."""

    def __init__(self, node: str, npm: Path, folder: Path) -> None:
        program = npm / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"
        self._process = subprocess.Popen(
            [node, str(program), "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._folder = folder
        self._messages: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._told: dict[str, list[dict[str, Any]]] = {}
        self._numbers = iter(range(1, 10**6))
        threading.Thread(target=self._listen, daemon=True).start()

    def __enter__(self) -> LanguageServer:
        self._ask("initialize", {"processId": None, "rootUri": self._folder.as_uri(), "capabilities": _CAPABILITIES})
        self._say({"method": "initialized", "params": {}})
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream:
                stream.close()

    def diagnostics(self, text: str) -> list[tuple[int, str]]:
        """What is wrong with a file: the line, counted from 1, and the message."""
        told = self._told[self._open(text)]
        return [(one["range"]["start"]["line"] + 1, one["message"]) for one in told]

    def completions(self, text: str) -> dict[str, str]:
        """What is proposed at the cursor: the text that would be written, by label."""
        answer = self._at_cursor("textDocument/completion", text)
        items = answer["items"] if isinstance(answer, dict) else answer or []
        return {item["label"]: item.get("insertText", item["label"]) for item in items}

    def hover(self, text: str) -> str:
        """What is shown at the cursor."""
        answer = self._at_cursor("textDocument/hover", text)
        return str(answer["contents"]["value"]) if answer else ""

    def _at_cursor(self, method: str, text: str) -> Any:
        before, _, after = text.partition("|")
        position = {"line": before.count("\n"), "character": len(before.rpartition("\n")[2])}
        return self._ask(method, {"textDocument": {"uri": self._open(before + after)}, "position": position})

    def _open(self, text: str) -> str:
        """The address of a new file with this text, when the server has looked at it."""
        uri = (self._folder / f"{next(self._numbers)}.yaml").as_uri()
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self._say({"method": "textDocument/didOpen", "params": {"textDocument": document}})
        while uri not in self._told:
            self._hear(self._next())
        return uri

    def _ask(self, method: str, params: Mapping[str, Any]) -> Any:
        number = next(self._numbers)
        self._say({"id": number, "method": method, "params": params})
        while True:
            message = self._next()
            if message.get("id") == number and "method" not in message:
                assert "error" not in message, message
                return message["result"]
            self._hear(message)

    def _hear(self, message: Mapping[str, Any]) -> None:
        """Answers the server's questions, and keeps what it has to say of files."""
        method, params = message.get("method"), message.get("params") or {}
        if method == "textDocument/publishDiagnostics":
            self._told[params["uri"]] = params["diagnostics"]
        elif method == "workspace/configuration":
            result = [SETTINGS if one.get("section") == "yaml" else {} for one in params["items"]]
            self._say({"id": message["id"], "result": result})
        elif "id" in message:
            self._say({"id": message["id"], "result": None})

    def _say(self, message: Mapping[str, Any]) -> None:
        raw = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(raw), raw))
        self._process.stdin.flush()

    def _next(self) -> dict[str, Any]:
        message = self._messages.get(timeout=PATIENCE)
        assert message is not None, "the language server has ended"
        return message

    def _listen(self) -> None:
        stream = self._process.stdout
        assert stream is not None
        length = 0
        while line := stream.readline():
            if line.lower().startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
            elif line == b"\r\n":
                self._messages.put(json.loads(stream.read(length)))
        self._messages.put(None)
