from django.urls import path

from maillage.diagnosis.views import files, index, keeping, pages

urlpatterns = [
    path("territoires/", index.territories, name="territories"),
    path("territoires/suggestions/", index.suggestions, name="territory_suggestions"),
    path("territoires/<slug:reference>/", pages.diagnosis, name="diagnosis"),
    path("territoires/<slug:reference>/communes/", index.towns, name="diagnosis_towns"),
    path("territoires/<slug:reference>/constat.pdf", files.pdf, name="diagnosis_pdf"),
    path("territoires/<slug:reference>/constat.json", files.json, name="diagnosis_json"),
    path("territoires/<slug:reference>/constat.csv", files.csv, name="diagnosis_csv"),
    path("territoires/<slug:reference>/constat.geojson", files.geojson, name="diagnosis_geojson"),
    path("territoires/<slug:reference>/garder/", keeping.keep, name="diagnosis_keep"),
    path("territoires/<slug:reference>/constats/<slug:kept>/", keeping.kept, name="diagnosis_kept"),
    path(
        "territoires/<slug:reference>/constats/<slug:kept>/constat.<slug:kind>",
        files.kept_file,
        name="diagnosis_kept_file",
    ),
]
