"""The pages of this package that no resource brings into the menu."""

from __future__ import annotations

from yanta.kernel.portal.navigation import Place, places


@places
def dictionary_pages() -> list[Place]:
    return [
        Place(
            title="数据字典", url="/codes/dictionary/subsets/", area="平台", icon="book-2",
            summary="每个数据元的名称、长度、值域，以及由哪个系统保存", permission="codes.dataelement.view",
        ),
        Place(
            title="标准覆盖率", url="/codes/coverage/systems/", area="平台", icon="chart-dots",
            summary="各系统的数据有多少符合标准代码", permission="codes.codeset.view",
        ),
    ]  # fmt: skip
