"""Jobs: work that takes a while, with progress that a page and the command line both show."""

from yanta.kernel.jobs.declare import Job, job, tick
from yanta.kernel.jobs.progress import Cancelled, Progress
from yanta.kernel.jobs.running import cancel, run_now, start

__all__ = ["Cancelled", "Job", "Progress", "cancel", "job", "run_now", "start", "tick"]
