from django.urls import path

from yanta.systems.rooms import views

urlpatterns = [path("rooms/free/", views.FreeRoomsView.as_view(), name="free-rooms")]
