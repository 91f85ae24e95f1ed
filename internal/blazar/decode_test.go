package blazar

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chameleoncloud/refapi/internal/availability"
)

func TestParseTime(t *testing.T) {
	t.Parallel()
	base := time.Date(2021, 12, 16, 17, 11, 0, 0, time.UTC)
	for s, want := range map[string]time.Time{
		"2021-12-16T17:11:00.000000":          base,
		"2021-12-16 17:11:00":                 base,
		"2021-12-16T17:11:00":                 base,
		"2021-12-16 17:11":                    base,
		"2021-12-16T17:11":                    base,
		"2021-12-16T17:11:00Z":                base,
		"2021-12-16T17:11:00.0Z":              base,
		"2021-12-16 17:11Z":                   base,
		"2021-12-16T17:11:00+00:00":           base,
		"2021-12-16T12:11:00-05:00":           base,
		"2021-12-16 22:41:00.000+0530":        base,
		"2021-12-16T19:11+02":                 base,
		"2021-12-16T17:11:07.123456":          base.Add(7*time.Second + 123456*time.Microsecond),
		"2021-12-16 17:11:07.1":               base.Add(7*time.Second + 100*time.Millisecond),
		"2021-12-16T17:11:07,5":               base.Add(7*time.Second + 500*time.Millisecond),
		"2021-12-16T17:11:07.123456789":       base.Add(7*time.Second + 123456*time.Microsecond),
		"2021-12-16T17:11:07.123456789+01:00": base.Add(7*time.Second + 123456*time.Microsecond - time.Hour),
		"0001-01-01T00:00:00":                 time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC),
		"9999-12-31T23:59:59.999999":          time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC),
		"2024-02-29 00:00":                    time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC),
	} {
		if got, ok := parseTime(s); !ok || got != availability.At(want) {
			t.Errorf("%q is %v, %v", s, got.Std(), ok)
		}
	}

	for _, s := range []string{
		"", "garbage", "2021-12-16", "2021-12-16T", "2021-12-16T17", "2021-13-16T17:11:00", "2021-02-29T17:11:00",
		"2021-12-16T24:11:00",
		"2021-12-16T17:61:00", "2021-12-16T17:11:61", "2021-12-16_17:11:00", "2021-12-16T17:11:00 UTC",
		"2021-12-16T17:11:00.", "1639674660",
		" 2021-12-16T17:11:00", "2021-12-16T17:11:00 ", "2021-12-16T17:11:00+25:00", "2021-12-16T17:11:00ZZ",
		"+12021-12-16T17:11:00", "2021-12-16T17:11:00.0x",
		"2021-12-16T17:11:00." + strings.Repeat("0", 100),
	} {
		if got, ok := parseTime(s); ok {
			t.Errorf("%q is %v", s, got.Std())
		}
	}
}

// readBoth reads what both calls answer.
func readBoth(t *testing.T, hosts, allocations string) *availability.Report {
	t.Helper()
	l := hostList{max: 1000}
	if err := l.read(strings.NewReader(`{"hosts":` + hosts + `}`)); err != nil {
		t.Fatal(err)
	}

	rows := allocationList{maxRows: 1000, maxReservations: 10_000}
	if err := rows.read(strings.NewReader(`{"allocations":` + allocations + `}`)); err != nil {
		t.Fatal(err)
	}

	return join(&l, &rows)
}

func TestMaintenance(t *testing.T) {
	t.Parallel()
	for members, want := range map[string]struct{ maintenance, warns bool }{
		``:                                             {false, false},
		`"reservable":true`:                            {false, false},
		`"reservable":false`:                           {true, false},
		`"reservable":null`:                            {true, false},
		`"reservable":"False"`:                         {true, false},
		`"reservable":"true"`:                          {false, false},
		`"reservable":"maybe"`:                         {false, true},
		`"reservable":0`:                               {false, true},
		`"reservable":[false]`:                         {false, true},
		`"disabled":true`:                              {true, false},
		`"disabled":false`:                             {false, false},
		`"disabled":null`:                              {false, false},
		`"disabled":"True"`:                            {true, false},
		`"disabled":{"a":[1,{}]}`:                      {false, true},
		`"reservable":null,"disabled":null`:            {true, false},
		`"reservable":true,"disabled":true`:            {true, false},
		`"Disabled":true,"RESERVABLE":false`:           {false, false},
		`"extra":{"disabled":true,"l":[[1],2,{}]}`:     {false, false},
		`"x":"\ud800","y":1e999,"z":-0.0,"é":"\u00e9"`: {false, false},
	} {
		row := `{"id":"1","hypervisor_hostname":"n"`
		if members != "" {
			row += "," + members
		}

		report := readBoth(t, `[`+row+`}]`, `[]`)
		if len(report.Hosts) != 1 || report.Hosts[0].Maintenance != want.maintenance ||
			(len(report.Warnings) == 1) != want.warns {
			t.Errorf("%s: %+v", members, report)
		}
	}
}

// Of extra properties it counts what a host is leased by, and whether it is
// kept for some projects; for which is not kept.
func TestExtraProperties(t *testing.T) {
	t.Parallel()
	for members, want := range map[string]struct{ byFlavor, kept bool }{
		`"lease_mode":"flavor"`:                               {true, false},
		`"node_mode":"vm_only"`:                               {true, false},
		`"lease_mode":"Flavor","node_mode":"bare_metal"`:      {true, false},
		`"lease_mode":"host","node_mode":"any"`:               {false, false},
		`"lease_mode":["flavor"],"node_mode":null`:            {false, false},
		`"LEASE_MODE":"flavor"`:                               {false, false},
		`"authorized_projects":"5ec4e7b0a9d84c3f"`:            {false, true},
		`"authorized_projects":"5ec4e7b0,9d84c3f8"`:           {false, true},
		`"authorized_projects":["5ec4e7b0"]`:                  {false, true},
		`"authorized_projects":""`:                            {false, false},
		`"authorized_projects":" , "`:                         {false, false},
		`"authorized_projects":[]`:                            {false, false},
		`"authorized_projects":[null,""]`:                     {false, false},
		`"authorized_projects":null`:                          {false, false},
		`"authorized_projects":false`:                         {false, false},
		`"AUTHORIZED_PROJECTS":"5ec4e7b0"`:                    {false, false},
		`"authorized_projects":"5ec4e7b0","node_mode":"host"`: {false, true},
	} {
		report := readBoth(t, `[{"id":"1","hypervisor_hostname":"n",`+members+`}]`, `[]`)
		want := &availability.Report{Hosts: []availability.Host{{Node: "n", ByFlavor: want.byFlavor,
			Kept: want.kept}}}
		if diff := cmp.Diff(want, report); diff != "" {
			t.Errorf("%s (-want +got):\n%s", members, diff)
		}
	}
}

func TestJoin(t *testing.T) {
	t.Parallel()
	const span = `{"start_date":"1970-01-01 00:00:01","end_date":"1970-01-01 00:00:02"}`
	one := []availability.Interval{{Start: 1e6, End: 2e6}}
	for name, test := range map[string]struct {
		hosts, allocations string
		want               availability.Report
	}{
		"nothing": {`[]`, `[]`, availability.Report{Hosts: []availability.Host{}}},
		"ids as text and as numbers": {`[{"id":1,"hypervisor_hostname":"a"},{"id":"2","hypervisor_hostname":"b"}]`,
			`[{"resource_id":"1","reservations":[` + span + `]},{"resource_id":2,"reservations":[` + span + `]}]`,
			availability.Report{Hosts: []availability.Host{{Node: "a", Reservations: one},
				{Node: "b", Reservations: one}}, Rows: 2}},
		"sorted bytewise": {`[{"id":1,"hypervisor_hostname":"é"},{"id":2,"hypervisor_hostname":"a"},` +
			`{"id":3,"hypervisor_hostname":"B"}]`, `[]`,
			availability.Report{Hosts: []availability.Host{{Node: "B"}, {Node: "a"}, {Node: "é"}}}},
		"no row, an empty one, null, none, a string": {`[{"id":1,"hypervisor_hostname":"a"},` +
			`{"id":2,"hypervisor_hostname":"b"},{"id":3,"hypervisor_hostname":"c"},` +
			`{"id":4,"hypervisor_hostname":"d"},{"id":5,"hypervisor_hostname":"e"}]`,
			`[{"resource_id":"2","reservations":[]},{"resource_id":"3","reservations":null},{"resource_id":"4"},` +
				`{"resource_id":"5","reservations":"x"}]`,
			availability.Report{Hosts: []availability.Host{{Node: "a"}, {Node: "b"}, {Node: "c"}, {Node: "d"},
				{Node: "e"}}, Rows: 4}},
		"the later host": {`[{"id":1,"hypervisor_hostname":"a","disabled":true},{"id":2,"hypervisor_hostname":"a"}]`,
			`[{"resource_id":"1","reservations":[]},{"resource_id":"2","reservations":[` + span + `]}]`,
			availability.Report{Hosts: []availability.Host{{Node: "a", Reservations: one}}, Rows: 1,
				Warnings: []availability.Warning{
					{Kind: "duplicate hosts, using the last", Count: 1, Example: "a"},
				}}},
		"the later row": {`[{"id":1,"hypervisor_hostname":"a"}]`,
			`[{"resource_id":"1","reservations":[` + span + `]},{"resource_id":1,"reservations":[]}]`,
			availability.Report{Hosts: []availability.Host{{Node: "a"}}, Rows: 1,
				Warnings: []availability.Warning{
					{Kind: "duplicate allocations, using the last", Count: 1, Example: `of id "1"`},
				}}},
		"rows of unknown hosts": {`[{"id":1,"hypervisor_hostname":"a"}]`,
			`[{"resource_id":"8","reservations":[` + span + `]},{"resource_id":"9"}]`,
			availability.Report{Hosts: []availability.Host{{Node: "a"}}, Warnings: []availability.Warning{
				{Kind: "allocations of unknown hosts", Count: 2, Example: `of id "8"`},
			}}},
		"rows of no kind": {`[null,7,[],{},{"hypervisor_hostname":null,"id":3},{"hypervisor_hostname":"a"}]`,
			`[null,"x",{},{"resource_id":{}}]`,
			availability.Report{Hosts: []availability.Host{{Node: "a"}}, Warnings: []availability.Warning{
				{Kind: "hosts that are null, deleted while Blazar listed them", Count: 1},
				{Kind: "hosts that are not objects", Count: 2},
				{Kind: "hosts without hypervisor_hostname", Count: 2, Example: `with id ""`},
				{Kind: "hosts without id, whose reservations are unknown", Count: 1, Example: "a"},
				{Kind: "allocations without resource_id", Count: 4},
			}}},
		"invalid reservations": {`[{"id":1,"hypervisor_hostname":"a"}]`,
			`[{"resource_id":"1","lease_name":"L","reservations":[null,1,{"start_date":7,"end_date":null},` +
				`{"start_date":"1970-01-01 00:00:01"},` + span + `,{"start_date":"1970-01-01 00:00:01",` +
				`"end_date":{"x":1}}]}]`,
			availability.Report{Hosts: []availability.Host{{Node: "a", Reservations: one}}, Rows: 1,
				Warnings: []availability.Warning{
					{Kind: "reservations skipped for an unreadable start_date", Count: 3, Example: "null or missing"},
					{Kind: "reservations skipped for an unreadable end_date", Count: 2, Example: "null or missing"},
				}}},
		"inverted, empty, unsorted, twice": {`[{"id":1,"hypervisor_hostname":"a"}]`,
			`[{"resource_id":"1","reservations":[{"start_date":"1970-01-01 00:00:02",` +
				`"end_date":"1970-01-01 00:00:01"},{"start_date":"1970-01-01 00:00:01",` +
				`"end_date":"1970-01-01 00:00:01"},` + span + `,` + span + `]}]`,
			availability.Report{Hosts: []availability.Host{{Node: "a",
				Reservations: []availability.Interval{{Start: 2e6, End: 1e6}, {Start: 1e6, End: 1e6}, one[0],
					one[0]}}}, Rows: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := readBoth(t, test.hosts, test.allocations)
			for i, h := range got.Hosts {
				if len(h.Reservations) == 0 {
					got.Hosts[i].Reservations = nil
				}
			}

			if diff := cmp.Diff(&test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestMessage(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"error_code":403,"error_message":"No.","error_name":"X"}`:      "No.",
		`{"error":404,"error_message":"Not here."}`:                      "Not here.",
		`{"error":{"code":401,"title":"Unauthorized","message":"Who?"}}`: "Who?",
		`{"forbidden":{"code":403,"message":"Not you."}}`:                "Not you.",
		`{"error":"plain"}`:                     "plain",
		`No.`:                                   "",
		`<html>`:                                "",
		``:                                      "",
		`[]`:                                    "",
		`null`:                                  "",
		`{"error_message":{"a":1},"message":7}`: "",
		`{"message":"token gAAAAABrAa3G2AxPh5FE2E0Bri-NQOH7ddY_pv5 is bad"}`:        "token … is bad",
		`{"message":"project 5ec4e7b0-a9d8-4c3f-8e21-d7c6b5a49382\nwas not found"}`: "project … was not found",
		`{"message":"` + strings.Repeat("long ", 100) + `"}`: strings.Repeat("long ", 40) +
			"…",
	} {
		if got := serviceMessage([]byte(body)); got != want {
			t.Errorf("%s: %q", body, got)
		}
	}
}

func FuzzTime(f *testing.F) {
	for _, s := range []string{"2021-12-16T17:11:00.000000", "2021-12-16 17:11", "2021-12-16T17:11:00+00:00",
		"garbage"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := parseTime(s)
		if !ok {
			return
		}
		again, ok := parseTime(got.Std().Format("2006-01-02T15:04:05.000000"))
		if year := got.Std().Year(); year >= 0 && year <= 9999 && (!ok || again != got) {
			t.Errorf("%q is %v, and that %v", s, got.Std(), again.Std())
		}
	})
}

func FuzzHosts(f *testing.F) {
	f.Add([]byte(`{"hosts":[{"id":"1","hypervisor_hostname":"a","reservable":true,"disabled":null,"x":[{}]},`+
		`{"id":2}]}`), []byte(`{"allocations":[{"resource_id":1,"reservations":[{"start_date":"2021-12-16 17:11",`+
		`"end_date":null}]}]}`))
	f.Add([]byte(`{"hosts":[null,[],{"hypervisor_hostname":"a"},{"hypervisor_hostname":"a"}]}`),
		[]byte(`{"allocations":[]}`))
	f.Add([]byte(`{"hosts":`), []byte(`[[[[`))
	f.Fuzz(func(t *testing.T, hosts, allocations []byte) {
		l := hostList{max: 1000}
		rows := allocationList{maxRows: 1000, maxReservations: 10_000}
		if l.read(strings.NewReader(string(hosts))) != nil ||
			rows.read(strings.NewReader(string(allocations))) != nil {
			return
		}

		report := join(&l, &rows)
		if report.Rows > len(report.Hosts) {
			t.Errorf("%d rows of %d hosts", report.Rows, len(report.Hosts))
		}

		if !slices.IsSortedFunc(report.Hosts, func(a, b availability.Host) int {
			if a.Node >= b.Node {
				return 1
			}
			return -1
		}) {
			t.Error("the hosts are not sorted, or there are two of a name")
		}

		for _, line := range report.Warnings {
			if strings.ContainsAny(line.String(), "\n\r") {
				t.Errorf("not a line: %q", line)
			}
		}
	})
}

func FuzzFlavor(f *testing.F) {
	f.Add([]byte(`{"flavor_instances":[{"flavor_id":"1","availability":[{"start":"2026-07-27 15:19",` +
		`"end":"2026-07-29 08:36","available":26,"total":"28"}]},{}]}`))
	f.Add([]byte(`{"flavor_instances":[{"availability":null}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		var a flavorAnswer
		if a.read(strings.NewReader(string(body))) == nil && a.segments == nil {
			t.Error("no list")
		}
	})
}

func FuzzMessage(f *testing.F) {
	f.Add([]byte(`{"error":{"message":"x"}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if got := serviceMessage(body); strings.ContainsAny(got, "\n\r\x1b\x00") || len(got) > 4*maxMessage+8 {
			t.Errorf("%q", got)
		}
	})
}
