package hint_test

import (
	"testing"

	"github.com/chameleoncloud/refapi/internal/hint"
)

func TestNearest(t *testing.T) {
	t.Parallel()
	known := []string{"interface", "region_name", "auth", "key"}
	for word, want := range map[string]string{
		"intreface": "interface", "interfaces": "interface", "regoin_nmae": "region_name", "atuh": "auth", "kye": "key",
		"auth": "auth", "": "", "x": "", "networks": "", "é": "",
	} {
		if got := hint.Nearest(word, known); got != want {
			t.Errorf("%q is taken for %q, want %q", word, got, want)
		}
	}
}
