package availhttp

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/samejson"
)

var one = int64(1)

func params() []route.Param {
	return append([]route.Param{
		{Name: "b", Type: "boolean"},
		{Name: "i", Type: "integer"},
		{Name: "n", Type: "number", Min: new(int64)},
		{Name: "s", Type: "string"},
		{Name: "e", Type: "string", Enum: []string{"x", "y", "z"}},
		{Name: "t", Type: "date-time"},
		{Name: "count", Type: "integer", Min: &one},
		{Name: "d", Type: "integer", Default: "7"},
	}, route.SliceParams()...)
}

func TestBooleans(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"true": true, "True": true, "1": true, "YES": true, "on": true, "t": true, "Y": true,
		"false": false, "0": false, "No": false, "OFF": false, "f": false, "n": false,
	} {
		v, faults := readQuery(params(), "b="+text)
		if got := v.Bool("b"); got != want || !v.Has("b") || faults != nil {
			t.Errorf("%s: %v, %v", text, got, faults)
		}
	}
}

func TestIntegers(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"0": 0, "7": 7, "%2B7": 7, "-7": -7, "%207%20": 7, "007": 7, "1_000": 1000, "7.0": 7, "7.000": 7, "-1_0.0": -10,
		"9223372036854775807": 1<<63 - 1, "-9223372036854775808": -1 << 63,
	} {
		v, faults := readQuery(params(), "i="+text)
		if got := v.Int("i"); got != want || !v.Has("i") || faults != nil {
			t.Errorf("%s: %v, %v", text, got, faults)
		}
	}

	for _, text := range []string{"", "x", "7.5", "7.", ".0", "1e3", "0x7", "_7", "7_", "7__0", "%2B-7", "--7",
		"9223372036854775808", "%C2%B2", "1 0"} {
		if _, faults := readQuery(params(), "i="+text); len(faults) != 1 || faults[0].Type != "int_parsing" {
			t.Errorf("%s: %v", text, faults)
		}
	}
}

func TestTimes(t *testing.T) {
	t.Parallel()
	at := func(text string) time.Time {
		u, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			t.Fatal(err)
		}
		return u
	}

	for text, want := range map[string]string{
		"2099-01-02T03:04:05Z":          "2099-01-02T03:04:05Z",
		"2099-01-02t03:04:05z":          "2099-01-02T03:04:05Z",
		"2099-01-02+03:04:05Z":          "2099-01-02T03:04:05Z", // a plus is a space
		"2099-01-02%2003:04":            "2099-01-02T03:04:00Z",
		"2099-01-02T03:04":              "2099-01-02T03:04:00Z",
		"2099-01-02":                    "2099-01-02T00:00:00Z",
		"2099-01-02T03:04:05.25":        "2099-01-02T03:04:05.25Z",
		"2099-01-02T03:04:05-05:00":     "2099-01-02T08:04:05Z",
		"2099-01-02T03:04:05%2B05:30":   "2099-01-01T21:34:05Z",
		"2099-01-02T03:04:05%2B0530":    "2099-01-01T21:34:05Z",
		"2099-01-02T03:04:05.123456789": "2099-01-02T03:04:05.123456789Z",
		"4070930400":                    "2099-01-01T06:00:00Z",
		"4070930400000":                 "2099-01-01T06:00:00Z",
		"0":                             "1970-01-01T00:00:00Z",
		"-1":                            "1969-12-31T23:59:59Z",
		"20000000000":                   "2603-10-11T11:33:20Z",
		"20000000001":                   "1970-08-20T11:33:20.001Z",
	} {
		v, faults := readQuery(params(), "t="+text)
		if got := v.Time("t", time.Now()); !got.Equal(at(want)) || got.Location() != time.UTC || faults != nil {
			t.Errorf("%s: %v, %v; want %s", text, got, faults, want)
		}
	}

	for text, want := range map[string]string{
		"":                          "input is too short",
		"bad":                       "input is too short",
		"2099-01-02T03:04:05+05:00": "unexpected extra characters at the end of the input", // a plus is a space
		"2099-1-02T03:04:05Z":       "invalid character in month",
		"2099-13-01":                "month value is outside expected range of 1-12",
		"2099-02-29":                "day value is outside expected range",
		"2099-01-32":                "day value is outside expected range",
		"2099/01/02":                "invalid date separator, expected `-`",
		"x099-01-02":                "invalid character in year",
		"2099-01-0x":                "invalid character in day",
		"2099-01-02T25:00:00Z":      "unexpected extra characters at the end of the input",
		"NaN":                       "input is too short",
		"1e400000000":               "invalid character in year",
	} {
		_, faults := readQuery(params(), "t="+text)
		if len(faults) != 1 || faults[0].Type != "datetime_from_date_parsing" || faults[0].Ctx["error"] != want {
			t.Errorf("%s: %v, want %s", text, faults, want)
		}
	}
}

func TestOthers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ raw, want string }{
		{"n=0", `{"type":"greater_than","loc":["query","n"],"msg":"Input should be greater than 0","input":"0","ctx":{"gt":0}}`},
		{"n=Inf", `{"type":"float_parsing","loc":["query","n"],"msg":"Input should be a valid number, unable to parse string as a number","input":"Inf"}`},
		{"count=0", `{"type":"greater_than","loc":["query","count"],"msg":"Input should be greater than 0","input":"0","ctx":{"gt":0}}`},
		{"e=w", `{"type":"enum","loc":["query","e"],"msg":"Input should be 'x', 'y' or 'z'","input":"w","ctx":{"expected":"'x', 'y' or 'z'"}}`},
		{"b=%ff", `{"type":"bool_parsing","loc":["query","b"],"msg":"Input should be a valid boolean, unable to interpret input","input":"` + "\ufffd" + `"}`},
		{"b=%zz", `{"type":"bool_parsing","loc":["query","b"],"msg":"Input should be a valid boolean, unable to interpret input","input":"%zz"}`},
	} {
		_, faults := readQuery(params(), tt.raw)
		if got := string(validationError(faults...).content.body); got != `{"detail":[`+tt.want+`]}` {
			t.Errorf("%s: %s", tt.raw, got)
		}
	}

	v, faults := readQuery(params(), "s=a&s=b%20c&unknown=%&e=&n=0.5&&=&i")
	if n := v.Number("n"); v.Text("s") != "b c" || v.Text("e") != "" || n != 0.5 || len(faults) != 1 {
		t.Errorf("%+v, %v", v, faults)
	}
	if v.Has("limit") || v.Int("limit") != 0 || v.Int("d") != 7 || v.Has("d") {
		t.Errorf("parameters that are absent: %+v", v)
	}
}

// Faults have the wording of the legacy service.
func TestCapturedFaults(t *testing.T) {
	t.Parallel()
	f, err := os.Open(filepath.Join("../../../shared/contract/responses.ndjson.gz"))
	if os.IsNotExist(err) {
		t.Log("no real data: responses.ndjson.gz is not there")
		return
	} else if err != nil {
		t.Fatal(err)
	}
	defer f.Close()

	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}

	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 16<<20)
	compared := 0

	for lines.Scan() {
		var row struct {
			Path   string
			Status int
			Body   json.RawMessage
		}
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			t.Fatal(err)
		}
		if row.Status != http.StatusUnprocessableEntity {
			continue
		}

		path, raw, _ := strings.Cut(row.Path, "?")
		id, _, ok := route.Match(path)
		if !ok {
			t.Fatalf("%s has no route", path)
		}

		params := id.Get().Query
		if id.Get().Sliced() {
			params = route.SliceParams()
		}

		_, faults := readQuery(params, raw)
		if diff := samejson.Diff(validationError(faults...).content.body, row.Body); diff != "" {
			t.Errorf("%s differs %s", row.Path, diff)
		}

		compared++
	}

	if compared < 20 {
		t.Errorf("only %d answers were compared", compared)
	}
}

func FuzzReadQuery(f *testing.F) {
	for _, seed := range []string{"", "b=true&i=7&n=0.5&s=x&e=y&t=2099-01-02T03:04:05Z&offset=0&limit=500",
		"t=4070930400000", "i=%201_0.0", "%zz=%ff&&=", "t=0001-01-01", "t=1e308"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		v, faults := readQuery(params(), raw)
		if !json.Valid(validationError(faults...).content.body) {
			t.Errorf("the body is not JSON: %s", validationError(faults...).content.body)
		}
		if at := v.Time("t", time.Time{}); at.Year() < 0 || at.Year() > 9999 {
			t.Errorf("the time %v cannot be written", at)
		}
		if n := v.Int("limit"); faults == nil && v.Has("limit") && (n < 1 || n > route.MaxLimit) {
			t.Errorf("limit %d", n)
		}
	})
}
