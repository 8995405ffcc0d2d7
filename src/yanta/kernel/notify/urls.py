from django.urls import path

from yanta.kernel.notify.views import house, inbox, wishes, writing

urlpatterns = [
    path("messages/", inbox.MessagesView.as_view(), name="messages"),
    path("messages/simulated/", inbox.simulated, name="simulated-texts"),
    path("messages/preferences/", wishes.PreferencesView.as_view(), name="message-preferences"),
    path("messages/push/", wishes.PushView.as_view(), name="message-push"),
    path("messages/statistics/", house.StatisticsView.as_view(), name="message-statistics"),
    path("messages/wordings/", house.WordingsView.as_view(), name="message-wordings"),
    path("messages/wordings/<str:code>/", house.WordingView.as_view(), name="message-wording"),
    path("messages/<int:pk>/", inbox.MessageView.as_view(), name="message"),
    path("notices/new/", writing.ComposeView.as_view(), name="notice-new"),
    path("notices/estimate/", writing.EstimateView.as_view(), name="notice-estimate"),
    path("notices/<int:pk>/", writing.NoticeView.as_view(), name="notice"),
    path("notices/<int:pk>/mine/", inbox.OwnNoticeView.as_view(), name="notice-mine"),
]
