"""The OIDC_… variables: read as they are declared, or an error that names the variable and never a secret."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from portal.single_sign_on import read_providers

ENTRA = {
    "OIDC_ENTRA_ISSUER": "https://login.example.com/tenant/v2.0",
    "OIDC_ENTRA_CLIENT_ID": "portal",
    "OIDC_ENTRA_CLIENT_SECRET": "s3cret",
}


def test_it_works() -> None:
    others = {
        "OIDC_ENTRA_TITLE": "Microsoft",
        "OIDC_ENTRA_ROLE_MAP": "cn=jira,ou=groups=jira-admin; b1f7 = site-admin ;",
        "OIDC_ENTRA_SCOPES": "profile email groups",
        "OIDC_ENTRA_GROUPS_CLAIM": "realm_access.roles",
    }
    (entra,) = read_providers(["entra"], ENTRA | others | {"PATH": "/bin"})
    assert (entra.id, entra.title, entra.issuer) == ("entra", "Microsoft", "https://login.example.com/tenant/v2.0")
    assert entra.role_map == {"cn=jira,ou=groups": "jira-admin", "b1f7": "site-admin"}
    assert entra.scopes == ["openid", "profile", "email", "groups"]
    assert entra.groups_claim == "realm_access.roles"
    assert "s3cret" not in repr(entra)


def test_several_providers_have_settings_of_their_own() -> None:
    corp = {name.replace("ENTRA", "CORP"): value for name, value in ENTRA.items()}
    corp["OIDC_CORP_ISSUER"] = "http://localhost:8080"
    providers = read_providers(["entra", " corp "], ENTRA | corp)
    assert [(one.id, one.title, one.groups_claim, one.role_map) for one in providers] == [
        ("entra", "Entra", "groups", {}),
        ("corp", "Corp", "groups", {}),
    ]


@pytest.mark.parametrize(
    ("names", "changes", "message"),
    [
        (["En-tra"], {}, "OIDC_PROVIDERS names 'En-tra'. Use names of lower-case letters and digits"),
        ([""], {}, "OIDC_PROVIDERS names ''."),
        (["corp"], {}, "OIDC_CORP_ISSUER is not set. OIDC_PROVIDERS names corp."),
        (["entra"], {"OIDC_ENTRA_CLIENT_SECRET": " "}, "OIDC_ENTRA_CLIENT_SECRET is not set."),
        (
            ["entra"],
            {"OIDC_ENTRA_ISSUER": "http://login.example.com"},
            "OIDC_ENTRA_ISSUER is 'http://login.example.com'.",
        ),
        (["entra"], {"OIDC_ENTRA_ISSUER": "login.example.com"}, "Use the provider's issuer, an https address."),
        (["entra"], {"OIDC_ENTRA_ISSUER": "https://a.example/?x=1"}, "Use the provider's issuer"),
        (["entra"], {"OIDC_ENTRA_ROLE_MAP": "jira=king"}, "OIDC_ENTRA_ROLE_MAP has 'jira=king'. Use GROUP=ROLE"),
        (["entra"], {"OIDC_ENTRA_ROLE_MAP": "jira"}, "OIDC_ENTRA_ROLE_MAP has 'jira'."),
        (["entra"], {"OIDC_ENTRA_ROLE_MAP": "=site-admin"}, "OIDC_ENTRA_ROLE_MAP has '=site-admin'."),
        (["entra"], {"OIDC_ENTRA_ISUER": "x"}, "OIDC_ENTRA_ISUER is no setting."),
        ([], {}, "OIDC_ENTRA_ISSUER is no setting."),
    ],
)
def test_a_wrong_variable_stops_the_start(names: list[str], changes: dict[str, str], message: str) -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        read_providers(names, ENTRA | changes)
    assert message in str(caught.value)
    assert "s3cret" not in str(caught.value)
