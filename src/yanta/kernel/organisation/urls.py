from django.urls import path

from yanta.kernel.organisation import views

urlpatterns = [path("organisation/tree/", views.TreeView.as_view(), name="organisation-tree")]
