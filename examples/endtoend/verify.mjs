// What npm jose makes of tokens, with the keys that their issuer's metadata name:
//
//	node verify.mjs issuer audience < tokens
//
// It reads one token a line, and prints one line each: the subject and the algorithm, or the code of the error.
import { createInterface } from 'node:readline'
import { createRemoteJWKSet, jwtVerify } from 'jose'

const [issuer, audience] = process.argv.slice(2)
const metadata = await (await fetch(issuer + '/.well-known/openid-configuration')).json()
const keys = createRemoteJWKSet(new URL(metadata.jwks_uri))

for await (const token of createInterface({ input: process.stdin })) {
  try {
    const { payload, protectedHeader } = await jwtVerify(token, keys, {
      issuer: metadata.issuer,
      audience,
      typ: 'at+jwt',
      requiredClaims: ['sub', 'client_id', 'iat', 'exp', 'jti'],
    })
    console.log(`${payload.sub} by ${protectedHeader.alg}`)
  } catch (error) {
    console.log(error.code ?? error.message)
  }
}
