from django.urls import path

from yanta.kernel.files import views

urlpatterns = [path("files/<int:pk>/", views.DownloadView.as_view(), name="file")]
