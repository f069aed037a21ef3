package core

// challengeKind is the "error" code of a challenge (RFC 6750 section 3.1, RFC
// 9470 section 3), or one of the two cases without.
type challengeKind string

const (
	noChallenge                challengeKind = ""
	bareChallenge              challengeKind = "bare"
	invalidRequest             challengeKind = "invalid_request"
	invalidToken               challengeKind = "invalid_token"
	insufficientScope          challengeKind = "insufficient_scope"
	insufficientAuthentication challengeKind = "insufficient_user_authentication"
	invalidProof               challengeKind = "invalid_dpop_proof" // RFC 9449 section 7.1
	useNonce                   challengeKind = "use_dpop_nonce"     // RFC 9449 section 9
)

// scheme is how a request sent its token.
type scheme uint8

const (
	bearerScheme scheme = iota // also a cookie and the like, whose challenge is Bearer's
	dpopScheme                 // RFC 9449 section 7.1
	bothSchemes                // nobody can say which
)

// offer is what the issuers of a Verifier take. nil is Bearer alone.
type offer struct {
	algorithms string // of proofs, parted by spaces; "": DPoP is not in force
	bearer     bool   // at least one issuer takes tokens that are not bound to a key
}

// param is a parameter of a challenge.
type param struct{ name, value string }

// wording is what a Guard adds to every challenge of its own, and what one request
// adds.
type wording struct {
	realm, metadata string
	offer           *offer
	used            scheme
}

// challenge writes the value of WWW-Authenticate (RFC 6750 section 3), extra
// parameters included. Where two schemes are offered both stand in it, the one that
// the client used first, and with the error in that one alone (RFC 9449 section
// 7.2): simple clients look no further than the beginning.
func (w wording) challenge(kind challengeKind, detail string, extra []param) string {
	if kind == noChallenge {
		return ""
	}
	offered := w.offer
	if offered == nil {
		offered = &offer{bearer: true}
	}
	challenge := make([]byte, 0, 256)
	if kind == useNonce {
		// Alone: oauth4webapi up to 3.8.7 sends a request again only where this is the
		// one challenge.
		return string(w.appendChallenge(challenge, dpopScheme, kind, detail, extra))
	}
	schemes := []scheme{bearerScheme, dpopScheme}
	if w.used == dpopScheme {
		schemes[0], schemes[1] = dpopScheme, bearerScheme
	}
	for _, scheme := range schemes {
		if scheme == bearerScheme && !offered.bearer || scheme == dpopScheme && offered.algorithms == "" {
			continue
		}
		if len(challenge) > 0 {
			challenge = append(challenge, ", "...)
		}
		challenge = w.appendChallenge(challenge, scheme, kind, detail, extra)
		if w.used != bothSchemes {
			kind, extra = bareChallenge, nil
		}
	}
	return string(challenge)
}

// appendChallenge writes one challenge. Parameters without a value are left out.
func (w wording) appendChallenge(b []byte, s scheme, kind challengeKind, detail string, extra []param) []byte {
	params := make([]param, 0, 8)
	params = append(params, param{"realm", w.realm})
	if kind != bareChallenge {
		params = append(params, param{"error", string(kind)}, param{"error_description", detail})
	}
	params = append(params, extra...)
	if s == dpopScheme {
		b = append(b, "DPoP"...)
		if w.offer != nil {
			params = append(params, param{"algs", w.offer.algorithms})
		}
	} else {
		b = append(b, "Bearer"...)
	}
	params = append(params, param{"resource_metadata", w.metadata})
	separator := " "
	for _, p := range params {
		// An empty quoted-string would say something: realm="" is a realm.
		if p.value != "" {
			b = append(b, separator...)
			b = append(b, p.name...)
			b = append(b, '=')
			b = appendQuoted(b, p.value)
			separator = ", "
		}
	}
	return b
}

// appendQuoted writes a quoted-string (RFC 9110 section 5.6.4). What may not
// stand in one, or not in every client's, becomes a question mark.
func appendQuoted(b []byte, value string) []byte {
	b = append(b, '"')
	for i := range len(value) {
		switch c := value[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c < ' ' || c > '~':
			b = append(b, '?')
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}
