package ops_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// documented are metrics with their labels. Tests of both programs compare these tables
// with what the programs have.
func documented(t *testing.T) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for _, chapter := range []string{"operating.md", "watch.md"} {
		row := regexp.MustCompile("(?m)^\\| `((?:refapi|refgen)_[a-z_]+)` \\| ([^|]*)\\| (.*)$")
		for _, m := range row.FindAllStringSubmatch(read(t, "../../docs/"+chapter), -1) {
			labels := append(regexp.MustCompile(`\w+`).FindAllString(m[2], -1), "instance", "job")
			if !strings.Contains(m[3], "(histogram)") {
				all[m[1]] = labels
				continue
			}
			all[m[1]+"_bucket"], all[m[1]+"_sum"], all[m[1]+"_count"] = append(labels, "le"), labels, labels
		}
	}

	if len(all) < 20 {
		t.Fatalf("read only %d metrics", len(all))
	}
	return all
}

func read(t *testing.T, path string) string {
	t.Helper()
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(src)
}

// A query of a metric that does not exist finds nothing, and an alert of it never fires.
func TestAlertsAndDashboardUseMetricsThatExist(t *testing.T) {
	t.Parallel()
	metrics := documented(t)
	for _, path := range []string{"../../etc/prometheus/rules.yml", "../../etc/grafana/refapi.json", "../../docs/alerts.md"} {
		src := read(t, path)
		used := regexp.MustCompile(`\b((?:refapi|refgen)_[a-z_]+)(?:\{([^}]*)\})?`).FindAllStringSubmatch(src, -1)
		if len(used) == 0 {
			t.Errorf("%s uses no metric", path)
		}

		for _, m := range used {
			labels, ok := metrics[m[1]]
			if !ok {
				t.Errorf("%s: there is no metric %s", path, m[1])
			}
			for _, matcher := range regexp.MustCompile(`(\w+)\s*(?:=|!=)`).FindAllStringSubmatch(m[2], -1) {
				if !slices.Contains(labels, matcher[1]) {
					t.Errorf("%s: %s has no label %s", path, m[1], matcher[1])
				}
			}
		}
	}
}

// Who gets an alert at night follows its link, which must lead to what to do; and no
// section of the guide is about an alert that is gone.
func TestAlertsHaveRunbooks(t *testing.T) {
	t.Parallel()
	named := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^### (\w+)$`).FindAllStringSubmatch(read(t, "../../docs/alerts.md"), -1) {
		named[m[1]] = true
	}

	rule := regexp.MustCompile(`(?s)- alert: (\w+)\n.*?runbook_url: (\S+)`)
	for _, m := range rule.FindAllStringSubmatch(read(t, "../../etc/prometheus/rules.yml"), -1) {
		if !named[m[1]] {
			t.Errorf("docs/alerts.md lacks %s", m[1])
		}
		delete(named, m[1])
		if !strings.HasSuffix(m[2], "/docs/alerts.md#"+strings.ToLower(m[1])) {
			t.Errorf("the runbook of %s is %s", m[1], m[2])
		}
	}
	for name := range named {
		t.Errorf("docs/alerts.md has %s, which is no alert", name)
	}
}
