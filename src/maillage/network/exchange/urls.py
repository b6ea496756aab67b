from django.urls import path, re_path

from maillage.network.exchange.rules.dumps import NAME
from maillage.network.exchange.views import checking, open_data, profiles, schema

urlpatterns = [
    path("schema/", schema.schema, name="schema"),
    path("schema/valider/", checking.validate, name="schema_validate"),
    path("schema/valider/problemes.csv", checking.problems_csv, name="schema_problems"),
    path("donnees/", open_data.open_data, name="open_data"),
]
FILES = [
    path("schema/tiers-lieux/<str:version>/<str:document>", schema.document, name="schema_document"),
    re_path(rf"^donnees/(?P<dump>{NAME})$", open_data.dump, name="open_dump"),
    path("catalogue.jsonld", open_data.catalogue, name="catalogue"),
    path("lieux/murmurations.json", profiles.listed, name="murmurations"),
    path("lieux/<slug:slug>/murmurations.json", profiles.profile, name="place_murmurations"),
]
"""Addresses that are the same in every language."""
