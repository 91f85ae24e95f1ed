package availability

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// A file of last-known data starts with a line of magic, format version and the
// SHA-256 of the rest. A line of JSON about the site follows, then one for each host.
const (
	storeMagic   = "refapi-last-known"
	storeVersion = "1"
)

func storeHeader(sum []byte) string { return fmt.Sprintf("%s %s %x\n", storeMagic, storeVersion, sum) }

// siteLine is the second line.
type siteLine struct {
	Site   string    `json:"site"`
	Synced time.Time `json:"synced"`
	Rows   int       `json:"rows"`
	Hosts  int       `json:"hosts"` // how many lines follow
}

// hostLine is one host's line.
type hostLine struct {
	Node        string `json:"node"`
	Maintenance bool   `json:"maintenance,omitempty"`
	ByFlavor    bool   `json:"by_flavor,omitempty"`
	Kept        bool   `json:"kept,omitempty"`
	// Reservations are starts and ends in turn, in microseconds since 1970.
	Reservations []Time `json:"reservations,omitempty"`
}

// writeSnapshot streams a snapshot host by host, so that the complete text is never
// in memory.
func writeSnapshot(w io.WriteSeeker, s *Snapshot) error {
	// The checksum is known at the end only: leave room for it, and seek back.
	sum := sha256.New()
	if _, err := io.WriteString(w, storeHeader(make([]byte, sha256.Size))); err != nil {
		return err
	}

	out := bufio.NewWriterSize(io.MultiWriter(w, sum), 64<<10)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)

	if err := enc.Encode(siteLine{Site: s.Site, Synced: s.Synced, Rows: s.Rows, Hosts: len(s.Hosts)}); err != nil {
		return err
	}

	var times []Time
	for i := range s.Hosts {
		h := &s.Hosts[i]
		times = times[:0]
		for _, r := range h.Reservations {
			times = append(times, r.Start, r.End)
		}

		if err := enc.Encode(hostLine{Node: h.Node, Maintenance: h.Maintenance, ByFlavor: h.ByFlavor, Kept: h.Kept,
			Reservations: times}); err != nil {
			return err
		}
	}

	if err := out.Flush(); err != nil {
		return err
	}
	if _, err := w.Seek(0, io.SeekStart); err != nil {
		return err
	}

	_, err := io.WriteString(w, storeHeader(sum.Sum(nil)))
	return err
}

// decodeSnapshot reads what writeSnapshot wrote.
func decodeSnapshot(src []byte) (*Snapshot, error) {
	body, err := splitHeader(src, storeMagic)
	if err != nil {
		return nil, err
	}

	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	var head siteLine
	if err := dec.Decode(&head); err != nil {
		return nil, corruptf("line 2: %w", err)
	}

	// The bound on hosts keeps a damaged count from allocating gigabytes below.
	switch {
	case head.Hosts < 0 || head.Hosts > len(body)/len(`{"node":""}`):
		return nil, corruptf("line 2: invalid host count %d", head.Hosts)
	case head.Rows < 0:
		return nil, corruptf("line 2: invalid row count %d", head.Rows)
	case head.Synced.IsZero():
		return nil, corruptf("line 2: missing sync time")
	}

	report := &Report{Hosts: make([]Host, 0, head.Hosts), Rows: head.Rows}
	for range head.Hosts {
		var row hostLine
		if err := dec.Decode(&row); err != nil {
			return nil, corruptf("line %d: %w", len(report.Hosts)+3, err)
		}

		// Snapshot.Host searches by bisection, which relies on the order.
		n := len(report.Hosts)
		if n > 0 && report.Hosts[n-1].Node >= row.Node {
			return nil, corruptf("line %d: host %q is duplicated or out of order", n+3, row.Node)
		}
		if len(row.Reservations)%2 != 0 {
			return nil, corruptf("line %d: reservation without an end", n+3)
		}

		h := Host{Node: row.Node, Maintenance: row.Maintenance, ByFlavor: row.ByFlavor, Kept: row.Kept}
		if len(row.Reservations) > 0 {
			h.Reservations = make([]Interval, 0, len(row.Reservations)/2)
		}

		for i := 0; i < len(row.Reservations); i += 2 {
			h.Reservations = append(h.Reservations, Interval{row.Reservations[i], row.Reservations[i+1]})
		}

		report.Hosts = append(report.Hosts, h)
	}

	if dec.More() {
		return nil, corruptf("more than the %d hosts that line 2 announces", head.Hosts)
	}

	return NewSnapshot(head.Site, head.Synced, report), nil
}
