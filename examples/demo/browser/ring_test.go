package browser

// testRing moves the clock of the honest issuer past a change of its keys, and
// then has a key leak.
func testRing(p page) {
	p.says("#lanes", "signing")
	p.says("#ring-before", "none yet")
	first := p.last("#ring-signed")
	p.click("[data-ring=rotate]")
	p.says("#lanes", "next")
	p.says("#ring-before", "passes")
	p.click("[data-ring='1d']")
	p.says("#ring-before", "has expired")
	for range 8 {
		clock := p.last("#ring-now")
		p.click("[data-ring='6h']")
		p.await(content("#ring-now") + " !== " + quoted(clock))
	}
	p.says("#ring-signed", "passes")
	if got := p.last("#ring-signed"); got == first {
		p.t.Errorf("got %q three days later, want another key to sign", got)
	}
	p.shoot("ring")
	p.click("[data-ring=leaked]")
	p.await(`/^(revoked|unknown_key)/.test(` + content("#ring-before") + `)`) // whether the service has fetched the key set since
	if got := p.evaluate(`document.querySelectorAll("#lanes li").length`); got != "1" {
		p.t.Errorf("got %s keys after a leak, want the new one alone", got)
	}
}
