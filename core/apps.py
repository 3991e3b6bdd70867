from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "core"

    def ready(self) -> None:
        from core import encrypted_connections, private_files

        private_files.register()
        encrypted_connections.register()
