// Package prometheus checks etc/prometheus and etc/grafana by Prometheus' own code.
package prometheus

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/promql/promqltest"
	"go.yaml.in/yaml/v3"
)

const rulesFile = "../../prometheus/rules.yml"

// rules are the alerts by name.
func rules(t *testing.T) map[string]rulefmt.Rule {
	t.Helper()
	groups, errs := rulefmt.ParseFile(rulesFile, false, model.UTF8Validation, parser.NewParser(parser.Options{}),
		slog.New(slog.DiscardHandler))
	if len(errs) > 0 {
		t.Fatal(errors.Join(errs...))
	}

	all := map[string]rulefmt.Rule{}
	for _, g := range groups.Groups {
		for _, r := range g.Rules {
			if _, ok := all[r.Alert]; ok {
				t.Errorf("%s has two alerts %s", rulesFile, r.Alert)
			}
			all[r.Alert] = r
		}
	}
	return all
}

// Each alert has what people need who get it.
func TestRules(t *testing.T) {
	t.Parallel()
	for name, r := range rules(t) {
		if r.Labels["severity"] != "warning" && r.Labels["severity"] != "critical" {
			t.Errorf("%s has the severity %q", name, r.Labels["severity"])
		}
		if r.Annotations["summary"] == "" || r.Annotations["description"] == "" {
			t.Errorf("%s does not say what it means", name)
		}
		if want := "/docs/alerts.md#" + strings.ToLower(name); !strings.HasSuffix(r.Annotations["runbook_url"], want) {
			t.Errorf("%s: the runbook is %s, want …%s", name, r.Annotations["runbook_url"], want)
		}
	}
}

// unitTests is the format of `promtool test rules`, as far as alerts need it.
type unitTests struct {
	RuleFiles          []string `yaml:"rule_files"`
	EvaluationInterval duration `yaml:"evaluation_interval"`
	Tests              []struct {
		Name        string
		Interval    duration
		InputSeries []struct{ Series, Values string } `yaml:"input_series"`
		AlertRule   []struct {
			EvalTime  duration `yaml:"eval_time"`
			Alertname string   `yaml:"alertname"`
			Expected  []struct {
				Labels map[string]string `yaml:"exp_labels"`
			} `yaml:"exp_alerts"`
		} `yaml:"alert_rule_test"`
	}
}

type duration struct{ time.Duration }

func (d *duration) UnmarshalYAML(n *yaml.Node) error {
	parsed, err := model.ParseDuration(n.Value)
	d.Duration = time.Duration(parsed)
	return err
}

// Each alert fires when it should, and not before; every alert has a test in which it does.
func TestAlerts(t *testing.T) {
	t.Parallel()
	src, err := os.ReadFile("rules_test.yml")
	if err != nil {
		t.Fatal(err)
	}
	var file unitTests
	decoder := yaml.NewDecoder(bytes.NewReader(src))
	decoder.KnownFields(true)
	if err := decoder.Decode(&file); err != nil {
		t.Fatal(err)
	}

	all := rules(t)
	fired := map[string]bool{}
	engine := promqltest.NewTestEngine(t, false, 0, 100_000)
	for _, test := range file.Tests {
		var load strings.Builder
		fmt.Fprintf(&load, "load %s\n", test.Interval)
		for _, s := range test.InputSeries {
			fmt.Fprintf(&load, "  %s %s\n", s.Series, s.Values)
		}
		storage := promqltest.LoadedStorage(t, load.String())

		for _, want := range test.AlertRule {
			rule, ok := all[want.Alertname]
			if !ok {
				t.Errorf("%s: there is no alert %s", test.Name, want.Alertname)
				continue
			}

			query := func(at time.Time) promql.Vector {
				q, err := engine.NewInstantQuery(t.Context(), storage, nil, rule.Expr, at)
				if err != nil {
					t.Fatal(err)
				}
				defer q.Close()
				v, err := q.Exec(context.WithoutCancel(t.Context())).Vector()
				if err != nil {
					t.Fatal(err)
				}
				return v
			}
			got := firing(query, want.EvalTime.Duration, time.Duration(rule.For), file.EvaluationInterval.Duration)

			var expected []string
			for _, e := range want.Expected {
				delete(e.Labels, "severity") // promtool wants the labels of the rule, too
				expected = append(expected, fmt.Sprint(e.Labels))
				fired[want.Alertname] = true
			}
			slices.Sort(expected)
			if !slices.Equal(got, expected) {
				t.Errorf("%s: %s at %s fires for %v, want %v", test.Name, want.Alertname, want.EvalTime, got, expected)
			}
		}
	}

	for name := range all {
		if !fired[name] {
			t.Errorf("in no test %s fires", name)
		}
	}
}

// firing are the labels of what an expression has returned at each evaluation for a while.
func firing(query func(time.Time) promql.Vector, at, during, interval time.Duration) []string {
	var since map[string]int
	evaluations := 0
	for ago := during; ago >= 0; ago -= interval {
		evaluations++
		now := map[string]int{}
		for _, s := range query(time.Unix(0, 0).Add(at - ago)) {
			labels := s.Metric.Map()
			delete(labels, "__name__")
			now[fmt.Sprint(labels)] = 1
		}
		for key := range now {
			now[key] += since[key]
		}
		since = now
	}

	var all []string
	for key, n := range since {
		if n == evaluations {
			all = append(all, key)
		}
	}
	slices.Sort(all)
	return all
}

// The dashboard is a JSON document whose queries are valid.
func TestDashboard(t *testing.T) {
	t.Parallel()
	src, err := os.ReadFile("../../grafana/refapi.json")
	if err != nil {
		t.Fatal(err)
	}

	variables := regexp.MustCompile(`\$\{?(__rate_interval|[a-z]+)\}?`)
	p := parser.NewParser(parser.Options{})
	queries := 0
	for decoder := json.NewDecoder(bytes.NewReader(src)); ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if token != "expr" {
			continue
		}

		value, err := decoder.Token()
		if err != nil {
			t.Fatal(err)
		}
		expr := variables.ReplaceAllString(value.(string), "5m")
		if _, err := p.ParseExpr(expr); err != nil {
			t.Errorf("%s: %v", expr, err)
		}
		queries++
	}
	if queries < 10 {
		t.Errorf("the dashboard has %d queries", queries)
	}
}
