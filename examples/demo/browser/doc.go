// Package browser tests the demo's page as a person meets it: in headless
// Chromium, with the real program behind it. The tests skip, and say so, where
// no Chromium is found.
package browser
