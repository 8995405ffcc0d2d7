"""What is done with filings; declared here so that the platform finds every verb."""

from yanta.hub.reporting.services.cells import explain, fill, remark, take_back
from yanta.hub.reporting.services.filings import (
    archive,
    assign,
    calculate,
    check_table,
    open_filing,
    rehearse,
    return_filing,
    review,
    send_back,
    sign,
)
from yanta.hub.reporting.services.receiving import accept, send_back_to_school
from yanta.hub.reporting.services.sending import record_receipt, submit

__all__ = [
    "accept",
    "archive",
    "assign",
    "calculate",
    "check_table",
    "explain",
    "fill",
    "open_filing",
    "record_receipt",
    "rehearse",
    "remark",
    "return_filing",
    "review",
    "send_back",
    "send_back_to_school",
    "sign",
    "submit",
    "take_back",
]
