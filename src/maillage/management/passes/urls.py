from django.urls import URLPattern, URLResolver, include, path

from maillage.management.passes.views.manage import formulas, passes, selling

TEAM: list[URLPattern | URLResolver] = [
    path("formules/", formulas.formulas, name="manage_formulas"),
    path("formules/<int:formula>/retirer/", formulas.archive, name="manage_formula_archive"),
    path("abonnements/", selling.subscriptions, name="manage_subscriptions"),
    path("abonnements/<int:subscription>/arreter/", selling.end, name="manage_subscription_end"),
    path("carnets/", passes.carnets, name="manage_passes"),
    path("carnets/vendre/", selling.sell, name="manage_pass_sell"),
    path("carnets/compter/", selling.checkout, name="manage_checkout"),
    path("carnets/<int:carnet>/", passes.carnet, name="manage_pass"),
    path("carnets/<int:carnet>/annuler/", passes.cancel, name="manage_pass_cancel"),
    path("carnets/<int:carnet>/<int:movement>/defaire/", passes.undo, name="manage_pass_undo"),
]
urlpatterns = [path("gerer/<slug:slug>/argent/", include(TEAM))]
