"""How passwords and the secrets of OAuth2 applications are hashed."""

from django.contrib.auth.hashers import Argon2PasswordHasher, PBKDF2PasswordHasher


class Argon2Hasher(Argon2PasswordHasher):
    """Argon2id with the least memory that OWASP recommends: 19 MiB, two passes, one lane.

    Django's own parameters take 100 MiB for each password, so that a few simultaneous sign-ins would fill a small host.
    """

    memory_cost = 19 * 1024  # KiB
    time_cost = 2
    parallelism = 1


class ClientSecretHasher(PBKDF2PasswordHasher):
    """One round, for secrets of 128 random characters.

    Nobody can guess these, however fast the hash is. A slow one would only let strangers keep the server busy.
    """

    iterations = 1
