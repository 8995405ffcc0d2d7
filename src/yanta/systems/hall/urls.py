from django.urls import path

from yanta.systems.hall.views import affairs, answering, applying, catalogue, designing, figures, mine

urlpatterns = [
    path("hall/", catalogue.HallView.as_view(), name="hall"),
    path("hall/service/<slug:key>/", catalogue.ServiceView.as_view(), name="hall-service"),
    path("hall/service/<slug:key>/star/", catalogue.StarView.as_view(), name="hall-star"),
    path("hall/service/<slug:key>/apply/", applying.ApplyView.as_view(), name="hall-apply"),
    path("hall/draft/<str:key>/", applying.DraftView.as_view(), name="hall-draft"),
    path("hall/draft/<str:key>/drop/", applying.DropDraftView.as_view(), name="hall-draft-drop"),
    path("hall/mine/", mine.MineView.as_view(), name="hall-mine"),
    path("hall/mine/<int:pk>/", mine.MatterView.as_view(), name="hall-matter"),
    path("hall/mine/<int:pk>/rate/", mine.RateView.as_view(), name="hall-rate"),
    path("hall/mine/<int:pk>/mend/", mine.MendView.as_view(), name="hall-mend"),
    path("hall/mine/<int:pk>/act/<slug:verb>/", mine.ActView.as_view(), name="hall-act"),
    path("hall/affair/<slug:key>/", affairs.AffairView.as_view(), name="hall-affair"),
    path("hall/affairs/<int:pk>/", affairs.AffairProgressView.as_view(), name="hall-affair-progress"),
    path("hall/designer/<int:pk>/", designing.DesignerView.as_view(), name="hall-designer"),
    path("hall/designer/<int:pk>/preview/", designing.PreviewView.as_view(), name="hall-preview"),
    path("hall/figures/", figures.FiguresView.as_view(), name="hall-figures"),
    path("hall/figures/<slug:key>/", figures.ServiceFiguresView.as_view(), name="hall-service-figures"),
    path("hall/rating/<int:pk>/answer/", answering.AnswerView.as_view(), name="hall-answer"),
    path("hall/ranking/", figures.RankingView.as_view(), name="hall-ranking"),
]
