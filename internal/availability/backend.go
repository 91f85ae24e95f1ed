package availability

import (
	"fmt"
	"time"

	"golang.org/x/sync/semaphore"
)

// Backend opens the connection to one site's reservation system. It sends no
// request; its errors are about the site's keys.
type Backend func(site Site, env Environment) (*Connection, error)

// Site is a site of the configuration.
type Site struct {
	ID string
	// Decode reads the backend's own keys into a struct with toml tags; nil where
	// there are none.
	Decode func(into Keys) error
}

// ReadKeys reads the backend's own keys.
func (s Site) ReadKeys(into Keys) error {
	if s.Decode == nil {
		return nil
	}
	return s.Decode(into)
}

// Keys are a backend's own keys of a site.
type Keys interface {
	// Check returns a key whose value is invalid, and why; "" for none.
	Check() (key, why string)
}

// Environment is what a program passes to its backends.
type Environment struct {
	Getenv    func(string) string
	UserAgent string
	Timeout   time.Duration // of one request
	Limits    Limits
	// HostsEvery is how many polls share one list of hosts, where a backend has to
	// request it separately from the reservations.
	HostsEvery int
	// Gate admits one large response at a time to decoding, which takes several times
	// the memory of the text.
	Gate *semaphore.Weighted
	Now  func() time.Time
	// Nodes and Flavors return the uids of a site's nodes and flavors in the live
	// release, sorted.
	Nodes, Flavors func(site string) []string
	// Connected is called with where the site is polled, after each authentication.
	Connected func(Target)
}

// Limits bound a response.
type Limits struct {
	Bytes        int64 // of the body, after decompression
	Hosts        int
	Reservations int
}

// Connection is the access to one site's reservation system.
type Connection struct {
	Source  Source
	Flavors FlavorSource // nil where the backend has none
	// Check reports, without a request, where the site will be polled, and which
	// keys of the backend's own files have no effect. Its error is why the site
	// cannot be polled.
	Check func() (Target, []Note, error)
	// Close releases its resources; nil where there are none.
	Close func()
	// Simulated is set where the reservations are not real.
	Simulated bool
}

// Target is where a site is polled.
type Target struct {
	// Text describes the target in one line.
	Text string
	// Attributes are key-value pairs for slog.
	Attributes []any
	// Warning reports a choice that the configuration leaves open, such as one of
	// several regions; "" for none. WarningFor are its attributes.
	Warning    string
	WarningFor []any
}

// Note is a remark about a key without effect.
type Note struct {
	At  string // file and line
	Key string
	Why string // it has no effect
	// Suspect is set where the key is likely a mistake, rather than one for other
	// programs.
	Suspect bool
}

func (n Note) String() string { return fmt.Sprintf("%s: key %q has no effect: %s", n.At, n.Key, n.Why) }
