from django.urls import path, re_path

from maillage.network.exchange.rules.dumps import NAME
from maillage.network.exchange.views import (
    checking,
    federation,
    import_address,
    import_columns,
    import_undoing,
    importing,
    open_data,
    profiles,
    pulls,
    schema,
)

urlpatterns = [
    path("importer/", importing.imports, name="imports"),
    path("importer/<int:intake>/", importing.intake, name="import_intake"),
    path("importer/<int:intake>/colonnes/", import_columns.columns, name="import_columns"),
    path("importer/<int:intake>/a-corriger.csv", importing.quarantine, name="import_quarantine"),
    path("importer/imports/<int:brought>/annuler/", import_undoing.undo, name="import_undo"),
    path("importer/adresse/", import_address.address, name="import_address"),
    path("importer/sources/", pulls.pulls, name="pulls"),
    path("importer/sources/<int:pull>/", pulls.pull, name="pull"),
    path("importer/sources/<int:pull>/arreter/", pulls.stop, name="pull_stop"),
    path("schema/", schema.schema, name="schema"),
    path("schema/valider/", checking.validate, name="schema_validate"),
    path("schema/valider/problemes.csv", checking.problems_csv, name="schema_problems"),
    path("donnees/", open_data.open_data, name="open_data"),
    path("importer/instances/", federation.instances, name="instances"),
]
FILES = [
    path("schema/tiers-lieux/<str:version>/<str:document>", schema.document, name="schema_document"),
    re_path(rf"^donnees/(?P<dump>{NAME})$", open_data.dump, name="open_dump"),
    path(".well-known/maillage.json", federation.card, name="federation_card"),
    path("catalogue.jsonld", open_data.catalogue, name="catalogue"),
    path("lieux/murmurations.json", profiles.listed, name="murmurations"),
    path("lieux/<slug:slug>/murmurations.json", profiles.profile, name="place_murmurations"),
]
"""Addresses that are the same in every language."""
