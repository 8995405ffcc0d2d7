from django.urls import path

from yanta.systems.vehicles import views

urlpatterns = [
    path("vehicles/board/", views.BoardView.as_view(), name="vehicles-board"),
    path("vehicles/drive/", views.DriveView.as_view(), name="vehicles-drive"),
]
