// A client that holds a key and proves it with DPoP (RFC 9449), by an npm package of its choice:
//
//	node client.mjs oauth4webapi|oauth4webapi-3.8.7|jose issuer resource url...
//
// It gets a token from the provider, asks for each url once, and follows a nonce where it is told one. For each it prints
// what was answered, and how many requests that took.
import { createHash, randomUUID } from 'node:crypto'

import * as jose from 'jose'

const [library, issuer, resource, ...urls] = process.argv.slice(2)
const secret = 'a secret that only this test knows'
const form = new URLSearchParams({ resource, scope: 'orders:read' })

const client = library === 'jose' ? await byHand() : await byOAuth4WebAPI(await import(library))
for (const url of urls) {
  const [response, requests] = await client(url)
  console.log(`${response.status} ${await said(response)} after ${requests}`)
}

async function said(response) {
  const text = await response.text()
  return response.ok ? text : JSON.parse(text).reason
}

async function byOAuth4WebAPI(oauth) {
  const insecure = { [oauth.allowInsecureRequests]: true } // plain http to loopback
  const as = await oauth.processDiscoveryResponse(new URL(issuer), await oauth.discoveryRequest(new URL(issuer), insecure))
  const client = { client_id: 'bound' }
  const DPoP = oauth.DPoP(client, await oauth.generateKeyPair('ES256'))
  const grant = await oauth.clientCredentialsGrantRequest(as, client, oauth.ClientSecretPost(secret), form, { DPoP, ...insecure })
  const { access_token } = await oauth.processClientCredentialsResponse(as, client, grant)
  const request = (url) => oauth.protectedResourceRequest(access_token, 'GET', new URL(url), undefined, undefined, { DPoP, ...insecure })
  return async (url) => {
    for (let requests = 1; ; requests++) {
      try {
        return [await request(url), requests]
      } catch (error) {
        if (requests === 1 && oauth.isDPoPNonceError(error)) continue
        if (error instanceof oauth.WWWAuthenticateChallengeError) return [error.response, requests]
        throw error
      }
    }
  }
}

async function byHand() {
  const { publicKey, privateKey } = await jose.generateKeyPair('ES256')
  const jwk = await jose.exportJWK(publicKey)
  let nonce
  const proof = (htm, url, token) => {
    const ath = token && createHash('sha256').update(token).digest('base64url')
    return new jose.SignJWT({ htm, htu: url.split('?')[0], jti: randomUUID(), ath, nonce })
      .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk })
      .setIssuedAt()
      .sign(privateKey)
  }
  const endpoint = `${issuer}/token`
  const body = new URLSearchParams({ ...Object.fromEntries(form), grant_type: 'client_credentials', client_id: 'bound', client_secret: secret })
  const grant = await fetch(endpoint, { method: 'POST', body, headers: { DPoP: await proof('POST', endpoint) } })
  const { access_token: token } = await grant.json()
  return async (url) => {
    for (let requests = 1; ; requests++) {
      const response = await fetch(url, { headers: { Authorization: `DPoP ${token}`, DPoP: await proof('GET', url, token) } })
      nonce = response.headers.get('dpop-nonce') ?? nonce
      if (requests === 1 && response.headers.get('www-authenticate')?.includes('use_dpop_nonce')) continue
      return [response, requests]
    }
  }
}
