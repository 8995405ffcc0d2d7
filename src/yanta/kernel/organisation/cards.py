"""The organisation in the menu."""

from yanta.kernel.portal.navigation import Place, places


@places
def tree_page() -> list[Place]:
    summary = "今天和过去任一天的机构树：叫什么、归谁管"
    return [Place("机构树", "/organisation/tree/", "平台", "sitemap", summary, "organisation.orgunit.view")]
