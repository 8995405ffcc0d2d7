"""Everybody's jobs, for the information centre."""

from yanta.kernel.access import roles
from yanta.kernel.jobs.models import JobRun
from yanta.kernel.resource import Resource, Section, register


@register
class JobRunResource(Resource):
    model = JobRun
    title = "后台任务"
    owner = "信息中心"
    icon = "progress"
    columns = ["title", "state", "actor_name", "created_at", "started_at", "ended_at"]
    filters = ["state", "name", "created_at"]
    search = ["title", "actor_name"]
    in_search = False
    facts = [
        Section("任务", ["title", "state", "actor_name", "text", "error"]),
        Section("时间", ["created_at", "started_at", "ended_at", "attempts"]),
    ]
    access = {"engineer": "view export", "auditor": "view export"}


roles.allow("engineer", ["jobs.jobrun.cancel"])
