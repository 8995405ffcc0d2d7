"""Pages of reporting; lists and records of its nouns come from their declarations."""

from django.urls import path

from yanta.hub.reporting.views import exchange, filings, overview, region

FILING = "reporting/filings/<int:pk>/"
TABLE = f"{FILING}tables/<slug:code>/"
REHEARSAL = "reporting/rehearsals/<int:pk>/"
CELL = "cells/<slug:row>/<slug:column>/"

urlpatterns = [
    path("reporting/", overview.HomeView.as_view(), name="reporting"),
    path("reporting/received/<int:pk>/", region.ReceivedView.as_view(), name="reporting-received"),
    path("reporting/region/<slug:code>/<slug:period>/", region.RegionView.as_view(), name="reporting-region"),
    path("reporting/mine/", overview.MineView.as_view(), name="reporting-mine"),
    path(FILING, filings.FilingView.as_view(), name="reporting-filing"),
    path(f"{FILING}do/<slug:verb>/", filings.ActView.as_view(), name="reporting-act"),
    path(f"{FILING}differences/", filings.DifferenceView.as_view(), name="reporting-differences"),
    path(f"{FILING}submissions/<int:number>/", filings.ArchiveView.as_view(), name="reporting-archive"),
    path(f"{FILING}export.<slug:kind>", exchange.ExportView.as_view(), name="reporting-export"),
    path(f"{FILING}import/", exchange.ImportView.as_view(), name="reporting-import"),
    path(f"{FILING}compare/", exchange.CompareView.as_view(), name="reporting-compare"),
    path(TABLE, filings.TableView.as_view(), name="reporting-table"),
    path(f"{TABLE}do/<slug:verb>/", filings.ActView.as_view(), name="reporting-table-act"),
    path(f"{TABLE}{CELL}", filings.CellView.as_view(), name="reporting-cell"),
    path(f"{TABLE}{CELL}rows/", filings.RowsView.as_view(), name="reporting-rows"),
    path(REHEARSAL, overview.RehearsalView.as_view(), name="reporting-rehearsal"),
    path(
        f"{REHEARSAL}tables/<slug:code>/",
        overview.RehearsalTableView.as_view(),
        name="reporting-rehearsal-table",
    ),
    path(
        f"{REHEARSAL}tables/<slug:code>/{CELL}",
        overview.RehearsalCellView.as_view(),
        name="reporting-rehearsal-cell",
    ),
    path(
        f"{REHEARSAL}tables/<slug:code>/{CELL}rows/",
        overview.RehearsalRowsView.as_view(),
        name="reporting-rehearsal-rows",
    ),
    path("reporting/packages/<slug:code>/", overview.DefinitionView.as_view(), name="reporting-definition"),
    path(
        "reporting/packages/<slug:code>/rehearse/", overview.RehearseView.as_view(), name="reporting-rehearse"
    ),
]
