package keyset

import (
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
)

// CheckPublicURL is CheckURL for an address that a stranger may have influenced. It refuses http to loopback as well, and a
// host that is an IP address must be a public one. A name is judged when it is dialled, by the address that it resolves to.
func CheckPublicURL(raw string, insecureHTTP bool) error {
	if err := CheckURL(raw, insecureHTTP); err != nil {
		return err
	}
	u, err := url.Parse(raw)
	if err != nil {
		return err
	}
	if u.Scheme == "http" && !insecureHTTP {
		return fmt.Errorf("got URL %q, want https", cut(raw))
	}
	if address, err := netip.ParseAddr(u.Hostname()); err == nil && !public(address) {
		return fmt.Errorf("got URL %q, want a public host", cut(raw))
	}
	return nil
}

// refuseLocal runs for each address that a name resolved to, just before it is connected to. An earlier look at the
// name would be worth nothing: the next answer of its DNS server may be another.
func refuseLocal(network, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil || !strings.HasPrefix(network, "tcp") {
		return fmt.Errorf("got the address %q, want an IP address and a port", cut(address))
	}
	if !public(to.Addr()) {
		return fmt.Errorf("got the address %s, want a public one", to.Addr())
	}
	return nil
}

// notPublic lists unicast addresses that are not the Internet's: the registries of RFC 6890 and their later entries. Of
// IPv6, everything outside 2000::/3 is refused without being listed.
var notPublic = prefixes(
	"0.0.0.0/8",        // this network, RFC 791
	"10.0.0.0/8",       // private, RFC 1918
	"100.64.0.0/10",    // shared by carriers, RFC 6598
	"127.0.0.0/8",      // loopback
	"168.63.129.16/32", // Azure's services for the machine itself, at an address that looks public
	"169.254.0.0/16",   // link-local, RFC 3927, and clouds' metadata services
	"172.16.0.0/12",    // private, RFC 1918
	"192.0.0.0/24",     // protocol assignments, RFC 6890
	"192.0.2.0/24",     // documentation, RFC 5737
	"192.88.99.0/24",   // 6to4 relays, RFC 7526
	"192.168.0.0/16",   // private, RFC 1918
	"198.18.0.0/15",    // benchmarks, RFC 2544
	"198.51.100.0/24",  // documentation
	"203.0.113.0/24",   // documentation
	"224.0.0.0/3",      // multicast, RFC 5771, and reserved, RFC 1112
	"2001::/23",        // protocol assignments, Teredo (RFC 4380) and ORCHID (RFC 7343) among them
	"2001:db8::/32",    // documentation, RFC 3849
	"2002::/16",        // 6to4, which carries any IPv4 address
	"3fff::/20",        // documentation, RFC 9637
)

var (
	globalUnicast = netip.MustParsePrefix("2000::/3")     // RFC 4291 section 2.4
	translated    = netip.MustParsePrefix("64:ff9b::/96") // RFC 6052 section 2.1
)

// public reports whether a is an address of the Internet at large. It cannot tell that of a network which translates to
// IPv4 under a prefix of its own (RFC 6052 section 2.2): such a network must itself refuse what is translated to a private
// address.
func public(a netip.Addr) bool {
	if a.Zone() != "" {
		return false
	}
	if a = a.Unmap(); translated.Contains(a) {
		// A network that has IPv6 alone reaches every IPv4 host so; the last 32 bits say which.
		b := a.As16()
		a = netip.AddrFrom4([4]byte(b[12:]))
	}
	if a.Is6() && !globalUnicast.Contains(a) {
		return false
	}
	for _, prefix := range notPublic {
		if prefix.Contains(a) {
			return false
		}
	}
	return a.IsValid()
}

func prefixes(texts ...string) []netip.Prefix {
	list := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		list[i] = netip.MustParsePrefix(text)
	}
	return list
}
