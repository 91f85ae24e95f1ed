package bench

import (
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
)

// recordedFile has the goals, and what was measured when nothing else ran.
const recordedFile = "testdata/recorded.txt"

var record = flag.Bool("record", false, "write what is measured into "+recordedFile)

// row is a line of recordedFile.
type row struct {
	name     string
	atMost   bool // the goal: the value may not be more, or else not be less
	goal     float64
	recorded float64 // 0 if it was not recorded yet
	noise    float64 // part of recorded
}

// The verdicts on a measurement.
const (
	good   = "ok"
	missed = "goal missed"
	worse  = "WORSE" // than it was, by more than noise: the one verdict that fails
)

// verdict compares a measurement with what was recorded, and with the goal.
func (r row) verdict(measured float64) string {
	bound := r.recorded * (1 - r.noise)
	reached, kept := measured >= r.goal, measured >= bound
	if r.atMost {
		bound = r.recorded * (1 + r.noise)
		reached, kept = measured <= r.goal, measured <= bound
	}

	switch {
	case r.recorded != 0 && !kept:
		return worse
	case !reached:
		return missed
	}

	return good
}

// target is the goal as a reader writes it.
func (r row) target() string {
	if r.atMost {
		return "<= " + number(r.goal)
	}
	return ">= " + number(r.goal)
}

// number writes a value with three digits that count, or with all before the point.
func number(v float64) string {
	if v == 0 {
		return "-"
	}
	text := strconv.FormatFloat(v, 'g', 3, 64)
	if strings.Contains(text, "e") {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return text
}

// readRows reads recordedFile.
func readRows(text string) (rows []row, err error) {
	for line := range strings.Lines(text) {
		cells := strings.Split(line, "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}

		switch {
		case strings.HasPrefix(line, "#"), len(cells) == 4 && cells[0] == "row":
			continue
		case len(cells) != 4:
			return nil, fmt.Errorf("%s: want row, goal, recorded value and noise in %q", recordedFile, line)
		}

		r := row{name: cells[0]}
		sign, goal, _ := strings.Cut(cells[1], " ")
		r.atMost = sign == "<="
		if r.goal, err = strconv.ParseFloat(goal, 64); err != nil || !r.atMost && sign != ">=" {
			return nil, fmt.Errorf("%s: invalid goal %q of %q", recordedFile, cells[1], r.name)
		}

		if cells[2] != "-" {
			if r.recorded, err = strconv.ParseFloat(cells[2], 64); err != nil {
				return nil, fmt.Errorf("%s: invalid recorded value %q of %q", recordedFile, cells[2], r.name)
			}
		}

		percent, err := strconv.ParseFloat(strings.TrimSuffix(cells[3], "%"), 64)
		if err != nil {
			return nil, fmt.Errorf("%s: invalid noise %q of %q", recordedFile, cells[3], r.name)
		}

		r.noise = percent / 100
		rows = append(rows, r)
	}
	return rows, nil
}

// writeRows writes recordedFile below the comments that it has.
func writeRows(w io.Writer, old string, rows []row) error {
	for line := range strings.Lines(old) {
		if strings.HasPrefix(line, "#") {
			if _, err := io.WriteString(w, line); err != nil {
				return err
			}
		}
	}

	table := tabwriter.NewWriter(w, 0, 0, 1, ' ', 0)
	fmt.Fprintln(table, "row\t| goal\t| recorded\t| noise")

	for _, r := range rows {
		fmt.Fprintf(table, "%s\t| %s\t| %s\t| %.0f%%\n", r.name, r.target(), number(r.recorded), 100*r.noise)
	}

	return table.Flush()
}

// measurement is what a benchmark has found out.
type measurement struct {
	row
	value  float64
	detail string
}

// results are the measurements of this run.
var results struct {
	sync.Mutex
	all []measurement
}

// report compares a measurement with its row, and keeps it for the table at the
// end. A missed goal is no failure; what is worse than it was is.
func report(b *testing.B, name string, value float64, detail string, args ...any) {
	b.Helper()
	text, err := os.ReadFile(recordedFile)
	if err != nil {
		b.Fatal(err)
	}

	rows, err := readRows(string(text))
	if err != nil {
		b.Fatal(err)
	}

	i := slices.IndexFunc(rows, func(r row) bool { return r.name == name })
	if i < 0 {
		b.Fatalf("%s has no row %q", recordedFile, name)
	}

	m := measurement{row: rows[i], value: value, detail: fmt.Sprintf(detail, args...)}
	results.Lock()
	results.all = append(results.all, m)
	results.Unlock()

	if !*record && m.verdict(value) == worse {
		b.Errorf("%s: %s, recorded %s", name, number(value), number(m.recorded))
	}

	b.ReportMetric(value, "ratio")
	b.ReportMetric(0, "ns/op")
}

// table prints the measurements beside their goals and what was recorded.
func table(w io.Writer, all []measurement) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "\tgoal\trecorded\tmeasured\t\t")
	for _, m := range all {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n",
			m.name, m.target(), number(m.recorded), number(m.value), m.verdict(m.value), m.detail)
	}
	return t.Flush()
}

// TestMain prints the table when all has been measured.
func TestMain(m *testing.M) {
	if address := os.Getenv(bareAddress); address != "" {
		serveBare(address)
	}
	code := m.Run()
	if len(results.all) > 0 {
		if err := conclude(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// conclude prints the table, and records the measurements if that is asked for.
func conclude() error {
	fmt.Println()
	if err := table(os.Stdout, results.all); err != nil || !*record {
		return err
	}

	old, err := os.ReadFile(recordedFile)
	if err != nil {
		return err
	}

	rows, err := readRows(string(old))
	if err != nil {
		return err
	}

	for i, r := range rows {
		for _, m := range results.all {
			if m.name == r.name {
				rows[i].recorded = m.value
			}
		}
	}

	var out strings.Builder
	if err := writeRows(&out, string(old), rows); err != nil {
		return err
	}

	return os.WriteFile(recordedFile, []byte(out.String()), 0o644)
}

func TestVerdict(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		row      row
		measured float64
		want     string
	}{
		"reached":                    {row{atMost: true, goal: 1.5, recorded: 1.4, noise: 0.1}, 1.5, good},
		"reached, worse than it was": {row{atMost: true, goal: 1.5, recorded: 1, noise: 0.1}, 1.2, worse},
		"missed as before":           {row{atMost: true, goal: 1.5, recorded: 1.7, noise: 0.1}, 1.8, missed},
		"missed by more":             {row{atMost: true, goal: 1.5, recorded: 1.7, noise: 0.1}, 1.9, worse},
		"not recorded":               {row{atMost: true, goal: 1.5}, 9, missed},
		"at least":                   {row{goal: 0.95, recorded: 1, noise: 0.05}, 0.96, good},
		"at least, missed":           {row{goal: 0.95, recorded: 0.95, noise: 0.05}, 0.94, missed},
		"at least, worse":            {row{goal: 0.95, recorded: 1.2, noise: 0.05}, 1.1, worse},
	} {
		if got := tt.row.verdict(tt.measured); got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}

// What is recorded is written as it was read.
func TestRecordedFile(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(recordedFile)
	if err != nil {
		t.Fatal(err)
	}

	rows, err := readRows(string(text))
	if err != nil {
		t.Fatal(err)
	}

	var out strings.Builder
	if err := writeRows(&out, string(text), rows); err != nil {
		t.Fatal(err)
	}

	if out.String() != string(text) {
		t.Errorf("written again, the file is\n%s", out.String())
	}

	for _, bad := range []string{"a | b | c", "a | 1 | 1 | 1%", "a | <= x | 1 | 1%", "a | <= 1 | x | 1%",
		"a | <= 1 | 1 | x"} {
		if rows, err := readRows(bad); err == nil {
			t.Errorf("%q is read as %v", bad, rows)
		}
	}
}
