"""The warehouse's own pages; lists and records of its nouns come from their declarations."""

from django.urls import path

from yanta.hub.warehouse.views import boards, defining, exports, figures, questions

urlpatterns = [
    path("warehouse/boards/", boards.BoardView.as_view(), name="warehouse-boards"),
    path("warehouse/boards/new/", boards.ComposeView.as_view(), name="warehouse-board-new"),
    path("warehouse/boards/<slug:code>/", boards.BoardView.as_view(), name="warehouse-board"),
    path("warehouse/boards/<slug:code>/edit/", boards.ComposeView.as_view(), name="warehouse-board-edit"),
    path("warehouse/figures/<str:code>/", figures.FigureView.as_view(), name="warehouse-figure"),
    path("warehouse/figures/<str:code>/rows/", figures.RowsView.as_view(), name="warehouse-rows"),
    path(
        "warehouse/disagreements/<int:pk>/", figures.DisagreementView.as_view(), name="warehouse-disagreement"
    ),
    path("warehouse/indicators/define/", defining.DefineView.as_view(), name="warehouse-define"),
    path("warehouse/indicator/<int:pk>/formula/", defining.FormulaView.as_view(), name="warehouse-formula"),
    path("warehouse/questions/", questions.QuestionListView.as_view(), name="warehouse-questions"),
    path("warehouse/ask/", questions.AskView.as_view(), name="warehouse-ask"),
    path("warehouse/fields/<str:subject>/", questions.FieldsView.as_view(), name="warehouse-fields"),
    path("warehouse/questions/keep/", questions.KeepView.as_view(), name="warehouse-keep"),
    path("warehouse/questions/stop/", questions.StopView.as_view(), name="warehouse-stop"),
    path("warehouse/questions/<int:pk>/", questions.QuestionView.as_view(), name="warehouse-question"),
    path("warehouse/exports/ask/", exports.ExportAskView.as_view(), name="warehouse-export-ask"),
    path("warehouse/exports/<int:pk>/", exports.ExportView.as_view(), name="warehouse-export"),
    path("warehouse/exports/<int:pk>/file/", exports.FileView.as_view(), name="warehouse-export-file"),
]
