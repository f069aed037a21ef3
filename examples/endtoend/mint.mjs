// Tokens that npm jose signs, good ones and hostile ones, with the key set to verify them:
//
//	node mint.mjs issuer audience
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose'

const [issuer, audience] = process.argv.slice(2)
const algorithms = ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA']
const keys = Object.fromEntries(await Promise.all(algorithms.map(async (alg) => [alg, await generateKeyPair(alg)])))
const jwks = { keys: await Promise.all(algorithms.map(publicKey)) }

const sign = (alg, jwt, key = keys[alg].privateKey, header = {}) =>
  jwt.setProtectedHeader({ alg, typ: 'at+jwt', kid: alg, ...header }).sign(key)

const endless = (claims) => new SignJWT(claims).setIssuer(issuer).setAudience(audience).setSubject('jose').setIssuedAt()
const jwt = (claims) => endless(claims).setExpirationTime('5m')

const tokens = Object.fromEntries(await Promise.all(algorithms.map(async (alg) => [alg, await sign(alg, jwt())])))

const stranger = await generateKeyPair('ES256')
const hostile = {
  'no exp': await sign('ES256', endless()),
  'alg none': new UnsecuredJWT().setIssuer(issuer).setAudience(audience).setExpirationTime('5m').encode(),
  'public key as HMAC secret': await sign('HS256', jwt(), new TextEncoder().encode(JSON.stringify(jwks.keys[0])), { kid: 'RS256' }),
  'key in the header': await sign('ES256', jwt(), stranger.privateKey, { jwk: await exportJWK(stranger.publicKey) }),
  'ID token': await sign('ES256', jwt({ nonce: 'n-0S6_WzA2Mj', at_hash: '77QmUPtjPfzWtF2AnpK9RQ' }), undefined, { typ: 'JWT' }),
}

console.log(JSON.stringify({ jwks, tokens, hostile }))

async function publicKey(alg) {
  return { ...(await exportJWK(keys[alg].publicKey)), kid: alg, alg, use: 'sig' }
}
