"""What the provider saw of a refused request, asked when it must have come if it was ever to come."""

from __future__ import annotations

from conformance.drive.case import Case
from conformance.http.bodies import Upload
from conformance.mock.calls import Call


def calls_after_all(refused: Case, upload: Upload | None = None) -> list[Call]:
    """The refused case's calls, after a later request has gone all the way through.

    Raises Blocked where that one is not served.
    """
    later = refused.example()
    later.call(later.ask("transcriptions"))
    return refused.calls(upload)
