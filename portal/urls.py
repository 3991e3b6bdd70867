from anymail.urls import urlpatterns as every_webhook
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.decorators import login_required
from django.urls import include, path
from django.views.generic import RedirectView

from accounts.sign_in import admin_sign_in

# Delivery reports are accepted only from the configured provider, and only if they are signed.
webhooks = [route for route in every_webhook if settings.EMAIL_WEBHOOK and route.name == settings.EMAIL_WEBHOOK]

urlpatterns = [
    path("", include("exports.web.urls")),
    path("", include("exports.api.urls")),
    path("", include("imports.web.urls")),
    path("", include("archive.web.urls")),
    path("", include("archive.api.urls")),
    path("", include("jobs.urls")),
    path("", include("accounts.urls")),
    path("", include("accounts.oauth_urls")),
    path("admin/login/", admin_sign_in),
    path("admin/password_change/", login_required(RedirectView.as_view(pattern_name="account_change_password"))),
    path("admin/", admin.site.urls),
    path("mail/", include(webhooks)),
    path("", include("core.urls")),
]

handler400 = "core.error_pages.bad_request"
handler403 = "core.error_pages.permission_denied"
handler404 = "core.error_pages.page_not_found"
handler500 = "core.error_pages.server_error"
