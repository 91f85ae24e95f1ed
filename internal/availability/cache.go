package availability

import (
	"container/list"
	"sync"
	"time"
)

// Cache is an LRU cache of results with an expiry, bounded by the number of entries
// and their total size. It is safe for concurrent use.
type Cache[K comparable, V any] struct {
	maxEntries, maxSize int

	mu      sync.Mutex
	entries map[K]*list.Element
	recent  *list.List // of *cacheEntry[K, V], most recently used first
	size    int
}

type cacheEntry[K comparable, V any] struct {
	key     K
	value   V
	size    int
	expires time.Time
}

// NewCache returns a Cache with the given limits.
func NewCache[K comparable, V any](maxEntries, maxSize int) *Cache[K, V] {
	return &Cache[K, V]{
		maxEntries: maxEntries, maxSize: maxSize, entries: map[K]*list.Element{}, recent: list.New(),
	}
}

// Get returns a result that has not expired.
func (c *Cache[K, V]) Get(key K, now time.Time) (value V, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()

	e, ok := c.entries[key]
	if !ok {
		return value, false
	}

	kept := e.Value.(*cacheEntry[K, V])
	if !now.Before(kept.expires) {
		c.remove(e)
		return value, false
	}

	c.recent.MoveToFront(e)
	return kept.value, true
}

// Put stores a result until it expires. One of more than half of the total size is not
// stored, since it would evict most others.
func (c *Cache[K, V]) Put(key K, value V, size int, expires time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()

	if e, ok := c.entries[key]; ok {
		c.remove(e)
	}

	if size > c.maxSize/2 {
		return
	}

	c.entries[key] = c.recent.PushFront(&cacheEntry[K, V]{key: key, value: value, size: size, expires: expires})
	c.size += size
	for len(c.entries) > c.maxEntries || c.size > c.maxSize {
		c.remove(c.recent.Back())
	}
}

func (c *Cache[K, V]) remove(e *list.Element) {
	gone := c.recent.Remove(e).(*cacheEntry[K, V])
	delete(c.entries, gone.key)
	c.size -= gone.size
}
