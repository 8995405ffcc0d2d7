"""Apps, links and checks at gates on screen."""

from __future__ import annotations

from yanta.kernel.identity.scanning import services
from yanta.kernel.identity.scanning.models import GateCheck, ScanApp, ScanLink
from yanta.kernel.resource import Related, Resource, Section, register

OWNER = "信息中心"


@register
class ScanAppResource(Resource):
    model = ScanApp
    title = "扫码应用"
    owner = OWNER
    icon = "scan"
    columns = ["kind", "is_open", "client_id", "linking", "is_simulated"]
    filters = ["is_open"]
    in_search = False
    form = [
        Section(
            "应用", ["kind", "client_id", "agent"],
            note="在对方平台登记的回调地址：本站地址加 /scan/应用名/callback（wecom、dingtalk、feishu、wechat）",
        ),
        Section("认人", ["linking"]),
    ]  # fmt: skip
    facts = [Section("应用", ["kind", "client_id", "agent", "linking", "is_open", "is_simulated"])]
    related = [Related("关联", ScanLink, "app", ["person", "proof", "used_at"])]
    actions = [services.set_secret, services.open_app, services.close_app]
    access = {"engineer": "*", "security": "*", "auditor": "view"}


@register
class ScanLinkResource(Resource):
    model = ScanLink
    title = "扫码账号关联"
    owner = OWNER
    icon = "link"
    in_menu = False
    in_search = False
    columns = ["app", "person", "subject", "proof", "used_at"]
    filters = ["app", "proof"]
    search = ["person__name", "person__number"]
    actions = [services.unlink]
    access = {"engineer": "view unlink", "security": "view unlink", "auditor": "view"}


@register
class GateCheckResource(Resource):
    """Where people passed: seen by few, kept for half a year."""

    model = GateCheck
    title = "身份码核验"
    owner = OWNER
    icon = "qrcode"
    in_search = False
    columns = ["at", "gate", "person", "is_valid", "reason", "asked_by"]
    filters = ["is_valid", "at"]
    search = ["gate", "person__name", "person__number"]
    order = ["-at"]
    actions = [services.verify]
    access = {"security": "view verify", "auditor": "view export"}
