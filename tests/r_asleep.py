"""A call of R that takes as long as one likes, by itself: a worker that is started for it imports no tests."""

from __future__ import annotations

from parity.r import session


def asleep(seconds: float) -> int:
    """Asked in a worker with `r/echo.R`: R's own process, after so many seconds."""
    return session.get_session().call("test_sleep", {"seconds": seconds})["pid"].one()
