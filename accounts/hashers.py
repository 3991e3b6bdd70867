"""How passwords are hashed."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2Hasher(Argon2PasswordHasher):
    """Argon2id with the least memory that OWASP recommends: 19 MiB, two passes, one lane.

    Django's own parameters take 100 MiB for each password, so that a few simultaneous sign-ins would fill a small host.
    """

    memory_cost = 19 * 1024  # KiB
    time_cost = 2
    parallelism = 1
