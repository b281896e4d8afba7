"""How does the log write a moment?  So that texts compare as times do."""

from datetime import UTC, datetime


def timestamp(moment: datetime) -> str:
    """A moment as the log writes it: UTC, RFC 3339 with microseconds and `Z`.

    >>> timestamp(datetime(2020, 12, 30, 10, tzinfo=UTC))
    '2020-12-30T10:00:00.000000Z'
    """
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def instant(text: str) -> str:
    """An instant of RFC 3339, with any offset from UTC, as the log writes it.  Raises ValueError.

    >>> instant("2020-12-30T12:00:00+02:00")
    '2020-12-30T10:00:00.000000Z'
    """
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return timestamp(moment)
    except (ValueError, OverflowError):
        pass
    raise ValueError(
        f"{text!r:.40} is not an instant with its offset from UTC, as 2020-12-30T12:00:00Z is"
    )
