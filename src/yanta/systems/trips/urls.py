from django.urls import path

from yanta.systems.trips import views

urlpatterns = [
    path("trips/trip/<int:pk>/classes/", views.ClassesView.as_view(), name="trip-classes"),
    path("trips/summary/", views.SummaryView.as_view(), name="trips-summary"),
]
