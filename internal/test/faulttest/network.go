package faulttest

import (
	"net"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// The kinds of faults of a network. They meet a server's n-th write to its clients.
const (
	Cut   Kind = 100 + iota // the connection is reset
	Stall                   // nothing more arrives, until the client gives up
	Slow                    // that write and all others of the connection come in small pieces
)

// chunk is how much arrives at once: the smaller, the more places there are to cut.
const chunk = 256

// Network is what is between a server and its clients.
type Network struct {
	mu     sync.Mutex
	kind   Kind
	at     int
	writes int
	met    bool
	ended  chan struct{} // closed when the fault is over
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
	n.ended = make(chan struct{})
	return writes
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
	slow    bool
}

func (c *conn) Write(b []byte) (written int, err error) {
	for len(b) > 0 {
		piece := b[:min(len(b), chunk)]
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
			c.slow = true
		}

		if c.slow {
			piece = piece[:min(len(piece), 16)]
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
				network.mu.Lock()
				c.missed = !network.met
				network.mu.Unlock()
				network.Reset(None, 0)
			})
			row.add(c)
		}
		row.Asked, row.Ahead = reader.Asked.Load()-asked, reader.Ahead.Load()-ahead
		rows = append(rows, row)
	}

	return rows
}
