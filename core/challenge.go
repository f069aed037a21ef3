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
)

// param is a parameter of a challenge.
type param struct{ name, value string }

// wording is what a Guard adds to every challenge of its own.
type wording struct{ realm, metadata string }

// challenge writes the value of WWW-Authenticate (RFC 6750 section 3), extra
// parameters included. Parameters without a value are left out.
func (w wording) challenge(kind challengeKind, detail string, extra []param) string {
	if kind == noChallenge {
		return ""
	}
	params := make([]param, 0, 6)
	params = append(params, param{"realm", w.realm})
	if kind != bareChallenge {
		params = append(params, param{"error", string(kind)}, param{"error_description", detail})
	}
	params = append(params, extra...)
	params = append(params, param{"resource_metadata", w.metadata})

	challenge := make([]byte, 0, 160)
	challenge = append(challenge, "Bearer"...)
	separator := " "
	for _, p := range params {
		// An empty quoted-string would say something: realm="" is a realm.
		if p.value != "" {
			challenge = append(challenge, separator...)
			challenge = append(challenge, p.name...)
			challenge = append(challenge, '=')
			challenge = appendQuoted(challenge, p.value)
			separator = ", "
		}
	}
	return string(challenge)
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
