"""The definitions of one schema: each thing once, under a name that tells what it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import orjson

from kg.publish.schema.parts import Schema, every, ref


@dataclass(frozen=True, slots=True)
class Definitions:
    """Schemas by name, as they are found to be needed."""

    schemas: dict[str, Schema] = field(default_factory=dict)
    _names: dict[tuple[str, bytes], str] = field(default_factory=dict)

    def define(self, name: str, build: Callable[[], Schema]) -> Schema:
        """A reference to what is built; built once, also where it refers to itself."""
        if name not in self.schemas:
            self.schemas[name] = {}
            self.schemas[name] = build()
        return ref(name)

    def put(self, name: str, schema: Schema) -> Schema:
        """A reference to a schema."""
        return self.define(name, lambda: schema)

    def every(self, name: str, *checks: Schema) -> Schema:
        """A reference to what checks a value, or each of a list."""
        return self.put(name, every(self.put(f"{name}.one", {"allOf": [*checks]})))

    def share(self, names: Iterable[str], schema: Schema) -> Schema:
        """A reference to a schema under the first of the names that is free, or the one that it has."""
        names = [*names]
        key = names[0], orjson.dumps(schema)
        if key not in self._names:
            self._names[key] = next(name for name in names if name not in self.schemas)
            self.schemas[self._names[key]] = schema
        return ref(self._names[key])

    def used(self, schema: Schema) -> dict[str, Schema]:
        """Those that the schema refers to, directly or not, in the order of their names."""
        found: set[str] = set()
        todo: list[object] = [schema]
        while todo:
            part = todo.pop()
            if isinstance(part, dict):
                name = str(part.get("$ref", "")).removeprefix(ref("")["$ref"])
                if name and name not in found:
                    found.add(name)
                    todo.append(self.schemas[name])
                todo += part.values()
            elif isinstance(part, list):
                todo += part
        return {name: self.schemas[name] for name in sorted(found)}
