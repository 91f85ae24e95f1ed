package availability

import "time"

// Notice is something that users of a site should know for a while, such as a planned
// outage.
type Notice struct {
	ID    string
	Site  string    // "" for all sites
	Start time.Time // zero if it holds already
	End   time.Time
	Text  string
	URL   string // of more about it, "" for none
}

// IsOf reports whether the notice is about a site, or about all.
func (n *Notice) IsOf(site string) bool { return n.Site == "" || n.Site == site }
