"""One page of every kind, for whoever it is meant."""

PAGES = {
    "student": ["/", "/me/", "/todos/", "/messages/", "/applications/", "/hall/", "/hall/service/leave/apply/", "/search/?q=图书", "/account/"],
    "clerk": ["/equipment/item/?status=idle", "/equipment/item/1/", "/equipment/item/1/edit/", "/equipment/item/1/transfer/",
              "/equipment/item/import/", "/people/person/", "/rooms/free/"],
    "engineer": ["/", "/hub/run/", "/hub/runs/1/receipt/", "/hub/runs/new/", "/hub/quarantine/1/", "/hub/doubts/", "/hub/mappings/1/",
                 "/codes/codeset/", "/codes/codeset/1/", "/pipelines/", "/quality/", "/lineage/", "/exchange/connection/",
                 "/sharing/usage/", "/snapshots/snapshot/", "/applications/application/"],
    "leader": ["/warehouse/boards/leader/", "/warehouse/figures/staff.senior_share/", "/warehouse/ask/?s=student&g=sex&m=count"],
    "registry": ["/reporting/", "/sharing/datasets/"],
}  # fmt: skip
