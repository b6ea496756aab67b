from django.urls import URLPattern, URLResolver, include, path

from maillage.management.people.views import bodies, export, persons, rare, retention

ONE = [
    path("", persons.one, name="manage_people_one"),
    path("etat/", persons.state, name="manage_people_state"),
    path("adhesions/", persons.add_membership, name="manage_people_membership"),
    path("adhesions/<int:adhesion>/finir/", persons.end_membership, name="manage_people_membership_end"),
    path("donnees.json", rare.as_json_file, name="manage_people_json"),
    path("donnees.csv", rare.as_csv_file, name="manage_people_csv"),
    path("fusionner/<int:twin>/", rare.merge, name="manage_people_merge"),
    path("fusionner/<int:twin>/distinctes/", rare.apart, name="manage_people_apart"),
    path("separer/", rare.part, name="manage_people_part"),
    path("effacer/", rare.erase, name="manage_people_erase"),
]
PEOPLE: list[URLPattern | URLResolver] = [
    path("", persons.people, name="manage_people"),
    path("ajouter/", persons.add, name="manage_people_add"),
    path("emporter/", export.export, name="manage_people_export"),
    path("oubli/", retention.soon_forgotten, name="manage_people_retention"),
    path("doublons/", rare.duplicates, name="manage_people_duplicates"),
    path("organisations/", bodies.organisations, name="manage_people_bodies"),
    path("organisations/<int:body>/", bodies.organisation, name="manage_people_body"),
    path("organisations/<int:body>/fusionner/", bodies.merge, name="manage_people_body_merge"),
    path("organisations/<int:body>/separer/", bodies.part, name="manage_people_body_part"),
    path("<int:person>/", include(ONE)),
]
urlpatterns = [path("gerer/<slug:slug>/personnes/", include(PEOPLE))]
