"""In which form is logged?  One line for people or one object for programs, whoever logs; never a document, its values or a token.

What clients chose, such as the name of an operation, can begin no line of its own: control characters are escaped.
"""

import logging
from typing import Final

from pythonjsonlogger.json import JsonFormatter

from api.settings import Settings
from api.telemetry.work import PROBES, SHOWN, Work, current_id

TEXT: Final = "communique: %(levelname)s: %(message)s%(by)s"
FIELDS: Final = {"levelname": "level", "name": "logger", "exc_info": "traceback"}
"""As which fields what Python's logging knows is written."""
UNSEEN: Final = {
    code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0))
} | {0x2028: "\\u2028", 0x2029: "\\u2029"}  # fmt: skip
"""Characters that could begin a line, or do something to a terminal."""

requests = logging.getLogger("communique.requests")


class Plain(logging.Formatter):
    """A line for people; the lines of a traceback are indented, so that none of them looks like one of ours."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        return super().formatMessage(record).translate(UNSEEN)

    def formatException(self, ei: object) -> str:  # noqa: N802 - as above
        text = super().formatException(ei)  # type: ignore[arg-type]
        return "\n".join(f"  {line.translate(UNSEEN)}" for line in text.split("\n"))


def set_up(settings: Settings) -> None:
    """Log to standard error: all of this process, uvicorn's lines and warnings of Python among them."""
    handler = logging.StreamHandler()
    handler.setFormatter(Plain(TEXT) if settings.log_format == "text" else _json())
    handler.addFilter(_identified)
    logging.basicConfig(level=settings.log_level.upper(), handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    requests.setLevel(logging.INFO if settings.log_requests else logging.NOTSET)


def tell(work: Work, seconds: float) -> None:
    """Log a line of what was done."""
    if work.path in PROBES:
        return
    name = None if work.operation is None else work.operation[:SHOWN]
    what = " ".join(filter(None, (work.kind, name))) or work.path[:SHOWN]
    took = seconds * 1000
    how = f"{work.status} {work.outcome}" if work.status else work.outcome
    told = {
        "operation": name,
        "kind": work.kind,
        "path": work.path[:SHOWN],
        "transport": work.transport,
        "status": work.status or None,
        "outcome": work.outcome,
        "milliseconds": round(took, 3),
        "bytes": work.bytes,
        "subject": work.subject,
    }
    requests.info(
        "%s over %s: %s, %.1f ms, %d bytes",
        *(what, work.transport, how, took, work.bytes),
        extra={field: value for field, value in told.items() if value is not None},
    )


def _json() -> JsonFormatter:
    shown = ("levelname", "name", "message")
    return JsonFormatter(shown, rename_fields=FIELDS, timestamp="time", reserved_attrs=_reserved())


def _reserved() -> list[str]:
    known = logging.makeLogRecord({}).__dict__
    return [*known, "message", "asctime", "by", "color_message"]


def _identified(record: logging.LogRecord) -> bool:
    """Note the id of the request that a record belongs to, if there is one."""
    id_ = current_id()
    record.by = f" [{id_}]" if id_ else ""
    if id_:
        record.request_id = id_
    return True
