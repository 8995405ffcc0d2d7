"""What a school may set about matching; the defaults need no training data."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """Thresholds in bits of evidence: 10 bits mean odds of a thousand to one."""

    accept: float = 7.0  # posterior odds of 128 to 1 join two rows
    doubt: float = -3.0  # from odds of 1 to 8 a person is asked
    margin: float = 4.0  # a row that fits two people must fit one of them this much better
    largest_bucket: int = 40  # a key shared by more rows says too little to be looked at alone
    largest_component: int = (
        400  # what hangs together beyond it is held together by its strongest pairs alone
    )
    keep_assigned: bool = False  # earlier persons stay whole and apart; only new rows find their place
    doubts_per_row: int = 3
    memory_limit: str = "4GB"
    threads: int = 0  # 0: as many as the machine has


DEFAULT = Settings()
