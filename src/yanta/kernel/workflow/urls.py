from django.urls import path

from yanta.kernel.workflow.views import delegations, designer, diagrams, inbox, items, people, tables

urlpatterns = [
    path("todos/", inbox.InboxView.as_view(), name="todos"),
    path("todos/act/", inbox.BulkView.as_view(), name="todos-act"),
    path("todos/export.xlsx", inbox.ExportView.as_view(), name="todos-export"),
    path("workflow/items/<int:pk>/", items.ItemView.as_view(), name="workflow-item"),
    path("workflow/trace/<int:pk>/", items.InstanceView.as_view(), name="workflow-instance"),
    path("workflow/trace/<int:pk>/diagram/", diagrams.DiagramView.as_view(), name="workflow-diagram"),
    path("workflow/people/", people.PeopleView.as_view(), name="workflow-people"),
    path("workflow/delegations/", delegations.DelegationsView.as_view(), name="workflow-delegations"),
    path("workflow/delegations/<int:pk>/end/", delegations.EndView.as_view(), name="workflow-delegation-end"),
    path("workflow/processes/", designer.ProcessesView.as_view(), name="workflow-processes"),
    path("workflow/processes/<str:key>/", designer.ProcessView.as_view(), name="workflow-process"),
    path("workflow/processes/<str:key>/draw/", designer.DrawView.as_view(), name="workflow-draw"),
    path("workflow/processes/<str:key>/draft/", designer.DraftView.as_view(), name="workflow-draft"),
    path("workflow/processes/<str:key>/check/", designer.CheckView.as_view(), name="workflow-check"),
    path("workflow/processes/<str:key>/publish/", designer.PublishView.as_view(), name="workflow-publish"),
    path("workflow/processes/<str:key>/import/", designer.ImportView.as_view(), name="workflow-import"),
    path("workflow/processes/<str:key>/compare/", designer.CompareView.as_view(), name="workflow-compare"),
    path("workflow/processes/<str:key>/move/", designer.MoveView.as_view(), name="workflow-move"),
    path("workflow/processes/<str:key>/tables/", tables.TablesView.as_view(), name="workflow-tables"),
    path(
        "workflow/processes/<str:key>/tables/<str:table>/", tables.TableView.as_view(), name="workflow-table"
    ),
    path(
        "workflow/processes/<str:key>/tables/<str:table>/drop/",
        tables.DropView.as_view(),
        name="workflow-table-drop",
    ),
    path(
        "workflow/processes/<str:key>/tables/<str:table>.dmn",
        tables.TableFileView.as_view(),
        name="workflow-table-file",
    ),
    path("workflow/processes/<str:key>/<int:number>.bpmn", designer.FileView.as_view(), name="workflow-file"),
]
