"""Who waits for somebody else's evaluation, and who does better alone."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import cast

from kg.answering.job import Job
from kg.answering.question import Question
from kg.answering.worker import Worker
from kg.web.sharing import Sharing


def test_nobody_waits_behind_the_queue_of_another_client() -> None:
    async def check() -> None:
        sharing, loop = Sharing(), asyncio.get_running_loop()
        with sharing.turn("meaning") as turn:
            assert sharing.under_way("meaning", "10.0.0.2") is not None
            turn.job = job = Job(1, Question("ASK {}", Path()), loop.create_future(), 1, "10.0.0.1", look=False)
            assert sharing.under_way("meaning", "10.0.0.2") is None  # it is not at work yet
            assert sharing.under_way("meaning", "10.0.0.1") is not None
            assert sharing.under_way("other", "10.0.0.1") is None
            job.worker = cast(Worker, object())
            assert sharing.under_way("meaning", "10.0.0.2") is not None
        assert sharing.under_way("meaning", "10.0.0.2") is None

    asyncio.run(check())
