from django.urls import path

from yanta.kernel.notify import views

urlpatterns = [
    path("messages/", views.MessagesView.as_view(), name="messages"),
    path("messages/simulated/", views.simulated, name="simulated-texts"),
    path("messages/<int:pk>/", views.MessageView.as_view(), name="message"),
]
