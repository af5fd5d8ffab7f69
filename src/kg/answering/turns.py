"""A queue in which clients take turns."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Iterator

from kg.answering.job import Job


class Turns:
    """Jobs by client, each client's in order; the next is of the client with the fewest under way."""

    def __init__(self) -> None:
        self._clients: OrderedDict[str, deque[Job]] = OrderedDict()
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[Job]:
        for jobs in self._clients.values():
            yield from jobs

    def push(self, job: Job) -> None:
        self._clients.setdefault(job.group, deque()).append(job)
        self._length += 1

    def waiting(self, client: str) -> int:
        """How many jobs of this client wait."""
        return len(self._clients.get(client, ()))

    def longest(self) -> deque[Job]:
        """The jobs of the client with the most; empty when nobody waits."""
        return max(self._clients.values(), key=len, default=deque())

    def remove(self, job: Job) -> bool:
        """Whether it was there."""
        jobs = self._clients.get(job.group)
        if jobs is None or job not in jobs:
            return False
        jobs.remove(job)
        self._length -= 1
        if not jobs:
            del self._clients[job.group]
        return True

    def pop(self, under_way: Callable[[str], int], room: Callable[[str], bool]) -> Job | None:
        """The next job that there is room for."""
        chosen, fewest = None, -1
        for client in self._clients:
            count = under_way(client)
            if (chosen is None or count < fewest) and room(client):
                chosen, fewest = client, count
                if count == 0:
                    break
        if chosen is None:
            return None
        jobs = self._clients[chosen]
        job = jobs.popleft()
        self._length -= 1
        if jobs:
            self._clients.move_to_end(chosen)
        else:
            del self._clients[chosen]
        return job
