package browser

import (
	"fmt"
	"slices"
	"strings"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// name tells the focused element apart.
const name = `(e => e.id || e.dataset.attack || e.dataset.action || e.dataset.revoke || e.className || e.tagName)(document.activeElement)`

// testKeyboard does everything without a mouse.
func testKeyboard(p page) {
	p.run(`document.querySelector("h1").tabIndex = -1; document.querySelector("h1").focus()`)
	want := strings.Fields(`algorithm lifetime audience scopes bound mint-button compact header payload signature path send
		none confusion embedded stranger tampered expired audience duplicate oversize headers stolen thief replay
		token user repeat rotate retire replace down hang empty recover`)
	var got []string
	for range want {
		p.press(kb.Tab)
		got = append(got, p.evaluate(name))
		if outline := p.evaluate(`getComputedStyle(document.activeElement).outlineStyle`); outline != "solid" {
			p.t.Errorf("%s: got the outline %q, want the focus to be seen", got[len(got)-1], outline)
		}
	}
	if !slices.Equal(got, want) {
		p.t.Errorf("got the order\n%s\nwant\n%s", strings.Join(got, " "), strings.Join(want, " "))
	}
	nameless := `Array.from(document.querySelectorAll("button, input, select, textarea"))` +
		`.filter(e => !(e.labels && e.labels.length) && !e.textContent.trim()).map(e => e.id).join(" ")`
	if got := p.evaluate(nameless); got != "" {
		p.t.Errorf("got controls without a name: %s", got)
	}

	p.tabTo("send")
	p.press(kb.Enter)
	p.says("#summary", "All four let it pass: 200")
	p.tabTo("none")
	p.press(" ")
	p.says("#summary", "401 wrong_algorithm")
	attack := p.value("#compact")
	p.tabTo("mint-button")
	p.press(kb.Enter)
	p.await(`document.querySelector("#compact").value !== ` + quoted(attack))
	p.tabTo("signature")
	p.press("!")
	p.press(kb.Enter, chromedp.KeyModifiers(chromedp.ModifierCtrl))
	p.says("#summary", "401 malformed_token")
	p.tabTo("rotate")
	p.press(kb.Enter)
	p.says("#published", "signs no more")
	p.tabTo("repeat")
	p.press(" ")
	p.await(`document.querySelector("#repeat").checked`)

	for _, live := range []string{"summary", "note", "says", "issuer-says"} {
		if got := p.evaluate(fmt.Sprintf(`document.querySelector("#%s").getAttribute("role")`, live)); got != "status" {
			p.t.Errorf("#%s: got role %s, want status, so that it is read out", live, got)
		}
	}
}

func (p page) press(key string, options ...chromedp.KeyOption) {
	p.t.Helper()
	p.do(chromedp.KeyEvent(key, options...))
}

// tabTo moves the focus forward, around the page at most twice.
func (p page) tabTo(want string) {
	p.t.Helper()
	for range 70 {
		p.press(kb.Tab)
		if p.evaluate(name) == want {
			return
		}
	}
	p.t.Fatalf("got no focus on %q with the Tab key", want)
}
