package availhttp

import (
	"log/slog"
	"testing"
	"time"

	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/release"
)

// slowMonitor says when a view is made of it, and waits.
type slowMonitor struct {
	Monitor
	generation    uint64
	asked, answer chan bool
}

func (m *slowMonitor) Generation() uint64 { return m.generation }

func (m *slowMonitor) Sites() []string {
	m.asked <- true
	<-m.answer
	return nil
}

func (m *slowMonitor) Status(string) (availability.Status, bool) { return availability.Status{}, false }

// After a sync one request makes the new view. Others do not wait for it, or make it, too.
func TestOneRequestMakesTheView(t *testing.T) {
	t.Parallel()
	m := &slowMonitor{asked: make(chan bool, 1), answer: make(chan bool, 1)}
	live := &release.Release{Nodes: make([]release.Node, 3)}
	h := New(Options{Release: func() *release.Release { return live }, Monitor: m, Now: time.Now,
		Log: slog.New(slog.DiscardHandler)})

	m.answer <- true
	first := h.currentView()
	<-m.asked
	if again := h.currentView(); again != first {
		t.Error("without a sync there is another view")
	}

	m.generation++
	made := make(chan *view)
	go func() { made <- h.currentView() }()
	<-m.asked
	if meanwhile := h.currentView(); meanwhile != first {
		t.Error("another request does not get the last view")
	}

	m.answer <- true
	if v := <-made; v == first || v.generation != 1 || h.currentView() != v || h.newestView() != v {
		t.Errorf("the view after a sync is of generation %d", v.generation)
	}
}
