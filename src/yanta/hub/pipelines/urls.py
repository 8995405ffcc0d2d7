"""Pages of pipelines; lists and records of the nouns come from their declarations."""

from django.urls import path

from yanta.hub.pipelines.views import editor, held, overview, runs

urlpatterns = [
    path("pipelines/", overview.BoardView.as_view(), name="pipelines"),
    path("pipelines/throughput/", overview.ThroughputView.as_view(), name="pipelines-throughput"),
    path("pipelines/runs/<int:pk>/", runs.RunView.as_view(), name="pipeline-run"),
    path("pipelines/runs/<int:pk>/receipt.json", runs.ReceiptFileView.as_view(), name="pipeline-receipt"),
    path("pipelines/held/<int:pk>/", held.HeldView.as_view(), name="pipeline-held"),
    path("pipelines/of/<slug:code>/mapping/", editor.EditorView.as_view(), name="pipeline-mapping"),
    path("pipelines/of/<slug:code>/mapping/column/", editor.ColumnView.as_view(), name="pipeline-column"),
    path("pipelines/of/<slug:code>/", overview.PipelineView.as_view(), name="pipeline"),
]
