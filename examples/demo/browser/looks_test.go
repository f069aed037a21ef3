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
	}{{"laptop", 1366, 768}, {"small-laptop", 1024, 700}, {"phone", 375, 812}} {
		p.do(chromedp.EmulateViewport(screen.width, screen.height))
		if got := p.evaluate("document.documentElement.scrollWidth <= innerWidth"); got != "true" {
			p.t.Errorf("%s: got a page of %s pixels, want no more than %d", screen.name,
				p.evaluate("document.documentElement.scrollWidth"), screen.width)
		}
		for _, scheme := range []string{"light", "dark"} {
			p.scheme(scheme)
			p.shoot(screen.name + "-" + scheme)
		}
	}
}
