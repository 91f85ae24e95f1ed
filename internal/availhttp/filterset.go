package availhttp

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/query"
	"github.com/chameleoncloud/refapi/internal/release"
)

// Bounds of what POST may ask.
const (
	maxBody    = 64 << 10 // bytes
	maxFilters = 100
	maxLabels  = 100 // of all filters: each costs a look into every node
)

// combination says whether a node must fit all, which is the default, or any.
type combination string

const (
	intersection combination = "intersection"
	union        combination = "union"
)

// filterSet is the body of a search by POST.
type filterSet struct {
	Type    combination   `json:"filter_set_type"`
	Filters []bodyFilters `json:"filter_set"`
}

// bodyFilters is one filter of a set. Of each list a node must have one value.
type bodyFilters struct {
	Type      combination       `json:"filter_type"`
	NodeNames []string          `json:"node_names"`
	NodeTypes []string          `json:"node_types"`
	Racks     []string          `json:"racks"`
	Labels    map[string]string `json:"labels"`
}

// errTooLarge is for a body that is longer than one may be.
var errTooLarge = errors.New("the body is too large")

// readFilterSet reads the body of a search.
func readFilterSet(r *http.Request) (*filterSet, query.Faults, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return nil, nil, err
	}
	if len(body) > maxBody {
		return nil, nil, errTooLarge
	}
	set := &filterSet{}
	dec := json.NewDecoder(strings.NewReader(string(body)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(set); err != nil {
		return nil, query.Faults{bodyFault(err)}, nil
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, query.Faults{{Type: api.JSONInvalid, Loc: []string{"body"}, Msg: "JSON decode error: there is something behind the object"}}, nil
	}
	if f := set.check(); f != nil {
		return nil, f, nil
	}
	return set, nil, nil
}

// bodyFault says what is wrong with a body.
func bodyFault(err error) api.Fault {
	f := api.Fault{Type: api.JSONInvalid, Loc: []string{"body"}, Msg: "JSON decode error: " + strings.TrimPrefix(err.Error(), "json: ")}
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		f.Type, f.Input = api.TypeError, wrong.Value
		f.Msg = "Input should be " + map[string]string{"string": "a string", "struct": "an object", "map": "an object", "slice": "an array"}[wrong.Type.Kind().String()]
		if wrong.Field != "" {
			f.Loc = append(f.Loc, strings.Split(wrong.Field, ".")...)
		}
	}
	return f
}

// check holds a set against its bounds, and fills in defaults.
func (s *filterSet) check() (faults query.Faults) {
	one := func(c *combination, loc ...string) {
		switch *c {
		case "":
			*c = intersection
		case intersection, union:
		default:
			faults = append(faults, api.Fault{Type: api.Enum, Loc: append([]string{"body"}, loc...), Msg: "Input should be 'intersection' or 'union'", Input: string(*c),
				Ctx: map[string]any{"expected": "'intersection' or 'union'"}})
		}
	}
	one(&s.Type, "filter_set_type")
	if len(s.Filters) > maxFilters {
		faults = append(faults, api.Fault{Type: api.TooLong, Loc: []string{"body", "filter_set"}, Msg: "List should have at most 100 items",
			Ctx: map[string]any{"max_length": maxFilters}})
	}
	labels := 0
	for i := range s.Filters {
		one(&s.Filters[i].Type, "filter_set", "filter_type")
		labels += len(s.Filters[i].Labels)
	}
	if labels > maxLabels {
		faults = append(faults, api.Fault{Type: api.TooLong, Loc: []string{"body", "filter_set", "labels"}, Msg: "All filters together should have at most 100 labels",
			Ctx: map[string]any{"max_length": maxLabels}})
	}
	return faults
}

// fits reports whether a node fits the set. One without filters fits all.
func (s *filterSet) fits(n *release.Node) bool {
	var fit []bool
	label := n.Labels()
	for i := range s.Filters {
		fit = append(fit, s.Filters[i].fits(n, label))
	}
	return s.Type.of(fit)
}

// fits reports whether a node fits a filter. One that says nothing fits all.
func (f *bodyFilters) fits(n *release.Node, label func(path, want string) bool) bool {
	var fit []bool
	for _, list := range []struct {
		values []string
		have   string
	}{
		{values: f.NodeNames, have: n.Name},
		{values: f.NodeTypes, have: n.Type},
		{values: f.Racks, have: n.Facts.Text("rack")},
	} {
		if list.values != nil {
			fit = append(fit, slices.Contains(list.values, list.have))
		}
	}
	if f.Labels != nil {
		all := true
		for path, want := range f.Labels {
			all = all && label(path, want)
		}
		fit = append(fit, all)
	}
	return f.Type.of(fit)
}

// of combines what fits and what does not.
func (c combination) of(fit []bool) bool {
	if c == union && len(fit) > 0 {
		return slices.Contains(fit, true)
	}
	return !slices.Contains(fit, false)
}
