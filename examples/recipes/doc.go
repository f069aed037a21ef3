// Package recipes shows how to leave some routes open beside a guard: health
// checks and CORS preflight requests.
//
// The library has no list of paths to skip. Such a list is a second router,
// and where it disagrees with the real one, about a trailing slash or a
// method, a route is open that nobody meant to open. Instead
//
//   - group: the guard stands on the group of routes that need it, and the
//     health check outside of that group;
//   - order: CORS comes before the guard. It answers preflight requests, which
//     never carry a token (Fetch standard, section 4.8), and gives refusals
//     the headers without which a page cannot read them.
//
// There is one example for each framework. The CORS middleware in them is the
// smallest that shows the order; a real one has more to decide.
package recipes
