"""What people are told of their files."""

from dataclasses import dataclass

from yanta.kernel.events import Event
from yanta.kernel.notify import template


@dataclass(frozen=True)
class LoanDecided(Event):
    loan_id: int


template("dossiers.loan", title="借阅{{ name }}的档案：{{ result }}", body="{{ opinion }}", icon="book")
template(
    "dossiers.lent",
    title="{{ who }} 获准借阅您的档案，至 {{ until }}",
    body="用途：{{ purpose }}",
    icon="book",
)
