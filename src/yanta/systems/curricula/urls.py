from django.urls import path

from yanta.systems.curricula import views

urlpatterns = [
    path("curricula/plans/<int:pk>/", views.PlanView.as_view(), name="plan"),
    path("curricula/plans/<int:pk>/matrix/", views.MatrixView.as_view(), name="plan-matrix"),
    path("curricula/plans/<int:pk>/compare/", views.CompareView.as_view(), name="plan-compare"),
    path("curricula/progress/", views.OwnProgressView.as_view(), name="own-progress"),
    path("curricula/progress/<int:pk>/", views.ProgressView.as_view(), name="progress"),
    path("curricula/progress/class/<int:pk>/", views.ClassProgressView.as_view(), name="class-progress"),
]
