from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("exports.api.urls")),
    path("", include("accounts.urls")),
    path("", include("exports.web.urls")),
    path("admin/", admin.site.urls),
]

handler400 = "exports.web.errors.bad_request"
handler403 = "exports.web.errors.permission_denied"
handler404 = "exports.web.errors.page_not_found"
handler500 = "exports.web.errors.server_error"
