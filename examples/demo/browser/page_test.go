package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// grace is what a failing test needs to say why.
const grace = 10 * time.Second

// page is the playground in a tab of its own browser.
type page struct {
	t   *testing.T
	ctx context.Context
}

// open starts the demo and a browser, and loads the page.
func open(t *testing.T, chromium, program string) page {
	t.Helper()
	url := startDemo(t, program)
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(chromium),
		chromedp.UserDataDir(t.TempDir()),
		chromedp.NoSandbox, // which containers cannot have; the only page is our own
		chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
	)
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	p := page{t, ctx}
	p.do(chromedp.EmulateViewport(1366, 768), chromedp.Navigate(url))
	p.ctx = untilDeadline(t, ctx) // not before: the browser ends with the context that it began with
	p.await(`document.querySelector("#note").textContent.startsWith("As it was made")`)
	p.await(`document.querySelector("#fetches").textContent !== "0"`)
	return p
}

func (p page) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, steps...); err != nil {
		p.t.Fatal(err)
	}
}

// click presses what lies at the middle of the element. It is found and pressed
// in one step of the page: an answer that came in between would move it away
// from under a pointer.
func (p page) click(selector string) {
	p.t.Helper()
	p.run(`
		const wanted = document.querySelector(` + quoted(selector) + `);
		wanted.scrollIntoView({ block: "center" });
		const box = wanted.getBoundingClientRect();
		const hit = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
		if (!wanted.contains(hit)) throw new Error(` + quoted(selector+" cannot be pressed") + `);
		hit.click();`)
}

// order tells the issuer what to do, and waits until it is done: a token that was
// sent before would find it as it was.
func (p page) order(action string) {
	p.t.Helper()
	p.run(`document.querySelector("#issuer-says").textContent = ""`)
	p.click("[data-action=" + action + "]")
	p.await(content("#issuer-says") + ` !== ""`)
}

// await waits until the expression is true in the page.
func (p page) await(expression string) {
	p.t.Helper()
	_, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool](
		`new Promise(done => { const look = () => (`+expression+`) ? done(true) : setTimeout(look, 20); look(); })`,
		chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("waiting for %s: %v\nsummary: %q", expression, err, p.last("#summary"))
	}
}

// last is what an element says, also when the page no longer answers.
func (p page) last(selector string) string {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(p.ctx), grace/2)
	defer cancel()
	text, _ := chromedp.Run(ctx, chromedp.Evaluate[string](content(selector)))
	return text
}

// says waits until the element's text contains want.
func (p page) says(selector, want string) {
	p.t.Helper()
	p.await(fmt.Sprintf("%s.includes(%s)", content(selector), quoted(want)))
}

func (p page) evaluate(expression string) string {
	p.t.Helper()
	value, err := chromedp.Run(p.ctx, chromedp.Evaluate[string]("String("+expression+")"))
	if err != nil {
		p.t.Fatal(err)
	}
	return value
}

// edit replaces a text in one of the boxes, as typing does.
func (p page) edit(box, from, to string) {
	p.t.Helper()
	p.run(fmt.Sprintf(`(box => { box.value = box.value.replace(%s, %s); box.dispatchEvent(new Event("input")); })(document.querySelector(%s))`,
		quoted(from), quoted(to), quoted(box)))
}

// choose picks an option of a select.
func (p page) choose(box, option string) {
	p.t.Helper()
	p.run(fmt.Sprintf("document.querySelector(%s).value = %s", quoted(box), quoted(option)))
}

func (p page) run(statement string) {
	p.t.Helper()
	p.evaluate("(() => { " + statement + " })()")
}

// value is what stands in a box.
func (p page) value(box string) string {
	p.t.Helper()
	return p.evaluate("document.querySelector(" + quoted(box) + ").value")
}

// put replaces everything in a box, as pasting does.
func (p page) put(box, text string) {
	p.t.Helper()
	p.edit(box, p.value(box), text)
}

// mint asks for a token and waits for it.
func (p page) mint() {
	p.t.Helper()
	old := p.value("#compact")
	p.click("#mint-button")
	p.await(`document.querySelector("#compact").value !== ` + quoted(old))
}

// idle says that no answer is awaited.
const idle = `document.querySelector("#cards").getAttribute("aria-busy") === "false"`

// sent sends the token and waits for the answer.
func (p page) sent(want string) {
	p.t.Helper()
	p.await(idle) // an answer that is still to come would be taken for this one
	p.run(`document.querySelector("#summary").textContent = "sent"`)
	p.click("#send")
	p.await(content("#summary") + ` !== "sent"`)
	if got := p.last("#summary"); !strings.Contains(got, want) {
		p.t.Errorf("got the summary %q, want %q in it", got, want)
	}
}

// scheme makes the page light or dark.
func (p page) scheme(name string) {
	p.t.Helper()
	_, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}},
	})
	if err != nil {
		p.t.Fatal(err)
	}
}

// shoot keeps a picture of the page in the folder that SCREENSHOTS names, if it
// names one, for a person to look at.
func (p page) shoot(name string) {
	p.t.Helper()
	p.keep(name, chromedp.FullScreenshot(100))
}

// shootScreen keeps what a screen shows of the page.
func (p page) shootScreen(name string) {
	p.t.Helper()
	p.keep(name, chromedp.CaptureScreenshot())
}

func (p page) keep(name string, shoot chromedp.Action[[]byte]) {
	p.t.Helper()
	folder := os.Getenv("SCREENSHOTS")
	if folder == "" {
		return
	}
	picture, err := chromedp.Run(p.ctx, shoot)
	if err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name+".png"), picture, 0o644); err != nil {
		p.t.Fatal(err)
	}
}

func content(selector string) string {
	return "document.querySelector(" + quoted(selector) + ").textContent"
}

func quoted(text string) string {
	literal, _ := json.Marshal(text) // of a string: never fails
	return string(literal)
}
