// An OpenID Provider on loopback, with keys that are new at each start:
//
//	node provider.mjs [issuer [backchannel_logout_uri]]
//
// It listens where the issuer says, or else at a free port, prints its issuer, and ends when its standard input does, so that
// it never outlives the test.
import { createServer } from 'node:http'

import { exportJWK, generateKeyPair } from 'jose'
import { Provider } from 'oidc-provider'

process.stdin.resume().on('end', () => process.exit())

const { hostname, port } = new URL(process.argv[2] || 'http://127.0.0.1:0')
const server = createServer()
await new Promise((resolve) => server.listen(Number(port), hostname, resolve))
const issuer = `http://${hostname}:${server.address().port}`

// With a backchannel_logout_uri there is a client whose users log in, and log out.
const logout = process.argv[3]

const provider = new Provider(issuer, {
  jwks: { keys: await Promise.all(['RS256', 'ES256', 'EdDSA'].map(privateKey)) },
  clients: [client('shop'), client('bound', { dpop_bound_access_tokens: true }), ...apis(), ...(logout ? [web()] : [])],
  extraTokenClaims: (ctx, token) => token.sid && { sid: token.sid },
  fetch: (url, { dispatcher, ...options }) => fetch(url, options), // the dispatcher refuses loopback addresses
  features: {
    clientCredentials: { enabled: true },
    backchannelLogout: { enabled: Boolean(logout) },
    devInteractions: { enabled: Boolean(logout) },
    dPoP: { enabled: true },
    introspection: { enabled: true },
    revocation: { enabled: true },
    resourceIndicators: { enabled: true, getResourceServerInfo: resourceServer },
  },
  formats: { customizers: { jwt: backdate } },
})
provider.on('backchannel.error', (ctx, err) => console.error(err))
server.on('request', provider.callback())
console.log(issuer)

// privateKey names no alg: the one RSA key signs RS256 and PS256, the one of Ed25519 under both of its names.
async function privateKey(alg) {
  const { privateKey } = await generateKeyPair(alg, { extractable: true })
  return { ...(await exportJWK(privateKey)), use: 'sig' }
}

function client(id, metadata) {
  return {
    client_id: id,
    client_secret: 'a secret that only this test knows',
    token_endpoint_auth_method: 'client_secret_post',
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
    ...metadata,
  }
}

// apis are services that may ask about tokens: by a secret and, where the environment has its public JWK, by a key.
function apis() {
  const asks = { grant_types: [] }
  const all = [client('api', { ...asks, token_endpoint_auth_method: 'client_secret_basic' })]
  if (process.env.API_JWK) {
    const keys = { jwks: { keys: [JSON.parse(process.env.API_JWK)] } }
    all.push(client('api-key', { ...asks, ...keys, client_secret: undefined, token_endpoint_auth_method: 'private_key_jwt' }))
  }
  return all
}

// web logs users in. It is told when a session ends.
function web() {
  return client('web', {
    grant_types: ['authorization_code'],
    redirect_uris: ['https://web.example.com/callback'],
    response_types: ['code'],
    backchannel_logout_uri: logout,
    backchannel_logout_session_required: true,
  })
}

// resourceServer reads everything from the resource indicator (RFC 8707): https://audience/algorithm, or https://audience/opaque
// for tokens that are no JWTs.
function resourceServer(ctx, resource) {
  const { origin, pathname } = new URL(resource)
  if (pathname === '/opaque') {
    return { audience: origin, scope: 'orders:read orders:ship', accessTokenFormat: 'opaque' }
  }
  return {
    audience: origin,
    scope: 'orders:read orders:ship',
    accessTokenFormat: 'jwt',
    jwt: { sign: { alg: pathname.slice(1) } },
  }
}

// backdate gives out tokens for https://audience/algorithm?expired as they were an hour ago.
function backdate(ctx, token, { payload }) {
  if (token.resourceServer.identifier().endsWith('?expired')) {
    payload.iat -= 3600
    payload.exp -= 3600
  }
}
