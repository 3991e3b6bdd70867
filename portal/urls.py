from anymail.urls import urlpatterns as every_webhook
from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from accounts.sign_in import staff_sign_in

# Delivery reports of the one provider in use, and only where they prove who sends them.
webhooks = [route for route in every_webhook if settings.EMAIL_WEBHOOK and route.name == settings.EMAIL_WEBHOOK]

urlpatterns = [
    path("", include("exports.api.urls")),
    path("", include("accounts.urls")),
    path("", include("accounts.oauth_urls")),
    path("", include("exports.web.urls")),
    path("admin/login/", staff_sign_in),
    path("admin/", admin.site.urls),
    path("mail/", include(webhooks)),
]

handler400 = "exports.web.errors.bad_request"
handler403 = "exports.web.errors.permission_denied"
handler404 = "exports.web.errors.page_not_found"
handler500 = "exports.web.errors.server_error"
