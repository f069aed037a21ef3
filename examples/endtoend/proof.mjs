// One DPoP proof (RFC 9449 section 4.2), by a key that nobody keeps:
//
//	node proof.mjs method url
import { exportJWK, generateKeyPair, SignJWT } from 'jose'

const [htm, htu] = process.argv.slice(2)
const { publicKey, privateKey } = await generateKeyPair('ES256')

console.log(
  await new SignJWT({ htm, htu, jti: crypto.randomUUID() })
    .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: await exportJWK(publicKey) })
    .setIssuedAt()
    .sign(privateKey),
)
