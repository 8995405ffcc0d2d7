"""An application is decided: its form is written."""

from yanta.kernel.base import Actor
from yanta.kernel.events import on
from yanta.kernel.files import readable
from yanta.kernel.files.models import StoredFile
from yanta.kernel.workflow.events import InstanceEnded
from yanta.kernel.workflow.views.access import may_see
from yanta.systems.paperwork.models import Issued
from yanta.systems.paperwork.services import deciding


@on(InstanceEnded)
def write_forms(event: InstanceEnded, *, actor: Actor) -> None:
    if event.applicant_id is not None and event.outcome not in deciding.NOT_GRANTED:
        deciding.issue(event.instance_id, actor=actor)


@readable(deciding.KEPT)
def reads_decided_form(file: StoredFile, actor: Actor) -> bool:
    """Whoever may see the matter reads its form."""
    issued = Issued.objects.filter(file=file) | Issued.objects.filter(printed=file)
    found = issued.select_related("instance").first()
    return found is not None and found.instance is not None and may_see(found.instance, actor)
