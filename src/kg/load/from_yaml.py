"""YAML entries as text with the line of every field. Text stays text: no implicit types (YAML 1.2 §10.1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import yaml

from kg.entry import Entry, Locator, Path_, Value
from kg.errors import DataError
from kg.load.problems import Problems, problem

MAX_DEPTH = 12
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULLS = frozenset({"null", "Null", "NULL", "~"})
_TAGS = frozenset({"!", *(f"tag:yaml.org,2002:{name}" for name in ("str", "seq", "map"))})
HEAD = {"entries": "записи", "source": "източник", "period": "период", "basis": "основание"}
"""What may stand at the head of a file, and what it is called in Bulgarian."""
_ENGLISH = {bulgarian: english for english, bulgarian in HEAD.items()}


@dataclass(slots=True)
class _Frame:
    """A list or mapping that is being read."""

    value: list[Value] | dict[str, Value]
    path: Path_
    line: int
    key: str | None = None
    keys: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class YamlFile:
    """The entries of a file, and what it says of itself at its head."""

    entries: tuple[Entry, ...]
    source: str | None = None
    basis: str | None = None
    period: str | None = None
    head: Mapping[str, Locator] = field(default_factory=dict)  # where source, basis and period stand


def read(text: str, file: str) -> YamlFile:
    """Entries in file order. Raises DataError with every duplicate key, null and alias found."""
    problems = Problems()
    root, places = tree(text, file, problems)
    if problems:
        raise DataError(problems)
    top = Locator(file, line=1)
    head: dict[str, str] = {}
    heads: dict[str, Locator] = {}
    steps: Path_ = ()
    listed: Value = root
    if isinstance(root, dict):
        unknown = [key for key in root if key not in HEAD and key not in _ENGLISH]
        for key in unknown:
            problems.add(
                Locator(file, line=places[(key,)]),
                f"„{key}“ is not known at the head of a file; here stand entries, source, period, basis",
                f"„{key}“ не е познато в началото на файла; тук стоят: записи (entries), източник (source), "
                "период (period), основание (basis)",
                field=key,
            )
        named = {_ENGLISH.get(key, key): (key, value) for key, value in root.items()}
        if "entries" not in named:
            problems.add(
                top,
                "there is no „entries:“ with the list of entries",
                "липсва „entries:“ (или „записи:“) със списъка на записите",
            )
            raise DataError(problems)
        for name in ("source", "period", "basis"):
            key, value = named.get(name, (name, ""))
            heads[name] = Locator(file, line=places.get((key,), 1))
            if isinstance(value, str):
                head[name] = value
            else:
                problems.add(
                    heads[name],
                    f"„{key}“ must be one word, not a list",
                    f"„{key}“ трябва да е една дума, а не списък",
                    field=key,
                )
        key, listed = named["entries"]
        steps = (key,)
    if isinstance(listed, str):
        problems.add(top, "the file holds no list of entries", "файлът не съдържа списък със записи")
        raise DataError(problems)
    entries = list(_entries(listed, places, steps, file, problems))
    if problems:
        raise DataError(problems)
    source, basis, period = (head.get(name) or None for name in ("source", "basis", "period"))
    return YamlFile(tuple(entries), source, basis, period, heads)


def _entries(
    listed: list[Value] | dict[str, Value],
    places: dict[Path_, int],
    steps: Path_,
    file: str,
    problems: Problems,
) -> Iterator[Entry]:
    if isinstance(listed, dict):
        problems.add(
            Locator(file, line=places.get(steps, 1)),
            "entries must be a list: begin each with „- “",
            "записите трябва да са списък: всеки започва с „- “",
        )
        return
    inside: dict[int, dict[Path_, Locator]] = {}
    depth = len(steps)
    for path, line in places.items():
        if len(path) > depth and path[:depth] == steps and isinstance(path[depth], int):
            inside.setdefault(int(path[depth]), {})[path[depth + 1 :]] = Locator(file, line=line)
    for number, fields in enumerate(listed):
        own = inside.get(number, {})
        at = own.pop((), Locator(file, line=1))
        if not isinstance(fields, dict):
            problems.add(
                at,
                "an entry must have fields such as „id:“, „type:“ and „title:“",
                "записът трябва да има полета като „id:“, „type:“ и „title:“",
            )
            continue
        yield Entry(fields, at, own)


def tree(text: str, file: str, problems: Problems, *, nulls: bool = False) -> tuple[Value, dict[Path_, int]]:
    """The document as nested text, and the line of each node by its path. Not recursive: depth is bounded.

    Duplicate keys and nulls (unless `nulls`) are gathered in `problems`; what breaks off raises DataError.
    """
    places: dict[Path_, int] = {}
    stack: list[_Frame] = []
    root: Value | None = None
    documents = 0

    def refuse(line: int, en: str, bg: str) -> DataError:
        return DataError([*problems, problem(Locator(file, line=line), en, bg)])

    def too_deep(line: int) -> DataError:
        return refuse(
            line,
            f"values are nested more than {MAX_DEPTH} deep; write them flatter",
            f"стойностите са вложени на повече от {MAX_DEPTH} нива; опростете записа",
        )

    def place(line: int) -> Path_:
        if not stack:
            return ()
        frame = stack[-1]
        if isinstance(frame.value, list):
            return (*frame.path, len(frame.value))
        return (*frame.path, frame.key or "")

    def put(value: Value) -> None:
        nonlocal root
        if not stack:
            root = value
        elif isinstance(stack[-1].value, list):
            stack[-1].value.append(value)
        else:
            frame = stack[-1]
            assert isinstance(frame.value, dict) and frame.key is not None
            frame.value[frame.key] = value
            frame.key = None

    try:
        for event in yaml.parse(text, Loader=_Loader):
            line = event.start_mark.line + 1 if event.start_mark else 1
            anchor, tag = getattr(event, "anchor", None), getattr(event, "tag", None)
            if tag and tag not in _TAGS:
                problems.add(
                    Locator(file, line=line),
                    f"the tag „{tag}“ is not used here; take it out",
                    f"означението „{tag}“ не се използва тук; махнете го",
                )
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise refuse(
                        line,
                        "one file holds one document; take out the line „---“",
                        "един файл съдържа един документ; махнете реда „---“",
                    )
            elif anchor:
                raise refuse(
                    line,
                    f"anchors and aliases („&{anchor}“, „*{anchor}“) are not used here; "
                    "write the value out, or put it in quotation marks",
                    f"отпратки като „&{anchor}“ и „*{anchor}“ не се използват тук; "
                    "напишете стойността или я оградете с кавички",
                )
            elif isinstance(event, yaml.ScalarEvent):
                frame = stack[-1] if stack else None
                if frame is not None and isinstance(frame.value, dict) and frame.key is None:
                    if event.value in frame.keys:
                        problems.add(
                            Locator(file, line=line),
                            f"the field „{event.value}“ is here twice (first on line {frame.keys[event.value]}); "
                            "keep one, or make a list of the values",
                            f"полето „{event.value}“ е написано два пъти (първо на ред "
                            f"{frame.keys[event.value]}); оставете едното или направете списък",
                            field=event.value,
                        )
                    frame.keys[event.value] = line
                    frame.key = event.value
                    continue
                path = place(line)
                places[path] = line
                if not nulls and event.implicit[0] and event.value in _NULLS:
                    problems.add(
                        Locator(file, line=line),
                        f"„{event.value}“ is no value; leave the field out when it is not known, "
                        "or put the word in quotation marks",
                        f"„{event.value}“ не е стойност; пропуснете полето, когато не е известно, "
                        "или оградете думата с кавички",
                        field=str(path[-1]) if path else None,
                    )
                put(event.value)
            elif isinstance(event, yaml.SequenceStartEvent | yaml.MappingStartEvent):
                if stack and isinstance(stack[-1].value, dict) and stack[-1].key is None:
                    raise refuse(
                        line,
                        "a field's name must be a word, not a list or a group",
                        "името на полето трябва да е дума, а не списък или група",
                    )
                if len(stack) >= MAX_DEPTH:
                    raise too_deep(line)
                path = place(line)
                places[path] = line
                empty: list[Value] | dict[str, Value] = [] if isinstance(event, yaml.SequenceStartEvent) else {}
                put(empty)
                stack.append(_Frame(empty, path, line))
            elif isinstance(event, yaml.SequenceEndEvent | yaml.MappingEndEvent):
                stack.pop()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        if error.context_mark and mark and mark.index >= len(text.rstrip()):
            mark = error.context_mark  # what is not closed, rather than the end of the file
        line = mark.line + 1 if mark else 1
        what = " ".join(str(part) for part in (error.context, error.problem) if part)
        if "nesting depth" in what:  # libyaml reads ahead on a line, and has a limit of its own since 0.2.6
            raise too_deep(line) from error
        raise refuse(
            line,
            f"the file breaks off here: {what}. Look at the indentation, the colons and the quotation marks "
            "of this line and the one above",
            f"файлът не може да се прочете от този ред ({what}). Проверете отстъпа, двоеточията и кавичките "
            "на този ред и на предишния",
        ) from error
    except yaml.YAMLError as error:
        what = " ".join(str(error).split())
        raise refuse(1, f"the file cannot be read: {what}", f"файлът не може да се прочете: {what}") from error
    if root is None:
        raise refuse(1, "the file holds no entries", "файлът не съдържа записи")
    return root, places
