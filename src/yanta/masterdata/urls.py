from django.urls import path

from yanta.masterdata import views

urlpatterns = [
    path("activation/", views.ActivationProgressView.as_view(), name="activation-progress"),
    path("activation/class/<int:pk>/", views.ClassActivationView.as_view(), name="class-activation"),
    path("activation/class/<int:pk>/codes/", views.ClassCodesView.as_view(), name="class-codes"),
]
