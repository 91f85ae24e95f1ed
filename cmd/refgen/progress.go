package main

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// progress measures the phases of a command and shows the current one.
type progress struct {
	show   *console // nil: show nothing
	now    func() time.Time
	phases []phase
	began  time.Time
}

type phase struct {
	Name string        `json:"name"`
	Took time.Duration `json:"nanoseconds"`
}

// phase ends the phase before and starts one.
func (p *progress) phase(name string) {
	p.stop()
	p.phases = append(p.phases, phase{Name: name})
	p.began = p.now()
	if p.show != nil {
		p.show.status(p.show.paint(dim, name+" …"))
	}
}

// stop ends the current phase.
func (p *progress) stop() {
	if n := len(p.phases); n > 0 && !p.began.IsZero() {
		p.phases[n-1].Took += p.now().Sub(p.began)
		p.began = time.Time{}
	}
}

// end removes the progress line.
func (p *progress) end() {
	p.stop()
	if p.show != nil {
		p.show.status("")
	}
}

func (p *progress) total() time.Duration {
	var sum time.Duration
	for _, ph := range p.phases {
		sum += ph.Took
	}
	return sum
}

// slowest lists the phases, slowest first, without those that took no time
// worth mentioning.
func (p *progress) slowest() string {
	sorted := slices.Clone(p.phases)
	slices.SortStableFunc(sorted, func(a, b phase) int { return int(b.Took - a.Took) })
	var parts []string

	for _, ph := range sorted {
		if ph.Took >= time.Millisecond {
			parts = append(parts, fmt.Sprintf("%s %s", ph.Name, duration(ph.Took)))
		}
	}

	return strings.Join(parts, ", ")
}

// duration writes a time span: 12 ms, 1.23 s, 6 min, 2.5 h.
func duration(d time.Duration) string {
	switch {
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < 2*time.Minute:
		return fmt.Sprintf("%.2f s", d.Seconds())
	case d < 2*time.Hour:
		return fmt.Sprintf("%.0f min", d.Minutes())
	default:
		return fmt.Sprintf("%.1f h", d.Hours())
	}
}
