package faulttest

import (
	"cmp"
	"net"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// The kinds of faults of a network. They meet the n-th piece of what a server sends, which
// is the n-th read of its client.
const (
	Cut   Kind = 100 + iota // the connection is reset
	Stall                   // nothing more arrives, until the client gives up
	Slow                    // it and what follows arrive in drops
)

// A slow network gives so many drops of so many bytes, and then mends itself: all of a
// site by the drop would take a minute.
const (
	drops    = 64
	dropSize = 16
)

// Network is what is between a server and its clients.
type Network struct {
	// Piece is how many bytes arrive at once, 256 if it is 0: the less, the more places
	// there are to cut.
	Piece int

	mu      sync.Mutex
	kind    Kind
	at      int
	writes  int
	met     bool
	stalled chan struct{} // closed when a stall begins
	ended   chan struct{} // closed when the fault is over
}

// Reset arms a fault at the n-th write from now on, from 0, and returns how many there
// were since the last one.
func (n *Network) Reset(kind Kind, at int) (writes int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	writes = n.writes
	n.kind, n.at, n.writes, n.met = kind, at, 0, false
	if n.ended != nil {
		close(n.ended)
	}
	n.stalled, n.ended = make(chan struct{}), make(chan struct{})
	return writes
}

// Stalled is closed when the stall that is armed begins: a client that waits for that needs
// no time limit.
func (n *Network) Stalled() <-chan struct{} {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.stalled
}

// Met reports whether the fault that is armed has happened.
func (n *Network) Met() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.met
}

// Kind is what is armed.
func (n *Network) Kind() Kind {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.kind
}

// Listen returns a listener whose connections are of this network.
func (n *Network) Listen(l net.Listener) net.Listener { return &listener{l, n} }

type listener struct {
	net.Listener
	network *Network
}

func (l *listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &conn{Conn: c, network: l.network}, nil
}

type conn struct {
	net.Conn
	network *Network
	drops   int // that are still to come
}

func (c *conn) Write(b []byte) (written int, err error) {
	for len(b) > 0 {
		piece := b[:min(len(b), cmp.Or(c.network.Piece, 256))]
		kind, ended := c.network.next()
		switch kind {
		case Cut:
			if tcp, ok := c.Conn.(*net.TCPConn); ok {
				_ = tcp.SetLinger(0) // a reset
			}
			_ = c.Close()
			return written, net.ErrClosed
		case Stall:
			<-ended
			_ = c.Close()
			return written, net.ErrClosed
		case Slow:
			c.drops = drops
		}

		if c.drops > 0 {
			c.drops--
			piece = piece[:min(len(piece), dropSize)]
			time.Sleep(100 * time.Microsecond)
		}
		n, err := c.Conn.Write(piece)
		if written += n; err != nil {
			return written, err
		}
		b = b[n:]
	}
	return written, nil
}

// next counts a write, and returns the fault that it meets.
func (n *Network) next() (Kind, <-chan struct{}) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.writes++
	if n.kind == None || n.writes-1 != n.at {
		return None, nil
	}
	n.met = true
	if n.kind == Stall {
		close(n.stalled)
	}
	return n.kind, n.ended
}

// Break runs a scenario once for each write of a network and kind of fault, and then
// again without.
func Break(t *testing.T, s Scenario, network *Network, kinds []Kind, o Options) []Row {
	t.Helper()
	reader, top := s.prepare(t)
	quiet := filepath.Join(top, "quiet")
	network.Reset(None, 0)
	s.repeat(t, reader, quiet, nil)
	writes := network.Reset(None, 0)

	var rows []Row
	for _, kind := range kinds {
		row := Row{Scenario: s.Name, Kind: kind, Operations: writes, Left: map[string]int{}}
		asked, ahead := reader.Asked.Load(), reader.Ahead.Load()
		for _, i := range o.choose(writes) {
			c := &fault{Scenario: s, reader: reader, kind: kind, at: Op{Call: "Write", Path: "to the network", Count: i},
				dir: filepath.Join(top, "fault"), seed: o.Seed + uint64(i)}
			network.Reset(kind, i)
			c.happen(nil, func() { // the network is mended before the next run
				c.missed = !network.Met()
				network.Reset(None, 0)
			})
			row.add(c)
		}
		row.Asked, row.Ahead = reader.Asked.Load()-asked, reader.Ahead.Load()-ahead
		rows = append(rows, row)
	}

	return rows
}
