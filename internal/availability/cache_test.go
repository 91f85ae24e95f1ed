package availability

import (
	"strconv"
	"testing"
	"time"
)

func TestCache(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	later := noon.Add(time.Minute)
	c := NewCache[string, int](3, 100)
	has := func(key string, want bool) {
		t.Helper()
		if _, ok := c.Get(key, noon); ok != want {
			t.Errorf("%s is kept: %v, want %v", key, ok, want)
		}
	}

	for i := range 3 {
		c.Put(strconv.Itoa(i), i, 10, later)
	}

	has("0", true)
	c.Put("3", 3, 10, later)
	has("1", false) // the least recently used one
	has("0", true)
	has("2", true)

	// Sizes count, too.
	c.Put("large", 4, 50, later)
	c.Put("also large", 5, 50, later)
	has("large", true)
	has("0", false)
	c.Put("too large", 6, 51, later)
	has("too large", false)

	// A result takes the place of the one before.
	c.Put("large", 7, 1, later)
	if v, ok := c.Get("large", noon); v != 7 || !ok {
		t.Errorf("%d, %v", v, ok)
	}

	c.Put("large", 8, 99, later)
	has("large", false)

	if _, ok := c.Get("also large", later); ok {
		t.Error("a result is kept beyond its time")
	}

	has("also large", false)
}
