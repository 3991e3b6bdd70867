// The certified OpenID Connect provider "oidc-provider" for the tests of single sign-on, on loopback.
//
// People and what the provider does wrong are set by POST /test, as JSON:
//   {"people": {"ann": {"email": "ann@example.com", "groups": ["jira"]}}, "forge": "none"}
// Whatever it does wrong, it does to ID tokens that the real provider has made.
import Provider from "oidc-provider";
import { SignJWT, UnsecuredJWT, decodeJwt, exportJWK, generateKeyPair } from "jose";

const [port, redirectUri] = process.argv.slice(2);
const issuer = `http://localhost:${port}`;
const { privateKey } = await generateKeyPair("RS256", { extractable: true });
const { privateKey: strangersKey } = await generateKeyPair("RS256", { extractable: true });
const jwk = { ...(await exportJWK(privateKey)), kid: "provider", alg: "RS256", use: "sig" };
const test = { people: {}, forge: "" };
const log = console.warn;
console.warn = () => {};

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: "portal",
      client_secret: "secret",
      redirect_uris: [redirectUri],
      grant_types: ["authorization_code"],
      response_types: ["code"],
    },
  ],
  claims: { openid: ["sub", "groups"], email: ["email", "email_verified"], profile: ["name"], acr: null, auth_time: null },
  pkce: { required: () => true },
  jwks: { keys: [jwk] },
  cookies: { keys: ["test"] },
  findAccount: (_context, id) => ({
    accountId: id,
    claims: () => ({ sub: id, email_verified: true, ...test.people[id] }),
  }),
});

function signed(claims, key = privateKey, header = {}) {
  return new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid: "provider", ...header }).sign(key);
}

// By name: what the ID token is replaced by.
const forgeries = {
  "alg none": (claims) => new UnsecuredJWT(claims).encode(),
  "a stranger's key": (claims) => signed(claims, strangersKey),
  "a key that is not the provider's": (claims) => signed(claims, strangersKey, { kid: "stranger" }),
  "the secret as a key": (claims) => signed(claims, new TextEncoder().encode("secret".repeat(8)), { alg: "HS256" }),
  "another issuer": (claims) => signed({ ...claims, iss: "http://localhost:1" }),
  "another audience": (claims) => signed({ ...claims, aud: "another" }),
  "another party": (claims) => signed({ ...claims, aud: ["portal", "another"], azp: "another" }),
  "another nonce": (claims) => signed({ ...claims, nonce: "another" }),
  "no nonce": ({ nonce, ...claims }) => signed(claims),
  "an old token": (claims) => signed({ ...claims, exp: Math.floor(Date.now() / 1000) - 120 }),
  "no subject": ({ sub, ...claims }) => signed(claims),
  "another subject": (claims) => signed({ ...claims, sub: "somebody" }),
  "an old sign-in": (claims) => signed({ ...claims, auth_time: 1 }),
  "no ID token": () => undefined,
  "not a token": () => "x.y.z",
};

provider.use(async (context, next) => {
  if (context.path === "/test") {
    let body = "";
    for await (const chunk of context.req) body += chunk;
    Object.assign(test, JSON.parse(body));
    context.body = "";
    return;
  }
  if (test.forge === `a redirect of ${context.path}` && !("elsewhere" in context.query)) {
    context.status = 307;
    context.redirect(`${context.path}?elsewhere`);
    return;
  }
  await next();
  if (context.path === "/token" && forgeries[test.forge] && context.body.id_token) {
    context.body.id_token = await forgeries[test.forge](decodeJwt(context.body.id_token));
  }
  if (context.path.endsWith("/openid-configuration") && test.forge === "another issuer's description") {
    context.body.issuer = "http://localhost:1";
  }
});

provider.on("server_error", (_context, error) => log(error));
provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
