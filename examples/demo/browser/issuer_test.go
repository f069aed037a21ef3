package browser

import "strings"

// testRotate changes the keys. A rotated key is accepted with the first token
// that carries it, unless others have just spent the fetches: so it is sent
// until it is.
func testRotate(p page) {
	first := p.value("#compact")
	p.sent("All four let it pass: 200")

	p.order("rotate")
	p.says("#published", "RS256")
	p.says("#published", "signs no more")
	p.mint()
	p.until("All four let it pass: 200")
	p.says("#held", "4")
	p.put("#compact", first)
	p.sent("All four let it pass: 200")

	p.order("replace")
	p.says("#issuer-says", "the old ones are gone at once")
	p.mint()
	p.until("All four let it pass: 200")
	p.says("#held", "2")
	second := p.value("#compact")
	p.put("#compact", first)
	p.sent("All four refuse it: 401 unknown_key")

	p.order("rotate")
	p.mint()
	p.until("All four let it pass: 200")
	p.order("retire")
	p.await(`!` + content("#published") + `.includes("signs no more")`)
	p.put("#compact", second)
	p.until("All four refuse it: 401 unknown_key")
}

// testFaults sees that no fault costs a known key, and that a new one is not
// taken for a bad token.
func testFaults(p page) {
	for _, fault := range []string{"down", "hang", "empty"} {
		p.mint()
		p.until("All four let it pass: 200")
		known := p.value("#compact")

		p.order(fault)
		p.await(`document.querySelector("[data-action=` + fault + `]").getAttribute("aria-pressed") === "true"`)
		p.sent("All four let it pass: 200")
		p.order("rotate")
		p.mint()
		p.until("All four cannot tell now: 503 keys_unavailable")
		p.says("#cards", "Retry-After")
		p.await(content("#last-error") + ` !== "none"`)
		p.put("#compact", known)
		p.sent("All four let it pass: 200")

		p.order("recover")
		p.mint()
		p.until("All four let it pass: 200")
		p.says("#last-error", "none")
	}
}

// testOutage watches the keys through their whole life: MaxAge and MaxStale are
// a minute together.
func testOutage(p page) {
	// U14: keys that nobody has asked for are old, and nothing is wrong.
	if got := p.evaluate(`(() => {
		render({ fault: "none", published: [], keys: { state: "expired", lastError: "", age: 300, maxAge: 20, maxStale: 40, held: 2, fetches: 1, failures: 0 } });
		return document.querySelector("#phase").textContent + ": " + document.querySelector("#meaning").textContent;
	})()`); !strings.HasPrefix(got, "Idle: ") || !strings.Contains(got, "Nothing is wrong") {
		p.t.Errorf("got %q for keys that nobody asked for, want nothing that alarms", got)
	}
	p.until("All four let it pass: 200")
	p.order("down")
	p.click("#repeat")
	p.says("#phase", "Stale")
	p.says("#cause", "the issuer is down")
	p.says("#last-error", "got status 503")
	p.says("#summary", "All four let it pass: 200")
	p.shoot("outage-stale")

	p.says("#phase", "Expired")
	p.says("#summary", "All four cannot tell now: 503 keys_unavailable")
	p.says("#log", "Now expired")
	if got := p.evaluate(`document.querySelectorAll("#histories .refuse").length`); got != "0" {
		p.t.Errorf("got %s refusals during the outage, want none", got)
	}
	p.shoot("outage-expired")

	p.order("recover")
	p.says("#phase", "Fresh")
	p.says("#summary", "All four let it pass: 200")
	p.says("#log", "Keys fetched")
}

// until has the page send the token every 2 seconds until the services say so.
func (p page) until(want string) {
	p.t.Helper()
	p.await(idle)
	p.run(`document.querySelector("#summary").textContent = ""`)
	p.click("#send")
	p.click("#repeat")
	p.says("#summary", want)
	p.click("#repeat")
}
