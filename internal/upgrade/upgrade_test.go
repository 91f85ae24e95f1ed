// Package upgrade_test replaces the programs of the last release by these, and these by
// those, while readers ask for everything.
package upgrade_test

import (
	"flag"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/test/released"
)

var rounds = flag.Int("rounds", 0, "random steps of a longer upgrade and downgrade")

// programs builds the programs of the last release, and these.
func programs(t *testing.T) (before, now string) {
	t.Helper()
	before, now = released.Programs(t, released.All(t)[0]), t.TempDir()
	released.Build(t, released.Root(t), now)
	return before, now
}

// verifyBefore runs the last release's verify on a tree of this one. It finds nothing but
// links to the pages that it does not know.
func (s *site) verifyBefore(before, out string) {
	s.T.Helper()
	_, printed := s.refgen(before, "verify", out)
	for line := range strings.Lines(printed) {
		if strings.Contains(line, "error:") && !strings.Contains(line, "a link points to hardware/nodes,") &&
			!strings.Contains(line, "a link points to hardware/slots,") {
			s.T.Errorf("the last release's verify finds: %s", line)
		}
	}
}

// An upgrade by the guide and back again, one program after another: readers notice
// nothing, and each program makes on top of the other's tree what it makes from nothing.
func TestUpgrade(t *testing.T) {
	t.Parallel()
	before, now := programs(t)
	s := install(t, before, 2)
	out := s.path("public")

	// The new generator makes a new release of the same commit, on the old configuration of
	// nginx and with the old availapi.
	s.run(now, "verify", out)
	s.publish(now)
	s.compareCold(now)
	s.readers.settle()
	s.readers.openPages()
	s.verifyBefore(before, out)
	s.reloadNginx(now)
	for _, i := range s.live {
		s.replace(i, now)
	}
	s.commit()
	s.publish(now)
	s.readers.settle()

	// The last release's tree is live again; its program knows no pins, and says that it
	// does not publish.
	all := s.run(now, "releases", "--out", out)
	if n := strings.Count(all, "\n"); n != 3 {
		t.Errorf("there are %d releases, want 3:\n%s", n, all)
	}
	for range 2 {
		s.run(now, "rollback", "--out", out)
		s.readers.settle()
	}
	if code, printed := s.refgen(before, "build", "--repo", s.repo.Dir, "--out", out); code != 1 ||
		!strings.Contains(printed, "is not ours: it holds pinned") {
		t.Errorf("the last release's program in a pinned directory: exit code %d, %s", code, printed)
	}
	s.run(now, "unpin", "--out", out)
	s.refuseNewKeys(before)

	// And back.
	s.publish(now)
	s.readers.settle()
	s.readers.closePages() // the last release's program does not keep what open pages load
	for _, i := range s.live {
		s.replace(i, before)
	}
	s.commit()
	s.publish(before)
	s.compareCold(before)
	s.readers.settle()
	s.reloadNginx(before)
	s.run(now, "verify", out)
	s.checkLogs()
}

// Random steps of both versions, for longer.
func TestUpgradeLonger(t *testing.T) {
	if *rounds == 0 {
		t.Skip("a longer form: make test-upgrade")
	}

	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	before, now := programs(t)
	both := []string{before, now}
	s := install(t, before, 3)
	out, conf := s.path("public"), before
	for round := range *rounds {
		which := both[random.IntN(2)]
		switch step := random.IntN(6); step {
		case 0:
			s.replace(s.live[random.IntN(len(s.live))], which)
			if conf == before { // its nginx lets an instance rest that answers again
				s.reloadNginx(before)
			}
		case 1:
			conf = which
			s.reloadNginx(conf)
		case 2:
			s.run(now, "pin", "--out", out)
			if code, printed := s.refgen(now, "rollback", "--out", out); code != 0 &&
				!strings.Contains(printed, "no release from before the live one") {
				t.Errorf("rollback: exit code %d, %s", code, printed)
			}
			s.readers.settle()
			s.run(now, "unpin", "--out", out)
		case 3:
			s.run(both[1-random.IntN(2)], "verify", out)
		default:
			if step == 4 {
				s.commit()
			}
			if which == before {
				s.readers.closePages()
			}
			s.publish(which)
			s.compareCold(which)
			s.readers.settle()
			s.readers.openPages()
		}
		if t.Failed() {
			t.Fatalf("in round %d", round)
		}
	}
	s.checkLogs()
}
