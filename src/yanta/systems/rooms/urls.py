from django.urls import path

from yanta.systems.rooms import views

urlpatterns = [
    path("rooms/free/", views.FreeRoomsView.as_view(), name="free-rooms"),
    path("rooms/meet/", views.MeetView.as_view(), name="meeting-rooms"),
    path("rooms/door/<str:number>/", views.DoorView.as_view(), name="meeting-room-door"),
    path("rooms/booking/<int:pk>/calendar.ics", views.CalendarFileView.as_view(), name="booking-calendar"),
]
