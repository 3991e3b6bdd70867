from django.urls import path

from jobs import health

urlpatterns = [
    path("health", health.HealthView.as_view(), name="health"),
    path("health/ready", health.ReadyView.as_view(), name="ready"),
]
