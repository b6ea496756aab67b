from django.urls import path

from maillage.web import views

urlpatterns = [
    path("", views.home, name="home"),
    path("chercher/suggestions/", views.suggestions, name="suggestions"),
    path("doc/", views.doc, name="doc"),
    path("doc/<slug:page>/", views.doc_page, name="doc_page"),
]
