package browser

// testRevoke ends a token, then all of its user, and has the user log in again.
func testRevoke(p page) {
	p.sent("All four let it pass: 200")
	p.click("[data-revoke=token]")
	p.says("#summary", "All four refuse it: 401 revoked")
	p.says("#log", "Revoked: the token")
	p.mint()
	p.sent("All four let it pass: 200") // it is another token
	p.click("[data-revoke=user]")
	p.says("#summary", "All four refuse it: 401 revoked")
	p.mint()
	p.await(`Math.floor(Date.now() / 1000) > JSON.parse(document.querySelector("#payload").value).iat`)
	p.mint() // in a later second than the logout, which an iat cannot part
	p.sent("All four let it pass: 200")

	p.put("#compact", "no token")
	p.click("[data-revoke=token]")
	p.says("#alert", "no token to revoke")
	p.mint()
	p.click("#send")
	p.says("#summary", "All four let it pass: 200")
}
