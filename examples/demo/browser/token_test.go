package browser

import (
	"fmt"
	"strings"
)

func testMint(p page) {
	p.sent("All four let it pass: 200, as alice.")
	for _, service := range []string{"net/http", "gin", "fiber", "echo"} {
		p.says("#cards", service)
	}

	p.choose("#algorithm", "ES256")
	p.mint()
	p.sent("All four let it pass: 200")
	p.choose("#algorithm", "PS256")
	p.mint()
	p.sent("All four refuse it: 401 wrong_algorithm")

	p.choose("#algorithm", "RS256")
	p.choose("#path", "/orders")
	p.put("#scopes", "")
	p.mint()
	p.sent("All four refuse it: 403 insufficient_scope")
	p.says("#cards", `scope="orders:read"`)
	p.put("#scopes", "orders:read")
	p.mint()
	p.sent("All four let it pass: 200")

	p.put("#lifetime", "-60")
	p.mint()
	p.sent("All four refuse it: 401 expired")
	p.put("#lifetime", "300")
	p.put("#audience", "https://elsewhere.test")
	p.mint()
	p.sent("All four refuse it: 401 wrong_audience")
}

// testTamper changes each part by hand, and changes it back.
func testTamper(p page) {
	for _, change := range []struct{ box, from, to, note, want string }{
		{"#payload", "alice", "mallory", "You changed the payload.", "401 bad_signature"},
		{"#header", `"JWT"`, `"JWT", "crit": ["exp"]`, "You changed the header.", "401 unsupported_header"},
		{"#payload", `"sub": "alice"`, `"sub": "alice", "sub": "mallory"`, "You changed the payload.", "401 malformed_token"},
		{"#payload", "{", "", "You changed the payload.", "401 malformed_token"},
	} {
		p.edit(change.box, change.from, change.to)
		p.says("#note", change.note)
		p.sent("All four refuse it: " + change.want)
		if change.to == "" { // at the very beginning
			p.put(change.box, change.from+p.value(change.box))
		} else {
			p.edit(change.box, change.to, change.from)
		}
		p.says("#note", "As it was made.")
		p.sent("All four let it pass: 200")
	}

	signature := p.value("#signature")
	p.put("#signature", "AAAA"+signature[4:])
	p.says("#note", "You changed the signature.")
	p.sent("All four refuse it: 401 bad_signature")
	p.put("#signature", signature)
	p.sent("All four let it pass: 200")

	p.put("#compact", "")
	p.says("#note", "No token will be sent.")
	p.sent("All four refuse it: 401 no_token")
	p.put("#compact", "no token at all")
	p.sent("All four refuse it: 400 malformed_request")
}

func testAttack(p page) {
	for _, attack := range []struct{ name, want string }{
		{"none", "401 wrong_algorithm"},
		{"confusion", "401 wrong_algorithm"},
		{"embedded", "401 bad_signature"},
		{"stranger", "401 unknown_key"},
		{"tampered", "401 bad_signature"},
		{"expired", "401 expired"},
		{"audience", "401 wrong_audience"},
		{"duplicate", "401 malformed_token"},
		{"oversize", "401 token_too_long"},
		{"headers", "400 multiple_tokens"},
		{"stolen", "401 sender_constraint"},
		{"thief", "401 sender_constraint"},
		{"replay", "401 replayed_proof"},
	} {
		p.run(`document.querySelector("#summary").textContent = ""`)
		p.click(fmt.Sprintf("[data-attack=%s]", attack.name))
		p.says("#summary", "All four refuse it: "+attack.want)
		if got := p.last("#note"); strings.Contains(got, "As it was made") {
			p.t.Errorf("%s: got %q, want it to say that an attack made it (U14)", attack.name, got)
		}
		p.await(fmt.Sprintf(`document.querySelector("[data-attack=%s]").getAttribute("aria-pressed") === "true"`, attack.name))
	}
	if got := p.evaluate(`document.querySelectorAll("#attacks button").length`); got != "13" {
		p.t.Errorf("got %s attack buttons, want the 13 of this table", got)
	}
	p.mint()
	p.sent("All four let it pass: 200")
}

// testBound binds a token to a key, sends it with a new proof each time, and lets go.
func testBound(p page) {
	p.click("#bound")
	p.says("#note", "with a proof for each request")
	p.await(`document.querySelector("#payload").value.includes("jkt")`)
	p.sent("All four let it pass: 200")
	p.sent("All four let it pass: 200")
	p.edit("#payload", "alice", "mallory")
	p.sent("All four refuse it: 401 bad_signature")
	p.click("#bound")
	p.says("#note", "As it was made.")
	p.sent("All four let it pass: 200")
}
