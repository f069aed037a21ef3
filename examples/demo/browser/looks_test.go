package browser

import "github.com/chromedp/chromedp"

// testLooks holds the page against screens of three sizes, in both colour
// schemes, with answers of all three kinds on it.
func testLooks(p page) {
	p.click("#send")
	p.says("#summary", "All four let it pass: 200")
	p.order("down")
	p.click("[data-attack=stranger]")
	p.until("All four cannot tell now: 503") // while the keys are fresh, only who pays for a fetch learns that it fails
	p.click("[data-attack=duplicate]")
	p.says("#summary", "All four refuse it: 401")
	p.await(content("#failures") + ` !== "0"`)
	for _, screen := range []struct {
		name          string
		width, height int64
	}{{"desktop", 1400, 900}, {"small-laptop", 1024, 700}, {"phone", 390, 844}} {
		p.do(chromedp.EmulateViewport(screen.width, screen.height))
		if got := p.evaluate("document.documentElement.scrollWidth <= innerWidth"); got != "true" {
			p.t.Errorf("%s: got a page of %s pixels, want no more than %d", screen.name,
				p.evaluate("document.documentElement.scrollWidth"), screen.width)
		}
		if got := p.evaluate(`document.querySelectorAll("#cards .card").length + " with " + document.querySelectorAll("#cards .badge").length`); got != "1 with 4" {
			p.t.Errorf("%s: got %s badges, want one card for four equal answers (U14)", screen.name, got)
		}
		if screen.name == "phone" {
			p.fits()
		}
		for _, scheme := range []string{"light", "dark"} {
			p.scheme(scheme)
			p.shoot(screen.name + "-" + scheme)
		}
	}
}

// fits holds a narrow page against a finger, and the age of the keys against
// both ends of its line (U14).
func (p page) fits() {
	p.t.Helper()
	if got := p.evaluate(`Array.from(document.querySelectorAll("button, select"), b => b.getBoundingClientRect().height).every(h => h >= 44)`); got != "true" {
		p.t.Error("got a button that is less than 44 pixels high")
	}
	for _, age := range []string{"0", "9", "60", "100000"} {
		p.run(`drawTimeline({ state: "fresh", age: ` + age + `, maxAge: 20, maxStale: 40 }, "Fresh")`)
		if got := p.evaluate(`(box => box.left >= 0 && box.right <= innerWidth)(document.querySelector("#needle b").getBoundingClientRect())`); got != "true" {
			p.t.Errorf("got the label of an age of %s s outside of the page", age)
		}
	}
}

// testScreenshot makes the picture of the README: a stolen token meets four guards.
func testScreenshot(p page) {
	p.do(chromedp.EmulateViewport(1160, 720))
	p.click("#send")
	p.says("#summary", "All four let it pass: 200")
	p.click("[data-attack=thief]")
	p.says("#summary", "All four refuse it: 401")
	p.run("scrollTo(0, 0)")
	for _, scheme := range []string{"light", "dark"} {
		p.scheme(scheme)
		p.shootScreen("page-" + scheme)
	}
}
