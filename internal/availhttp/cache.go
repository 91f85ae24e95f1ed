package availhttp

import (
	"container/list"
	"sync"
	"time"
)

// Bounds of what is remembered.
const (
	maxAnswers     = 256
	maxAnswerBytes = 8 << 20
)

// cache remembers answers, those asked for last, up to some bytes.
type cache struct {
	mu      sync.Mutex
	entries map[string]*list.Element
	recent  *list.List // of *remembered, the latest in front
	bytes   int
}

type cacheEntry struct {
	key    string
	answer answer
	bytes  int
}

func newCache() *cache { return &cache{entries: map[string]*list.Element{}, recent: list.New()} }

// get finds an answer that still holds.
func (c *cache) get(key string, now time.Time) (answer, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.entries[key]
	if !ok {
		return answer{}, false
	}
	r := e.Value.(*cacheEntry)
	if !now.Before(r.answer.until) {
		c.remove(e)
		return answer{}, false
	}
	c.recent.MoveToFront(e)
	return r.answer, true
}

// put remembers an answer. One that is too large is not.
func (c *cache) put(key string, a answer) {
	// Besides the body there may be its compressed form, which is smaller.
	bytes := 2*len(a.content.body) + len(key)
	if bytes > maxAnswerBytes/2 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.entries[key]; ok {
		c.remove(e)
	}
	c.entries[key] = c.recent.PushFront(&cacheEntry{key, a, bytes})
	c.bytes += bytes
	for len(c.entries) > maxAnswers || c.bytes > maxAnswerBytes {
		c.remove(c.recent.Back())
	}
}

func (c *cache) remove(e *list.Element) {
	r := c.recent.Remove(e).(*cacheEntry)
	delete(c.entries, r.key)
	c.bytes -= r.bytes
}
