"""Quality's own pages; lists and records of its nouns come from their declarations."""

from django.urls import path

from yanta.hub.quality.views import boards, workbench

urlpatterns = [
    path("quality/", boards.BoardView.as_view(), name="quality"),
    path("quality/standards/", boards.StandardsView.as_view(), name="quality-standards"),
    path("quality/suggestions/", workbench.SuggestionsView.as_view(), name="quality-suggestions"),
    path("quality/units/<int:pk>/", boards.UnitView.as_view(), name="quality-unit"),
    path("quality/inspections/<int:pk>/", boards.InspectionView.as_view(), name="quality-inspection"),
    path("quality/orders/<int:pk>/rows/", boards.OrderRowsView.as_view(), name="quality-order-rows"),
    path("quality/rows/<int:pk>/", boards.RowView.as_view(), name="quality-row"),
    path("quality/rules/new/", workbench.NewRuleView.as_view(), name="quality-rule-new"),
    # The list's button leads to the workbench instead of the form derived from the operation's parameters.
    path("quality/rule/actions/define/", workbench.NewRuleView.as_view(), name="quality-rule-define"),
    path("quality/rule/actions/accept/", workbench.SuggestionsView.as_view(), name="quality-rule-accept"),
    path("quality/rules/<int:pk>/", boards.RuleView.as_view(), name="quality-rule"),
    path("quality/rules/<int:pk>/edit/", workbench.EditRuleView.as_view(), name="quality-rule-edit"),
]
