package page_test

import (
	"bytes"
	"testing"

	"github.com/chameleoncloud/refapi/internal/openapi"
	"github.com/chameleoncloud/refapi/internal/page"
)

// The same table gives the same page, whatever order Go's maps are in.
func TestReferenceIsDeterministic(t *testing.T) {
	t.Parallel()
	assets, err := page.Assets(page.Site{})
	if err != nil {
		t.Fatal(err)
	}

	r, err := page.New(page.Options{}, assets)
	if err != nil {
		t.Fatal(err)
	}

	first, err := r.Reference(openapi.Examples{})
	if err != nil {
		t.Fatal(err)
	}

	for range 10 {
		again, err := r.Reference(openapi.Examples{})
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(again.Body, first.Body) {
			t.Fatal("the same table gave different pages")
		}
	}
}
