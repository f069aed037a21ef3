package browser

import "testing"

func TestPlayground(t *testing.T) {
	chromium := findChromium(t)
	program := buildDemo(t)
	for _, test := range []struct {
		name string
		run  func(page)
	}{
		{"mint", testMint},
		{"tamper", testTamper},
		{"attack", testAttack},
		{"bound", testBound},
		{"rotate", testRotate},
		{"faults", testFaults},
		{"outage", testOutage},
		{"revoke", testRevoke},
		{"ring", testRing},
		{"keyboard", testKeyboard},
		{"looks", testLooks},
		{"screenshot", testScreenshot},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.run(open(t, chromium, program))
		})
	}
}
