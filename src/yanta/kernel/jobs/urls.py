from django.urls import path

from yanta.kernel.jobs import views

urlpatterns = [
    path("jobs/", views.MyJobsView.as_view(), name="my-jobs"),
    path("jobs/<int:pk>/", views.JobView.as_view(), name="job"),
]
