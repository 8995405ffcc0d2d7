"""Rows of the library that keep the rules."""

from typing import Any

from yanta.systems.paperwork.models import Batch, Edition, Form, Issued

EXAMPLES: dict[Any, Any] = {
    Form: lambda n: {"code": f"form-{n}", "title": f"样表{n}"},
    Edition: lambda n: {"name": f"第 {n} 版", "status": "retired"},
    Batch: lambda n: {"title": f"名单{n}", "purpose": "样例"},
    Issued: lambda n: {"digest": f"{n:064d}", "is_complete": True, "made_by": "样例"},
}
