package availhttp_test

import (
	"fmt"
	"slices"
	"testing"
)

// The pages of an order are its parts, however long they are.
func TestPagesOfAnOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, order := range []string{"", "sort=availability", "sort=-availability,-ram", "sort=-free_until", "sort=node_name"} {
		all := names(t, get(t, w, "/nodes/search?"+order).Body.Bytes())
		if len(all) < 5 {
			t.Fatalf("there are only %d nodes", len(all))
		}
		for limit := 1; limit <= len(all)+1; limit++ {
			var got []string
			for offset := 0; offset < len(all)+limit; offset += limit {
				page := fmt.Sprintf("/nodes/search?%s&limit=%d&offset=%d", order, limit, offset)
				got = append(got, names(t, get(t, w, page).Body.Bytes())...)
			}
			if !slices.Equal(got, all) {
				t.Errorf("%s: pages of %d have %q, want %q", order, limit, got, all)
			}
		}
		if far := names(t, get(t, w, "/nodes/search?"+order+"&offset=9223372036854775807").Body.Bytes()); len(far) > 0 {
			t.Errorf("%s: beyond its end are %q", order, far)
		}
	}
}
