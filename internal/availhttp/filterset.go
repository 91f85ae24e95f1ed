package availhttp

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/release"
)

// Limits of a search by POST.
const (
	maxBody    = 64 << 10 // bytes
	maxFilters = 100
	maxLabels  = 100 // of all filters together: each one searches every node
)

// errTooLarge is the error for a body of more than maxBody bytes.
var errTooLarge = errors.New("the body is too large")

// readFilterSet reads the body of a search.
func readFilterSet(r *http.Request) (*api.FilterSet, []api.Fault, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return nil, nil, err
	}
	if len(body) > maxBody {
		return nil, nil, errTooLarge
	}

	set := &api.FilterSet{}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()

	if err := dec.Decode(set); err != nil {
		return nil, []api.Fault{decodeFault(err)}, nil
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, []api.Fault{bodyFault(api.JSONInvalid, "JSON decode error: trailing data after the object")}, nil
	}

	return set, validate(set), nil
}

// bodyFault is a fault at a place in the body.
func bodyFault(kind api.FaultType, msg string, loc ...string) api.Fault {
	return api.Fault{Type: kind, Loc: append([]string{"body"}, loc...), Msg: msg}
}

// decodeFault is the fault of a body that cannot be decoded.
func decodeFault(err error) api.Fault {
	wrong, ok := errors.AsType[*json.UnmarshalTypeError](err)
	if !ok {
		return bodyFault(api.JSONInvalid, "JSON decode error: "+strings.TrimPrefix(err.Error(), "json: "))
	}

	want := map[reflect.Kind]string{
		reflect.String: "a string", reflect.Struct: "an object", reflect.Map: "an object", reflect.Slice: "an array",
	}[wrong.Type.Kind()]

	f := bodyFault(api.TypeError, "Input should be "+want)
	f.Input = wrong.Value
	if wrong.Field != "" {
		f.Loc = append(f.Loc, strings.Split(wrong.Field, ".")...)
	}

	return f
}

// validate checks a set against its bounds, and fills in defaults.
func validate(set *api.FilterSet) (faults []api.Fault) {
	operator := func(op *api.SetType, loc ...string) {
		*op = cmp.Or(*op, api.Intersection)
		if *op != api.Intersection && *op != api.Union {
			const expected = "'intersection' or 'union'"
			f := bodyFault(api.Enum, "Input should be "+expected, loc...)
			f.Input, f.Ctx = string(*op), map[string]any{"expected": expected}
			faults = append(faults, f)
		}
	}

	bound := func(n, most int64, msg string, loc ...string) {
		if n > most {
			f := bodyFault(api.TooLong, msg, loc...)
			f.Ctx = map[string]any{"max_length": most}
			faults = append(faults, f)
		}
	}

	operator(&set.FilterSetType, "filter_set_type")
	bound(int64(len(set.FilterSet)), maxFilters, "List should have at most 100 items", "filter_set")
	labels := 0

	for i := range set.FilterSet {
		operator(&set.FilterSet[i].FilterType, "filter_set", "filter_type")
		labels += len(set.FilterSet[i].Labels)
	}

	bound(int64(labels), maxLabels, "All filters together should have at most 100 labels", "filter_set", "labels")
	return faults
}

// matchesSet reports whether a node matches a set. A set without filters matches all.
func matchesSet(n *release.Node, set *api.FilterSet) bool {
	var results []bool
	label := n.Labels()
	for i := range set.FilterSet {
		results = append(results, matchesFilter(n, label, &set.FilterSet[i]))
	}
	return combine(set.FilterSetType, results)
}

// matchesFilter reports whether a node matches a filter. An empty one matches all.
func matchesFilter(n *release.Node, label func(path, want string) bool, f *api.Filter) bool {
	var results []bool
	for _, list := range []struct {
		values []string
		have   string
	}{
		{values: f.NodeNames, have: n.Name},
		{values: f.NodeTypes, have: n.Type},
		{values: f.Racks, have: n.Facts.Text("rack")},
	} {
		if list.values != nil {
			results = append(results, slices.Contains(list.values, list.have))
		}
	}

	if f.Labels != nil {
		all := true
		for path, want := range f.Labels {
			all = all && label(path, want)
		}
		results = append(results, all)
	}

	return combine(f.FilterType, results)
}

// combine reports whether all results are true, or any of them for a union.
func combine(op api.SetType, results []bool) bool {
	if op == api.Union && len(results) > 0 {
		return slices.Contains(results, true)
	}
	return !slices.Contains(results, false)
}
